// SPDX-License-Identifier: Apache-2.0
// What all parts of one import share: limits, problems, definitions, and what has been used so far.
#ifndef LATHE_COMPILER_IMPORT_CONTEXT_H
#define LATHE_COMPILER_IMPORT_CONTEXT_H

#include "compiler/import/Import.h"
#include "compiler/import/opdefs/OpRegistry.h"
#include "compiler/import/proto/meta_graph.pb.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <memory>

namespace lathe {

class Variables;

/// The state of one import.
struct ImportContext {
  ImportContext(mlir::MLIRContext &mlir, const ImportLimits &limits, ProblemList &problems)
      : mlir(&mlir), limits(limits), problems(problems), arena(std::make_shared<google::protobuf::Arena>()) {}

  mlir::MLIRContext *mlir;
  const ImportLimits &limits;
  ProblemList &problems;
  /// Keeps the parsed messages alive; constants share it.
  std::shared_ptr<google::protobuf::Arena> arena;
  llvm::StringMap<const tf::FunctionDef *> functions;
  /// The signature in whose terms the user may speak, with its name; null where there is none.
  const tf::SignatureDef *signature = nullptr;
  std::string signatureName;
  /// Names of the entries, which no function can have.
  llvm::StringSet<> entryNames;
  /// Values of variables; null without a checkpoint.
  std::shared_ptr<Variables> variables;
  /// Functions that kept nodes call, with their symbols, in the order in which they were met.
  llvm::MapVector<llvm::StringRef, std::string> called;
  /// The function whose body is being built, by its place in `called`; nothing for the graph itself.
  std::optional<unsigned> caller;
  /// Which of them calls which.
  std::vector<std::pair<unsigned, unsigned>> calls;
  uint64_t values = 0, edges = 0, attributeBytes = 0, expandedBytes = 0;
  /// What may still be spent on looking for similar names: a file can be full of wrong ones.
  uint64_t suggestionWork = 200'000'000;

  /// The definition of operation `name`: of TensorFlow's list, or of the function of that name; null if there is none.
  const tf::OpDef *findOp(llvm::StringRef name) const {
    if (const tf::OpDef *op = OpRegistry::get().find(name))
      return op;
    auto function = functions.find(name);
    return function == functions.end() ? nullptr : &function->second->signature();
  }
};

/// Adds `amount` to `used` and says whether it is still within `limit`; never overflows.
inline bool take(uint64_t &used, uint64_t amount, uint64_t limit) {
  if (amount > limit || used > limit - amount)
    return false;
  used += amount;
  return true;
}

/// Reports what is wrong with the thing at hand; whoever calls a conversion knows which node that is.
using Fail = llvm::function_ref<void(Code, const llvm::Twine &)>;

} // namespace lathe

#endif
