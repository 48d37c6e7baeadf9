#include "base/threads.h"
#include "kernels/vector/vector_kernels.h"

namespace andrea::ANDREA_ISA {
namespace {

constexpr Index kPiece = 1 << 14;

typedef float HalfFloats __attribute__((vector_size(kLaneBytes / 2)));
typedef double Doubles __attribute__((vector_size(kLaneBytes)));

double piece_sum_of_squares(const float* x, Index size) {
  constexpr Index kDoubles = kLanes / 2;
  Doubles sum{};
  Index i = 0;
  for (; i + kDoubles <= size; i += kDoubles) {
    HalfFloats v;
    std::memcpy(&v, x + i, sizeof v);
    const Doubles d = __builtin_convertvector(v, Doubles);
    sum += d * d;
  }
  double total = 0;
  for (Index l = 0; l < kDoubles; ++l) total += sum[l];
  for (; i < size; ++i) total += double(x[i]) * double(x[i]);
  return total;
}

// An exponent of all ones, with the sign shifted out, is infinity or NaN: the greatest bit patterns of all.
bool piece_finite(const float* x, Index size) {
  uint32_t greatest = 0;
  for (Index i = 0; i < size; ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(x[i]) << 1;
    greatest = bits > greatest ? bits : greatest;
  }
  return greatest < 0xff000000u;
}

}  // namespace

void add(Vec y, CVec x) {
  parallel_pieces(x.size, kPiece, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) y.data[i] += x.data[i];
  });
}

double sum_of_squares(CVec x) {
  const Index count = pieces(x.size, kPiece);
  const Scratch memory(2 * count);
  double* partial = reinterpret_cast<double*>(memory.data());
  parallel_pieces(x.size, kPiece, [&](Index begin, Index end) {
    partial[begin / kPiece] = piece_sum_of_squares(x.data + begin, end - begin);
  });
  double total = 0;
  for (Index i = 0; i < count; ++i) total += partial[i];
  return total;
}

bool all_finite(CVec x) {
  const Index count = pieces(x.size, kPiece);
  const Scratch finite(count);
  parallel_pieces(x.size, kPiece, [&](Index begin, Index end) {
    finite.data()[begin / kPiece] = piece_finite(x.data + begin, end - begin);
  });
  for (Index i = 0; i < count; ++i)
    if (finite.data()[i] == 0) return false;
  return true;
}

void adamw(Vec weights, Vec m, Vec v, CVec grad, const AdamWStep& s) {
  // w -= rate mh / (sqrt(vh) + epsilon), mh = m / correction1, vh = v / correction2, the divisions by
  // constants taken out of the loop.
  const double correction1 = 1 - __builtin_pow(double(s.beta1), double(s.step));
  const double correction2 = 1 - __builtin_pow(double(s.beta2), double(s.step));
  const float rate = float(double(s.learning_rate) / correction1);
  const float root = float(1 / __builtin_sqrt(correction2));
  const float keep = float(1 - double(s.learning_rate) * double(s.weight_decay));
  parallel_pieces(weights.size, kPiece, [&](Index begin, Index end) {
    float *pw = weights.data, *pm = m.data, *pv = v.data;
    const float* pg = grad.data;
#pragma omp simd
    for (Index i = begin; i < end; ++i) {
      const float g = pg[i] * s.gradient_scale;
      pm[i] = s.beta1 * pm[i] + (1 - s.beta1) * g;
      pv[i] = s.beta2 * pv[i] + (1 - s.beta2) * g * g;
      pw[i] = keep * pw[i] - rate * pm[i] / (__builtin_sqrtf(pv[i]) * root + s.epsilon);
    }
  });
}

}  // namespace andrea::ANDREA_ISA
