// SPDX-License-Identifier: Apache-2.0
// The work of the core ops in scalar operations, apart from any machine.
#include "ir/core/Ops.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lathe::core;

namespace {
/// What a transcendental function costs against an addition, as its polynomial has about ten terms.
constexpr int64_t transcendental = 10;
/// What a special function costs: a series or a continued fraction of some dozens of steps.
constexpr int64_t special = 200;
/// What ten rounds of the generator cost for each of the four words that they make.
constexpr int64_t randomWord = 20;
/// Sweeps after which Jacobi's method has made the columns of a matrix orthogonal.
constexpr int64_t sweeps = 8;

int64_t elements(Value value) { return cast<RankedTensorType>(value.getType()).getNumElements(); }
int64_t lastSize(Value value) { return cast<RankedTensorType>(value.getType()).getShape().back(); }
} // namespace

#define LATHE_COST(OP, WORK)                                                                                                     \
  int64_t OP::flops() { return (WORK); }
#define LATHE_COST_PER_RESULT(OP, WORK) LATHE_COST(OP, (WORK)*elements(getResult()))

LATHE_COST_PER_RESULT(AbsOp, 1)
LATHE_COST_PER_RESULT(AddOp, 1)
LATHE_COST_PER_RESULT(AndOp, 1)
LATHE_COST_PER_RESULT(Atan2Op, 2 * transcendental)
LATHE_COST_PER_RESULT(BitcastOp, 0)
LATHE_COST_PER_RESULT(BroadcastOp, 0)
LATHE_COST_PER_RESULT(CeilOp, 1)
LATHE_COST_PER_RESULT(CompareOp, 1)
LATHE_COST_PER_RESULT(ComplexOp, 0)
LATHE_COST_PER_RESULT(ConcatOp, 0)
LATHE_COST_PER_RESULT(ConstantOp, 0)
LATHE_COST_PER_RESULT(ConvertOp, 1)
LATHE_COST_PER_RESULT(CosOp, transcendental)
LATHE_COST_PER_RESULT(CumulativeOp, 1)
LATHE_COST_PER_RESULT(DivOp, 4)
LATHE_COST_PER_RESULT(DynamicSliceOp, 0)
LATHE_COST_PER_RESULT(ErfOp, transcendental)
LATHE_COST_PER_RESULT(ExpOp, transcendental)
LATHE_COST_PER_RESULT(Expm1Op, transcendental)
LATHE_COST_PER_RESULT(FloorOp, 1)
LATHE_COST_PER_RESULT(GatherOp, 1)
LATHE_COST_PER_RESULT(ImagOp, 0)
LATHE_COST_PER_RESULT(IotaOp, 1)
LATHE_COST_PER_RESULT(IsFiniteOp, 1)
LATHE_COST_PER_RESULT(LogOp, transcendental)
LATHE_COST_PER_RESULT(Log1pOp, transcendental)
LATHE_COST_PER_RESULT(LogisticOp, transcendental + 4)
LATHE_COST_PER_RESULT(MaxOp, 1)
LATHE_COST_PER_RESULT(MinOp, 1)
LATHE_COST_PER_RESULT(MulOp, 1)
LATHE_COST_PER_RESULT(NegOp, 1)
LATHE_COST_PER_RESULT(NotOp, 1)
LATHE_COST_PER_RESULT(OrOp, 1)
LATHE_COST_PER_RESULT(PadOp, 0)
LATHE_COST_PER_RESULT(PowOp, 2 * transcendental)
LATHE_COST_PER_RESULT(RealOp, 0)
LATHE_COST_PER_RESULT(RemOp, transcendental)
LATHE_COST_PER_RESULT(ReshapeOp, 0)
LATHE_COST_PER_RESULT(ReverseOp, 0)
LATHE_COST_PER_RESULT(RngBitsOp, randomWord)
LATHE_COST_PER_RESULT(RngSampleOp, randomWord + 4 * transcendental)
LATHE_COST_PER_RESULT(RoundEvenOp, 1)
LATHE_COST_PER_RESULT(RsqrtOp, 4)
LATHE_COST_PER_RESULT(SelectOp, 1)
LATHE_COST_PER_RESULT(ShiftLeftOp, 1)
LATHE_COST_PER_RESULT(ShiftRightOp, 1)
LATHE_COST_PER_RESULT(SignOp, 2)
LATHE_COST_PER_RESULT(SinOp, transcendental)
LATHE_COST_PER_RESULT(SliceOp, 0)
LATHE_COST_PER_RESULT(SpecialOp, special)
LATHE_COST_PER_RESULT(SqrtOp, 4)
LATHE_COST_PER_RESULT(SubOp, 1)
LATHE_COST_PER_RESULT(TanOp, 2 * transcendental)
LATHE_COST_PER_RESULT(TanhOp, transcendental)
LATHE_COST_PER_RESULT(TransposeOp, 0)
LATHE_COST_PER_RESULT(XorOp, 1)

LATHE_COST(ArgReduceOp, 2 * elements(getOperand()))
LATHE_COST(CholeskyOp, elements(getOperand()) * lastSize(getOperand()) / 3)
LATHE_COST(FFTOp, 5 * elements(getResult()) * llvm::Log2_64_Ceil(std::max<int64_t>(lastSize(getResult()), 2)))
LATHE_COST(EighOp, sweeps * 5 * elements(getOperand()) * lastSize(getOperand()))
LATHE_COST(LUOp, elements(getOperand()) * lastSize(getOperand()) * 2 / 3)
LATHE_COST(QROp, 2 * elements(getOperand()) * lastSize(getQ()))
LATHE_COST(ReduceOp, elements(getOperand()))
LATHE_COST(ReduceWindowOp, elements(getResult()) * llvm::product_of(getWindow()))
LATHE_COST(ScatterOp, elements(getUpdates()))
LATHE_COST(SortOp, 4 * elements(getOperand()) * llvm::Log2_64_Ceil(std::max<int64_t>(getValues().getType().getDimSize(getDimension()), 2)))
LATHE_COST(SVDOp, sweeps * 8 * elements(getOperand()) * lastSize(getValues()))
LATHE_COST(TriangularSolveOp, elements(getRhs()) * lastSize(getMatrix()))

int64_t DotGeneralOp::flops() {
  int64_t contracted = 1;
  for (int64_t d : getLhsContracting())
    contracted *= getLhs().getType().getDimSize(d);
  return 2 * elements(getResult()) * contracted;
}

int64_t RngSampleOp::getUnits() {
  RankedTensorType type = cast<RankedTensorType>(getResult().getType());
  if (!getParameters().empty())
    return type.getNumElements();
  return llvm::divideCeil(type.getNumElements(), type.getElementType().isF32() ? 4 : 2);
}

int64_t ConvOp::flops() { return 2 * elements(getResult()) * llvm::product_of(getFilter().getType().getShape().drop_back()); }

bool lathe::core::isCostly(Operation *op) {
  constexpr int64_t costlyPerElement = 8;
  auto cost = dyn_cast<CostOpInterface>(op);
  return cost && isa<ScalarLoweringOpInterface>(op) && cost.flops() >= costlyPerElement * elements(op->getResult(0));
}
