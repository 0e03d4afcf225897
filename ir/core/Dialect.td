// SPDX-License-Identifier: Apache-2.0
// The core dialect and what its ops share: element types, attribute kinds and base classes.
#ifndef LATHE_IR_CORE_DIALECT_TD
#define LATHE_IR_CORE_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/core/Interfaces.td"

def Core_Dialect : Dialect {
  let name = "core";
  let cppNamespace = "::lathe::core";
  let summary = "the closed set of tensor ops on which every pass and backend works";
  let description = [{
    Ops of this dialect have value semantics and work on ranked tensors. Broadcasting is explicit. Signed integers are
    signless (`i32`), unsigned ones are `ui32`, booleans `i1`. Meaning follows StableHLO where an op exists there.
    Each op states its constraints as C1, C2, ...; shape inference, verifier and negative tests carry the labels.
  }];
  let hasConstantMaterializer = 1;
  let useDefaultAttributePrinterParser = 1;
}

// Element types.
def Core_Bool : TypeAlias<I1, "bool">;
def Core_SInt : SignlessIntOfWidths<[8, 16, 32, 64]>;
def Core_UInt : UnsignedIntOfWidths<[8, 16, 32, 64]>;
def Core_Int : AnyTypeOf<[Core_SInt, Core_UInt], "8/16/32/64-bit integer">;
def Core_Float : AnyTypeOf<[F16, BF16, F32, F64], "floating point">;
def Core_Complex : AnyTypeOf<[Complex<F32>, Complex<F64>], "complex">;
def Core_Element : AnyTypeOf<[Core_Bool, Core_Int, Core_Float, Core_Complex], "core element">;

class Core_TensorOf<list<Type> types> : RankedTensorOf<types>;
def Core_Tensor : Core_TensorOf<[Core_Element]>;
def Core_BoolTensor : Core_TensorOf<[Core_Bool]>;
def Core_IntTensor : Core_TensorOf<[Core_Int]>;
def Core_BitsTensor : Core_TensorOf<[Core_Bool, Core_Int]>;
def Core_FloatTensor : Core_TensorOf<[Core_Float]>;
def Core_ComplexTensor : Core_TensorOf<[Core_Complex]>;
def Core_RealTensor : Core_TensorOf<[Core_Int, Core_Float]>;
def Core_NumberTensor : Core_TensorOf<[Core_Int, Core_Float, Core_Complex]>;
def Core_FloatOrComplexTensor : Core_TensorOf<[Core_Float, Core_Complex]>;

// Folds an op whose operands are all constant by the reference interpreter, within a budget of elements.
def Core_FoldByEvaluation : NativeOpTrait<"FoldByEvaluation"> { let cppNamespace = "::lathe::core"; }

/// A pure op with all the interfaces that every core op must have; `lower` names the lowering interface it implements.
class Core_Op<string mnemonic, list<Trait> traits = []> :
    Op<Core_Dialect, mnemonic, !listconcat([Pure, Core_FoldByEvaluation, DeclareOpInterfaceMethods<Core_EvaluateOpInterface>], traits)>;

/// An op that says how one element of its result is made from elements of its operands: fusable into loop nests.
class Core_ElementOp<string mnemonic, list<Trait> traits = []> :
    Core_Op<mnemonic, !listconcat([DeclareOpInterfaceMethods<Core_CostOpInterface>, DeclareOpInterfaceMethods<Core_ElementLoweringOpInterface>], traits)>;

/// An element-wise op: all operands and the result have one shape; element [i] of the result needs element [i] of each.
class Core_ElementwiseOp<string mnemonic, list<Trait> traits = []> :
    Core_Op<mnemonic, !listconcat([Elementwise, SameOperandsAndResultShape, DeclareOpInterfaceMethods<Core_CostOpInterface>,
                                   DeclareOpInterfaceMethods<Core_ScalarLoweringOpInterface>], traits)> {
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

class Core_UnaryOp<string mnemonic, Type type> : Core_ElementwiseOp<mnemonic, [SameOperandsAndResultType]> {
  let arguments = (ins type:$operand);
  let results = (outs type:$result);
  let assemblyFormat = "$operand attr-dict `:` type($result)";
}

class Core_BinaryOp<string mnemonic, Type type, list<Trait> traits = []> :
    Core_ElementwiseOp<mnemonic, !listconcat([SameOperandsAndResultType], traits)> {
  let arguments = (ins type:$lhs, type:$rhs);
  let results = (outs type:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
}

class Core_Enum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::lathe::core";
  let genSpecializedAttr = 0;
}
class Core_EnumAttr<EnumInfo info, string mnemonic> : EnumAttr<Core_Dialect, info, mnemonic>;

def Core_Combiner : Core_Enum<"Combiner", "how two elements become one", [
  I32EnumAttrCase<"Add", 0, "add">, I32EnumAttrCase<"Mul", 1, "mul">, I32EnumAttrCase<"Min", 2, "min">,
  I32EnumAttrCase<"Max", 3, "max">, I32EnumAttrCase<"And", 4, "and">, I32EnumAttrCase<"Or", 5, "or">,
  I32EnumAttrCase<"Set", 6, "set">]>;
def Core_CombinerAttr : Core_EnumAttr<Core_Combiner, "combiner">;

def Core_Comparison : Core_Enum<"Comparison", "direction of a comparison", [
  I32EnumAttrCase<"EQ", 0, "eq">, I32EnumAttrCase<"NE", 1, "ne">, I32EnumAttrCase<"LT", 2, "lt">,
  I32EnumAttrCase<"LE", 3, "le">, I32EnumAttrCase<"GT", 4, "gt">, I32EnumAttrCase<"GE", 5, "ge">]>;
def Core_ComparisonAttr : Core_EnumAttr<Core_Comparison, "comparison">;

def Core_Special : Core_Enum<"Special", "a special function of mathematics", [
  I32EnumAttrCase<"Lgamma", 0, "lgamma">, I32EnumAttrCase<"Digamma", 1, "digamma">, I32EnumAttrCase<"Erfc", 2, "erfc">,
  I32EnumAttrCase<"Igamma", 3, "igamma">, I32EnumAttrCase<"Igammac", 4, "igammac">, I32EnumAttrCase<"Betainc", 5, "betainc">,
  I32EnumAttrCase<"Zeta", 6, "zeta">, I32EnumAttrCase<"Polygamma", 7, "polygamma">, I32EnumAttrCase<"Erfinv", 8, "erfinv">,
  I32EnumAttrCase<"Ndtri", 9, "ndtri">, I32EnumAttrCase<"BesselJ0", 10, "bessel_j0">, I32EnumAttrCase<"BesselJ1", 11, "bessel_j1">,
  I32EnumAttrCase<"BesselY0", 12, "bessel_y0">, I32EnumAttrCase<"BesselY1", 13, "bessel_y1">,
  I32EnumAttrCase<"BesselI0", 14, "bessel_i0">, I32EnumAttrCase<"BesselI1", 15, "bessel_i1">,
  I32EnumAttrCase<"BesselI0e", 16, "bessel_i0e">, I32EnumAttrCase<"BesselI1e", 17, "bessel_i1e">,
  I32EnumAttrCase<"BesselK0", 18, "bessel_k0">, I32EnumAttrCase<"BesselK1", 19, "bessel_k1">,
  I32EnumAttrCase<"BesselK0e", 20, "bessel_k0e">, I32EnumAttrCase<"BesselK1e", 21, "bessel_k1e">,
  I32EnumAttrCase<"Dawsn", 22, "dawsn">, I32EnumAttrCase<"Expint", 23, "expint">,
  I32EnumAttrCase<"FresnelCos", 24, "fresnel_cos">, I32EnumAttrCase<"FresnelSin", 25, "fresnel_sin">,
  I32EnumAttrCase<"Spence", 26, "spence">, I32EnumAttrCase<"IgammaGradA", 27, "igamma_grad_a">]>;
def Core_SpecialAttr : Core_EnumAttr<Core_Special, "special">;

def Core_Distribution : Core_Enum<"Distribution", "what random numbers are drawn from", [
  I32EnumAttrCase<"Normal", 0, "normal">, I32EnumAttrCase<"TruncatedNormal", 1, "truncated_normal">,
  I32EnumAttrCase<"Gamma", 2, "gamma">, I32EnumAttrCase<"Poisson", 3, "poisson">]>;
def Core_DistributionAttr : Core_EnumAttr<Core_Distribution, "distribution">;

#endif
