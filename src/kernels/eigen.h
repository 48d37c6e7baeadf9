// Views as Eigen sees them. Not for use outside kernels: Eigen's templates stay in these sources.
#pragma once
// For tiny products Eigen would take plain coefficient loops, whose rounding depends on the address (see
// simd.h).
#define EIGEN_GEMM_TO_COEFFBASED_THRESHOLD 1
#include <Eigen/Core>

#include "kernels/view.h"

namespace andrea {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using EigenMat = Eigen::Map<RowMajor, 0, Eigen::OuterStride<>>;
using EigenCMat = Eigen::Map<const RowMajor, 0, Eigen::OuterStride<>>;

inline EigenMat eigen(Mat m) { return {m.data, m.rows, m.cols, Eigen::OuterStride<>(m.stride)}; }
inline EigenCMat eigen(CMat m) { return {m.data, m.rows, m.cols, Eigen::OuterStride<>(m.stride)}; }

}  // namespace andrea
