#include "kernels/vector/activations.h"
#include "kernels/vector/gelu.h"
#include "kernels/vector/vector_kernels.h"

namespace andrea::ANDREA_ISA {
namespace {

// body(view of dy) where dy is float or of the weight's kind.
template <class T, class Body>
void of_kind_beside(CActMat dy, const Body& body) {
  if constexpr (std::is_same_v<T, Bf16>)
    of_kind(dy, body);
  else
    body(dy.floats());
}

}  // namespace

void matmul(ActMat y, CActMat x, const Weight& w) {
  of_kind(y, [&](auto to) {
    using T = std::remove_pointer_t<decltype(to.data)>;
    product_into(to, as_is(as<T>(x)), forward<WordOf<T>>(w));
  });
}

void matmul_plus(Mat y, CMat residual, CActMat x, const Weight& w) {
  of_kind(x, [&](auto from) {
    using Word = WordOf<std::remove_pointer_t<decltype(from.data)>>;
    product_then(y.rows, as_is(from), forward<Word>(w), [&](Index m, Index n, CMat block) {
      each_of(block, m, n, [&](Floats sum, Index r, Index c, auto some) {
        store(y.row(r) + c, load(residual.row(r) + c, some) + sum, some);
      });
    });
  });
}

void matmul_gelu(ActMat h, ActMat g, CActMat x, const Weight& w) {
  of_kind(h, [&](auto before) {
    using T = std::remove_pointer_t<decltype(before.data)>;
    const MatView<T> after = as<T>(g);
    product_then(h.rows, as_is(as<T>(x)), forward<WordOf<T>>(w), [&](Index m, Index n, CMat block) {
      each_of(block, m, n, [&](Floats sum, Index r, Index c, auto some) {
        store(before.row(r) + c, sum, some);
        store(after.row(r) + c, gelu_of(load(before.row(r) + c, some)), some);
      });
    });
  });
}

void matmul_input_backward(ActMat dx, CActMat dy, const Weight& w) {
  of_kind(dx, [&](auto to) {
    using T = std::remove_pointer_t<decltype(to.data)>;
    of_kind_beside<T>(dy, [&](auto up) { product_into(to, as_is(up), backward<WordOf<T>>(w)); });
  });
}

void matmul_gelu_backward(ActMat dh, CActMat dy, const Weight& w, CActMat h) {
  of_kind(dh, [&](auto to) {
    using T = std::remove_pointer_t<decltype(to.data)>;
    const MatView<const T> before = as<T>(h);
    of_kind_beside<T>(dy, [&](auto up) {
      product_then(to.rows, as_is(up), backward<WordOf<T>>(w), [&](Index m, Index n, CMat block) {
        each_of(block, m, n, [&](Floats sum, Index r, Index c, auto some) {
          store(to.row(r) + c, sum * gelu_slope(load(before.row(r) + c, some)), some);
        });
      });
    });
  });
}

void matmul_weight_backward(Mat dw, CActMat dy, CActMat x) {
  of_kind(x, [&](auto in) {
    using T = std::remove_const_t<std::remove_pointer_t<decltype(in.data)>>;
    of_kind_beside<T>(dy, [&](auto up) { add_product_of_transposed<WordOf<T>>(dw, up, in); });
  });
}

// Limited by reading w, each output a dot product.
void matmul_row(Vec y, CVec x, CMat w, bool add) {
  parallel_pieces(w.rows, 128, [&](Index begin, Index end) {
    for (Index o = begin; o < end; ++o) {
      Floats sum{};
      for_lanes(w.cols, [&](Index c, auto n) { sum += load(x.data + c, n) * load(w.row(o) + c, n); });
      y.data[o] = add ? y.data[o] + sum_of(sum) : sum_of(sum);
    }
  });
}

// --- weights laid out for products ---

Index packed_floats(Index K, Index N, Numbers numbers) {
  return numbers == Numbers::bf16 ? packed_floats<Pair>(K, N) : packed_floats<float>(K, N);
}

void pack_weight(float* forward, float* backward, CMat w, Numbers numbers) {
  if (numbers == Numbers::bf16)
    pack_transposed<Pair>(kTogether, forward, w), pack<Pair>(kTogether, backward, w);
  else
    pack_transposed<float>(kTogether, forward, w), pack<float>(kTogether, backward, w);
}

}  // namespace andrea::ANDREA_ISA
