// SPDX-License-Identifier: Apache-2.0
// Small graphs in text form, and what importing them gives.
#ifndef LATHE_TEST_UNIT_IMPORT_GRAPHS_H
#define LATHE_TEST_UNIT_IMPORT_GRAPHS_H

#include "compiler/import/Import.h"
#include "ir/gdef/Ops.h"
#include <string>

namespace lathe::test {

/// `node { name op input... attr }`; attributes as `key=value`, the value in text form: `T=type: DT_FLOAT`.
std::string node(llvm::StringRef name, llvm::StringRef op, std::vector<std::string> inputs = {},
                 std::vector<std::string> attrs = {});
/// A float placeholder with the given shape; -1 for a dimension that is not known.
std::string placeholder(llvm::StringRef name, std::vector<int> shape);
/// A constant; `tensor` is the content of a TensorProto after dtype.
std::string constant(llvm::StringRef name, llvm::StringRef dtype, llvm::StringRef tensor);
/// An elementwise operation on floats.
std::string op(llvm::StringRef name, llvm::StringRef type, std::vector<std::string> inputs);

/// The same graph in binary form.
std::string binary(llvm::StringRef text);

/// The outcome of one import.
struct Imported {
  std::unique_ptr<mlir::MLIRContext> context;
  ProblemList problems;
  mlir::OwningOpRef<mlir::ModuleOp> module; ///< null on failure

  explicit Imported(llvm::StringRef bytes, const ImportOptions &options = {});

  gdef::GraphOp graph(llvm::StringRef name = "main");
  /// The node with the given name; null when it was not kept.
  gdef::NodeOp node(llvm::StringRef name, llvm::StringRef graph = "main");
  /// The problems as they are printed.
  std::string text();
};

} // namespace lathe::test

#endif
