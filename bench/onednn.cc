#include "bench/onednn.h"

#if defined(ANDREA_ONEDNN)
#include <dnnl.hpp>
#endif

namespace andrea::bench {

#if defined(ANDREA_ONEDNN)
namespace {

using dnnl::memory;

struct Operand {
  memory::dims dims, strides;
  memory::data_type type;
  memory::desc plain() const { return {dims, type, strides}; }
  memory::desc any() const { return {dims, type, memory::format_tag::any}; }
};

enum class Order { as_it_lies, own, own_counted };  // of b

// A run of c (+)= a b.
std::function<void()> product_of(const Operand& a, const Operand& b, const Operand& c, bool add,
                                 Order order) {
  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  dnnl::primitive_attr attributes;
  if (add) {
    dnnl::post_ops sum;
    sum.append_sum(1.0f);
    attributes.set_post_ops(sum);
  }
  const dnnl::matmul::desc what(a.plain(), order == Order::as_it_lies ? b.plain() : b.any(), c.plain());
  const dnnl::matmul::primitive_desc how(what, attributes, engine);
  dnnl::matmul product(how);
  memory am(a.plain(), engine), bm(b.plain(), engine), cm(c.plain(), engine), own(how.weights_desc(), engine);
  dnnl::reorder reorder(bm, own);
  return [=]() mutable {
    if (order == Order::own_counted) reorder.execute(stream, bm, own);
    product.execute(
        stream,
        {{DNNL_ARG_SRC, am}, {DNNL_ARG_WEIGHTS, order == Order::as_it_lies ? bm : own}, {DNNL_ARG_DST, cm}});
    stream.wait();
  };
}

}  // namespace

std::vector<std::function<void()>> onednn_products(Product product, Index N, Index O, Index C,
                                                   Numbers numbers) {
  using Type = memory::data_type;
  const Type type = numbers == Numbers::bf16 ? Type::bf16 : Type::f32;
  const Operand x{{N, C}, {C, 1}, type}, w{{O, C}, {C, 1}, type}, y{{N, O}, {O, 1}, type},
      dw{{O, C}, {C, 1}, Type::f32}, w_transposed{{C, O}, {1, C}, type}, dy_transposed{{O, N}, {1, O}, type};
  const auto both = [](const Operand& a, const Operand& b, const Operand& c, bool add, Order order) {
    return std::vector{product_of(a, b, c, add, Order::as_it_lies), product_of(a, b, c, add, order)};
  };
  try {
    switch (product) {
      case Product::forward:
        return both(x, w_transposed, y, false, Order::own);
      case Product::input_gradient:
        return both(y, w, x, false, Order::own);
      case Product::weight_gradient:
        return both(dy_transposed, x, dw, true, Order::own_counted);
    }
  } catch (const dnnl::error&) {
    return {};
  }
  return {};
}
#else
std::vector<std::function<void()>> onednn_products(Product, Index, Index, Index, Numbers) { return {}; }
#endif

}  // namespace andrea::bench
