// SPDX-License-Identifier: Apache-2.0
// Which TensorArrays and stacks a graph has, and which operations work on them.
#ifndef LATHE_PASSES_RAISE_ARRAYS_H
#define LATHE_PASSES_RAISE_ARRAYS_H

#include "ir/Problems.h"
#include "ir/gdef/Ops.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include <memory>

namespace lathe::raise {

/// A TensorArray or stack: what one node makes each time it runs.
struct Array {
  gdef::NodeOp creator;
  mlir::Type element;
  gdef::ShapeAttr shape;       ///< of an element; null where nothing is known
  bool grows = false;          ///< a write behind the end makes it longer
  Array *gradientOf = nullptr; ///< the array whose gradient it is
};

enum class Use { Reads, Changes };

/// `TensorArrayWrite` of `TensorArrayWriteV3`: the operation without its version.
llvm::StringRef kindOf(gdef::NodeOp node);

class Arrays {
public:
  /// Finds them in `graph` and reports handles that cannot be followed.
  explicit Arrays(gdef::GraphOp graph);

  bool empty() const { return arrays.empty(); }
  /// The array that `node` makes or works on, or null.
  Array *arrayOf(gdef::NodeOp node) const { return byNode.lookup(node); }
  /// The arrays that `op` or what is inside of it works on.
  const llvm::MapVector<Array *, Use> &usesIn(mlir::Operation *op) const;

  void report(mlir::Operation *op, Code code, const llvm::Twine &message) {
    emitProblem(op->getLoc(), code, message);
    ok = false;
  }
  bool ok = true;

private:
  void create(gdef::NodeOp node);
  Array *resolve(mlir::Value handle);
  void findUse(gdef::NodeOp node, mlir::Operation *graph);

  std::vector<std::unique_ptr<Array>> arrays;
  llvm::DenseMap<mlir::Operation *, Array *> byNode;
  std::map<std::pair<Array *, std::string>, Array *> gradients;
  llvm::DenseMap<mlir::Operation *, llvm::MapVector<Array *, Use>> uses;
};

/// Makes nodes before an op, with the name of `named`.
class NodeMaker {
public:
  explicit NodeMaker(mlir::Operation *before, mlir::Operation *named = nullptr);

  /// A node's first output.
  mlir::Value operator()(llvm::StringRef op, mlir::ValueRange inputs, llvm::ArrayRef<mlir::NamedAttribute> attrs,
                         mlir::TypeRange outputs);
  mlir::Value constant(mlir::ElementsAttr value);
  /// The shape of an element as TensorFlow's lists take it.
  mlir::Value elementShape(const Array &array);
  /// A list of `size` elements.
  mlir::Value reserve(const Array &array, mlir::Value size);
  /// The control value of the last node made; where none was made, of one that waits for `controls`. The first node
  /// made waits for `controls`.
  mlir::Value finish(mlir::ValueRange controls);

  mlir::NamedAttribute attr(llvm::StringRef name, mlir::Attribute value) { return builder.getNamedAttr(name, value); }
  mlir::Type i32() { return builder.getI32Type(); }
  mlir::Type i64() { return builder.getI64Type(); }
  mlir::Type f32() { return builder.getF32Type(); }
  mlir::RankedTensorType scalar(mlir::Type element) { return mlir::RankedTensorType::get({}, element); }
  mlir::Type any(mlir::Type element) { return mlir::UnrankedTensorType::get(element); }
  /// A value that is a list.
  mlir::Type list() { return scalar(gdef::VariantType::get(builder.getContext())); }

private:
  mlir::OpBuilder builder;
  mlir::Location location;
  llvm::SmallVector<gdef::NodeOp> made;
};

/// The ops of `block`, each after those it reads, waits for or captures; otherwise as they stand.
llvm::SmallVector<mlir::Operation *> orderOf(mlir::Block &block);

/// Drops values that loops carry and branches yield though they do not change, which is what the flow of an array has
/// become.
void dropUnchanged(gdef::GraphOp graph);

/// Erases Identity nodes that only pass on a handle of `node` and that nothing reads.
void eraseIdentities(gdef::NodeOp node);

} // namespace lathe::raise
#endif
