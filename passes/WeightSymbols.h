// SPDX-License-Identifier: Apache-2.0
// Names for the weights of a module.
#ifndef LATHE_PASSES_WEIGHTSYMBOLS_H
#define LATHE_PASSES_WEIGHTSYMBOLS_H

#include "ir/core/Ops.h"
#include "ir/rt/Ops.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseMap.h"

namespace lathe {

/// The weights of one module, each use that may have a layout of its own apart.
class WeightSymbols {
public:
  explicit WeightSymbols(mlir::SymbolTable &symbols) : symbols(symbols) {}

  /// The symbol for `value` as a weight of any layout-free use, made by `builder` where it is new.
  mlir::StringAttr shared(mlir::OpBuilder &builder, mlir::Location loc, mlir::ElementsAttr value) { return get(builder, loc, value, {}, -1); }

  /// The symbol for `constant` as operand number `operand` of `kernel`.
  mlir::StringAttr ofKernel(mlir::OpBuilder &builder, core::ConstantOp constant, rt::KernelOp kernel, int64_t operand) {
    return get(builder, constant.getLoc(), constant.getValue(), mlir::FlatSymbolRefAttr::get(kernel.getSymNameAttr()),
               operand);
  }

private:
  mlir::StringAttr get(mlir::OpBuilder &builder, mlir::Location loc, mlir::ElementsAttr value, mlir::FlatSymbolRefAttr kernel, int64_t operand) {
    mlir::StringAttr &name = names[{value, kernel, operand}];
    if (!name) {
      auto number = kernel ? builder.getI64IntegerAttr(operand) : mlir::IntegerAttr();
      auto weight = rt::WeightOp::create(builder, loc, "w" + std::to_string(names.size() - 1), value, kernel, number);
      name = symbols.insert(weight);
    }
    return name;
  }

  mlir::SymbolTable &symbols;
  llvm::DenseMap<std::tuple<mlir::Attribute, mlir::Attribute, int64_t>, mlir::StringAttr> names;
};

} // namespace lathe
#endif
