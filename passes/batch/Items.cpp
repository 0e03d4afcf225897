// SPDX-License-Identifier: Apache-2.0
// Follows a batch's dimension through two functions for different sizes, op by op.
#include "passes/batch/Items.h"
#include "ir/core/Elements.h"
#include "ir/core/Ops.h"
#include "ir/evaluate/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lathe;

namespace {
ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}
int64_t product(ArrayRef<int64_t> sizes) {
  return llvm::product_of(sizes);
}

/// The only dimension whose size differs.
std::optional<int64_t> changed(Value x, Value y) {
  std::optional<int64_t> dimension;
  if (shapeOf(x).size() != shapeOf(y).size())
    return std::nullopt;
  for (auto [i, a, b] : llvm::enumerate(shapeOf(x), shapeOf(y)))
    if (a != b) {
      if (dimension)
        return std::nullopt;
      dimension = i;
    }
  return dimension;
}

/// How many rows of `dimension` there are for each item, where that is a number.
std::optional<int64_t> rowsAlong(int64_t dimension, Value x, int64_t firstSize, Value y, int64_t secondSize) {
  int64_t a = shapeOf(x)[dimension], b = shapeOf(y)[dimension];
  bool isNumber = a % firstSize == 0 && b % secondSize == 0 && a / firstSize == b / secondSize;
  return isNumber ? std::optional(a / firstSize) : std::nullopt;
}

/// Both functions, in step.
class Comparison {
public:
  Comparison(SizedFunction first, SizedFunction second) : sizes{first.size, second.size} {
    for (auto [x, y] : llvm::zip_equal(first.function.getArguments(), second.function.getArguments()))
      items[x] = checked(first.function, x.getType() == y.getType() ? Items() : Items::apart(0), x, y);
    visit(first.function.front(), second.function.front());
  }

  ItemMap take() { return std::move(items); }

private:
  Items of(Value value) const { return items.lookup(value); }
  std::optional<int64_t> rows(Value x, Value y, int64_t dimension) const {
    return rowsAlong(dimension, x, sizes[0], y, sizes[1]);
  }

  /// `known`, where the shapes do not contradict it.
  Items checked(Operation *op, Items known, Value x, Value y) const {
    if (known.kind == Items::Shared && x.getType() != y.getType())
      return Items::mixed(op);
    if (!known.isApart())
      return known;
    std::optional<int64_t> each = rows(x, y, known.dimension);
    return changed(x, y) == known.dimension && each && *each % known.outer == 0 ? known : Items::mixed(op);
  }

  void visit(Block &x, Block &y) {
    if (x.getOperations().size() != y.getOperations().size())
      return differ(x);
    for (auto [a, b] : llvm::zip_equal(x, y)) {
      if (!isAlike(a, b))
        return differ(x);
      if (auto choice = dyn_cast<core::IfOp>(a))
        visitIf(choice, cast<core::IfOp>(b));
      else if (auto loop = dyn_cast<core::WhileOp>(a))
        visitWhile(loop, cast<core::WhileOp>(b));
      else
        visitOp(&a, &b);
    }
  }

  /// Another computation for another size: nothing is known of any value.
  void differ(Block &block) {
    Operation *op = &block.front();
    block.walk([&](Operation *inner) {
      for (Value result : inner->getResults())
        items[result] = Items::mixed(op);
    });
  }

  static bool isAlike(Operation &a, Operation &b) {
    if (a.getName() != b.getName() || a.getNumOperands() != b.getNumOperands() ||
        a.getNumResults() != b.getNumResults())
      return false;
    // Values of constants, and sizes of parts, may depend on the batch as long as items stay apart: seen to by their
    // rules.
    if (isa<core::ConstantOp, core::SliceOp, core::DynamicSliceOp>(a))
      return true;
    return a.getDiscardableAttrDictionary() == b.getDiscardableAttrDictionary() &&
           a.getPropertiesAsAttribute() == b.getPropertiesAsAttribute();
  }

  void visitOp(Operation *a, Operation *b) {
    Items known;
    for (Value operand : a->getOperands())
      if (of(operand).kind == Items::Mixed)
        known = of(operand);
    if (known.kind != Items::Mixed)
      known = itemsOf(a, b);
    for (auto [x, y] : llvm::zip_equal(a->getResults(), b->getResults()))
      items[x] = checked(a, known, x, y);
  }

  void visitIf(core::IfOp a, core::IfOp b) {
    visit(a.getThenRegion().front(), b.getThenRegion().front());
    visit(a.getElseRegion().front(), b.getElseRegion().front());
    Items predicate = of(a.getPredicate());
    for (auto [i, x, y] : llvm::enumerate(a.getResults(), b.getResults())) {
      Items known = join(a, of(yielded(a.getThenRegion(), i)), of(yielded(a.getElseRegion(), i)));
      items[x] = predicate.kind == Items::Shared ? checked(a, known, x, y)
                                                 : Items::mixed(predicate.origin ? predicate.origin : a);
    }
  }

  void visitWhile(core::WhileOp a, core::WhileOp b) {
    SmallVector<Items> carried = llvm::map_to_vector(a.getInits(), [&](Value init) { return of(init); });
    for (bool settled = false; !settled;) {
      for (auto [i, known] : llvm::enumerate(carried))
        items[a.getCond().getArgument(i)] = items[a.getBody().getArgument(i)] = known;
      visit(a.getCond().front(), b.getCond().front());
      visit(a.getBody().front(), b.getBody().front());
      settled = true;
      Items predicate = of(yielded(a.getCond(), 0));
      for (auto [i, known] : llvm::enumerate(carried)) {
        Items next = join(a, known, of(yielded(a.getBody(), i)));
        if (predicate.kind != Items::Shared)
          next = Items::mixed(predicate.origin ? predicate.origin : a);
        settled &= next == known;
        known = next;
      }
    }
    for (auto [known, x, y] : llvm::zip_equal(carried, a.getResults(), b.getResults()))
      items[x] = checked(a, known, x, y);
  }

  static Value yielded(Region &region, unsigned i) { return region.front().getTerminator()->getOperand(i); }

  /// What a value is that is either of two. Something mixed stays what it was, so that the rounds over a loop end.
  static Items join(Operation *op, Items x, Items y) {
    if (x.kind == Items::Mixed || y.kind == Items::Mixed)
      return x.kind == Items::Mixed ? x : y;
    return x == y ? x : Items::mixed(op);
  }

  /// All operands as one; what is shared has no batch in its shape, so that it fits to anything.
  Items together(Operation *op) const {
    Items known;
    for (Value operand : op->getOperands()) {
      Items other = of(operand);
      if (other.isApart())
        known = known.isApart() ? join(op, known, other) : other;
    }
    return known;
  }

  /// What the results are, none of whose operands is mixed.
  Items itemsOf(Operation *a, Operation *b) const {
    Items known = together(a);
    if (known.kind == Items::Mixed)
      return known;
    Items no = Items::mixed(a);
    if (isa<core::ScalarLoweringOpInterface>(a))
      return known;
    auto unless = [&](bool meets) { return meets ? no : known; };
    auto within = [&](ArrayRef<int64_t> dimensions) { return llvm::is_contained(dimensions, known.dimension); };
    return llvm::TypeSwitch<Operation *, Items>(a)
        .Case([&](core::ConstantOp op) { return ofConstant(op, cast<core::ConstantOp>(b)); })
        .Case([&](core::IotaOp op) { return made(op, b, {static_cast<int64_t>(op.getDimension())}); })
        .Case([&](core::BroadcastOp op) {
          if (!known.isApart())
            return made(op, b, {});
          return Items::apart(op.getDimensions()[known.dimension], known.outer);
        })
        .Case([&](core::ReshapeOp op) {
          return known.isApart() ? ofReshape(op, cast<core::ReshapeOp>(b), known) : known;
        })
        .Case([&](core::SliceOp op) {
          auto other = cast<core::SliceOp>(b);
          if (op.getStarts() != other.getStarts() || op.getStrides() != other.getStrides() ||
              !areSizesAlike(op, other, known))
            return no;
          return unless(known.isApart() &&
                        (op.getStarts()[known.dimension] != 0 || op.getStrides()[known.dimension] != 1));
        })
        .Case([&](core::DynamicSliceOp op) {
          return unless(!areSizesAlike(op, cast<core::DynamicSliceOp>(b), known) || of(op.getStarts()).isApart());
        })
        .Default([&](Operation *op) {
          if (!known.isApart())
            return known;
          return llvm::TypeSwitch<Operation *, Items>(op)
              .Case([&](core::TransposeOp op) {
                return Items::apart(llvm::find(op.getPermutation(), known.dimension) - op.getPermutation().begin(),
                                    known.outer);
              })
              .Case(
                  [&](core::ConcatOp op) { return unless(static_cast<int64_t>(op.getDimension()) == known.dimension); })
              .Case([&](core::PadOp op) {
                int64_t d = known.dimension;
                return unless(op.getLow()[d] || op.getHigh()[d] || op.getInterior()[d]);
              })
              .Case([&](core::ReverseOp op) { return unless(within(op.getDimensions())); })
              .Case([&](core::BitcastOp op) { return unless(known.dimension >= op.getType().getRank()); })
              .Case([&](core::ReduceOp op) {
                int64_t before = llvm::count_if(op.getDimensions(), [&](int64_t d) { return d < known.dimension; });
                return within(op.getDimensions()) ? no : Items::apart(known.dimension - before, known.outer);
              })
              .Case([&](core::ArgReduceOp op) {
                auto d = static_cast<int64_t>(op.getDimension());
                return d == known.dimension ? no : Items::apart(known.dimension - (d < known.dimension), known.outer);
              })
              .Case([&](core::ReduceWindowOp op) {
                int64_t d = known.dimension;
                return unless(op.getWindow()[d] != 1 || op.getStrides()[d] != 1 || op.getLow()[d] || op.getHigh()[d]);
              })
              .Case<core::CumulativeOp, core::SortOp>(
                  [&](auto op) { return unless(static_cast<int64_t>(op.getDimension()) == known.dimension); })
              .Case<core::CholeskyOp, core::LUOp, core::QROp, core::SVDOp, core::EighOp, core::TriangularSolveOp>(
                  [&](Operation *op) {
                    return unless(
                        known.dimension >= static_cast<int64_t>(shapeOf(op->getOperand(0)).size()) - 2 ||
                        llvm::any_of(op->getOperands(), [&](Value operand) { return !of(operand).isApart(); }));
                  })
              .Case([&](core::FFTOp op) { return unless(known.dimension == op.getType().getRank() - 1); })
              .Case([&](core::ConvOp op) { return unless(known.dimension != 0 || of(op.getFilter()).isApart()); })
              .Case([&](core::DotGeneralOp op) { return ofDot(op); })
              .Case([&](core::GatherOp op) { return ofGather(op); })
              .Case([&](core::ScatterOp op) {
                // Rows are chosen by indices of one item or all; the updates' rows lie elsewhere than the operand's.
                return unless(known.dimension == 0 || of(op.getIndices()).isApart());
              })
              .Default(no);
        });
  }

  /// A value that depends on no item, made in another size for another batch: the same for each item unless it grows
  /// along one of `dimensions`.
  Items made(Operation *a, Operation *b, ArrayRef<int64_t> dimensions) const {
    Value x = a->getResult(0), y = b->getResult(0);
    if (x.getType() == y.getType())
      return {};
    std::optional<int64_t> grown = changed(x, y);
    return grown && !llvm::is_contained(dimensions, *grown) ? Items::apart(*grown) : Items::mixed(a);
  }

  Items ofConstant(core::ConstantOp a, core::ConstantOp b) const {
    if (a.getValue() == b.getValue())
      return {};
    constexpr int64_t mostCompared = int64_t(1) << 28;
    std::optional<int64_t> grown = changed(a, b), each = grown ? rows(a, b, *grown) : std::nullopt;
    bool isLarge = core::tensorBytes(a.getType()) + core::tensorBytes(b.getType()) > mostCompared;
    if (isLarge || (a.getType() != b.getType() && !each))
      return Items::mixed(a);
    auto x = evaluate::Tensor::fromAttribute(a.getValue()), y = evaluate::Tensor::fromAttribute(b.getValue());
    if (a.getType() == b.getType())
      return x.bytes() == y.bytes() ? Items() : Items::mixed(a);
    // The same for each item, and the same in both.
    ArrayRef<int64_t> shape = shapeOf(a);
    size_t item = *each * product(shape.drop_front(*grown + 1)) * core::elementBytes(a.getType().getElementType());
    for (int64_t block = 0; block < product(shape.take_front(*grown)); ++block) {
      ArrayRef<char> first = x.bytes().slice(block * sizes[0] * item, item);
      for (auto [values, size] : {std::pair(x.bytes(), sizes[0]), std::pair(y.bytes(), sizes[1])})
        for (int64_t i = block * size; i < (block + 1) * size; ++i)
          if (values.slice(i * item, item) != first)
            return Items::mixed(a);
    }
    return Items::apart(*grown);
  }

  /// Elements keep their order: `outer` blocks of items stay that, in whatever dimension they are.
  Items ofReshape(core::ReshapeOp a, core::ReshapeOp b, Items known) const {
    int64_t blocks = product(shapeOf(a.getOperand()).take_front(known.dimension)) * known.outer;
    std::optional<int64_t> dimension = changed(a, b);
    if (!dimension)
      return Items::mixed(a);
    int64_t before = product(shapeOf(a.getResult()).take_front(*dimension));
    return before && blocks % before == 0 ? Items::apart(*dimension, blocks / before) : Items::mixed(a);
  }

  template <typename Op> bool areSizesAlike(Op a, Op b, Items known) const {
    for (auto [d, x, y] : llvm::enumerate(a.getSizes(), b.getSizes())) {
      bool isWhole = x == shapeOf(a.getOperand())[d] && y == shapeOf(b.getOperand())[d];
      if (known.isApart() && static_cast<int64_t>(d) == known.dimension ? !isWhole : x != y)
        return false;
    }
    return true;
  }

  Items ofDot(core::DotGeneralOp op) const {
    Items lhs = of(op.getLhs()), rhs = of(op.getRhs());
    auto place = [](ArrayRef<int64_t> dimensions, int64_t d) {
      auto found = llvm::find(dimensions, d);
      return found == dimensions.end() ? int64_t(-1) : found - dimensions.begin();
    };
    if (lhs.isApart() && rhs.isApart()) {
      int64_t batch = place(op.getLhsBatch(), lhs.dimension);
      bool isPaired = batch >= 0 && batch == place(op.getRhsBatch(), rhs.dimension) && lhs.outer == rhs.outer;
      return isPaired ? Items::apart(batch, lhs.outer) : Items::mixed(op);
    }
    auto freeBefore = [](ArrayRef<int64_t> batch, ArrayRef<int64_t> contracting, int64_t d) {
      return d - llvm::count_if(batch, [&](int64_t x) { return x < d; }) -
             llvm::count_if(contracting, [&](int64_t x) { return x < d; });
    };
    auto batches = static_cast<int64_t>(op.getLhsBatch().size());
    if (lhs.isApart()) {
      if (place(op.getLhsContracting(), lhs.dimension) >= 0 || place(op.getLhsBatch(), lhs.dimension) >= 0)
        return Items::mixed(op);
      return Items::apart(batches + freeBefore(op.getLhsBatch(), op.getLhsContracting(), lhs.dimension), lhs.outer);
    }
    if (place(op.getRhsContracting(), rhs.dimension) >= 0 || place(op.getRhsBatch(), rhs.dimension) >= 0)
      return Items::mixed(op);
    int64_t lhsFree = shapeOf(op.getLhs()).size() - batches - op.getLhsContracting().size();
    return Items::apart(batches + lhsFree + freeBefore(op.getRhsBatch(), op.getRhsContracting(), rhs.dimension),
                        rhs.outer);
  }

  Items ofGather(core::GatherOp op) const {
    Items operand = of(op.getOperand()), indices = of(op.getIndices());
    auto axis = static_cast<int64_t>(op.getAxis()), batch = static_cast<int64_t>(op.getBatch());
    int64_t indexRank = shapeOf(op.getIndices()).size() - batch; // dimensions that take the axis' place
    if (operand.isApart() && indices.isApart())
      return operand == indices && operand.dimension < batch ? operand : Items::mixed(op);
    if (indices.isApart()) // the operand is the same for all
      return indices.dimension < batch ? Items::mixed(op)
                                       : Items::apart(axis + indices.dimension - batch, indices.outer);
    if (operand.dimension == axis || operand.dimension < batch)
      return Items::mixed(op);
    return Items::apart(operand.dimension + (operand.dimension > axis ? indexRank - 1 : 0), operand.outer);
  }

  int64_t sizes[2];
  ItemMap items;
};
} // namespace

ItemMap lathe::followItems(SizedFunction first, SizedFunction second) {
  return Comparison(first, second).take();
}

std::optional<int64_t> lathe::rowsAnItem(Value x, int64_t firstSize, Value y, int64_t secondSize) {
  if (x.getType() == y.getType())
    return 0;
  return changed(x, y) == 0 ? rowsAlong(0, x, firstSize, y, secondSize) : std::nullopt;
}
