// SPDX-License-Identifier: Apache-2.0
// Types and attributes that TensorFlow graphs need beyond MLIR's builtin ones.
#ifndef LATHE_IR_GDEF_TYPES
#define LATHE_IR_GDEF_TYPES

include "ir/gdef/Dialect.td"
include "mlir/IR/AttrTypeBase.td"

class Gdef_Type<string name, string typeMnemonic, list<Trait> traits = []> : TypeDef<Gdef_Dialect, name, traits> {
  let mnemonic = typeMnemonic;
}

def Gdef_ControlType : Gdef_Type<"Control", "control"> {
  let summary = "the fact that a node has run";
  let description = [{
    Every node yields one such value last; a node that takes it runs after the node that yields it.

    Example: `!gdef.control`
  }];
  let builderCall = "$_builder.getType<::lathe::gdef::ControlType>()";
}

def Gdef_StringType : Gdef_Type<"String", "string"> {
  let summary = "an element that is a byte string";
  let description = "Example: `tensor<2x!gdef.string>`";
}

def Gdef_ResourceType : Gdef_Type<"Resource", "resource"> {
  let summary = "an element that is a handle of a variable, a TensorArray, a table";
  let description = "Example: `tensor<!gdef.resource>`";
}

def Gdef_VariantType : Gdef_Type<"Variant", "variant"> {
  let summary = "an element that holds a value of any type, such as a tensor list";
  let description = "Example: `tensor<!gdef.variant>`";
}

def Gdef_QuantizedType : Gdef_Type<"Quantized", "quantized"> {
  let summary = "an element of one of TensorFlow's types qint8, quint8, qint16, quint16, qint32";
  let description = [{
    The parameter is the type that stores it: `i8`, `ui8`, `i16`, `ui16` or `i32`.

    Example: `tensor<4x!gdef.quantized<ui8>>`
  }];
  let parameters = (ins "::mlir::IntegerType":$storage);
  let assemblyFormat = "`<` $storage `>`";
  let genVerifyDecl = 1;
}

class Gdef_Attr<string name, string attrMnemonic> : AttrDef<Gdef_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Gdef_ShapeAttr : Gdef_Attr<"Shape", "shape"> {
  let summary = "a shape, some or all of which can be unknown";
  let description = [{
    `#gdef.shape<[1,?]>` has rank 2 and an unknown second dimension (`ShapedType::kDynamic` in `getDims()`);
    `#gdef.shape<*>` has no known rank.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$dims, "bool":$ranked);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Gdef_FuncAttr : Gdef_Attr<"Func", "func"> {
  let summary = "a function by name, with the attributes it is instantiated with";
  let description = "Example: `#gdef.func<@body, {T = f32}>`";
  let parameters = (ins "::mlir::FlatSymbolRefAttr":$callee, "::mlir::DictionaryAttr":$attrs);
  let assemblyFormat = "`<` $callee `,` $attrs `>`";
}

#endif
