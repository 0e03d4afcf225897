// SPDX-License-Identifier: Apache-2.0
// Core ops that work element by element.
#ifndef LATHE_IR_CORE_ELEMENTWISE_OPS_TD
#define LATHE_IR_CORE_ELEMENTWISE_OPS_TD

include "ir/core/Dialect.td"

class Core_Unary<string mnemonic, Type type, string formula, string example = "tensor<4xf32>"> : Core_UnaryOp<mnemonic, type> {
  let summary = formula;
  let description = "`result[i] = " # formula # "`\n\n```mlir\n%y = core." # mnemonic # " %x : " # example # "\n```";
}
def Core_AbsOp : Core_Unary<"abs", Core_RealTensor, "|operand[i]|">;
def Core_CeilOp : Core_Unary<"ceil", Core_FloatTensor, "the smallest integer >= operand[i]">;
def Core_CosOp : Core_Unary<"cos", Core_FloatTensor, "cos(operand[i])">;
def Core_ErfOp : Core_Unary<"erf", Core_FloatTensor, "erf(operand[i])">;
def Core_ExpOp : Core_Unary<"exp", Core_FloatTensor, "e ** operand[i]">;
def Core_Expm1Op : Core_Unary<"expm1", Core_FloatTensor, "e ** operand[i] - 1, exact near 0">;
def Core_FloorOp : Core_Unary<"floor", Core_FloatTensor, "the largest integer <= operand[i]">;
def Core_LogOp : Core_Unary<"log", Core_FloatTensor, "ln(operand[i])">;
def Core_Log1pOp : Core_Unary<"log1p", Core_FloatTensor, "ln(1 + operand[i]), exact near 0">;
def Core_LogisticOp : Core_Unary<"logistic", Core_FloatTensor, "1 / (1 + e ** -operand[i])">;
def Core_NegOp : Core_Unary<"neg", Core_NumberTensor, "-operand[i]; wraps for integers">;
def Core_NotOp : Core_Unary<"not", Core_BitsTensor, "every bit of operand[i] flipped", "tensor<4xi32>">;
def Core_RoundEvenOp : Core_Unary<"round_even", Core_FloatTensor, "operand[i] rounded to an integer, halves to even">;
def Core_RsqrtOp : Core_Unary<"rsqrt", Core_FloatTensor, "1 / sqrt(operand[i])">;
def Core_SignOp : Core_Unary<"sign", Core_RealTensor, "-1, 0 or 1; NaN for NaN">;
def Core_SinOp : Core_Unary<"sin", Core_FloatTensor, "sin(operand[i])">;
def Core_SqrtOp : Core_Unary<"sqrt", Core_FloatTensor, "sqrt(operand[i])">;
def Core_TanOp : Core_Unary<"tan", Core_FloatTensor, "tan(operand[i])">;
def Core_TanhOp : Core_Unary<"tanh", Core_FloatTensor, "tanh(operand[i])">;

class Core_Binary<string mnemonic, Type type, string formula, list<Trait> traits = [], string example = "tensor<4xi32>"> : Core_BinaryOp<mnemonic, type, traits> {
  let summary = formula;
  let description = "`result[i] = " # formula # "`\n\n```mlir\n%z = core." # mnemonic # " %x, %y : " # example # "\n```";
}
def Core_AddOp : Core_Binary<"add", Core_NumberTensor, "lhs[i] + rhs[i]; wraps for integers", [Commutative]> { let hasFolder = 1; }
def Core_AndOp : Core_Binary<"and", Core_BitsTensor, "lhs[i] & rhs[i]", [Commutative]>;
def Core_Atan2Op : Core_Binary<"atan2", Core_FloatTensor, "the angle of the point (rhs[i], lhs[i])", [], "tensor<4xf32>">;
def Core_DivOp : Core_Binary<"div", Core_NumberTensor, "lhs[i] / rhs[i]; integers toward zero, x / 0 = 0"> { let hasFolder = 1; }
def Core_MaxOp : Core_Binary<"max", Core_RealTensor, "the larger; NaN if either is NaN; either of 0 and -0", [Commutative]>;
def Core_MinOp : Core_Binary<"min", Core_RealTensor, "the smaller; NaN if either is NaN; either of 0 and -0", [Commutative]>;
def Core_MulOp : Core_Binary<"mul", Core_NumberTensor, "lhs[i] * rhs[i]; wraps for integers", [Commutative]> { let hasFolder = 1; }
def Core_OrOp : Core_Binary<"or", Core_BitsTensor, "lhs[i] | rhs[i]", [Commutative]>;
def Core_PowOp : Core_Binary<"pow", Core_RealTensor, "lhs[i] ** rhs[i]; integers wrap, a negative integer exponent gives 0 unless the base is 1 or -1">;
def Core_RemOp : Core_Binary<"rem", Core_RealTensor, "lhs[i] - rhs[i] * trunc(lhs[i] / rhs[i]); the sign is lhs's, x rem 0 = 0 for integers">;
def Core_ShiftLeftOp : Core_Binary<"shift_left", Core_IntTensor, "lhs[i] << rhs[i], with rhs[i] clamped to [0, width - 1]">;
def Core_ShiftRightOp : Core_Binary<"shift_right", Core_IntTensor, "lhs[i] >> rhs[i], arithmetic for signed, with rhs[i] clamped to [0, width - 1]">;
def Core_SubOp : Core_Binary<"sub", Core_NumberTensor, "lhs[i] - rhs[i]; wraps for integers"> { let hasFolder = 1; }
def Core_XorOp : Core_Binary<"xor", Core_BitsTensor, "lhs[i] ^ rhs[i]", [Commutative]>;

def Core_CompareOp : Core_ElementwiseOp<"compare", [SameTypeOperands, DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "lhs[i] compared with rhs[i]";
  let description = [{
    Ordered for floats but for `ne`, which is true where either is NaN. Complex numbers compare by `eq` and `ne` only (C1).

    ```mlir
    %p = core.compare lt %x, %y : tensor<4xf32>
    ```
  }];
  let arguments = (ins Core_ComparisonAttr:$direction, Core_Tensor:$lhs, Core_Tensor:$rhs);
  let results = (outs Core_BoolTensor:$result);
  let assemblyFormat = "$direction $lhs `,` $rhs attr-dict `:` type($lhs)";
  let hasVerifier = 1;
}

def Core_SelectOp : Core_ElementwiseOp<"select", [AllTypesMatch<["onTrue", "onFalse", "result"]>]> {
  let summary = "predicate[i] ? onTrue[i] : onFalse[i]";
  let description = [{
    The element that is not chosen has no influence, be it NaN.

    ```mlir
    %z = core.select %p, %x, %y : tensor<4xi1>, tensor<4xf32>
    ```
  }];
  let arguments = (ins Core_BoolTensor:$predicate, Core_Tensor:$onTrue, Core_Tensor:$onFalse);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$predicate `,` $onTrue `,` $onFalse attr-dict `:` type($predicate) `,` type($result)";
  let hasFolder = 1;
}

def Core_IsFiniteOp : Core_ElementwiseOp<"is_finite", [DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "whether operand[i] is neither infinite nor NaN";
  let description = [{
    Looks at the bits: true for zeros of both signs and for subnormal numbers.

    ```mlir
    %p = core.is_finite %x : tensor<4xf32>
    ```
  }];
  let arguments = (ins Core_FloatTensor:$operand);
  let results = (outs Core_BoolTensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand)";
}

def Core_ConvertOp : Core_ElementwiseOp<"convert"> {
  let summary = "operand[i] as another element type";
  let description = [{
    Float to integer truncates; outside the target's range (and for NaN) the result is the type's minimum for signed
    targets of 32 and 64 bits, and the low bits of a 64-bit conversion otherwise: x86's scalar conversions, and so TensorFlow's
    results for few elements (its vector code saturates 8- and 16-bit targets). To `i1`: whether it is not zero. From complex:
    the real part. Integers wrap.

    ```mlir
    %y = core.convert %x : tensor<4xi32> -> tensor<4xf32>
    ```
  }];
  let arguments = (ins Core_Tensor:$operand);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasFolder = 1;
}

def Core_ComplexOp : Core_ElementwiseOp<"complex", [SameTypeOperands, DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "real[i] + j * imaginary[i]";
  let description = [{
    The result's element type is complex<f32> for f32 and complex<f64> for f64.

    ```mlir
    %z = core.complex %re, %im : tensor<4xf32>
    ```
  }];
  let arguments = (ins Core_TensorOf<[F32, F64]>:$realPart, Core_TensorOf<[F32, F64]>:$imaginaryPart);
  let results = (outs Core_ComplexTensor:$result);
  let assemblyFormat = "$realPart `,` $imaginaryPart attr-dict `:` type($realPart)";
}

class Core_ComplexPartOp<string mnemonic, string part> :
    Core_ElementwiseOp<mnemonic, [DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "the " # part # " part of operand[i]";
  let description = "The result's element type is that of the parts.\n\n```mlir\n%x = core." # mnemonic # " %z : tensor<4xcomplex<f32>>\n```";
  let arguments = (ins Core_ComplexTensor:$operand);
  let results = (outs Core_TensorOf<[F32, F64]>:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand)";
}
def Core_RealOp : Core_ComplexPartOp<"real", "real">;
def Core_ImagOp : Core_ComplexPartOp<"imag", "imaginary">;

def Core_SpecialOp : Core_ElementwiseOp<"special", [SameOperandsAndResultType]> {
  let summary = "a special function of the operands' elements";
  let description = [{
    `igamma`, `igammac`, `igamma_grad_a`, `zeta`, `polygamma` take two operands, `betainc` three, all others one (C1). Computed by
    the runtime's functions of the same names.

    ```mlir
    %y = core.special igamma %a, %x : tensor<4xf32>
    ```
  }];
  let arguments = (ins Core_SpecialAttr:$function, Variadic<Core_FloatTensor>:$inputs);
  let results = (outs Core_FloatTensor:$result);
  let assemblyFormat = "$function $inputs attr-dict `:` type($result)";
  let hasVerifier = 1;
}

#endif
