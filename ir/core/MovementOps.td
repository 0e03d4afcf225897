// SPDX-License-Identifier: Apache-2.0
// Core ops that make, move, cut and join elements without computing on them.
#ifndef LATHE_IR_CORE_MOVEMENT_OPS_TD
#define LATHE_IR_CORE_MOVEMENT_OPS_TD

include "ir/core/Dialect.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"

def Core_ConstantOp : Op<Core_Dialect, "constant", [Pure, ConstantLike, InferTypeOpAdaptor,
    DeclareOpInterfaceMethods<Core_EvaluateOpInterface>, DeclareOpInterfaceMethods<Core_CostOpInterface>]> {
  let summary = "a tensor known when compiling";
  let description = [{
    Small values are `dense`; weights are `dense_resource` blobs that point into the imported file.

    ```mlir
    %c = core.constant dense<[1.0, 2.0]> : tensor<2xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

def Core_IotaOp : Core_ElementOp<"iota"> {
  let summary = "the index along one dimension";
  let description = [{
    `result[i0, ..., in] = i_dimension`. C1: 0 <= dimension < rank.

    ```mlir
    %i = core.iota {dimension = 1} : tensor<2x3xi32>
    ```
  }];
  let arguments = (ins I64Attr:$dimension);
  let results = (outs Core_NumberTensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Type":$type, "int64_t":$dimension), [{ build($_builder, $_state, type, $_builder.getI64IntegerAttr(dimension)); }]>];
  let skipDefaultBuilders = 0;
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Core_ReshapeOp : Core_ElementOp<"reshape"> {
  let summary = "the same elements, in row-major order, with another shape";
  let description = [{
    C1: operand and result have the same number of elements. C2: and the same element type.

    ```mlir
    %y = core.reshape %x : tensor<2x3xf32> -> tensor<6xf32>
    ```
  }];
  let arguments = (ins Core_Tensor:$operand);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Core_BitcastOp : Core_ElementOp<"bitcast"> {
  let summary = "the same bits as another element type";
  let description = [{
    Where the result's elements are k times narrower, it has one more dimension of size k; where they are wider, one less.
    C1: the shapes fit that rule. C2: neither element type is `i1`.

    ```mlir
    %y = core.bitcast %x : tensor<2xf32> -> tensor<2x4xui8>
    ```
  }];
  let arguments = (ins Core_Tensor:$operand);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
}

def Core_TransposeOp : Core_ElementOp<"transpose", [InferTypeOpAdaptor]> {
  let summary = "dimensions in another order";
  let description = [{
    `result[i_p0, i_p1, ...] = operand[i_0, i_1, ...]`: dimension d of the result is dimension permutation[d] of the operand.
    C1: permutation is one, of the operand's rank.

    ```mlir
    %y = core.transpose %x {permutation = array<i64: 1, 0>} : tensor<2x3xf32> -> tensor<3x2xf32>
    ```
  }];
  let arguments = (ins Core_Tensor:$operand, DenseI64ArrayAttr:$permutation);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasFolder = 1;
}

def Core_BroadcastOp : Core_ElementOp<"broadcast"> {
  let summary = "elements repeated along dimensions";
  let description = [{
    Dimension d of the operand becomes dimension dimensions[d] of the result; a size of 1 is repeated.
    C1: dimensions has one entry a dimension of the operand, strictly increasing, below the result's rank.
    C2: each size of the operand is 1 or the result's size there. C3: equal element types.

    ```mlir
    %y = core.broadcast %x {dimensions = array<i64: 1>} : tensor<3xf32> -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins Core_Tensor:$operand, DenseI64ArrayAttr:$dimensions);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Core_SliceOp : Core_ElementOp<"slice", [InferTypeOpAdaptor]> {
  let summary = "a regular part of a tensor";
  let description = [{
    `result[i] = operand[starts + i * strides]`. C1: starts, sizes and strides have one entry a dimension. C2: strides >= 1,
    sizes >= 0, starts >= 0. C3: the last element read lies inside the operand.

    ```mlir
    %y = core.slice %x {starts = array<i64: 1>, sizes = array<i64: 2>, strides = array<i64: 2>} : tensor<5xf32> -> tensor<2xf32>
    ```
  }];
  let arguments = (ins Core_Tensor:$operand, DenseI64ArrayAttr:$starts, DenseI64ArrayAttr:$sizes, DenseI64ArrayAttr:$strides);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
  let hasFolder = 1;
}

def Core_DynamicSliceOp : Core_ElementOp<"dynamic_slice", [InferTypeOpAdaptor]> {
  let summary = "a part of a tensor whose place is known at run time";
  let description = [{
    `result[i] = operand[clamp(starts, 0, shape(operand) - sizes) + i]`. C1: sizes has one entry a dimension, each at most
    the operand's. C2: starts is a vector of one integer a dimension.

    ```mlir
    %y = core.dynamic_slice %x, %starts {sizes = array<i64: 2>} : (tensor<5xf32>, tensor<1xi32>) -> tensor<2xf32>
    ```
  }];
  let arguments = (ins Core_Tensor:$operand, Core_IntTensor:$starts, DenseI64ArrayAttr:$sizes);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$operand `,` $starts attr-dict `:` functional-type(operands, results)";
}

def Core_ConcatOp : Core_ElementOp<"concat", [InferTypeOpAdaptor]> {
  let summary = "tensors joined along a dimension";
  let description = [{
    C1: at least one operand; equal element types and ranks. C2: 0 <= dimension < rank. C3: equal sizes but along dimension.

    ```mlir
    %z = core.concat %x, %y {dimension = 0} : (tensor<2xf32>, tensor<3xf32>) -> tensor<5xf32>
    ```
  }];
  let arguments = (ins Variadic<Core_Tensor>:$inputs, I64Attr:$dimension);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Core_PadOp : Core_ElementOp<"pad", [InferTypeOpAdaptor]> {
  let summary = "a tensor surrounded, and spread out, by a value";
  let description = [{
    Each dimension grows by low before, high after, and interior between neighbours. Negative low and high cut.
    C1: low, high and interior have one entry a dimension, interior >= 0. C2: no size becomes negative. C3: value is a scalar of the
    operand's element type.

    ```mlir
    %y = core.pad %x, %v {low = array<i64: 1>, high = array<i64: 2>, interior = array<i64: 0>} : (tensor<4xf32>, tensor<f32>) -> tensor<7xf32>
    ```
  }];
  let arguments = (ins Core_Tensor:$operand, Core_Tensor:$value, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high, DenseI64ArrayAttr:$interior);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$operand `,` $value attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Core_ReverseOp : Core_ElementOp<"reverse", [SameOperandsAndResultType]> {
  let summary = "elements in reverse order along dimensions";
  let description = [{
    C1: dimensions are different and below the rank.

    ```mlir
    %y = core.reverse %x {dimensions = array<i64: 0>} : tensor<4xf32>
    ```
  }];
  let arguments = (ins Core_Tensor:$operand, DenseI64ArrayAttr:$dimensions);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Core_GatherOp : Core_ElementOp<"gather", [InferTypeOpAdaptor]> {
  let summary = "slices of a tensor at indices along one dimension";
  let description = [{
    With b = batch and a = axis: `result[o_0..o_{a-1}, i_b.., o_{a+1}..] = operand[o_0..o_{a-1}, indices[o_0..o_{b-1}, i_b..], o_{a+1}..]`.
    An index outside of [0, size) is clamped. C1: 0 <= batch <= axis < rank(operand), batch <= rank(indices). C2: the first batch
    sizes of operand and indices are equal. C3: the operand's axis is not empty unless the result is.

    ```mlir
    %y = core.gather %x, %i {axis = 0, batch = 0} : (tensor<9x2xf32>, tensor<3xi32>) -> tensor<3x2xf32>
    ```
  }];
  let arguments = (ins Core_Tensor:$operand, Core_IntTensor:$indices, I64Attr:$axis, I64Attr:$batch);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$operand `,` $indices attr-dict `:` functional-type(operands, results)";
}

def Core_ScatterOp : Core_Op<"scatter", [DeclareOpInterfaceMethods<Core_CostOpInterface>, InferTypeOpAdaptor]> {
  let summary = "rows of a tensor combined with updates";
  let description = [{
    result = operand; then for each k in order: `result[indices[k], ...] = combiner(result[indices[k], ...], updates[k, ...])`;
    an index outside of [0, size) is skipped. C1: indices is a vector, operand has rank >= 1. C2: updates has shape
    [size(indices), operand's sizes but the first]. C3: `and`, `or` need bits, `add`, `mul` numbers,
    `min`, `max` reals; `set` takes all.

    ```mlir
    %y = core.scatter add %x, %i, %u : (tensor<9x2xf32>, tensor<3xi32>, tensor<3x2xf32>) -> tensor<9x2xf32>
    ```
  }];
  let arguments = (ins Core_CombinerAttr:$combiner, Core_Tensor:$operand, Core_IntTensor:$indices, Core_Tensor:$updates);
  let results = (outs Core_Tensor:$result);
  let assemblyFormat = "$combiner $operand `,` $indices `,` $updates attr-dict `:` functional-type(operands, results)";
}

#endif
