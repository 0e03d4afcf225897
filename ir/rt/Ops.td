// SPDX-License-Identifier: Apache-2.0
// All ops of the rt dialect.
include "ir/rt/Dialect.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Rt_KernelOp : Rt_Op<"kernel", [Symbol, IsolatedFromAbove, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "a group of core ops that runs as one piece of code";
  let description = [{
    The region's arguments are the kernel's operands, its yielded values the results; all are tensors. Equal groups share one
    kernel. `constants` has one flag an operand: whether every call passes a weight there, so that a backend may choose its layout.

    ```mlir
    rt.kernel @relu constants [false] {
    ^bb0(%x: tensor<8xf32>):
      %zero = core.constant dense<0.0> : tensor<8xf32>
      %y = core.max %x, %zero : tensor<8xf32>
      rt.yield %y : tensor<8xf32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DenseBoolArrayAttr:$constants);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name `constants` $constants attr-dict-with-keyword $body";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The op that makes the values which the kernel yields.
    YieldOp getYield();
    mlir::RankedTensorType getOperandType(unsigned i);
    mlir::RankedTensorType getResultType(unsigned i);
    /// Whether `operand` is always a weight and the second operand of the kernel's first contraction (core.conv or
    /// core.dot_general) and of nothing else: the operands whose layout in memory a backend may choose.
    bool isContractionWeight(unsigned operand);
    /// Bytes of working memory that every launch of the kernel needs; 0: none.
    int64_t getScratch();
  }];
}

def Rt_YieldOp : Rt_Op<"yield", [Pure, Terminator, HasParent<"KernelOp">]> {
  let summary = "the results of a kernel";
  let description = "```mlir\nrt.yield %y : tensor<8xf32>\n```";
  let arguments = (ins Variadic<AnyRankedTensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), [{ }]>];
}

def Rt_CallOp : Rt_Op<"call", [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a kernel applied to tensors";
  let description = [{
    `inPlace` has one entry a result: the operand whose buffer the result may take over where that operand dies here, or -1.

    ```mlir
    %y = rt.call @relu(%x) {inPlace = array<i64: 0>} : (tensor<8xf32>) -> tensor<8xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<AnyRankedTensor>:$inputs, DenseI64ArrayAttr:$inPlace);
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let assemblyFormat = "$kernel `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs)";
}

def Rt_WeightOp : Rt_Op<"weight", [Symbol]> {
  let summary = "constant bytes of the model";
  let description = [{
    The bytes lie where the weights section says; `kernel` and `operand` name the use whose layout they have.

    ```mlir
    rt.weight @w0 dense<[1.0, 2.0]> : tensor<2xf32>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ElementsAttr:$value, OptionalAttr<FlatSymbolRefAttr>:$kernel, OptionalAttr<I64Attr>:$operand);
  let assemblyFormat = "$sym_name (`for` $kernel^ $operand)? attr-dict $value";
}

def Rt_VariableOp : Rt_Op<"variable", [Symbol]> {
  let summary = "a variable of the model, which keeps its value from run to run";
  let description = [{
    A store finds it by `container` and `name`. It starts as `initial`, or as the bytes of `weight`; where neither is there it has no
    value before an entry or the application writes one.

    ```mlir
    rt.variable @w container "" name "w" : tensor<2xf32> {initial = dense<[1.0, 2.0]> : tensor<2xf32>}
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$container, StrAttr:$variable_name, TypeAttrOf<AnyStaticShapeTensor>:$type,
                   OptionalAttr<ElementsAttr>:$initial, OptionalAttr<FlatSymbolRefAttr>:$weight);
  let assemblyFormat = "$sym_name `container` $container `name` $variable_name `:` $type attr-dict";
  let hasVerifier = 1;
}

def Rt_ProgramOp : Rt_Op<"program", [Symbol, IsolatedFromAbove, NoTerminator, SingleBlock]> {
  let summary = "one entry of the model: launches in order, on buffers";
  let description = [{
    `arguments` and `results` are the tensors at the boundary, with the graph's names; `arena` is the bytes of working memory.
    What `rt.argument` and `rt.result` number has as many elements of that type, perhaps in another shape; every `rt.slot` lies in the arena.
    `resultCounts` says for each result which result, an i64 scalar, counts its rows that are meant, or -1 where all are.
    `reads` names the variables whose value from before the run matters, `writes` those that have another value behind it.

    ```mlir
    rt.program @main arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 0 {
      %x = rt.argument 0 : memref<8xf32>
      %y = rt.result 0 : memref<8xf32>
      rt.launch @relu(%x) outs(%y) : (memref<8xf32>) -> memref<8xf32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrArrayAttr:$inputNames, TypeArrayAttr:$inputs, StrArrayAttr:$outputNames,
                   TypeArrayAttr:$outputs, I64Attr:$arena, OptionalAttr<DenseI64ArrayAttr>:$resultCounts,
                   OptionalAttr<FlatSymbolRefArrayAttr>:$reads, OptionalAttr<FlatSymbolRefArrayAttr>:$writes);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{$sym_name `arguments` $inputNames `:` $inputs `results` $outputNames `:` $outputs `arena` $arena
                         (`reads` $reads^)? (`writes` $writes^)? attr-dict-with-keyword $body}];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

class Rt_BufferOp<string mnemonic, string what, dag args, string format, string example> : Rt_Op<mnemonic, [Pure, HasParent<"ProgramOp">]> {
  let summary = what;
  let description = "```mlir\n" # example # "\n```";
  let arguments = args;
  let results = (outs AnyMemRef:$buffer);
  let assemblyFormat = format # " attr-dict `:` type($buffer)";
}
def Rt_ArgumentOp : Rt_BufferOp<"argument", "the caller's buffer of an argument", (ins I64Attr:$number), "$number", "%x = rt.argument 0 : memref<8xf32>">;
def Rt_ResultOp : Rt_BufferOp<"result", "the caller's buffer of a result", (ins I64Attr:$number), "$number", "%y = rt.result 0 : memref<8xf32>">;
def Rt_SlotOp : Rt_BufferOp<"slot", "bytes of the arena from an offset on", (ins I64Attr:$offset), "$offset", "%s = rt.slot 64 : memref<8xf32>">;
def Rt_WeightAddressOp : Rt_BufferOp<"weight_address", "where a weight lies", (ins FlatSymbolRefAttr:$weight), "$weight",
                                     "%w = rt.weight_address @w0 : memref<2xf32>">;
def Rt_VariableAddressOp : Rt_BufferOp<"variable_address", "where the store holds a variable", (ins FlatSymbolRefAttr:$variable), "$variable",
                                       "%v = rt.variable_address @v : memref<2xf32>">;

/// What a program consists of, at its top or in a region of rt.if and rt.while.
def Rt_Step : ParentOneOf<["ProgramOp", "IfOp", "WhileOp"]>;

def Rt_LaunchOp : Rt_Op<"launch", [AttrSizedOperandSegments, Rt_Step, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a kernel run on buffers";
  let description = [{
    Reads the inputs and writes the outputs, which are memrefs of the kernel's types; outputs overlap nothing but, entirely, an
    input that `inPlace` names for them. `scratch` is the working memory of a kernel that needs some (`KernelOp::getScratch`); what
    it holds before and behind does not matter.

    ```mlir
    rt.launch @relu(%x) outs(%y) : (memref<8xf32>) -> memref<8xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<AnyMemRef>:$inputs, Variadic<AnyMemRef>:$outputs, Optional<AnyMemRef>:$scratch,
                   DenseI64ArrayAttr:$inPlace);
  let assemblyFormat = [{$kernel `(` $inputs `)` `outs` `(` $outputs `)` (`scratch` `(` $scratch^ `:` type($scratch) `)`)? attr-dict
                         `:` `(` type($inputs) `)` `->` type($outputs)}];
}

def Rt_CopyOp : Rt_Op<"copy", [Rt_Step, AllTypesMatch<["from", "to"]>]> {
  let summary = "one buffer's bytes copied to another";
  let description = [{
    Writes what no launch writes there: an argument, a weight or another result returned again, a value carried into a loop or
    out of a branch. The buffers are not the same value.

    ```mlir
    rt.copy %x to %y : memref<8xf32>
    ```
  }];
  let arguments = (ins AnyMemRef:$from, AnyMemRef:$to);
  let assemblyFormat = "$from `to` $to attr-dict `:` type($to)";
  let hasVerifier = 1;
}

def Rt_CheckOp : Rt_Op<"check", [Rt_Step]> {
  let summary = "ends the run with a failure where a byte in memory is zero";
  let description = [{
    What `core.check` says, on buffers. C1: predicate is a scalar `i1`.

    ```mlir
    rt.check %p, "x must be positive" : (memref<i1>) -> ()
    ```
  }];
  let arguments = (ins MemRefRankOf<[I1], [0]>:$predicate, StrAttr:$message, Variadic<AnyMemRef>:$details);
  let assemblyFormat = "$predicate `,` $message (`at` $details^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Rt_IfOp : Rt_Op<"if", [Rt_Step, NoTerminator, NoRegionArguments, SingleBlock]> {
  let summary = "steps of a program that a byte in memory chooses";
  let description = [{
    Runs the first region where the predicate is not zero, else the second. C1: predicate is a scalar `i1`.

    ```mlir
    rt.if %p : memref<i1> {
      rt.copy %x to %y : memref<8xf32>
    } else {
    }
    ```
  }];
  let arguments = (ins MemRefRankOf<[I1], [0]>:$predicate);
  let regions = (region SizedRegion<1>:$thenRegion, SizedRegion<1>:$elseRegion);
  let assemblyFormat = "$predicate attr-dict `:` type($predicate) $thenRegion `else` $elseRegion";
}

def Rt_WhileOp : Rt_Op<"while", [Rt_Step, NoTerminator, NoRegionArguments, SingleBlock]> {
  let summary = "steps of a program that run while a byte in memory is not zero";
  let description = [{
    Runs `cond`, then reads the predicate; where it is not zero, runs `body` and starts again. C1: predicate is a scalar `i1`.

    ```mlir
    rt.while %p : memref<i1> cond {
      rt.launch @less(%i) outs(%p) {inPlace = array<i64: -1>} : (memref<i32>) -> memref<i1>
    } do {
      rt.launch @step(%i) outs(%i) {inPlace = array<i64: 0>} : (memref<i32>) -> memref<i32>
    }
    ```
  }];
  let arguments = (ins MemRefRankOf<[I1], [0]>:$predicate);
  let regions = (region SizedRegion<1>:$cond, SizedRegion<1>:$body);
  let assemblyFormat = "$predicate attr-dict `:` type($predicate) `cond` $cond `do` $body";
}
