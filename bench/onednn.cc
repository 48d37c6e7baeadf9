#include "bench/onednn.h"

#include "bench/bench.h"

#if defined(ANDREA_ONEDNN)
#include <dnnl.hpp>
#endif

namespace andrea::bench {

#if defined(ANDREA_ONEDNN)
namespace {

using dnnl::memory;

struct Operand {
  memory::dims dims, strides;
  memory::desc plain() const { return {dims, memory::data_type::f32, strides}; }
  memory::desc any() const { return {dims, memory::data_type::f32, memory::format_tag::any}; }
};

// c (+)= a b; with `own_order` b is reordered as oneDNN likes it, each time.
double seconds_of(const Operand& a, const Operand& b, const Operand& c, bool add, bool own_order) {
  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  dnnl::primitive_attr attributes;
  if (add) {
    dnnl::post_ops sum;
    sum.append_sum(1.0f);
    attributes.set_post_ops(sum);
  }
  const dnnl::matmul::desc what(a.plain(), own_order ? b.any() : b.plain(), c.plain());
  const dnnl::matmul::primitive_desc how(what, attributes, engine);
  dnnl::matmul product(how);
  memory am(a.plain(), engine), bm(b.plain(), engine), cm(c.plain(), engine), own(how.weights_desc(), engine);
  dnnl::reorder order(bm, own);
  return median_seconds([&] {
    if (own_order) order.execute(stream, bm, own);
    product.execute(stream,
                    {{DNNL_ARG_SRC, am}, {DNNL_ARG_WEIGHTS, own_order ? own : bm}, {DNNL_ARG_DST, cm}});
    stream.wait();
  });
}

}  // namespace

std::optional<double> onednn_seconds(Product product, Index N, Index O, Index C) {
  const Operand x{{N, C}, {C, 1}}, w{{O, C}, {C, 1}}, y{{N, O}, {O, 1}}, w_transposed{{C, O}, {1, C}},
      dy_transposed{{O, N}, {1, O}};
  const auto best = [](const Operand& a, const Operand& b, const Operand& c, bool add) {
    return std::min(seconds_of(a, b, c, add, false), seconds_of(a, b, c, add, true));
  };
  switch (product) {
    case Product::forward:
      return best(x, w_transposed, y, false);
    case Product::input_gradient:
      return best(y, w, x, false);
    case Product::weight_gradient:
      return best(dy_transposed, x, w, true);
  }
  return std::nullopt;
}
#else
std::optional<double> onednn_seconds(Product, Index, Index, Index) { return std::nullopt; }
#endif

}  // namespace andrea::bench
