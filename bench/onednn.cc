#include "bench/onednn.h"

#include "bench/bench.h"

#if defined(ANDREA_ONEDNN)
#include <bit>
#include <cstdint>
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

// Full of numbers: memory that nobody has written is one page of zeros, over and over, which no cache misses.
memory filled(const memory::desc& what, const dnnl::engine& engine) {
  memory m(what, engine);
  const bool bf16 = what.data_type() == memory::data_type::bf16;
  const size_t count = what.get_size() / (bf16 ? 2 : 4);
  for (size_t i = 0; i < count; ++i) {
    if (bf16)
      static_cast<uint16_t*>(m.get_data_handle())[i] = uint16_t(std::bit_cast<uint32_t>(number(i)) >> 16);
    else
      static_cast<float*>(m.get_data_handle())[i] = number(i);
  }
  return m;
}

// When b is put into an order that oneDNN likes better.
enum class Reorder { never, before, each_time };

// A run of c (+)= a b.
std::function<void()> product_of(const Operand& a, const Operand& b, const Operand& c, bool add,
                                 Reorder when) {
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  dnnl::primitive_attr attributes;
  if (add) {
    dnnl::post_ops sum;
    sum.append_sum(1.0f);
    attributes.set_post_ops(sum);
  }
  const dnnl::matmul::desc what(a.plain(), when == Reorder::never ? b.plain() : b.any(), c.plain());
  const dnnl::matmul::primitive_desc how(what, attributes, engine);
  dnnl::matmul product(how);
  memory am = filled(a.plain(), engine), bm = filled(b.plain(), engine), cm = filled(c.plain(), engine);
  memory own = when == Reorder::never ? bm : memory(how.weights_desc(), engine);
  dnnl::reorder reorder(bm, own);
  if (when != Reorder::never) reorder.execute(stream, bm, own), stream.wait();
  return [=, engine = engine]() mutable {  // which all of these need
    if (when == Reorder::each_time) reorder.execute(stream, bm, own);
    product.execute(stream, {{DNNL_ARG_SRC, am}, {DNNL_ARG_WEIGHTS, own}, {DNNL_ARG_DST, cm}});
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
  const auto both = [](const Operand& a, const Operand& b, const Operand& c, bool add, Reorder when) {
    return std::vector{product_of(a, b, c, add, Reorder::never), product_of(a, b, c, add, when)};
  };
  try {
    switch (product) {
      case Product::forward:
        return both(x, w_transposed, y, false, Reorder::before);
      case Product::input_gradient:
        return both(y, w, x, false, Reorder::before);
      case Product::weight_gradient:
        return both(dy_transposed, x, dw, true, Reorder::each_time);
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
