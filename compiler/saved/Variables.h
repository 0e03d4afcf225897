// SPDX-License-Identifier: Apache-2.0
// The values of a graph's variables, from a checkpoint.
#ifndef LATHE_COMPILER_SAVED_VARIABLES_H
#define LATHE_COMPILER_SAVED_VARIABLES_H

#include "compiler/bundle/Bundle.h"
#include "compiler/saved/RestoreKeys.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace lathe {

/// Finds the value of each variable of a graph in a checkpoint.
class Variables {
public:
  /// Opens the checkpoint `prefix` of `graph`, whose restore operation is `restoreOp` ("": not known). Null after
  /// reports.
  static std::unique_ptr<Variables> open(llvm::StringRef prefix, const tf::GraphDef &graph, llvm::StringRef restoreOp,
                                         ImportContext &context);

  /// Whether an operation is a variable's, whose value there can be.
  static bool isVariable(llvm::StringRef op) { return op == "VarHandleOp" || op == "VariableV2" || op == "Variable"; }

  /// The value of the variable that `node` is, which in the graph itself (`inMain`) the restore operation knows. Null
  /// with `missing` set where the checkpoint has none; null after a report to `fail` where it does not fit the node's
  /// attributes `dtype` and `shape`, or is damaged.
  mlir::ElementsAttr find(const tf::NodeDef &node, bool inMain, ImportContext &context, std::string &missing,
                          Fail fail);

private:
  void readObjectGraph(ImportContext &context);
  /// The tensor of `key`, read once however many variables ask for it. Null after a report to `fail`.
  const BundleTensor *read(const RestoreKey &key, Fail fail);

  std::shared_ptr<Bundle> bundle;
  llvm::StringMap<RestoreKey> keys; ///< by node
  /// What was read: whole tensors by key, and the parts taken of one with the bytes they took.
  struct Read {
    BundleTensor whole;
    llvm::StringMap<BundleTensor> parts;
    uint64_t partBytes = 0;
  };
  llvm::StringMap<Read> reads;
  llvm::StringMap<std::string> objectKeys; ///< keys of Keras's object graph, by a variable's full name
};

} // namespace lathe

#endif
