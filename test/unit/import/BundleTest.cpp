// SPDX-License-Identifier: Apache-2.0
// Checkpoints: what is written is read, what is damaged is refused, byte by byte.
#include "compiler/bundle/Bundle.h"
#include "compiler/bundle/BundleWriter.h"
#include "compiler/bundle/Crc32c.h"
#include "compiler/bundle/Slices.h"
#include "compiler/bundle/Table.h"
#include "compiler/bundle/Wire.h"
#include "llvm/Support/FileSystem.h"
#include <gtest/gtest.h>
#include <numeric>
#include <snappy.h>

using namespace lathe;
using llvm::StringRef;

namespace {

/// A folder that goes away with the test.
struct Folder {
  llvm::SmallString<128> path;
  Folder() { EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("bundle", path)); }
  ~Folder() { llvm::sys::fs::remove_directories(path); }
  std::string prefix() const { return (path + "/model").str(); }
};

/// What was reported last.
struct Report {
  std::optional<Code> code;
  std::string text;
  void operator()(Code c, const llvm::Twine &message) { code = c, text = message.str(); }
};

std::string contents(const std::string &path) {
  auto file = llvm::MemoryBuffer::getFile(path, false, false);
  return file ? (*file)->getBuffer().str() : "";
}

template <typename T> llvm::ArrayRef<char> bytesOf(const std::vector<T> &values) {
  return {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)};
}

template <typename T> std::vector<T> ascending(size_t count) {
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), T(1));
  return values;
}

/// 64 KiB of tensors of several types, written to `prefix`.
void writeCheckpoint(const std::string &prefix) {
  BundleWriter writer(prefix);
  for (int i = 0; i < 60; ++i)
    ASSERT_FALSE(
        writer.add("layer_" + std::to_string(i) + "/kernel", tf::DT_FLOAT, {16, 16}, bytesOf(ascending<float>(256))));
  ASSERT_FALSE(writer.add("step", tf::DT_INT64, {}, bytesOf(std::vector<int64_t>{7})));
  ASSERT_FALSE(writer.add("flags", tf::DT_BOOL, {3}, bytesOf(std::vector<char>{1, 0, 1})));
  ASSERT_FALSE(writer.add("halves", tf::DT_HALF, {2, 2}, bytesOf(ascending<uint16_t>(4))));
  ASSERT_FALSE(writer.add("none", tf::DT_DOUBLE, {0, 4}, {}));
  ASSERT_FALSE(writer.addStrings("words", {2, 2}, {"a", "", std::string(3000, 'x'), "last"}));
  ASSERT_FALSE(writer.finish());
}

/// A bundle on bytes that a test changes.
std::shared_ptr<Bundle> parse(StringRef index, const std::string &data, Report &report) {
  return Bundle::parse(
      index, [&data](unsigned, unsigned) { return llvm::MemoryBuffer::getMemBuffer(data, "data", false); }, {},
      [&](Code code, const llvm::Twine &text) { report(code, text); });
}

bool readAll(Bundle &bundle, Report &report) {
  BundleTensor tensor;
  bool all = true;
  for (const auto &[key, entry] : bundle.tensors())
    all &= bundle.read(key, tensor, [&](Code code, const llvm::Twine &text) { report(code, text); });
  return all;
}

std::string entry(tf::DataType dtype, std::vector<int64_t> shape, int64_t offset, int64_t size, int shard = 0) {
  tf::BundleEntryProto proto;
  proto.set_dtype(dtype);
  for (int64_t dim : shape)
    proto.mutable_shape()->add_dim()->set_size(dim);
  proto.set_offset(offset);
  proto.set_size(size);
  proto.set_shard_id(shard);
  return proto.SerializeAsString();
}

std::string header(int shards = 1, bool big = false, int consumer = 0) {
  tf::BundleHeaderProto proto;
  proto.set_num_shards(shards);
  proto.set_endianness(big ? proto.BIG : proto.LITTLE);
  proto.mutable_version()->set_min_consumer(consumer);
  return proto.SerializeAsString();
}

/// The code that an index of these entries is refused with.
std::optional<Code> refusal(std::vector<std::pair<std::string, std::string>> entries) {
  TableWriter table;
  for (auto &[key, value] : entries)
    table.add(key, value);
  Report report;
  std::string data(64, 'd');
  if (auto bundle = parse(table.finish(), data, report))
    readAll(*bundle, report);
  return report.code;
}

} // namespace

TEST(Bundle, ChecksumIsCrc32c) {
  EXPECT_EQ(extendCrc32c(0, "123456789"), 0xe3069283u);
  EXPECT_EQ(extendCrc32c(extendCrc32c(0, "1234"), "56789"), 0xe3069283u);
}

TEST(Bundle, NumbersHaveOneForm) {
  for (uint64_t value : {uint64_t{0}, uint64_t{127}, uint64_t{128}, uint64_t{1} << 35, ~uint64_t{0}}) {
    std::string bytes;
    putVarint(bytes, value);
    StringRef rest = bytes;
    uint64_t read;
    ASSERT_TRUE(takeVarint(rest, read));
    EXPECT_EQ(read, value);
    EXPECT_TRUE(rest.empty());
  }
  uint64_t value;
  for (StringRef bad :
       {StringRef(""), StringRef("\x88"), StringRef("\x88\0", 2), StringRef("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
        StringRef("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")})
    EXPECT_FALSE(takeVarint(bad, value));
}

TEST(Bundle, ReadsWhatItWrites) {
  Folder folder;
  writeCheckpoint(folder.prefix());
  Report report;
  auto fail = [&](Code code, const llvm::Twine &text) { report(code, text); };
  auto bundle = Bundle::open(folder.prefix(), {}, fail);
  ASSERT_TRUE(bundle) << report.text;
  EXPECT_EQ(bundle->tensors().size(), 65u);
  BundleTensor tensor;
  ASSERT_TRUE(bundle->read("layer_7/kernel", tensor, fail)) << report.text;
  EXPECT_EQ(tensor.dtype, tf::DT_FLOAT);
  EXPECT_EQ(tensor.shape, (llvm::SmallVector<int64_t>{16, 16}));
  auto expected = ascending<float>(256);
  EXPECT_EQ(tensor.bytes, bytesOf(expected));
  // The file is mapped: the tensor lies in it where its place in the file says.
  BundleTensor other;
  ASSERT_TRUE(bundle->read("layer_8/kernel", other, fail));
  EXPECT_EQ(other.bytes.data(), tensor.bytes.data() + 1024);
  ASSERT_TRUE(bundle->read("words", tensor, fail)) << report.text;
  EXPECT_EQ(tensor.strings, (std::vector<std::string>{"a", "", std::string(3000, 'x'), "last"}));
  // Behind three bools nothing is aligned.
  ASSERT_TRUE(bundle->read("halves", tensor, fail)) << report.text;
  EXPECT_EQ(tensor.bytes, bytesOf(ascending<uint16_t>(4)));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.bytes.data()) % 2, 0u);
  ASSERT_TRUE(bundle->read("layer_7/kernel", tensor, fail) &&
              takeSlice("layer_7/kernel", "16 16 2,1:3,4", tensor, fail))
      << report.text;
  EXPECT_EQ(tensor.shape, (llvm::SmallVector<int64_t>{1, 4}));
  EXPECT_EQ(tensor.bytes, bytesOf(std::vector<float>{36, 37, 38, 39}));
  EXPECT_FALSE(bundle->read("layer_7/kernel", tensor, fail) &&
               takeSlice("layer_7/kernel", "16 15 2,1:3,4", tensor, fail));
  EXPECT_EQ(report.code, Code::VariableMismatch);
  EXPECT_FALSE(bundle->read("layer_70/kernel", tensor, fail));
  EXPECT_EQ(report.code, Code::NoSuchKey);
  EXPECT_NE(report.text.find("did you mean 'layer_"), std::string::npos) << report.text;
}

TEST(Bundle, EveryFlippedByteIsNoticed) {
  Folder folder;
  writeCheckpoint(folder.prefix());
  std::string index = contents(folder.prefix() + ".index"), data = contents(folder.prefix() + ".data-00000-of-00001");
  ASSERT_GT(index.size() + data.size(), 65536u);
  Report report;
  auto whole = parse(index, data, report);
  ASSERT_TRUE(whole && readAll(*whole, report)) << report.text;
  constexpr unsigned char changes[] = {1, 2, 4, 8, 16, 32, 64, 128, 255};
  for (size_t at = 0; at < index.size(); ++at)
    for (unsigned char change : changes) {
      index[at] ^= change;
      report = {};
      auto bundle = parse(index, data, report);
      EXPECT_FALSE(bundle && readAll(*bundle, report)) << "byte " << at << " of the index, bits " << int(change);
      EXPECT_TRUE(report.code);
      index[at] ^= change;
    }
  for (size_t at = 0; at < data.size(); ++at)
    for (unsigned char change : changes) {
      data[at] ^= change;
      report = {};
      EXPECT_FALSE(readAll(*whole, report)) << "byte " << at << " of the data, bits " << int(change);
      data[at] ^= change;
    }
  // Nothing of the above is left.
  EXPECT_TRUE(readAll(*whole, report));
  for (size_t size = 0; size < index.size(); ++size)
    EXPECT_FALSE(parse(StringRef(index).take_front(size), data, report)) << size;
}

TEST(Bundle, TablesOfManyBlocks) {
  TableWriter writer;
  std::vector<std::string> keys;
  for (int i = 0; i < 2000; ++i)
    keys.push_back("key" + std::to_string(10000 + i));
  for (const std::string &key : keys)
    writer.add(key, key + key);
  std::string file = writer.finish();
  size_t count = 0;
  TableError error = readTable(file, 1 << 20, [&](StringRef key, StringRef value) {
    EXPECT_EQ(key, keys[count]);
    EXPECT_EQ(value, keys[count] + keys[count]);
    return ++count != 0;
  });
  EXPECT_FALSE(error) << error.text;
  EXPECT_EQ(count, keys.size());
  error = readTable(file, 10000, [](StringRef, StringRef) { return true; });
  EXPECT_EQ(error.kind, TableError::Kind::tooLarge);
}

TEST(Bundle, CompressedBlocks) {
  std::string content, file, handle;
  for (StringRef part : {StringRef("\0\1\5kvalue\1\2\1xyw", 15), StringRef("\0\0\0\0\1\0\0\0", 8)})
    content += part;
  auto write = [&](const std::string &block, char compression) {
    std::string place;
    putVarint(place, file.size());
    putVarint(place, block.size());
    std::string stored = block + compression;
    file += stored;
    putWord(file, maskCrc32c(extendCrc32c(0, stored)));
    return place;
  };
  std::string packed;
  snappy::Compress(content.data(), content.size(), &packed);
  std::string place = write(packed, 1);
  std::string index("\0\1", 2);
  putVarint(index, place.size());
  index += "z" + place + std::string("\0\0\0\0\1\0\0\0", 8);
  std::string footer = write(std::string("\0\0\0\0\1\0\0\0", 8), 0) + write(index, 0);
  footer.resize(40);
  file += footer + "\x57\xfb\x80\x8b\x24\x75\x47\xdb";
  std::vector<std::string> seen;
  TableError error = readTable(file, 1000, [&](StringRef key, StringRef value) {
    seen.push_back((key + "=" + value).str());
    return true;
  });
  EXPECT_FALSE(error) << error.text;
  EXPECT_EQ(seen, (std::vector<std::string>{"k=value", "kxy=w"}));
}

TEST(Bundle, RefusesEntriesThatCannotBe) {
  auto good = entry(tf::DT_STRING, {1}, 0, 64);
  EXPECT_EQ(refusal({}), Code::DamagedIndex);
  EXPECT_EQ(refusal({{"a", good}}), Code::DamagedIndex);
  EXPECT_EQ(refusal({{"", "\xff"}}), Code::DamagedIndex);
  EXPECT_EQ(refusal({{"", header(0)}}), Code::DamagedIndex);
  EXPECT_EQ(refusal({{"", header(1, true)}}), Code::UnsupportedCheckpoint);
  EXPECT_EQ(refusal({{"", header(1, false, 2)}}), Code::UnsupportedCheckpoint);
  auto refused = [](std::string value) { return refusal({{"", header()}, {"a", value}}); };
  EXPECT_EQ(refusal({{"", header()}}), std::nullopt);
  EXPECT_EQ(refused("\xff"), Code::BadCheckpointEntry);
  EXPECT_EQ(refused(entry(tf::DT_FLOAT, {2}, 0, 8)), Code::ChecksumMismatch);
  EXPECT_EQ(refused(entry(tf::DT_FLOAT, {2}, 0, 9)), Code::BadCheckpointEntry);
  EXPECT_EQ(refused(entry(tf::DT_FLOAT, {2}, 57, 8)), Code::BadCheckpointEntry);
  EXPECT_EQ(refused(entry(tf::DT_FLOAT, {2}, -8, 8)), Code::BadCheckpointEntry);
  EXPECT_EQ(refused(entry(tf::DT_FLOAT, {2}, INT64_MAX, 8)), Code::BadCheckpointEntry);
  EXPECT_EQ(refused(entry(tf::DT_FLOAT, {2}, 0, 8, 1)), Code::BadCheckpointEntry);
  EXPECT_EQ(refused(entry(tf::DT_FLOAT, {-1}, 0, 8)), Code::BadCheckpointEntry);
  EXPECT_EQ(refused(entry(tf::DT_FLOAT, {int64_t{1} << 40, int64_t{1} << 40}, 0, 0)), Code::BadCheckpointEntry);
  EXPECT_EQ(refused(entry(tf::DT_STRING, {65}, 0, 64)), Code::BadCheckpointEntry);
  EXPECT_EQ(refused(entry(tf::DT_VARIANT, {}, 0, 64)), Code::UnsupportedType);
  EXPECT_EQ(refusal({{"", header()}, {"a", entry(tf::DT_STRING, {}, 0, 40)}, {"b", entry(tf::DT_STRING, {}, 39, 4)}}),
            Code::BadCheckpointEntry);
}

TEST(Bundle, ShardsAndLimits) {
  TableWriter table;
  table.add("", header(3));
  std::vector<std::string> data{"aaaa", "bbbbcccc", "dddd"};
  auto stored = [&](int shard, int64_t offset) {
    tf::BundleEntryProto proto;
    proto.ParseFromString(entry(tf::DT_INT32, {}, offset, 4, shard));
    proto.set_crc32c(maskCrc32c(extendCrc32c(0, StringRef(data[shard]).substr(offset, 4))));
    return proto.SerializeAsString();
  };
  table.add("x", stored(1, 4));
  table.add("y", stored(2, 0));
  table.add("z", stored(1, 0));
  std::string index = table.finish();
  Report report;
  auto fail = [&](Code code, const llvm::Twine &text) { report(code, text); };
  std::vector<unsigned> opened;
  auto shards = [&](unsigned shard, unsigned count) {
    EXPECT_EQ(count, 3u);
    opened.push_back(shard);
    return llvm::MemoryBuffer::getMemBuffer(data[shard], "data", false);
  };
  auto bundle = Bundle::parse(index, shards, {}, fail);
  ASSERT_TRUE(bundle) << report.text;
  BundleTensor tensor;
  for (auto [key, expected] : {std::pair("x", 'c'), std::pair("y", 'd'), std::pair("z", 'b')}) {
    ASSERT_TRUE(bundle->read(key, tensor, fail)) << report.text;
    EXPECT_EQ(tensor.bytes, llvm::ArrayRef<char>({expected, expected, expected, expected}));
  }
  // Each file is opened once, and only those that are needed.
  EXPECT_EQ(opened, (std::vector<unsigned>{1, 2}));
  ImportLimits limits;
  limits.indexBytes = 40;
  EXPECT_FALSE(Bundle::parse(index, shards, limits, fail));
  EXPECT_EQ(report.code, Code::LimitExceeded);
  limits = {};
  limits.parsedBytes = 600;
  report = {};
  EXPECT_FALSE(Bundle::parse(index, shards, limits, fail));
  EXPECT_EQ(report.code, Code::LimitExceeded);
}

TEST(Bundle, MissingFiles) {
  Folder folder;
  Report report;
  auto fail = [&](Code code, const llvm::Twine &text) { report(code, text); };
  EXPECT_FALSE(Bundle::open(folder.prefix(), {}, fail));
  EXPECT_EQ(report.code, Code::MissingCheckpointFile);
  writeCheckpoint(folder.prefix());
  llvm::sys::fs::remove(folder.prefix() + ".data-00000-of-00001");
  auto bundle = Bundle::open(folder.prefix(), {}, fail);
  ASSERT_TRUE(bundle);
  BundleTensor tensor;
  report = {};
  EXPECT_FALSE(bundle->read("step", tensor, fail));
  EXPECT_EQ(report.code, Code::MissingCheckpointFile);
  // A file of the format V1 is there under the prefix itself.
  llvm::sys::fs::remove(folder.prefix() + ".index");
  std::error_code error;
  llvm::raw_fd_ostream(folder.prefix(), error) << "old";
  EXPECT_FALSE(Bundle::open(folder.prefix(), {}, fail));
  EXPECT_EQ(report.code, Code::UnsupportedCheckpoint);
}

TEST(Bundle, NothingIsWrittenBeforeTheEnd) {
  Folder folder;
  writeCheckpoint(folder.prefix());
  std::string index = contents(folder.prefix() + ".index"), data = contents(folder.prefix() + ".data-00000-of-00001");
  {
    BundleWriter writer(folder.prefix());
    EXPECT_FALSE(writer.add("a", tf::DT_FLOAT, {1}, bytesOf(std::vector<float>{1})));
    EXPECT_EQ(llvm::toString(writer.add("a", tf::DT_FLOAT, {1}, bytesOf(std::vector<float>{1}))),
              "key 'a' must be new, not empty, and begin with no zero");
    EXPECT_EQ(llvm::toString(writer.add("b", tf::DT_FLOAT, {2}, bytesOf(std::vector<float>{1}))),
              "tensor 'b': size must be 8 bytes, but got 4");
  }
  EXPECT_EQ(contents(folder.prefix() + ".index"), index);
  EXPECT_EQ(contents(folder.prefix() + ".data-00000-of-00001"), data);
  EXPECT_FALSE(llvm::sys::fs::exists(folder.prefix() + ".data-00000-of-00001.tmp"));
}

TEST(Slices, CopiesAndTiles) {
  std::vector<int32_t> whole = ascending<int32_t>(24), part(4);
  TensorSlice slice{{1, 1}, {0, -1}, {1, 2}};
  ASSERT_FALSE(resolveSlice({2, 3}, slice));
  slice = {{1, 1}, {1, 2}, {1, 2}};
  ASSERT_TRUE(resolveSlice({2, 3, 4}, slice));
  copySlice({2, 3, 4}, slice, 4, reinterpret_cast<char *>(whole.data()), reinterpret_cast<char *>(part.data()), false);
  EXPECT_EQ(part, (std::vector<int32_t>{18, 19, 22, 23}));
  std::vector<int32_t> copy(24);
  copySlice({2, 3, 4}, slice, 4, reinterpret_cast<char *>(copy.data()), reinterpret_cast<char *>(part.data()), true);
  EXPECT_EQ(copy[17], 18);
  EXPECT_EQ(copy[22], 23);
  EXPECT_EQ(std::accumulate(copy.begin(), copy.end(), 0), 18 + 19 + 22 + 23);
  EXPECT_TRUE(slicesTile({4, 3}, {{{0, 3}, {0, 3}}, {{3, 1}, {0, 3}}}));
  EXPECT_FALSE(slicesTile({4, 3}, {{{0, 3}, {0, 3}}}));
  EXPECT_FALSE(slicesTile({4, 3}, {{{0, 2}, {0, 3}}, {{1, 2}, {0, 3}}}));
  llvm::SmallVector<int64_t> shape;
  EXPECT_TRUE(parseSliceSpec("4 3 0,2:-", shape, slice = {}));
  EXPECT_EQ(slice, (TensorSlice{{0, 2}, {0, 3}}));
  for (const char *bad : {"", "4", "4 3 0,2", "4 3 3,2:-", "4 3 0:-", "4 x -:-", "4 3 -1,2:-"}) {
    shape.clear();
    EXPECT_FALSE(parseSliceSpec(bad, shape, slice = {})) << bad;
  }
}

TEST(Slices, KeysAsTensorFlowWritesThem) {
  EXPECT_EQ(sliceKey("w", {{0, 2}, {0, -1}}), std::string("\0w\0\1\1\2\x80\x82\x80\x7f", 10));
  EXPECT_EQ(sliceKey("w", {{64, 1000}}), std::string("\0w\0\1\1\1\xc0\x40\xc3\xe8", 10));
}
