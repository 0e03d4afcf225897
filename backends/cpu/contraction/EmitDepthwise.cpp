// SPDX-License-Identifier: Apache-2.0
// Loop nests for depthwise convolutions.
#include "backends/cpu/contraction/EmitDepthwise.h"

#include "backends/cpu/contraction/EmitSupport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

#include <optional>

using namespace mlir;
using llvm::divideCeil;

namespace lathe::cpu {
namespace {

class DepthwiseEmitter {
public:
  DepthwiseEmitter(OpBuilder &builder, Location loc, const DepthwiseSpec &spec, const DepthwiseTile &tile,
                   EpilogueFn epilogue)
      : emit(builder, loc), spec(spec), tile(tile), epilogue(epilogue) {}

  void run(Value lhsMemref, Value weightsMemref, Value outputMemref, Value begin, Value end) {
    lhs = emit.flatten(lhsMemref);
    weights = emit.flatten(weightsMemref);
    output = emit.flatten(outputMemref);
    emit.loop(begin, end, 1, {}, [&](Value unit, ValueRange) {
      emitUnit(unit);
      return SmallVector<Value>();
    });
  }

private:
  /// A vector of output channels along one output row.
  struct Column {
    Value imageRow, y; ///< the row among those of all images, and in its own
    Value lhs, output; ///< flat positions of the row's first elements
    Value channel;     ///< first output channel
    int64_t width;     ///< channels in the vector
  };

  void emitUnit(Value unit) {
    const int64_t columns = depthwiseColumns(spec, tile), chunks = divideCeil(columns, tile.columnsPerUnit);
    const int64_t blocks = divideCeil(spec.outputH, tile.rowsPerUnit);
    const Value image = emit.div(unit, blocks * chunks), inImage = emit.rem(unit, blocks * chunks);
    const Value firstRow = emit.mul(emit.rem(inImage, blocks), tile.rowsPerUnit);
    const Value lastRow = emit.min(emit.add(firstRow, tile.rowsPerUnit), spec.outputH);
    const Value first = emit.mul(emit.div(inImage, blocks), tile.columnsPerUnit);
    const Value last = emit.min(emit.add(first, tile.columnsPerUnit), columns);
    emit.loop(firstRow, lastRow, 1, {}, [&](Value y, ValueRange) {
      emit.loop(first, last, 1, {}, [&](Value index, ValueRange) {
        const Value imageRow = emit.add(emit.mul(image, spec.outputH), y);
        if (spec.multiplier == 1)
          emitVectorOfChannels(imageRow, index, columns);
        else
          emitMultiplied(imageRow, index);
        return SmallVector<Value>();
      });
      return SmallVector<Value>();
    });
  }

  void emitVectorOfChannels(Value imageRow, Value index, int64_t columns) {
    const int64_t lastWidth = spec.channels - (columns - 1) * tile.lanes;
    const Value channel = emit.mul(index, tile.lanes);
    const auto full = [&] { emitRow(imageRow, channel, channel, tile.lanes); };
    const auto ragged = [&] { emitRow(imageRow, channel, channel, lastWidth); };
    if (lastWidth == tile.lanes)
      full();
    else if (columns == 1)
      ragged();
    else
      emit.branch(emit.equals(index, columns - 1), ragged, full);
  }

  /// The output channels of input channel `index`.
  void emitMultiplied(Value imageRow, Value index) {
    const Value firstChannel = emit.mul(index, spec.multiplier);
    for (int64_t at = 0; at < spec.multiplier; at += tile.lanes)
      emitRow(imageRow, index, emit.add(firstChannel, at), std::min(tile.lanes, spec.multiplier - at));
  }

  void emitRow(Value imageRow, Value inputChannel, Value channel, int64_t width) {
    const Value image = emit.div(imageRow, spec.outputH), y = emit.rem(imageRow, spec.outputH);
    Column column;
    column.imageRow = imageRow;
    column.y = y;
    column.channel = channel;
    column.width = width;
    column.lhs = emit.add(
        emit.add(emit.add(emit.mul(image, spec.lhs.image), emit.mul(y, spec.lhs.row * spec.strideH)), inputChannel),
        spec.lhs.offset);
    column.output =
        emit.add(emit.add(emit.add(emit.mul(image, spec.output.image), emit.mul(y, spec.output.row)), channel),
                 spec.output.offset);

    // Tiles that reach into the padding are written out, so that each knows which of its inputs are there.
    const int64_t tiles = divideCeil(spec.outputW, tile.pixels);
    int64_t next = 0;
    while (next < tiles) {
      const int64_t pixels = std::min(tile.pixels, spec.outputW - next * tile.pixels);
      int64_t inside = next;
      while (inside < spec.outputW / tile.pixels && !reachesPadding(inside * tile.pixels, tile.pixels))
        ++inside;
      if (inside == next) {
        emitTile(column, emit.index(next * tile.pixels), pixels, next * tile.pixels);
        ++next;
        continue;
      }
      emit.loop(emit.index(next), emit.index(inside), 1, {}, [&](Value index, ValueRange) {
        emitTile(column, emit.mul(index, tile.pixels), tile.pixels, std::nullopt);
        return SmallVector<Value>();
      });
      next = inside;
    }
  }

  bool reachesPadding(int64_t first, int64_t pixels) const {
    if (!spec.isPadded())
      return false;
    const int64_t left = first * spec.strideW - spec.padLeft;
    return left < 0 || left + (pixels - 1) * spec.strideW + (spec.kernelW - 1) * spec.dilationW >= spec.inputW;
  }

  Value maskOf(const Column &column) { return emit.mask(column.width, tile.lanes); }

  Value loadWeights(const Column &column, Value tap) {
    const Value position = emit.add(emit.mul(tap, spec.outputChannels()), column.channel);
    return emit.widen(emit.loadVector(weights, position, tile.lanes, maskOf(column)), spec.sumType);
  }

  /// The input that a vector of sums needs at a flat position: a vector of channels, or one channel for all.
  Value loadInput(const Column &column, Value position) {
    if (spec.multiplier == 1)
      return emit.widen(emit.loadVector(lhs, position, tile.lanes, maskOf(column)), spec.sumType);
    return emit.splat(emit.widen(emit.loadScalar(lhs, position), spec.sumType), tile.lanes);
  }

  /// `first` is x where it is a number.
  void emitTile(const Column &column, Value x, int64_t pixels, std::optional<int64_t> first) {
    const Value start = emit.add(column.lhs, emit.mul(x, spec.lhs.pixel * spec.strideW));
    const SmallVector<Value> zeros(pixels, emit.zeros(spec.sumType, tile.lanes));
    // Neighbouring pixels share the inputs that they have in common, where a kernel row is small enough to write out.
    const bool unrolled = spec.kernelW <= 7;
    assert((unrolled || !spec.isPadded()) && "rows that are not written out have no padding");
    const SmallVector<Value> sums = unrolled ? emitRows(column, start, zeros, first) : emitLooped(column, start, zeros);
    const Value row = emit.add(emit.mul(column.imageRow, spec.outputW), x);
    const Value target = emit.add(column.output, emit.mul(x, spec.output.pixel));
    SmallVector<Value> finished;
    for (int64_t i = 0; i < pixels; ++i)
      finished.push_back(epilogue(emit.builder, emit.loc,
                                  {.sums = sums[i],
                                   .batch = emit.index(0),
                                   .row = emit.add(row, i),
                                   .column = column.channel,
                                   .mask = maskOf(column),
                                   .lanes = tile.lanes}));
    for (int64_t i = 0; i < pixels; ++i)
      if (finished[i])
        emit.storeVector(finished[i], output, emit.add(target, i * spec.output.pixel), maskOf(column));
  }

  /// The kernel rows under which there is input: [first, last).
  std::pair<Value, Value> kernelRows(const Column &column) {
    Value first = emit.index(0), last = emit.index(spec.kernelH);
    if (!spec.isPadded())
      return {first, last};
    const Value top = emit.add(emit.mul(column.y, spec.strideH), -spec.padTop); // of the input, above it where negative
    const Value above = arith::SubIOp::create(emit.builder, emit.loc, first, top);
    const Value below = arith::SubIOp::create(emit.builder, emit.loc, emit.index(spec.inputH), top);
    if (spec.padTop > 0)
      first = arith::MaxSIOp::create(emit.builder, emit.loc, above, first);
    last = arith::MinSIOp::create(emit.builder, emit.loc, below, last);
    return {first, last};
  }

  /// A kernel row is written out: input columns from left to right, each loaded once and used for all sums that need
  /// it, so that few registers are live.
  SmallVector<Value> emitRows(const Column &column, Value start, const SmallVector<Value> &zeros, std::optional<int64_t> first) {
    const int64_t pixels = int64_t(zeros.size());
    const int64_t inputColumns = (pixels - 1) * spec.strideW + (spec.kernelW - 1) * spec.dilationW + 1;
    const auto [firstRow, lastRow] = kernelRows(column);
    return emit.loop(firstRow, lastRow, 1, zeros, [&](Value kh, ValueRange carried) {
      const Value line = emit.add(start, emit.mul(kh, spec.dilationH * spec.lhs.row));
      SmallVector<Value> row, sums(carried);
      for (int64_t kw = 0; kw < spec.kernelW; ++kw)
        row.push_back(loadWeights(column, emit.add(emit.mul(kh, spec.kernelW), kw)));
      for (int64_t x = 0; x < inputColumns; ++x) {
        const int64_t place = first.value_or(0) * spec.strideW - spec.padLeft + x;
        if (first && spec.isPadded() && (place < 0 || place >= spec.inputW))
          continue;
        Value input;
        for (int64_t kw = 0; kw < spec.kernelW; ++kw) {
          const int64_t offset = x - kw * spec.dilationW;
          if (offset < 0 || offset % spec.strideW || offset / spec.strideW >= pixels)
            continue;
          if (!input)
            input = loadInput(column, emit.add(line, x * spec.lhs.pixel));
          Value &sum = sums[offset / spec.strideW];
          sum = emit.multiplyAdd(input, row[kw], sum);
        }
      }
      return sums;
    });
  }

  SmallVector<Value> emitLooped(const Column &column, Value start, const SmallVector<Value> &zeros) {
    return emit.loop(spec.kernelH, zeros, [&](Value kh, ValueRange carried) {
      const Value line = emit.add(start, emit.mul(kh, spec.dilationH * spec.lhs.row));
      return emit.loop(spec.kernelW, carried, [&](Value kw, ValueRange carried) {
        const Value weight = loadWeights(column, emit.add(emit.mul(kh, spec.kernelW), kw));
        const Value first = emit.add(line, emit.mul(kw, spec.dilationW * spec.lhs.pixel));
        SmallVector<Value> next;
        for (size_t i = 0; i < carried.size(); ++i) {
          const Value input = loadInput(column, emit.add(first, int64_t(i) * spec.strideW * spec.lhs.pixel));
          next.push_back(emit.multiplyAdd(input, weight, carried[i]));
        }
        return next;
      });
    });
  }

  Emitter emit;
  const DepthwiseSpec &spec;
  const DepthwiseTile &tile;
  EpilogueFn epilogue;
  Value lhs, weights, output;
};

} // namespace

void emitDepthwise(OpBuilder &builder, Location loc, const DepthwiseSpec &spec, const DepthwiseTile &tile, Value lhs,
                   Value weights, Value output, Value begin, Value end, EpilogueFn epilogue) {
  DepthwiseEmitter(builder, loc, spec, tile, epilogue).run(lhs, weights, output, begin, end);
}

} // namespace lathe::cpu
