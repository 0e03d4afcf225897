// SPDX-License-Identifier: Apache-2.0
// Loop nests for contractions, written with vector.load, vector.broadcast and vector.fma on one-dimensional vectors.
#include "backends/cpu/contraction/EmitContraction.h"

#include "backends/cpu/contraction/EmitSupport.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using llvm::divideCeil;

namespace lathe::cpu {
namespace {

class ContractionEmitter {
public:
  ContractionEmitter(OpBuilder &builder, Location loc, const ContractionSpec &spec, const ContractionTile &tile,
                     EpilogueFn epilogue)
      : emit(builder, loc), spec(spec), tile(tile), epilogue(epilogue) {}

  void run(Value lhsMemref, Value rhsMemref, Value outputMemref, Value begin, Value end, Value rows) {
    dynamicRows = rows;
    lhs = emit.flatten(lhsMemref);
    rhs = emit.flatten(rhsMemref);
    output = emit.flatten(outputMemref);
    if (spec.rhsLayout == RhsLayout::Transposed) {
      transposed = rhs;
      rhs = emit.stackBuffer(spec.inputChannels * tile.panelWidth(), spec.rhsType);
    }
    emit.loop(begin, end, 1, {}, [&](Value unit, ValueRange) {
      emitUnit(unit);
      return SmallVector<Value>();
    });
  }

private:
  /// Where a unit's product starts.
  struct Place {
    Value batch, panel;
    Value lhs, rhs, output; ///< flat positions of the first row's and column's elements
    Value column;           ///< first output channel of the panel, over all groups
  };

  void emitUnit(Value unit) {
    const int64_t panels = contractionPanels(spec, tile);
    const int64_t tiles = contractionRowTiles(spec, tile), blocks = divideCeil(tiles, tile.tilesPerUnit);
    const Value product = dynamicRows ? emit.index(0) : emit.div(unit, panels * blocks);
    const Value rest = dynamicRows ? unit : emit.rem(unit, panels * blocks);
    Place place;
    const Value group = emit.rem(product, spec.groups);
    place.batch = emit.div(product, spec.groups);
    place.panel = tile.panelsOutermost ? emit.div(rest, blocks) : emit.rem(rest, panels);
    const Value block = tile.panelsOutermost ? emit.rem(rest, blocks) : emit.div(rest, panels);

    const Value inPanel = emit.mul(place.panel, tile.panelWidth());
    place.column = emit.add(emit.mul(group, spec.outputChannels), inPanel);
    place.lhs = emit.add(
        emit.add(emit.mul(place.batch, spec.lhs.batch), emit.mul(group, spec.inputChannels * spec.lhs.channel)),
        spec.lhs.offset);
    place.output = emit.add(emit.add(emit.mul(place.batch, spec.output.batch), place.column), spec.output.offset);
    if (spec.rhsLayout != RhsLayout::Packed) {
      const int64_t step = spec.rhsLayout == RhsLayout::RowMajor ? 1 : spec.rhs.pixel;
      place.rhs = emit.add(emit.add(emit.mul(place.batch, spec.rhs.batch), emit.mul(inPanel, step)), spec.rhs.offset);
    } else {
      Value matrix = group;
      if (spec.rhs.batch)
        matrix = emit.add(emit.mul(place.batch, spec.groups), group);
      place.rhs = emit.mul(emit.add(emit.mul(matrix, panels), place.panel), spec.depth() * tile.panelWidth());
      place.rhs = emit.add(place.rhs, spec.rhs.offset);
    }

    const Value first = emit.mul(block, tile.tilesPerUnit), next = emit.add(first, tile.tilesPerUnit);
    const Value last =
        dynamicRows ? emit.min(next, emit.div(emit.add(dynamicRows, tile.rows - 1), tile.rows)) : emit.min(next, tiles);
    const int64_t lastWidth = spec.outputChannels - (panels - 1) * tile.panelWidth();
    const auto full = [&] { emitTiles(place, first, last, tile.panelWidth()); };
    const auto ragged = [&] { emitTiles(place, first, last, lastWidth); };
    if (lastWidth == tile.panelWidth())
      full();
    else if (panels == 1)
      ragged();
    else
      emit.branch(emit.equals(place.panel, panels - 1), ragged, full);
  }

  /// Row tiles [first, last) of a panel of `width` columns.
  void emitTiles(Place place, Value first, Value last, int64_t width) {
    if (transposed) {
      emitPacking(place.rhs, width);
      place.rhs = emit.index(0);
    }
    const int64_t tilesPerRow = divideCeil(spec.outputW, tile.rows);
    const int64_t lastRows = spec.outputW - (tilesPerRow - 1) * tile.rows;
    if (dynamicRows)
      return emitDynamicTiles(place, first, last, width);
    emit.loop(first, last, 1, {}, [&](Value index, ValueRange) {
      const Value imageRow = emit.div(index, tilesPerRow), inRow = emit.rem(index, tilesPerRow);
      const auto full = [&] { emitTile(place, imageRow, emit.mul(inRow, tile.rows), tile.rows, width); };
      const auto ragged = [&] { emitTile(place, imageRow, emit.mul(inRow, tile.rows), lastRows, width); };
      if (lastRows == tile.rows)
        full();
      else if (tilesPerRow == 1)
        ragged();
      else
        emit.branch(emit.equals(inRow, tilesPerRow - 1), ragged, full);
      return SmallVector<Value>();
    });
  }

  /// Packs `width` rows of the transposed rhs, from position `start` on, into the buffer on the stack.
  void emitPacking(Value start, int64_t width) {
    const auto packBlock = [&](Value k, int64_t depth) {
      for (int64_t first = 0; first < width; first += tile.lanes) {
        SmallVector<Value> rows;
        for (int64_t n = first; n < first + tile.lanes; ++n)
          rows.push_back(n < width ? emit.loadVector(transposed, emit.add(emit.add(start, k), n * spec.rhs.pixel),
                                                     tile.lanes, emit.mask(depth, tile.lanes))
                                   : emit.zeros(spec.rhsType, tile.lanes));
        const SmallVector<Value> columns = emit.transpose(rows);
        for (int64_t i = 0; i < depth; ++i)
          emit.storeVector(columns[i], rhs, emit.add(emit.mul(k, tile.panelWidth()), i * tile.panelWidth() + first),
                           nullptr);
      }
    };
    const int64_t whole = spec.inputChannels / tile.lanes * tile.lanes;
    if (whole)
      emit.loop(emit.index(0), emit.index(whole), tile.lanes, {}, [&](Value k, ValueRange) {
        packBlock(k, tile.lanes);
        return SmallVector<Value>();
      });
    if (whole < spec.inputChannels)
      packBlock(emit.index(whole), spec.inputChannels - whole);
  }

  /// Row tiles where the last one has a number of rows known only at run time: it is done row by row.
  void emitDynamicTiles(const Place &place, Value first, Value last, int64_t width) {
    emit.loop(first, last, 1, {}, [&](Value index, ValueRange) {
      const Value row = emit.mul(index, tile.rows), rowEnd = emit.add(row, tile.rows);
      const auto full = [&] { emitTile(place, emit.index(0), row, tile.rows, width); };
      const auto ragged = [&] {
        emit.loop(row, dynamicRows, 1, {}, [&](Value single, ValueRange) {
          emitTile(place, emit.index(0), single, 1, width);
          return SmallVector<Value>();
        });
      };
      emit.branch(emit.atMost(rowEnd, dynamicRows), full, ragged);
      return SmallVector<Value>();
    });
  }

  /// One register tile: `rows` pixels from pixel `x` of row `imageRow` (counted over images), `width` columns.
  void emitTile(const Place &place, Value imageRow, Value x, int64_t rows, int64_t width) {
    const Value image = emit.div(imageRow, spec.outputH), y = emit.rem(imageRow, spec.outputH);
    const auto position = [&](Value base, const View &view, int64_t strideH, int64_t strideW) {
      base = emit.add(base, emit.mul(image, view.image));
      base = emit.add(base, emit.mul(y, view.row * strideH));
      return emit.add(base, emit.mul(x, view.pixel * strideW));
    };
    const Value lhsStart = position(place.lhs, spec.lhs, spec.strideH, spec.strideW);
    const Value outputStart = position(place.output, spec.output, 1, 1);
    const SmallVector<Value> sums = emitSums(lhsStart, place.rhs, rows, width);

    const int64_t vectors = divideCeil(width, tile.lanes);
    const Value row = emit.add(emit.mul(imageRow, spec.outputW), x);
    SmallVector<Value> finished(sums.size());
    const auto maskOf = [&](int64_t vector) { return emit.mask(width - vector * tile.lanes, tile.lanes); };
    for (int64_t j = 0; j < vectors; ++j)
      for (int64_t i = 0; i < rows; ++i)
        finished[i * vectors + j] = epilogue(emit.builder, emit.loc,
                                             {.sums = sums[i * vectors + j],
                                              .batch = place.batch,
                                              .row = emit.add(row, i),
                                              .column = emit.add(place.column, j * tile.lanes),
                                              .mask = maskOf(j),
                                              .lanes = tile.lanes});
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < vectors; ++j)
        if (const Value value = finished[i * vectors + j])
          emit.storeVector(value, output, emit.add(outputStart, i * spec.output.pixel + j * tile.lanes), maskOf(j));
  }

  /// The sums of a tile, row by row. The reduction runs over kernel rows, kernel columns and channels, in this order.
  SmallVector<Value> emitSums(Value lhsStart, Value rhsStart, int64_t rows, int64_t width) {
    const bool packed = spec.rhsLayout == RhsLayout::Packed;
    const int64_t rhsStep = spec.rhsLayout == RhsLayout::RowMajor ? spec.rhs.pixel : tile.panelWidth();
    // Channels of neighbouring kernel columns follow each other in memory, on both sides: one loop for both.
    const bool merged = packed && spec.groups == 1 && spec.dilationW == 1 && spec.lhs.channel == 1 &&
                        spec.lhs.pixel == spec.inputChannels;
    const int64_t inner = merged ? spec.kernelW * spec.inputChannels : spec.inputChannels;
    const int64_t columns = merged ? 1 : spec.kernelW;
    const int64_t vectors = divideCeil(width, tile.lanes);
    const SmallVector<Value> zeros(rows * vectors, emit.zeros(spec.sumType, tile.lanes));

    return emit.loop(spec.kernelH, zeros, [&](Value kh, ValueRange carried) {
      const Value lhsRow = emit.add(lhsStart, emit.mul(kh, spec.dilationH * spec.lhs.row));
      const Value rhsRow = emit.add(rhsStart, emit.mul(kh, columns * inner * rhsStep));
      return emit.loop(columns, carried, [&](Value kw, ValueRange carried) {
        const Value lhsPixel = emit.add(lhsRow, emit.mul(kw, spec.dilationW * spec.lhs.pixel));
        const Value rhsPixel = emit.add(rhsRow, emit.mul(kw, inner * rhsStep));
        const auto step = [&](Value k, ValueRange carried) {
          return emitStep(emit.add(lhsPixel, emit.mul(k, spec.lhs.channel)), emit.add(rhsPixel, emit.mul(k, rhsStep)),
                          carried, rows, width);
        };
        const int64_t ahead = tile.prefetch ? inner / prefetchSteps() * prefetchSteps() : 0;
        SmallVector<Value> sums(carried);
        if (ahead)
          sums = emit.loop(emit.index(0), emit.index(ahead), prefetchSteps(), sums, [&](Value k, ValueRange carried) {
            emitPrefetch(emit.add(rhsPixel, emit.mul(k, rhsStep)));
            return emit.loop(k, emit.add(k, prefetchSteps()), 1, carried, step);
          });
        return ahead == inner ? sums : emit.loop(emit.index(ahead), emit.index(inner), 1, sums, step);
      });
    });
  }

  /// Steps of the reduction between prefetches, of about a kilobyte: within a step they would stand in the way of
  /// LLVM's scheduler, which then spills sums.
  int64_t prefetchSteps() const { return std::max<int64_t>(4, 1024 / (tile.panelWidth() * bytesOf(spec.rhsType))); }

  void emitPrefetch(Value rhsAt) {
    const int64_t line = 64 / bytesOf(spec.rhsType);
    for (int64_t i = 0; i < prefetchSteps() * tile.panelWidth(); i += line)
      emit.prefetch(rhs, emit.add(rhsAt, tile.prefetch + i));
  }

  SmallVector<Value> emitStep(Value lhsAt, Value rhsAt, ValueRange sums, int64_t rows, int64_t width) {
    const int64_t vectors = divideCeil(width, tile.lanes);
    SmallVector<Value> weights, next;
    for (int64_t j = 0; j < vectors; ++j) {
      // Packed panels are padded with zeros; a row-major matrix may end here.
      const Value mask = spec.rhsLayout == RhsLayout::Packed ? Value() : emit.mask(width - j * tile.lanes, tile.lanes);
      weights.push_back(
          emit.widen(emit.loadVector(rhs, emit.add(rhsAt, j * tile.lanes), tile.lanes, mask), spec.sumType));
    }
    for (int64_t i = 0; i < rows; ++i) {
      const Value scalar = emit.loadScalar(lhs, emit.add(lhsAt, i * spec.strideW * spec.lhs.pixel));
      const Value value = emit.splat(emit.widen(scalar, spec.sumType), tile.lanes);
      for (int64_t j = 0; j < vectors; ++j)
        next.push_back(emit.multiplyAdd(value, weights[j], sums[i * vectors + j]));
    }
    return next;
  }

  Emitter emit;
  const ContractionSpec &spec;
  const ContractionTile &tile;
  EpilogueFn epilogue;
  Value lhs, rhs, output;
  Value transposed;  ///< the rhs as it lies in memory, where `rhs` is the buffer on the stack
  Value dynamicRows; ///< null where the number of rows is spec.outputW
};

} // namespace

void emitContraction(OpBuilder &builder, Location loc, const ContractionSpec &spec, const ContractionTile &tile,
                     Value lhs, Value rhs, Value output, Value begin, Value end, EpilogueFn epilogue, Value rows) {
  assert(checkContraction(spec).empty() && "invalid contraction");
  assert((!rows || (spec.batch * spec.groups * spec.images * spec.outputH == 1 && !tile.panelsOutermost)) &&
         "a number of rows known at run time needs a plain product with rows outermost");
  ContractionEmitter(builder, loc, spec, tile, epilogue).run(lhs, rhs, output, begin, end, rows);
}

} // namespace lathe::cpu
