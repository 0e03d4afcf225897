// SPDX-License-Identifier: Apache-2.0
// When the values of a function of kernel calls live, and which of them would best share a buffer.
#ifndef LATHE_PASSES_LIFETIMES_H
#define LATHE_PASSES_LIFETIMES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/memory/Storage.h"
#include "llvm/ADT/DenseMap.h"

namespace lathe {

/// On an argument of a function: the rt.variable that it is. Such arguments are the last ones, and the last results are
/// what becomes of them.
constexpr llvm::StringLiteral variableAttribute = "lathe.variable";

/// The variables of `function`: what they are before a run, and what is returned as their next value.
llvm::SmallVector<std::pair<mlir::BlockArgument, mlir::Value>> variablesOf(mlir::func::FuncOp function);

/// Lays the calls of a function, with all loops and branches, on one line of steps, in the order in which they stand.
/// A step takes two ticks of `sharing`: reads at 2 * step, writes at 2 * step + 1.
class Lifetimes {
public:
  explicit Lifetimes(mlir::func::FuncOp function);

  /// The steps of an op: of a call, all three are equal. A core.if decides at `begin`, ends its then-region at `middle`
  /// and its else-region at `end`; a core.while takes its values in at `begin`, decides at `middle` and carries them
  /// around at `end`.
  struct Steps {
    int begin = 0, middle = 0, end = 0;
  };

  /// The value of `sharing` whose bytes `value` is, or -1 for arguments of the function, variables aside, and
  /// constants. The results of a loop and the arguments of its regions are one.
  int storageOf(mlir::Value value) const;

  /// All values that need storage, variables among them, with the wishes: results in place, loops, branches and new
  /// values of variables without copies. What is used
  /// in the innermost loops, and is large, comes first.
  memory::SharingProblem sharing;
  llvm::DenseMap<mlir::Operation *, Steps> steps;

private:
  struct Wish {
    int depth;
    int64_t bytes;
    std::pair<int, int> pair;
  };

  void number(mlir::Block &block);
  void define(mlir::Value value, int storage, int tick);
  int newStorage(mlir::Type type);
  void visit(mlir::Block &block, int depth);
  void visitCall(mlir::Operation *call, int depth);
  void read(mlir::Value value, mlir::Operation *reader, int tick);
  void wish(mlir::Value value, int storage, int depth);

  int step = 0;
  llvm::SmallVector<std::pair<mlir::BlockArgument, mlir::Value>> written; ///< variables that get another value
  llvm::DenseMap<mlir::Value, int> storage;
  llvm::DenseMap<mlir::Value, memory::Range> ranges;
  std::vector<Wish> wishes;
};

} // namespace lathe
#endif
