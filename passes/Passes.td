// SPDX-License-Identifier: Apache-2.0
// What each pass requires, does and guarantees.
include "mlir/Pass/PassBase.td"

def InlineFunctionsPass : Pass<"lathe-inline-functions", "::mlir::ModuleOp"> {
  let summary = "put the bodies of functions where they are called";
  let description = [{
    *Requires*: entries, which are the graphs that are not private, and the graphs of the functions they call, which do not call themselves.

    *Does*: replaces `PartitionedCall` and `StatefulPartitionedCall` by the function's body, `If`, `While` and `Case`, also the
    stateless ones, by `gdef.if` and `gdef.while` whose regions are the functions' bodies. A `Case` becomes a chain of branches;
    an index out of range takes the last. What a body of a loop yields unchanged is not carried, but read from the graph
    around the loop. What the call waited for its nodes wait for, and what waited for the call waits for its end. A node of an inlined
    body is named `call/node`.

    *Guarantees*: only the entries are left, without the operations named above.

    ```mlir
    %y, %done = gdef.node "StatelessIf"(%p, %x) {then_branch = #gdef.func<@t, {}>, else_branch = #gdef.func<@e, {}>, ...}
    // becomes
    %y, %done = gdef.if %p { ... body of @t, reading %x ... } else { ... body of @e ... }
    ```
  }];
  let dependentDialects = ["::lathe::gdef::GdefDialect"];
}

def RaiseControlFlowPass : Pass<"lathe-raise-control-flow", "::mlir::ModuleOp"> {
  let summary = "turn Switch, Merge and loop frames into gdef.if and gdef.while";
  let description = [{
    *Requires*: `gdef.graph`s.

    *Does*: finds the loops (frames of `Enter`, `LoopCond`, `NextIteration`, `Exit`) and, for each node, under which predicates it
    runs; then builds `gdef.while` and `gdef.if` from what is fetched backwards. Predicates are known by what they compute: equal
    constants, equal nodes, and negations are one. A constant one decides when compiling. Merges of one predicate share a
    branch. What both the condition and the body of a loop read is computed in both; what does not change in a loop is read from
    around it. Nodes with effects stay in their loop or branch, and controls keep their order; an effect that leads only to
    where a condition never goes is dropped. All problems of the graph
    are reported, as LTH0301 to LTH0311.

    *Guarantees*: no `Switch`, `Merge`, `Enter`, `Exit`, `NextIteration` or `LoopCond`, also of their `Ref` forms, and no `_SwitchN`.

    ```mlir
    %s:2, %0 = gdef.node "Switch"(%x, %p)
    %n, %1 = gdef.node "Neg"(%s#0)
    %m:2, %2 = gdef.node "Merge"(%n, %s#1)
    // becomes
    %m, %2 = gdef.if %p { gdef.yield %x } else { %n, %1 = gdef.node "Neg"(%x)   gdef.yield %n }
    ```
  }];
  let dependentDialects = ["::lathe::gdef::GdefDialect"];
}

def RaiseTensorArraysPass : Pass<"lathe-raise-tensor-arrays", "::mlir::ModuleOp"> {
  let summary = "turn TensorArrays and stacks into lists that are values";
  let description = [{
    *Requires*: graphs as lathe-raise-control-flow leaves them.

    *Does*: makes the flow of a `TensorArray` the list itself and its operations those of TensorFlow's lists (`TensorListReserve`,
    `TensorListSetItem`, ...), and threads stacks through the loops and branches that push and pop. A `TensorArrayGrad` is a list
    of its own, which starts with zeros and adds what is written to what is there. Handles are found through the loops; one
    that differs from round to round is reported.

    *Guarantees*: no operation of `TensorArray` or `Stack`.

    ```mlir
    %h, %flow, %0 = gdef.node "TensorArrayV3"(%size) {dtype = f32, ...}
    %f1, %1 = gdef.node "TensorArrayWriteV3"(%h, %i, %x, %flow) {T = f32}
    // becomes
    %list, %0 = gdef.node "TensorListReserve"(%shape, %size) {element_dtype = f32, shape_type = i32}
    %l1, %1 = gdef.node "TensorListSetItem"(%list, %i, %x) {element_dtype = f32, resize_if_index_out_of_bounds = false}
    ```
  }];
  let dependentDialects = ["::lathe::gdef::GdefDialect"];
}

def SpecializeBatchPass : Pass<"lathe-specialize-batch", "::mlir::ModuleOp"> {
  let summary = "make a body for each size of batch";
  let description = [{
    *Requires*: entries without control flow of TensorFlow.

    *Does*: an entry with arguments whose first dimension is not known becomes one graph for a single item, one for each of `sizes`, and
    two of odd sizes, which are only there to be compared. The unknown first dimensions of all arguments are taken for one: the number of
    items of a batch.

    *Guarantees*: no entry has an argument of unknown first dimension. What is a body says so in `lathe.batch` (passes/batch/Batch.h).

    ```mlir
    gdef.graph @main(%x: tensor<?x3xf32> "x:0") -> ("y:0") {...}
    // becomes
    gdef.graph @main.1(%x: tensor<1x3xf32> "x:0") -> ("y:0") attributes {lathe.batch = {entry = "main", size = 1}} {...}
    gdef.graph @main.8(%x: tensor<8x3xf32> "x:0") -> ("y:0") attributes {lathe.batch = {entry = "main", size = 8}} {...}
    ```
  }];
  let options = [ListOption<"sizes", "sizes", "int64_t", "sizes of batches, beside a single item">];
  let dependentDialects = ["::lathe::gdef::GdefDialect"];
}

def SeparateItemsPass : Pass<"lathe-separate-items", "::mlir::ModuleOp"> {
  let summary = "find out whether the items of a batch can be computed apart";
  let description = [{
    *Requires*: functions as lathe-legalize-graph makes them, before anything is done that depends on sizes.

    *Does*: follows the batch through the two bodies of each entry that are there for it, op by op. Where the results of an item depend on
    that item alone, and not on how many there are, a batch of any size can be run in parts. Else the bodies for the `sizes` that were
    asked for are all there is; with none asked for the entry is an error, which names the node where items meet.

    *Guarantees*: `lathe.batch` of each body says whether items are separable, and how many rows of each argument and result belong
    to an item; bodies that are not needed are gone.

    ```mlir
    func.func @main.8(%x: tensor<8x3xf32>) -> tensor<8x3xf32>
      attributes {lathe.batch = {arguments = array<i64: 1>, entry = "main", results = array<i64: 1>, separable, size = 8}} {...}
    ```
  }];
  let options = [ListOption<"sizes", "sizes", "int64_t", "sizes of batches that were asked for">];
  let dependentDialects = ["::lathe::core::CoreDialect"];
}

def LegalizeGraphPass : Pass<"lathe-legalize-graph", "::mlir::ModuleOp"> {
  let summary = "turn the imported graph into core ops";
  let description = [{
    *Requires*: entries, whose arguments have static shapes, without control flow of TensorFlow.

    *Does*: turns the nodes that results depend on into core ops by the import table, operands first. Shapes are inferred,
    and ops on constants folded, as they are made. Control edges are dropped: what is left is pure but for `core.check`, which `Assert`,
    `CheckNumerics` and what refuses some values, such as an index outside of a tensor, leave behind. Printing leaves nothing. All problems
    are reported, each once: a node is skipped in silence where an operand of it failed.

    *Guarantees*: a `func.func` for each, with the graph's names, or the aliases given, as `lathe.name` on arguments and results; no op
    of `gdef`; ranked tensors of static shape; each op carries the location of its node; no op without a use.

    ```mlir
    gdef.graph @main(%x: tensor<2xf32> "x:0") -> ("y:0") {
      %y, %done = gdef.node "Square"(%x) {T = f32} : (tensor<2xf32>) -> tensor<*xf32>
      gdef.fetch %y : tensor<*xf32>
    }
    // becomes
    func.func @main(%x: tensor<2xf32> {lathe.name = "x:0"}) -> (tensor<2xf32> {lathe.name = "y:0"}) {
      %y = core.mul %x, %x : tensor<2xf32>
      return %y : tensor<2xf32>
    }
    ```
  }];
  let options = [Option<"dropChecks", "drop-checks", "bool", "false", "leave out what only refuses some values">];
  let dependentDialects = ["::lathe::core::CoreDialect", "::mlir::func::FuncDialect"];
}

def FreezeVariablesPass : Pass<"lathe-freeze-variables", "::mlir::ModuleOp"> {
  let summary = "make variables that are only read constants";
  let description = [{
    *Requires* graphs as they are imported, functions inlined: the handle of a variable goes to the operations that use it,
    directly or through `Identity`. A variable's value is its attribute `value`, written by the importer.

    *Does*: each read of a variable (`ReadVariableOp`, `ResourceGather`, `VariableShape`, any use of a `VariableV2`) becomes a
    `Const` node with the value, or an operation on one. Control edges stay. A variable that is written, that has no value or
    whose handle goes anywhere else is an error that names the node; all are reported.

    *Guarantees* that no `VarHandleOp`, `VariableV2` or `Variable` is left.

    ```mlir
    %w, %c = gdef.node "VarHandleOp"() {dtype = f32, value = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<*x!gdef.resource>
    %v, %d = gdef.node "ReadVariableOp"(%w) {dtype = f32} : (tensor<*x!gdef.resource>) -> tensor<*xf32>
    // becomes
    %v, %d = gdef.node "Const"() {dtype = f32, value = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
    ```
  }];
  let dependentDialects = ["::lathe::gdef::GdefDialect"];
}


def ThreadVariablesPass : Pass<"lathe-thread-variables", "::mlir::ModuleOp"> {
  let summary = "make values of variables that are written";
  let description = [{
    *Requires* graphs as lathe-raise-control-flow leaves them.

    *Does*: a variable that an entry writes, or that `state` names ("all": each), becomes an `rt.variable`. Each entry that uses it gets
    its value as an argument and gives its next value as a result; in between it goes from node to node, in the order that data and
    control edges say, of unordered nodes that of the file, through `gdef.if` and, where written inside, `gdef.while`. A write becomes
    the plain operation (`Assign` its value, `AssignAdd` an `AddV2`, `ScatterAdd` one on a value). A reference is read when the node that
    takes it has its turn; what the graph or a region yields of one, right behind the node that made it, or as the region begins. A
    constant or a feed that is written starts with that value in each run and is no state.

    *Guarantees* that nothing writes to a variable; variables that are only read, and not asked for, are as they were.

    ```mlir
    %w, %c = gdef.node "VarHandleOp"() {dtype = i32, shape = #gdef.shape<[]>, shared_name = "n"}
    %done = gdef.node "AssignAddVariableOp"(%w, %x) {dtype = i32}
    gdef.fetch control(%done)
    // becomes
    rt.variable @n container "" name "n" : tensor<i32>
    gdef.graph @main(%x: ..., %n: tensor<i32> "n") -> ("n") attributes {variables = [@n]} {
      %sum, %done = gdef.node "AddV2"(%n, %x) {T = i32}
      gdef.fetch %sum control(%done)
    ```
  }];
  let options = [ListOption<"state", "state", "std::string", "variables to keep as state though nothing writes them">];
  let dependentDialects = ["::lathe::gdef::GdefDialect", "::lathe::rt::RtDialect"];
}

def FoldConstantsPass : Pass<"lathe-fold-constants", "::mlir::func::FuncOp"> {
  let summary = "evaluate what is known when compiling";
  let description = [{
    *Requires* core ops on static shapes.
    *Does* evaluate each op on constants by the reference interpreter, where operands, results and work are within the budget
    and the result is not much larger than its operands.
    *Guarantees* that no op within the budget has only constant operands.

    ```mlir
    %0 = core.add %c1, %c2 : tensor<4xf32>      becomes      %0 = core.constant dense<...> : tensor<4xf32>
    ```
  }];
  let options = [Option<"budget", "budget", "int64_t", "int64_t(1) << 27", "elements and operations that folding one op may take">];
  let dependentDialects = ["::lathe::core::CoreDialect"];
}

def FoldScalesPass : Pass<"lathe-fold-scales", "::mlir::func::FuncOp"> {
  let summary = "fold batch normalisation's factors into weights";
  let description = [{
    *Requires* core ops.
    *Does* rewrite `conv(x, w) * s`, where w is constant, s a constant factor a channel and the convolution has no other reader,
    to `conv(x, w * s)`; and moves such a factor over an addition of a constant a channel: `(conv(x, w) + b) * s` becomes
    `conv(x, w * s) + b * s`. The same for `dot_general` whose result ends in the weights' dimension.
    *Guarantees* nothing else changes; the factors themselves fold as constants.

    ```mlir
    %1 = core.mul (core.conv %x, %w), (core.broadcast %s)      becomes      %1 = core.conv %x, (core.mul %w, (core.broadcast %s))
    ```
  }];
  let dependentDialects = ["::lathe::core::CoreDialect"];
}

def HoistProductsPass : Pass<"lathe-hoist-products", "::mlir::func::FuncOp"> {
  let summary = "multiply what a loop reads row by row before the loop";
  let description = [{
    *Requires*: functions of core ops.

    *Does*: in the body of a loop, the product of a row that is gathered from a list with a matrix, both known before the loop, becomes a row of
    one product of the whole list, which is made before the loop: a recurrent network reads the weights of its inputs once instead of once
    a step. All rows are multiplied, whatever the number of rounds is.

    *Guarantees*: the same values, and no more operations than a loop over all rows has.

    ```mlir
    %x = core.gather %list, %i {axis = 0, batch = 0} : (tensor<9x1x3xf32>, tensor<1xi32>) -> tensor<1x1x3xf32>
    // reshaped to tensor<1x3xf32>, times %w : tensor<3x4xf32>, becomes
    %y = core.gather %products, %i {axis = 0, batch = 0} : (tensor<9x1x4xf32>, tensor<1xi32>) -> tensor<1x1x4xf32>
    ```
  }];
  let dependentDialects = ["::lathe::core::CoreDialect"];
}

def MaterializePaddingPass : Pass<"lathe-materialize-padding", "::mlir::func::FuncOp"> {
  let summary = "make the padding of convolutions and windows an op of its own";
  let description = [{
    *Requires* core ops.
    *Does* put a `core.pad` before each `core.conv` and `core.reduce_window` that pads or spreads its input, but for convolutions whose
    kernels read padding as zeros themselves (passes/Padding.h).
    *Guarantees* that the others read only elements that exist.

    ```mlir
    core.conv %x, %w {low = [1, 1], high = [1, 1], ...}
    becomes   %p = core.pad %x, %zero {low = [0, 1, 1, 0], high = [0, 1, 1, 0], ...}   core.conv %p, %w {low = [0, 0], high = [0, 0], ...}
    ```
  }];
  let dependentDialects = ["::lathe::core::CoreDialect"];
}

def NormalizeContractionsPass : Pass<"lathe-normalize-contractions", "::mlir::func::FuncOp"> {
  let summary = "bring products and convolutions into the forms that backends emit";
  let description = [{
    *Requires* core ops.
    *Does* rewrite each `core.dot_general` to one of lhs [B, M, K] and rhs [B, K, N] (or [M, K] and [K, N] without batch
    dimensions), with transposes and reshapes around it, and each one-dimensional convolution to a two-dimensional one of height 1. A
    `core.pad` of zeros before a convolution becomes the convolution's padding.
    *Guarantees* those forms.

    ```mlir
    core.dot_general %x, %y {lhsContracting = [1], rhsContracting = [1]} : 2x3, 4x3
    becomes   %t = core.transpose %y : 4x3 -> 3x4   core.dot_general %x, %t {lhsContracting = [1], rhsContracting = [0]} : 2x3, 3x4
    ```
  }];
  let dependentDialects = ["::lathe::core::CoreDialect"];
}

def FuseGroupsPass : Pass<"lathe-fuse-groups", "::mlir::ModuleOp"> {
  let summary = "outline groups of ops that run as one kernel";
  let description = [{
    *Requires* functions of core ops in normal forms.
    *Does* group ops (a contraction with the elementwise ops behind it; everything around reductions over one set of rows; chains of
    elementwise and moving ops) and outline each group as an `rt.kernel`, equal ones as one.
    *Guarantees* that functions hold only `rt.call`, `core.reshape` and `core.constant`.

    ```mlir
    %1 = core.conv %x, %w   %2 = core.add %1, %b   %3 = core.max %2, %zero
    becomes   %3 = rt.call @conv(%x, %w, %b)
    ```
  }];
  let dependentDialects = ["::lathe::core::CoreDialect", "::lathe::rt::RtDialect"];
}

def OrderCallsPass : Pass<"lathe-order-calls", "::mlir::func::FuncOp"> {
  let summary = "order kernel calls so that few bytes live at once";
  let description = [{
    *Requires* a function of `rt.call`, `core.reshape` and `core.constant` on static shapes.
    *Does* choose among source order, depth-first order and greedy order the one with the lowest peak of live bytes. Arguments,
    constants and values that are returned do not count: they have no place in the arena.
    *Guarantees* that the peak is not above that of the source order, that each reshape follows what it views, and that each `core.check`
    follows the last of what it reads.

    ```mlir
    %1 = rt.call @grow(%x)   %2 = rt.call @grow(%y)   %3 = rt.call @shrink(%1)   %4 = rt.call @shrink(%2)
    becomes   %1 = rt.call @grow(%x)   %3 = rt.call @shrink(%1)   %2 = rt.call @grow(%y)   %4 = rt.call @shrink(%2)
    ```
  }];
  let dependentDialects = ["::lathe::core::CoreDialect", "::lathe::rt::RtDialect"];
}

def ChooseInPlacePass : Pass<"lathe-choose-in-place", "::mlir::ModuleOp"> {
  let summary = "say which results of a call may take over an operand's buffer";
  let description = [{
    *Requires* functions of `rt.call`, `core.reshape` and `core.constant`.
    *Does* fill `inPlace` of each call. A result may take over an operand of its shape and element size where, in the kernel, each
    path from the operand leads to results through elementwise ops of that shape only. So the kernel reads element i of the operand
    before it writes element i of the result, and not again: backends keep that order, and write each element once. In a kernel of
    several phases (a reduction, a contraction) the operand must lead to that one result only, since each phase reads for itself.
    Among such operands, one whose buffer dies at the call is preferred, the first of equals; none is named twice.
    *Guarantees* the above for each pair named.

    ```mlir
    %2 = rt.call @conv_add(%x, %w, %residual) {inPlace = array<i64: -1>}   becomes   {inPlace = array<i64: 2>}
    ```
  }];
  let dependentDialects = ["::lathe::core::CoreDialect", "::lathe::rt::RtDialect"];
}

def PlanMemoryPass : Pass<"lathe-plan-memory", "::mlir::ModuleOp"> {
  let summary = "turn functions on tensors into programs on buffers";
  let description = [{
    *Requires* functions of `rt.call`, `core.reshape` and `core.constant` on static shapes, in the order in which they shall run.
    *Does* replace each function by an `rt.program`. A reshape is its operand's buffer with another shape. A call writes a returned
    value where the caller wants it; what cannot be (an argument, a constant, a value returned before) is copied at the end. Every
    other result gets a slot of the arena, which it shares with an operand that `inPlace` names where that operand's slot dies at the
    call and is passed to it once. An argument with `lathe.variable` lies where the store has that `rt.variable`, and so does the result that
    is its next value, where nothing reads the old one any more and no `core.check` comes behind, so that a run that a check ends has written
    no variable; what cannot lie there is copied at the end. Constants become `rt.weight`: one each, and one more for each kernel that may choose its layout
    (`KernelOp::isContractionWeight`). The boundary's names come from the attributes `lathe.name` of arguments and results, or are
    `argument_N`, `result_N`; a result's attribute `lathe.count` names the result that counts its rows.
    *Guarantees* that slots whose lifetimes overlap share no bytes, that offsets are multiples of 64, and that a launch's `inPlace`
    names exactly the operands whose buffers its outputs share.

    ```mlir
    func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
      %1 = rt.call @exp(%x) {inPlace = array<i64: 0>}   %2 = rt.call @sum(%1)   return %2
    }
    becomes   rt.program @main arguments ["argument_0"] : [tensor<8xf32>] results ["result_0"] : [tensor<8xf32>] arena 32 {
      %x = rt.argument 0   %1 = rt.slot 0   rt.launch @exp(%x) outs(%1)   %y = rt.result 0   rt.launch @sum(%1) outs(%y)
    }
    ```
  }];
  let dependentDialects = ["::lathe::core::CoreDialect", "::lathe::rt::RtDialect"];
}

def EvaluateFunctionsPass : Pass<"lathe-evaluate", "::mlir::func::FuncOp"> {
  let summary = "replace functions without arguments by what they return";
  let description = [{
    *Requires* core ops on static shapes, in one block.
    *Does* run each function that takes no arguments by the reference interpreter, whatever that costs: a tool to see the
    meaning of ops, and to find out whether a pass kept it.
    *Guarantees* that such a function consists of the constants that it returns.

    ```mlir
    %0 = core.constant dense<[1, 2]> : tensor<2xi32>
    %1 = core.add %0, %0 : tensor<2xi32>               becomes      %0 = core.constant dense<[2, 4]> : tensor<2xi32>
    return %1 : tensor<2xi32>                                       return %0 : tensor<2xi32>
    ```
  }];
  let dependentDialects = ["::lathe::core::CoreDialect"];
}
