// SPDX-License-Identifier: Apache-2.0
// Parts of tensors, as partitioned variables are stored.
#include "compiler/bundle/Slices.h"
#include "compiler/import/Types.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include <cstring>

using llvm::ArrayRef;
using llvm::StringRef;

namespace lathe {

bool resolveSlice(ArrayRef<int64_t> shape, TensorSlice &slice) {
  if (slice.size() != shape.size())
    return false;
  for (auto [size, extent] : llvm::zip_equal(shape, slice)) {
    auto &[first, count] = extent;
    if (count == -1 && first == 0)
      count = size;
    if (first < 0 || count < 0 || first > size || count > size - first)
      return false;
  }
  return true;
}

bool slicesTile(ArrayRef<int64_t> shape, ArrayRef<TensorSlice> slices) {
  // Parts are compared in pairs; no variable has been cut in that many.
  constexpr size_t mostSlices = 4096;
  if (slices.size() > mostSlices)
    return false;
  uint64_t total = 1, sum = 0;
  for (int64_t size : shape)
    total *= size;
  for (auto [number, slice] : llvm::enumerate(slices)) {
    uint64_t volume = 1;
    for (auto [first, count] : slice)
      volume *= count;
    sum += volume;
    for (const TensorSlice &other : slices.take_front(number))
      if (llvm::all_of(llvm::zip_equal(slice, other), [](auto pair) {
            auto [a, b] = pair;
            return a.first < b.first + b.second && b.first < a.first + a.second;
          }))
        return false;
  }
  return sum == total;
}

bool parseSliceSpec(StringRef spec, llvm::SmallVectorImpl<int64_t> &shape, TensorSlice &slice) {
  llvm::SmallVector<StringRef> words, extents;
  spec.split(words, ' ');
  words.pop_back_val().split(extents, ':');
  for (StringRef word : words)
    if (int64_t size; word.getAsInteger(10, size) || size < 0)
      return false;
    else
      shape.push_back(size);
  for (StringRef extent : extents) {
    auto [first, count] = extent.split(',');
    std::pair<int64_t, int64_t> numbers(0, -1);
    if (extent != "-" && (first.getAsInteger(10, numbers.first) || count.getAsInteger(10, numbers.second)))
      return false;
    slice.push_back(numbers);
  }
  return resolveSlice(shape, slice);
}

void copySlice(ArrayRef<int64_t> shape, const TensorSlice &slice, size_t size, char *whole, char *part, bool toWhole) {
  if (llvm::any_of(slice, [](auto extent) { return extent.second == 0; }))
    return;
  // Trailing dimensions that are taken whole are copied in one run.
  size_t run = size, rank = shape.size();
  while (rank != 0) {
    --rank;
    run *= slice[rank].second;
    if (slice[rank].second != shape[rank])
      break;
  }
  llvm::SmallVector<int64_t> index(rank, 0);
  while (true) {
    uint64_t offset = 0;
    for (size_t d = 0; d < shape.size(); ++d)
      offset = offset * shape[d] + slice[d].first + (d < rank ? index[d] : 0);
    if (toWhole)
      std::memcpy(whole + offset * size, part, run);
    else
      std::memcpy(part, whole + offset * size, run);
    part += run;
    size_t d = rank;
    while (d != 0 && ++index[d - 1] == slice[d - 1].second)
      index[--d] = 0;
    if (d == 0)
      return;
  }
}

bool takeSlice(StringRef key, StringRef spec, BundleTensor &tensor, Fail fail) {
  if (spec.empty())
    return true;
  llvm::SmallVector<int64_t> shape;
  TensorSlice slice;
  unsigned size = storedBytes(tensor.dtype);
  if (size == 0 || !parseSliceSpec(spec, shape, slice) || shape != tensor.shape) {
    fail(Code::VariableMismatch,
         "part '" + spec + "' of tensor '" + key + "' must be within " + shapeText(tensor.shape));
    return false;
  }
  llvm::SmallVector<int64_t> lengths(llvm::map_range(slice, [](auto extent) { return extent.second; }));
  auto bytes = std::make_shared<std::vector<char>>(countElements(lengths) * size);
  copySlice(shape, slice, size, const_cast<char *>(tensor.bytes.data()), bytes->data(), /*toWhole=*/false);
  tensor.shape = lengths;
  tensor.bytes = *bytes;
  tensor.owner = bytes;
  return true;
}

/// A signed number as OrderedCode writes it: big-endian, its length in leading ones, the sign inverted.
static void putOrdered(std::string &bytes, int64_t value) {
  uint64_t magnitude = value < 0 ? ~value : value;
  unsigned length = (64 - llvm::countl_zero(magnitude)) / 7 + 1;
  char buffer[10];
  std::memset(buffer, value < 0 ? 0xff : 0, 2);
  llvm::support::endian::write64be(buffer + 2, value);
  char *begin = buffer + 10 - length;
  uint16_t header = static_cast<uint16_t>(0xffff << (16 - length));
  begin[0] ^= static_cast<char>(header >> 8);
  if (length > 1)
    begin[1] ^= static_cast<char>(header);
  bytes.append(begin, length);
}

std::string sliceKey(StringRef key, const TensorSlice &slice) {
  std::string bytes(1, '\0');
  for (char c : key) {
    bytes += c;
    if (c == '\0')
      bytes += '\xff';
    else if (c == '\xff')
      bytes += '\0';
  }
  bytes.append("\0\1", 2);
  // The rank is unsigned: a byte for its length, then the number.
  bytes += slice.empty() ? '\0' : '\1';
  if (!slice.empty())
    bytes += static_cast<char>(slice.size());
  for (auto [first, count] : slice) {
    putOrdered(bytes, first);
    putOrdered(bytes, count);
  }
  return bytes;
}

} // namespace lathe
