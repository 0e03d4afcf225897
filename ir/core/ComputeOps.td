// SPDX-License-Identifier: Apache-2.0
// Core ops that combine many elements into each element of the result: reductions, windows, contractions, orders.
#ifndef LATHE_IR_CORE_COMPUTE_OPS_TD
#define LATHE_IR_CORE_COMPUTE_OPS_TD

include "ir/core/Dialect.td"

def Core_ReduceOp : Core_ElementOp<"reduce", [InferTypeOpAdaptor]> {
  let summary = "elements along dimensions combined into one";
  let description = [{
    The reduced dimensions disappear; an empty one gives the combiner's identity. Sums and products are of no fixed order, those
    of f16 and bf16 at least in f32, rounded at the end. C1: dimensions increase strictly, below the
    rank. C2: `and`, `or` need bits, `add`, `mul` numbers, `min`, `max` reals; `set` is refused.

    ```mlir
    %y = core.reduce add %x {dimensions = array<i64: 1>} : tensor<2x3xf32> -> tensor<2xf32>
    ```
  }];
  let arguments = (ins Core_CombinerAttr:$combiner, Core_Tensor:$operand, DenseI64ArrayAttr:$dimensions);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$combiner $operand attr-dict `:` type($operand) `->` type($result)";
  let hasFolder = 1;
}

def Core_ArgReduceOp : Core_ElementOp<"arg_reduce", [DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "where along a dimension the smallest or largest element is";
  let description = [{
    The first one among equals; a NaN only where there is no number, and then at place 0. C1: 0 <= dimension < rank and its size is not 0. C2: combiner is `min` or `max`.

    ```mlir
    %y = core.arg_reduce max %x {dimension = 1, indexType = i64} : tensor<2x3xf32> -> tensor<2xi64>
    ```
  }];
  let arguments = (ins Core_CombinerAttr:$combiner, Core_RealTensor:$operand, I64Attr:$dimension, TypeAttr:$indexType);
  let results = (outs Core_IntTensor:$result);
  let assemblyFormat = "$combiner $operand attr-dict `:` type($operand) `->` type($result)";
}

def Core_ReduceWindowOp : Core_ElementOp<"reduce_window", [InferTypeOpAdaptor]> {
  let summary = "elements under a sliding window combined into one";
  let description = [{
    The operand is padded by low and high with the combiner's identity; window element j of result i is at
    `i * strides + j * dilations`. C1: all arrays have one entry a dimension; windows, strides, dilations >= 1, padding >= 0.
    C2: as C2 of `core.reduce`.

    ```mlir
    %y = core.reduce_window max %x {window = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>,
        low = array<i64: 0>, high = array<i64: 0>} : tensor<6xf32> -> tensor<3xf32>
    ```
  }];
  let arguments = (ins Core_CombinerAttr:$combiner, Core_Tensor:$operand, DenseI64ArrayAttr:$window, DenseI64ArrayAttr:$strides,
                   DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$combiner $operand attr-dict `:` type($operand) `->` type($result)";
}

def Core_CumulativeOp : Core_Op<"cumulative", [DeclareOpInterfaceMethods<Core_CostOpInterface>, SameOperandsAndResultType]> {
  let summary = "running combination along a dimension";
  let description = [{
    `result[i] = combiner(operand[0..i])`; exclusive leaves out i itself (the first is the identity); reverse runs from the
    end. C1: 0 <= dimension < rank. C2: combiner is `add`, `mul`, `min` or `max`.

    ```mlir
    %y = core.cumulative add %x {dimension = 0, exclusive = false, reverse = false} : tensor<4xf32>
    ```
  }];
  let arguments = (ins Core_CombinerAttr:$combiner, Core_NumberTensor:$operand, I64Attr:$dimension, BoolAttr:$exclusive, BoolAttr:$reverse);
  let results = (outs Core_NumberTensor:$result);
  let assemblyFormat = "$combiner $operand attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Core_DotGeneralOp : Core_ElementOp<"dot_general", [InferTypeOpAdaptor]> {
  let summary = "sums of products over contracted dimensions";
  let description = [{
    Result dimensions are the batch dimensions, then lhs's free ones, then rhs's free ones. Sums of f16 and bf16 are made in
    f32, of other types in their own. C1: batch lists and contracting lists have equal lengths, different entries, and
    equal sizes. C2: equal element types.

    ```mlir
    %z = core.dot_general %x, %y {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
        rhsContracting = array<i64: 0>} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
    ```
  }];
  let arguments = (ins Core_NumberTensor:$lhs, Core_NumberTensor:$rhs, DenseI64ArrayAttr:$lhsBatch, DenseI64ArrayAttr:$rhsBatch,
                   DenseI64ArrayAttr:$lhsContracting, DenseI64ArrayAttr:$rhsContracting);
  let results = (outs Core_NumberTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

def Core_ConvOp : Core_ElementOp<"conv", [InferTypeOpAdaptor]> {
  let summary = "convolution over spatial dimensions";
  let description = [{
    Input [N, spatial..., C], filter [spatial..., C / groups, F], result [N, spatial..., F]. The input is spread by
    inputDilation - 1 zeros between neighbours, then padded by low and high (negative cuts); the filter is spread by
    filterDilation. Group g of F / groups filters sees group g of C / groups channels. C1: one entry a spatial dimension in
    each array; strides and dilations >= 1. C2: filter's channels times groups is C, groups divides F. C3: equal element types.
    C4: no size becomes negative. Where `scratch` is there, the backend that chose it computes the sums by an algorithm of fewer
    multiplications and larger rounding errors, with so many bytes of working memory, and reads the padding as zeros itself.

    ```mlir
    %y = core.conv %x, %w {strides = array<i64: 1>, low = array<i64: 1>, high = array<i64: 1>, inputDilation = array<i64: 1>,
        filterDilation = array<i64: 1>, groups = 1} : (tensor<1x8x3xf32>, tensor<3x3x4xf32>) -> tensor<1x8x4xf32>
    ```
  }];
  let arguments = (ins Core_NumberTensor:$input, Core_NumberTensor:$filter, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$low,
                   DenseI64ArrayAttr:$high, DenseI64ArrayAttr:$inputDilation, DenseI64ArrayAttr:$filterDilation, I64Attr:$groups,
                   OptionalAttr<ConfinedAttr<I64Attr, [IntPositive]>>:$scratch);
  let results = (outs Core_NumberTensor:$result);
  let assemblyFormat = "$input `,` $filter attr-dict `:` functional-type(operands, results)";
}

def Core_SortOp : Core_Op<"sort", [DeclareOpInterfaceMethods<Core_CostOpInterface>, DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "a stable sort along a dimension, with the places its elements came from";
  let description = [{
    NaN sorts last when ascending, first when descending. With a count, the results hold only as many, the first ones. C1: 0 <= dimension <
    rank. C2: 0 <= count <= the dimension's size.

    ```mlir
    %values, %places = core.sort %x {dimension = 0, descending = false, indexType = i32} : tensor<4xf32> -> tensor<4xf32>, tensor<4xi32>
    ```
  }];
  let arguments = (ins Core_RealTensor:$operand, I64Attr:$dimension, BoolAttr:$descending, TypeAttr:$indexType, OptionalAttr<I64Attr>:$count);
  let results = (outs Core_RealTensor:$values, Core_IntTensor:$places);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($values) `,` type($places)";
}

def Core_FFTOp : Core_Op<"fft", [DeclareOpInterfaceMethods<Core_CostOpInterface>, SameOperandsAndResultType]> {
  let summary = "discrete Fourier transforms along the last dimension";
  let description = [{
    `result[k] = sum of operand[j] * exp(-2 pi i j k / n)` over j; inverse: with `exp(2 pi i j k / n) / n`. Fast where n has no prime factor
    above 61. C1: the rank and the last dimension are at least 1.

    ```mlir
    %y = core.fft %x {inverse = false} : tensor<2x8xcomplex<f32>>
    ```
  }];
  let arguments = (ins Core_ComplexTensor:$operand, BoolAttr:$inverse);
  let results = (outs Core_ComplexTensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($result)";
  let hasVerifier = 1;
}

class Core_LinalgOp<string mnemonic, list<Trait> traits = []> :
    Core_Op<mnemonic, !listconcat([DeclareOpInterfaceMethods<Core_CostOpInterface>], traits)>;

def Core_CholeskyOp : Core_LinalgOp<"cholesky", [SameOperandsAndResultType]> {
  let summary = "the lower triangular L with L * transpose(L) = operand, for each matrix of a batch";
  let description = [{
    Reads the lower triangle; a matrix that is not positive definite gives NaN everywhere. C1: the last two dimensions are equal.

    ```mlir
    %l = core.cholesky %a : tensor<2x3x3xf32>
    ```
  }];
  let arguments = (ins Core_TensorOf<[F32, F64]>:$operand);
  let results = (outs Core_TensorOf<[F32, F64]>:$result);
  let assemblyFormat = "$operand attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Core_LUOp : Core_LinalgOp<"lu", [DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "LU factors with row pivoting, for each matrix of a batch";
  let description = [{
    `operand[permutation[i], :] = (L * U)[i, :]`; L (unit diagonal, strictly below) and U share one matrix. `sign` is that of the
    permutation. The pivot is the first largest magnitude. C1: the last two dimensions are equal.

    ```mlir
    %factors, %permutation, %sign = core.lu %a : tensor<2x3x3xf32>
    ```
  }];
  let arguments = (ins Core_TensorOf<[F32, F64]>:$operand);
  let results = (outs Core_TensorOf<[F32, F64]>:$factors, Core_TensorOf<[I32]>:$permutation, Core_TensorOf<[F32, F64]>:$sign);
  let assemblyFormat = "$operand attr-dict `:` type($operand)";
}

def Core_SVDOp : Core_LinalgOp<"svd", [DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "singular values and vectors, for each matrix of a batch";
  let description = [{
    `operand = left * diagonal(values) * transpose(right)`, values decreasing. For m x n matrices left has min(m, n) columns, as
    has right; where full, m and n, of which the last are any that make the matrix orthogonal. The sign of a pair of vectors is
    free. C1: the rank is at least 2.

    ```mlir
    %values, %left, %right = core.svd %a {full = false} : tensor<4x3xf32> -> tensor<3xf32>, tensor<4x3xf32>, tensor<3x3xf32>
    ```
  }];
  let arguments = (ins Core_TensorOf<[F32, F64]>:$operand, BoolAttr:$full);
  let results = (outs Core_TensorOf<[F32, F64]>:$values, Core_TensorOf<[F32, F64]>:$left, Core_TensorOf<[F32, F64]>:$right);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($values) `,` type($left) `,` type($right)";
}

def Core_QROp : Core_LinalgOp<"qr", [DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "an orthogonal and an upper triangular factor, for each matrix of a batch";
  let description = [{
    `operand = q * r`, as reflections make it: an element on r's diagonal has the sign opposite to that of the column's head that is
    reflected. For m x n matrices q has min(m, n) columns; where full, m, and r is m x n. C1: the rank is at least 2.

    ```mlir
    %q, %r = core.qr %a {full = false} : tensor<4x3xf32> -> tensor<4x3xf32>, tensor<3x3xf32>
    ```
  }];
  let arguments = (ins Core_TensorOf<[F32, F64]>:$operand, BoolAttr:$full);
  let results = (outs Core_TensorOf<[F32, F64]>:$q, Core_TensorOf<[F32, F64]>:$r);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($q) `,` type($r)";
}

def Core_EighOp : Core_LinalgOp<"eigh", [DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "eigenvalues and eigenvectors, for each symmetric matrix of a batch";
  let description = [{
    `operand * vectors = vectors * diagonal(values)`, values increasing, vectors orthogonal columns of length 1 whose sign is
    free. Reads the lower triangle. C1: the last two dimensions are equal.

    ```mlir
    %values, %vectors = core.eigh %a : tensor<2x3x3xf32>
    ```
  }];
  let arguments = (ins Core_TensorOf<[F32, F64]>:$operand);
  let results = (outs Core_TensorOf<[F32, F64]>:$values, Core_TensorOf<[F32, F64]>:$vectors);
  let assemblyFormat = "$operand attr-dict `:` type($operand)";
}

def Core_TriangularSolveOp : Core_LinalgOp<"triangular_solve", [AllTypesMatch<["rhs", "result"]>]> {
  let summary = "X with matrix * X = rhs, for each triangular matrix of a batch";
  let description = [{
    Only the named triangle is read; unitDiagonal takes its diagonal as ones; transpose solves with the matrix transposed.
    C1: matrix is [..., n, n], rhs [..., n, k] with equal leading sizes. C2: equal element types.

    ```mlir
    %x = core.triangular_solve %a, %b {lower = true, transpose = false, unitDiagonal = false} : tensor<3x3xf32>, tensor<3x2xf32>
    ```
  }];
  let arguments = (ins Core_TensorOf<[F32, F64]>:$matrix, Core_TensorOf<[F32, F64]>:$rhs, BoolAttr:$lower, BoolAttr:$transpose, BoolAttr:$unitDiagonal);
  let results = (outs Core_TensorOf<[F32, F64]>:$result);
  let assemblyFormat = "$matrix `,` $rhs attr-dict `:` type($matrix) `,` type($rhs)";
  let hasVerifier = 1;
}

#endif
