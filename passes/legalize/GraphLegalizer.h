// SPDX-License-Identifier: Apache-2.0
// How one graph becomes a function of core ops: its nodes by the import table, its branches and loops, and what is
// known of each value.
#ifndef LATHE_PASSES_LEGALIZE_GRAPHLEGALIZER_H
#define LATHE_PASSES_LEGALIZE_GRAPHLEGALIZER_H

#include "passes/legalize/Rows.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseSet.h"

namespace lathe::legalize {

struct Carried;
struct Trips;

/// The type as text.
std::string text(Type type);

class GraphLegalizer {
public:
  GraphLegalizer(gdef::GraphOp graph, bool dropsChecks) : graph(graph), dropsChecks(dropsChecks), builder(graph) {}

  /// Makes the function beside the graph. On failure everything that is wrong has been reported.
  llvm::LogicalResult run();

private:
  // Graphs and nodes.
  Value fetch(Value fetched, llvm::StringRef name);
  void report(mlir::Location loc, Code code, const llvm::Twine &message, const llvm::Twine &remedy = "");
  bool checkArgument(mlir::BlockArgument argument);
  void checkEffects();
  bool checkNode(gdef::NodeOp node);
  bool checkRead(mlir::Operation *op, mlir::ValueRange read);
  void findDemanding();
  llvm::SmallVector<mlir::Operation *> orderOps(mlir::Block &block, mlir::ValueRange needed);
  llvm::BitVector argumentsReached(mlir::Block &block, mlir::ValueRange needed);
  void legalizeBlock(mlir::Block &block, mlir::ValueRange needed);
  void legalizeNode(gdef::NodeOp node);

  // Branches.
  void legalizeIf(gdef::IfOp choice);
  bool legalizeRegion(mlir::Region &region, mlir::ValueRange yielded, mlir::Region &to);
  Value truthOf(mlir::Location loc, Value condition);
  Value materialize(mlir::Location loc, mlir::RankedTensorType type);
  Value padRows(core::CheckedBuilder &b, Value x, int64_t rows);
  Value inForm(mlir::Region &region, Value value, mlir::RankedTensorType form);
  Value elementsOf(core::CheckedBuilder &b, const EmptyList &list, mlir::RankedTensorType form);
  Value countIn(mlir::Region &region, Value value);
  int64_t rowsOf(Value value);
  void yield(mlir::Region &region, mlir::Location loc, mlir::ValueRange results);
  static gdef::YieldOp yieldOf(mlir::Region &region) {
    return mlir::cast<gdef::YieldOp>(region.front().getTerminator());
  }

  // Loops.
  void legalizeWhile(gdef::WhileOp loop);
  llvm::BitVector neededCarried(gdef::WhileOp loop);
  bool legalizeRounds(gdef::WhileOp loop, llvm::ArrayRef<Carried> carried, mlir::Region &cond, mlir::Region &body);
  std::optional<Trips> findTrips(gdef::WhileOp loop, llvm::ArrayRef<Carried> carried, mlir::Region &cond,
                                 mlir::Region &body);
  std::optional<bool> adapt(gdef::WhileOp loop, Carried &carried, std::optional<Trips> trips);
  void finishLoop(gdef::WhileOp loop, llvm::ArrayRef<Carried> carried, std::optional<Trips> trips, mlir::Region &cond,
                  mlir::Region &body);

  // What is known of values. A loop's body can be legalised more than once, so that it changes.
  bool isKnown(Value value) { return values.contains(value) || lists.contains(value); }
  void forget(Value value) {
    values.erase(value);
    lists.erase(value);
    counts.erase(value);
  }
  void setValue(Value value, Value result, Value count = {}) {
    forget(value);
    values[value] = result;
    if (count)
      counts[value] = count;
  }
  void setList(Value value, EmptyList list) {
    forget(value);
    lists[value] = list;
  }
  /// Makes `value` what `source` is.
  void setSame(Value value, Value source) {
    if (auto list = lists.find(source); list != lists.end())
      setList(value, EmptyList(list->second));
    else
      setValue(value, values.lookup(source), counts.lookup(source));
  }

  gdef::GraphOp graph;
  bool dropsChecks;
  mlir::OpBuilder builder;
  bool ok = true;
  llvm::DenseSet<mlir::Operation *> failedNodes, visited;
  llvm::DenseSet<mlir::Operation *> demanding; ///< nodes that must run, and what holds them
  llvm::DenseMap<Value, Value> values;
  llvm::DenseMap<Value, EmptyList> lists;
  llvm::DenseMap<Value, Value> counts; ///< of values of which only a number of rows is meant
};

} // namespace lathe::legalize
#endif
