// SPDX-License-Identifier: Apache-2.0
// The operations of the gdef dialect.
#ifndef LATHE_IR_GDEF_OPS
#define LATHE_IR_GDEF_OPS

include "ir/gdef/Types.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"

class Gdef_Op<string mnemonic, list<Trait> traits = []> : Op<Gdef_Dialect, mnemonic, traits>;

def Gdef_Value : Type<CPred<"::lathe::gdef::isValueType($_self)">, "tensor of a TensorFlow element type">;
def Gdef_Control : Type<CPred<"::llvm::isa<::lathe::gdef::ControlType>($_self)">, "control">,
                   BuildableType<"$_builder.getType<::lathe::gdef::ControlType>()">;

def Gdef_GraphOp : Gdef_Op<"graph", [IsolatedFromAbove, Symbol, SingleBlock, RegionKindInterface, HasOnlyGraphRegion]> {
  let summary = "a graph or a function of its library";
  let description = [{
    Block arguments are what is fed, in order, and the terminator `gdef.fetch` names what is fetched. Both have names:
    those of the graph's tensors (`x:0`), or of a function's arguments and results. `arg_aliases` and `result_aliases`,
    where there are any, are what the user wants to call them, empty for those without such a name. The body is a graph region, so
    that the loops of TensorFlow 1, cycles through `NextIteration`, can be held as they are. `variables`, where there are any, names the
    variables that the last arguments are before a run and the last results behind it. A graph that is not private is an entry.

    Constraints:
    - C1: there are as many argument names as arguments, and as many result names as fetched values;
      aliases, where there are any, likewise
    - C2: every argument is a tensor of a TensorFlow element type
    - C3: the body ends in `gdef.fetch`
    - C4: there are at least as many arguments, and results, as variables

    Example:
    ```mlir
    gdef.graph @main(%x: tensor<2xf32> "x:0") -> ("y:0") {
      %y, %done = gdef.node "Neg"(%x) {T = f32} : (tensor<2xf32>) -> tensor<*xf32>
      gdef.fetch %y : tensor<*xf32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, OptionalAttr<StrAttr>:$sym_visibility, StrArrayAttr:$arg_names,
                       StrArrayAttr:$result_names, OptionalAttr<StrArrayAttr>:$arg_aliases,
                       OptionalAttr<StrArrayAttr>:$result_aliases, OptionalAttr<FlatSymbolRefArrayAttr>:$variables);
  let regions = (region SizedRegion<1>:$body);
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::TypeRange":$argTypes,
                                 "::llvm::ArrayRef<::mlir::Location>":$argLocs,
                                 "::llvm::ArrayRef<::llvm::StringRef>":$argNames,
                                 "::llvm::ArrayRef<::llvm::StringRef>":$resultNames)>];
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The terminator, whose operands are the results of the graph.
    ::lathe::gdef::FetchOp getFetch();
    /// How many of the last arguments, and of the last results, are variables.
    size_t getVariableCount() { return getVariables() ? getVariables()->size() : 0; }
  }];
}

def Gdef_NodeOp : Gdef_Op<"node", [AttrSizedOperandSegments,
                                   DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>]> {
  let summary = "a TensorFlow operation by name";
  let description = [{
    Takes data values and control values; yields its outputs and, last, a control value. `attrs` holds all attributes
    that TensorFlow defines for the operation, defaults filled in: integers as `i64`, floats as `f32`, types as types,
    shapes as `#gdef.shape`, functions as `#gdef.func`, tensors as dense elements, lists as arrays.

    Constraints:
    - C1: the operation's name is not empty
    - C2: operands and outputs are tensors of TensorFlow element types
    - C3: every attribute is one of the kinds above

    Example:
    ```mlir
    %y, %done = gdef.node "Add"(%x, %x) control(%assert) {T = f32} : (tensor<2xf32>, tensor<2xf32>) -> tensor<*xf32>
    ```
  }];
  let arguments = (ins StrAttr:$op_type, Variadic<Gdef_Value>:$inputs, Variadic<Gdef_Control>:$controls,
                       DictionaryAttr:$attrs);
  let results = (outs Variadic<Gdef_Value>:$outputs, Gdef_Control:$control);
  let assemblyFormat = [{
    $op_type `(` $inputs `)` (`control` `(` $controls^ `)`)? $attrs attr-dict `:` functional-type($inputs, $outputs)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The attribute `name`, or null when it is absent or of another kind.
    template <typename T> T attr(::llvm::StringRef name) { return getAttrs().getAs<T>(name); }
  }];
}

def Gdef_FetchOp : Gdef_Op<"fetch", [AttrSizedOperandSegments, Terminator, HasParent<"GraphOp">]> {
  let summary = "what a graph yields, and what must have run before it ends";
  let description = [{
    Example:
    ```mlir
    gdef.fetch %y control(%assign) : tensor<2xf32>
    ```
  }];
  let arguments = (ins Variadic<Gdef_Value>:$values, Variadic<Gdef_Control>:$controls);
  let assemblyFormat = "($values^)? (`control` `(` $controls^ `)`)? attr-dict (`:` type($values)^)?";
}

def Gdef_IfOp : Gdef_Op<"if", [NoRegionArguments, SingleBlock, RegionKindInterface, HasOnlyGraphRegion]> {
  let summary = "one of two parts of a graph, chosen by a value";
  let description = [{
    Yields what the chosen region yields, and last a control value. The condition is true as TensorFlow's `If` has it: a
    scalar that is not zero, or a tensor of another rank that has elements. Regions read values of the graph around them.

    Constraints:
    - C1: both regions end in `gdef.yield` of as many values as there are outputs, of the same element types

    Example:
    ```mlir
    %y, %done = gdef.if %p {
      gdef.yield %x : tensor<2xf32>
    } else {
      %z, %c = gdef.node "Neg"(%x) {T = f32} : (tensor<2xf32>) -> tensor<*xf32>
      gdef.yield %z : tensor<*xf32>
    } : tensor<*xi1> -> (tensor<*xf32>)
    ```
  }];
  let arguments = (ins Gdef_Value:$condition, Variadic<Gdef_Control>:$controls);
  let results = (outs Variadic<Gdef_Value>:$outputs, Gdef_Control:$control);
  let regions = (region SizedRegion<1>:$thenRegion, SizedRegion<1>:$elseRegion);
  let assemblyFormat = [{
    $condition (`control` `(` $controls^ `)`)? $thenRegion `else` $elseRegion attr-dict `:` type($condition) `->` custom<TypeList>(type($outputs))
  }];
  let hasRegionVerifier = 1;
}

def Gdef_WhileOp : Gdef_Op<"while", [AttrSizedOperandSegments, SingleBlock, RegionKindInterface, HasOnlyGraphRegion]> {
  let summary = "a part of a graph that runs again and again while a condition holds";
  let description = [{
    Both regions take the carried values, at first `inits`. `cond` yields the condition, true as in `gdef.if`; where it holds,
    `body` runs and yields the next values, else the values are the outputs. Last of the outputs is a control value. What does
    not change from round to round is not carried: regions read values of the graph around them.

    Constraints:
    - C1: both regions have an argument for each of `inits`, of its element type
    - C2: `cond` ends in `gdef.yield` of one value, `body` in one of as many as `inits`, of their element types, and so are the
      outputs

    Example:
    ```mlir
    %n, %done = gdef.while (%zero) cond {
    ^bb0(%i: tensor<*xi32>):
      %p, %c = gdef.node "Less"(%i, %limit) {T = i32} : (tensor<*xi32>, tensor<*xi32>) -> tensor<*xi1>
      gdef.yield %p : tensor<*xi1>
    } do {
    ^bb0(%i: tensor<*xi32>):
      %j, %c = gdef.node "Add"(%i, %one) {T = i32} : (tensor<*xi32>, tensor<*xi32>) -> tensor<*xi32>
      gdef.yield %j : tensor<*xi32>
    } : (tensor<*xi32>) -> (tensor<*xi32>)
    ```
  }];
  let arguments = (ins Variadic<Gdef_Value>:$inits, Variadic<Gdef_Control>:$controls);
  let results = (outs Variadic<Gdef_Value>:$outputs, Gdef_Control:$control);
  let regions = (region SizedRegion<1>:$cond, SizedRegion<1>:$body);
  let assemblyFormat = [{
    `(` $inits `)` (`control` `(` $controls^ `)`)? `cond` $cond `do` $body attr-dict `:` custom<TypeList>(type($inits)) `->` custom<TypeList>(type($outputs))
  }];
  let hasRegionVerifier = 1;
}

def Gdef_YieldOp : Gdef_Op<"yield", [AttrSizedOperandSegments, Terminator, ParentOneOf<["IfOp", "WhileOp"]>]> {
  let summary = "what a region yields, and what must have run before it ends";
  let description = [{
    Example:
    ```mlir
    gdef.yield %y control(%assert) : tensor<2xf32>
    ```
  }];
  let arguments = (ins Variadic<Gdef_Value>:$values, Variadic<Gdef_Control>:$controls);
  let assemblyFormat = "($values^)? (`control` `(` $controls^ `)`)? attr-dict (`:` type($values)^)?";
}

#endif
