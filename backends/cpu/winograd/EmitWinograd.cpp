// SPDX-License-Identifier: Apache-2.0
// Loop nests for Winograd convolutions: transforms in registers around the products of the contraction emitter.
#include "backends/cpu/winograd/EmitWinograd.h"

#include "backends/cpu/contraction/EmitSupport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace lathe::cpu {
namespace {

class WinogradEmitter {
public:
  WinogradEmitter(OpBuilder &builder, Location loc, const WinogradSpec &spec, const WinogradTile &tile,
                  EpilogueFn epilogue)
      : emit(builder, loc), spec(spec), tile(tile), geometry(spec, tile), lanes(tile.product.lanes), epilogue(epilogue),
        inputV(planProduct(makeWinogradTransform(tile.outputsH, spec.kernelH).input)),
        inputH(planProduct(makeWinogradTransform(tile.outputsW, spec.kernelW).input)),
        outputV(planProduct(makeWinogradTransform(tile.outputsH, spec.kernelH).output)),
        outputH(planProduct(makeWinogradTransform(tile.outputsW, spec.kernelW).output)) {}

  void run(Value inputMemref, Value filterBytes, Value outputMemref, Value scratch, Value begin, Value end) {
    input = emit.flatten(inputMemref);
    output = emit.flatten(outputMemref);
    filters = filterBytes;
    const Value slot = emit.mul(begin, geometry.slotBytes);
    const int64_t inputFloats = geometry.points() * geometry.inputPlane;
    transformed = floatsAt(scratch, slot, inputFloats);
    products = floatsAt(scratch, emit.add(slot, inputFloats * int64_t(sizeof(float))),
                        geometry.points() * geometry.productPlane);
    loop(begin, end, [&](Value unit) {
      const Value group = emit.rem(unit, geometry.panelGroups);
      const Value block = emit.mul(emit.div(unit, geometry.panelGroups), tile.blocksPerUnit);
      const Value panel = emit.mul(group, tile.panelsPerUnit);
      loop(block, limited(block, tile.blocksPerUnit, geometry.blocks), [&](Value block) {
        // Where units share a block, the first one of the range that works on it finds nothing in the slot.
        if (geometry.panelGroups == 1)
          emitInput(block);
        else
          emit.branch(
              arith::OrIOp::create(emit.builder, emit.loc, equal(unit, begin), emit.equals(group, 0)),
              [&] { emitInput(block); }, nullptr);
        loop(panel, limited(panel, tile.panelsPerUnit, geometry.panels), [&](Value panel) {
          const int64_t width = tile.product.panelWidth();
          const int64_t lastWidth = spec.outputChannels - (geometry.panels - 1) * width;
          const auto full = [&] { emitPanel(block, panel, width); };
          const auto last = [&] { emitPanel(block, panel, lastWidth); };
          chooseLast(panel, geometry.panels, lastWidth == width, last, full);
        });
      });
    });
  }

private:
  // Short spellings.

  void loop(Value first, Value last, llvm::function_ref<void(Value)> body) {
    emit.loop(first, last, 1, {}, [&](Value index, ValueRange) {
      body(index);
      return SmallVector<Value>();
    });
  }
  Value equal(Value left, Value right) {
    return arith::CmpIOp::create(emit.builder, emit.loc, arith::CmpIPredicate::eq, left, right);
  }
  Value both(Value left, Value right) { return arith::AndIOp::create(emit.builder, emit.loc, left, right); }
  /// Whether 0 <= value < size, for a value that may be negative.
  Value inside(Value value, int64_t size) {
    return arith::CmpIOp::create(emit.builder, emit.loc, arith::CmpIPredicate::ult, value, emit.index(size));
  }
  Value difference(Value left, Value right) { return arith::SubIOp::create(emit.builder, emit.loc, left, right); }
  Value limited(Value first, int64_t count, int64_t size) {
    return count == 1 ? emit.add(first, 1) : emit.min(emit.add(first, count), size);
  }
  Value floatsAt(Value bytes, Value offset, int64_t count) {
    return memref::ViewOp::create(emit.builder, emit.loc, MemRefType::get({count}, emit.builder.getF32Type()), bytes,
                                  offset, ValueRange());
  }
  /// The last of `count` indices may need code of its own.
  void chooseLast(Value index, int64_t count, bool same, llvm::function_ref<void()> last,
                  llvm::function_ref<void()> full) {
    if (same)
      full();
    else if (count == 1)
      last();
    else
      emit.branch(emit.equals(index, count - 1), last, full);
  }
  /// `body` for each vector of [0, count), with a mask where it is cut short.
  void forVectors(int64_t count, llvm::function_ref<void(Value, Value)> body) {
    const int64_t whole = count / lanes * lanes;
    if (whole)
      emit.loop(emit.index(0), emit.index(whole), lanes, {}, [&](Value channel, ValueRange) {
        body(channel, nullptr);
        return SmallVector<Value>();
      });
    if (whole < count)
      body(emit.index(whole), emit.mask(count - whole, lanes));
  }
  SmallVector<Value> apply(const LinearPlan &plan, ArrayRef<Value> inputs) {
    SmallVector<Value> values(inputs);
    const auto splat = [&](double coefficient) {
      const VectorType type = emit.vectorType(Element::F32, lanes);
      return arith::ConstantOp::create(emit.builder, emit.loc, DenseElementsAttr::get(type, float(coefficient)));
    };
    for (const LinearStep &step : plan.steps) {
      const Value left = values[step.left], right = values[step.right];
      switch (step.kind) {
      case LinearStep::Add:
        values.push_back(arith::AddFOp::create(emit.builder, emit.loc, left, right));
        break;
      case LinearStep::Subtract:
        values.push_back(arith::SubFOp::create(emit.builder, emit.loc, left, right));
        break;
      case LinearStep::Multiply:
        values.push_back(arith::MulFOp::create(emit.builder, emit.loc, left, splat(step.coefficient)));
        break;
      case LinearStep::MultiplyAdd:
        values.push_back(emit.multiplyAdd(left, splat(step.coefficient), right));
        break;
      }
    }
    return llvm::map_to_vector(plan.results, [&](int number) { return values[number]; });
  }
  /// `vertical` on each column of a matrix, then `horizontal` on each row; `finish` gets one row of results at a time.
  void transform(const LinearPlan &vertical, const LinearPlan &horizontal,
                 llvm::function_ref<Value(int64_t, int64_t)> load,
                 llvm::function_ref<void(int64_t, ArrayRef<Value>)> finish) {
    SmallVector<SmallVector<Value>> columns;
    for (int64_t j = 0; j < geometry.pointsW; ++j) {
      SmallVector<Value> column;
      for (int64_t i = 0; i < geometry.pointsH; ++i)
        column.push_back(load(i, j));
      columns.push_back(apply(vertical, column));
    }
    for (size_t i = 0; i < columns.front().size(); ++i) {
      const SmallVector<Value> row = llvm::map_to_vector(columns, [&](const auto &column) { return column[i]; });
      finish(int64_t(i), apply(horizontal, row));
    }
  }

  /// Where a tile lies: its first result's row and column, and the number of its image.
  struct Place {
    Value image, tileY, tileX, y, x;
  };
  Place placeOf(Value number) {
    Place place;
    place.image = emit.div(number, geometry.tilesH * geometry.tilesW);
    const Value inImage = emit.rem(number, geometry.tilesH * geometry.tilesW);
    place.tileY = emit.div(inImage, geometry.tilesW);
    place.tileX = emit.rem(inImage, geometry.tilesW);
    place.y = emit.mul(place.tileY, tile.outputsH);
    place.x = emit.mul(place.tileX, tile.outputsW);
    return place;
  }
  Value pixelOf(const Place &place, Value y, Value x, int64_t height, int64_t width) {
    return emit.add(emit.mul(emit.add(emit.mul(place.image, height), y), width), x);
  }

  void emitInput(Value block) {
    const Value first = emit.mul(block, tile.block);
    loop(first, limited(first, tile.block, geometry.tiles), [&](Value number) {
      const Place place = placeOf(number);
      const Value top = emit.add(place.y, -spec.padTop), left = emit.add(place.x, -spec.padLeft);
      const Value start = emit.mul(pixelOf(place, top, left, spec.inputH, spec.inputW), spec.inputChannels);
      const Value target = emit.mul(difference(number, first), spec.inputChannels);
      // A tile has no more rows than the input in all but degenerate cases, where none is inside.
      const Value whole =
          both(inWhole(top, geometry.pointsH, spec.inputH), inWhole(left, geometry.pointsW, spec.inputW));
      emit.branch(
          whole, [&] { emitInputTile(start, target, {}, {}); },
          [&] {
            SmallVector<Value> rows, columns;
            for (int64_t i = 0; i < geometry.pointsH; ++i)
              rows.push_back(inside(emit.add(top, i), spec.inputH));
            for (int64_t j = 0; j < geometry.pointsW; ++j)
              columns.push_back(inside(emit.add(left, j), spec.inputW));
            emitInputTile(start, target, rows, columns);
          });
    });
  }

  /// Whether all of [first, first + count) is inside of [0, size).
  Value inWhole(Value first, int64_t count, int64_t size) {
    return inside(first, std::max<int64_t>(size - count + 1, 0));
  }

  /// Transforms one tile; `rows` and `columns` say which of its inputs exist, all where they are empty.
  void emitInputTile(Value start, Value target, ArrayRef<Value> rows, ArrayRef<Value> columns) {
    forVectors(spec.inputChannels, [&](Value channel, Value mask) {
      const Value from = emit.add(start, channel), to = emit.add(target, channel);
      const auto load = [&](int64_t i, int64_t j) -> Value {
        const Value position = emit.add(from, (i * spec.inputW + j) * spec.inputChannels);
        if (rows.empty())
          return emit.loadVector(input, position, lanes, mask);
        auto choice = scf::IfOp::create(emit.builder, emit.loc, TypeRange(emit.vectorType(Element::F32, lanes)),
                                        both(rows[i], columns[j]), /*withElseRegion=*/true);
        OpBuilder::InsertionGuard guard(emit.builder);
        emit.builder.setInsertionPointToStart(&choice.getThenRegion().front());
        scf::YieldOp::create(emit.builder, emit.loc, emit.loadVector(input, position, lanes, mask));
        emit.builder.setInsertionPointToStart(&choice.getElseRegion().front());
        scf::YieldOp::create(emit.builder, emit.loc, emit.zeros(Element::F32, lanes));
        return choice.getResult(0);
      };
      transform(inputV, inputH, load, [&](int64_t i, ArrayRef<Value> row) {
        for (auto [j, value] : llvm::enumerate(row))
          emit.storeVector(value, transformed, emit.add(to, (i * geometry.pointsW + int64_t(j)) * geometry.inputPlane),
                           mask);
      });
    });
  }

  /// The products of a block with a panel of `width` output channels, and the results they give.
  void emitPanel(Value block, Value panel, int64_t width) {
    const int64_t lastBlock = geometry.tiles - (geometry.blocks - 1) * tile.block;
    chooseLast(
        block, geometry.blocks, lastBlock == tile.block, [&] { emitProducts(panel, lastBlock, width); },
        [&] { emitProducts(panel, tile.block, width); });
    const Value first = emit.mul(block, tile.block), column = emit.mul(panel, tile.product.panelWidth());
    const int64_t lastH = spec.outputH - (geometry.tilesH - 1) * tile.outputsH;
    const int64_t lastW = spec.outputW - (geometry.tilesW - 1) * tile.outputsW;
    loop(first, limited(first, tile.block, geometry.tiles), [&](Value number) {
      const Place place = placeOf(number);
      const Value from = emit.mul(difference(number, first), tile.product.panelWidth());
      const auto emitRows = [&](int64_t height) {
        chooseLast(
            place.tileX, geometry.tilesW, lastW == tile.outputsW,
            [&] { emitResults(place, from, column, width, height, lastW); },
            [&] { emitResults(place, from, column, width, height, tile.outputsW); });
      };
      chooseLast(
          place.tileY, geometry.tilesH, lastH == tile.outputsH, [&] { emitRows(lastH); },
          [&] { emitRows(tile.outputsH); });
    });
  }

  void emitProducts(Value panel, int64_t tiles, int64_t width) {
    const ContractionSpec product = winogradProduct(spec, tile, tiles, width);
    ContractionTile cut = tile.product;
    cut.tilesPerUnit = contractionRowTiles(product, cut);
    const int64_t count = geometry.points() * spec.inputChannels * tile.product.panelWidth();
    const Value weights = floatsAt(filters, emit.mul(panel, count * int64_t(sizeof(float))), count);
    emitContraction(emit.builder, emit.loc, product, cut, transformed, weights, products, emit.index(0),
                    emit.index(contractionUnits(product, cut)),
                    [](OpBuilder &, Location, const EpiloguePoint &point) { return point.sums; });
  }

  /// The first `height` x `width` results of a tile, for `channels` output channels from `column` on.
  void emitResults(const Place &place, Value from, Value column, int64_t channels, int64_t height, int64_t width) {
    const Value pixel = pixelOf(place, place.y, place.x, spec.outputH, spec.outputW);
    const Value start = emit.add(emit.mul(pixel, spec.outputChannels), column);
    forVectors(channels, [&](Value channel, Value mask) {
      const auto load = [&](int64_t i, int64_t j) {
        const Value position = emit.add(emit.add(from, channel), (i * geometry.pointsW + j) * geometry.productPlane);
        return emit.loadVector(products, position, lanes, mask);
      };
      transform(outputV, outputH, load, [&](int64_t y, ArrayRef<Value> row) {
        if (y >= height)
          return;
        for (int64_t x = 0; x < width; ++x) {
          const int64_t offset = y * spec.outputW + x;
          const Value value = epilogue(emit.builder, emit.loc,
                                       {.sums = row[x],
                                        .batch = emit.index(0),
                                        .row = emit.add(pixel, offset),
                                        .column = emit.add(column, channel),
                                        .mask = mask,
                                        .lanes = lanes});
          if (value)
            emit.storeVector(value, output, emit.add(emit.add(start, channel), offset * spec.outputChannels), mask);
        }
      });
    });
  }

  Emitter emit;
  const WinogradSpec &spec;
  const WinogradTile &tile;
  const WinogradGeometry geometry;
  const int64_t lanes;
  EpilogueFn epilogue;
  const LinearPlan inputV, inputH, outputV, outputH; ///< vertical and horizontal transforms
  Value input, filters, output;
  Value transformed, products; ///< of one block, and of one block and panel
};

} // namespace

void emitWinograd(OpBuilder &builder, Location loc, const WinogradSpec &spec, const WinogradTile &tile, Value input,
                  Value filters, Value output, Value scratch, Value begin, Value end, EpilogueFn epilogue) {
  WinogradEmitter(builder, loc, spec, tile, epilogue).run(input, filters, output, scratch, begin, end);
}

} // namespace lathe::cpu
