// SPDX-License-Identifier: Apache-2.0
// Values of core.special, by the runtime's functions.
#include "ir/core/Ops.h"
#include "ir/evaluate/Scalars.h"
#include "ir/evaluate/Tensor.h"
#include <lathe/kernels.h>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::evaluate;

static double apply(Special function, const double *x) {
  switch (function) {
  case Special::Lgamma:
    return lathe_special_lgamma(x[0]);
  case Special::Digamma:
    return lathe_special_digamma(x[0]);
  case Special::Erfc:
    return lathe_special_erfc(x[0]);
  case Special::Erfinv:
    return lathe_special_erfinv(x[0]);
  case Special::Ndtri:
    return lathe_special_ndtri(x[0]);
  case Special::BesselJ0:
    return lathe_special_bessel_j0(x[0]);
  case Special::BesselJ1:
    return lathe_special_bessel_j1(x[0]);
  case Special::BesselY0:
    return lathe_special_bessel_y0(x[0]);
  case Special::BesselY1:
    return lathe_special_bessel_y1(x[0]);
  case Special::BesselI0:
    return lathe_special_bessel_i0(x[0]);
  case Special::BesselI1:
    return lathe_special_bessel_i1(x[0]);
  case Special::BesselI0e:
    return lathe_special_bessel_i0e(x[0]);
  case Special::BesselI1e:
    return lathe_special_bessel_i1e(x[0]);
  case Special::BesselK0:
    return lathe_special_bessel_k0(x[0]);
  case Special::BesselK1:
    return lathe_special_bessel_k1(x[0]);
  case Special::BesselK0e:
    return lathe_special_bessel_k0e(x[0]);
  case Special::BesselK1e:
    return lathe_special_bessel_k1e(x[0]);
  case Special::Dawsn:
    return lathe_special_dawsn(x[0]);
  case Special::Expint:
    return lathe_special_expint(x[0]);
  case Special::FresnelCos:
    return lathe_special_fresnel_cos(x[0]);
  case Special::FresnelSin:
    return lathe_special_fresnel_sin(x[0]);
  case Special::Spence:
    return lathe_special_spence(x[0]);
  case Special::IgammaGradA:
    return lathe_special_igamma_grad_a(x[0], x[1]);
  case Special::Igamma:
    return lathe_special_igamma(x[0], x[1]);
  case Special::Igammac:
    return lathe_special_igammac(x[0], x[1]);
  case Special::Zeta:
    return lathe_special_zeta(x[0], x[1]);
  case Special::Polygamma:
    return lathe_special_polygamma(x[0], x[1]);
  case Special::Betainc:
    return lathe_special_betainc(x[0], x[1], x[2]);
  }
  llvm_unreachable("unknown special function");
}

LogicalResult SpecialOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(cast<RankedTensorType>(getResult().getType()));
  visitElement<Float>(result.getElementType(), [&](auto zero) {
    using T = decltype(zero);
    for (auto [i, to] : llvm::enumerate(result.mutableValues<T>())) {
      double x[3] = {};
      for (auto [k, operand] : llvm::enumerate(operands))
        x[k] = static_cast<Wide<T>>(operand.values<T>()[i]);
      to = static_cast<T>(apply(getFunction(), x));
    }
  });
  results.push_back(std::move(result));
  return success();
}
