// SPDX-License-Identifier: Apache-2.0
// Random valid graphs with the control flow of TensorFlow 1, made as its Python library makes them.
#ifndef LATHE_TEST_UNIT_RAISE_RANDOMCONTROLFLOW_H
#define LATHE_TEST_UNIT_RAISE_RANDOMCONTROLFLOW_H

#include "ir/gdef/Ops.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"

namespace lathe::test {

/// A module with gdef.graph @main, whose arguments are two vectors of 2 floats and two integers, made from `seed`;
/// about `nodes` nodes before what no fetch needs is dropped. Loops end after at most 3 rounds; depth is at most 4.
mlir::OwningOpRef<mlir::ModuleOp> makeRandomControlFlow(mlir::MLIRContext &context, uint64_t seed, unsigned nodes);

/// Makes nodes of a graph, with names.
class GraphMaker {
public:
  GraphMaker(mlir::OpBuilder &builder) : b(builder) {}

  /// Outputs have the given element types; the name is the operation and a number.
  gdef::NodeOp node(llvm::StringRef op, mlir::ValueRange inputs, llvm::ArrayRef<mlir::Type> outputs,
                    llvm::ArrayRef<mlir::NamedAttribute> attrs = {}, mlir::ValueRange controls = {});
  mlir::Value constant(mlir::Attribute value, mlir::Type element, mlir::ValueRange controls = {});
  mlir::Value integer(int64_t value, mlir::ValueRange controls = {}) {
    return constant(b.getI32IntegerAttr(value), b.getI32Type(), controls);
  }
  mlir::Value binary(llvm::StringRef op, mlir::Value x, mlir::Value y);
  gdef::NodeOp switchOn(mlir::Value value, mlir::Value predicate);
  mlir::Value merge(mlir::Value onFalse, mlir::Value onTrue);
  mlir::Value enter(mlir::Value value, llvm::StringRef frame, bool constant);
  mlir::Value identity(mlir::Value value, mlir::ValueRange controls = {});
  mlir::NamedAttribute type(llvm::StringRef name, mlir::Type element) {
    return b.getNamedAttr(name, mlir::TypeAttr::get(element));
  }

  mlir::OpBuilder &b;
  unsigned made = 0;
  /// By frame: what nodes of a body wait for that read only what does not change, lest they run when the loop has
  /// ended.
  llvm::StringMap<mlir::Value> pivots;
};

} // namespace lathe::test
#endif
