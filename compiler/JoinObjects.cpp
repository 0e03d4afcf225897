// SPDX-License-Identifier: Apache-2.0
// Many objects and the weights into one relocatable object whose hidden symbols are local.
#include "compiler/JoinObjects.h"

#include "lld/Common/Driver.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace llvm;

namespace lathe {
namespace {

/// A private folder that goes away with its files.
class ScratchFolder {
public:
  static Expected<std::unique_ptr<ScratchFolder>> create() {
    auto folder = std::make_unique<ScratchFolder>();
    if (std::error_code code = sys::fs::createUniqueDirectory("lathe", folder->path))
      return createStringError(code, "cannot make a temporary folder: " + code.message());
    return folder;
  }
  ~ScratchFolder() {
    if (!path.empty())
      sys::fs::remove_directories(path);
  }
  std::string file(const Twine &name) const {
    SmallString<128> result(path);
    sys::path::append(result, name);
    return std::string(result);
  }

private:
  SmallString<128> path;
};

Error writeFile(const std::string &path, ArrayRef<char> bytes) {
  std::error_code code;
  raw_fd_ostream stream(path, code);
  if (!code) {
    stream.write(bytes.data(), bytes.size());
    stream.close();
    code = stream.error();
    stream.clear_error();
  }
  return code ? createStringError(code, "cannot write '" + path + "': " + code.message()) : Error::success();
}

Error link(ArrayRef<std::string> inputs, const std::string &output) {
  std::vector<const char *> arguments = {"ld.lld", "-r", "--threads=1", "-z", "noexecstack", "-o", output.c_str()};
  for (const std::string &input : inputs)
    arguments.push_back(input.c_str());
  std::string text;
  raw_string_ostream stream(text);
  const lld::Result result = lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode || !result.canRunAgain)
    return createStringError("cannot join objects: " + StringRef(text).trim());
  return Error::success();
}

Expected<SmallVector<char, 0>> localizeHidden(const std::string &path) {
  auto binary = object::ObjectFile::createObjectFile(path);
  if (!binary)
    return binary.takeError();
  objcopy::ConfigManager config;
  config.ELF.LocalizeHidden = true;
  SmallVector<char, 0> bytes;
  raw_svector_ostream stream(bytes);
  if (Error error = objcopy::executeObjcopyOnBinary(config, *binary->getBinary(), stream))
    return std::move(error);
  return bytes;
}

/// Makes the section called `name`, a stand-in of one byte, `size` bytes at `offset` of the file.
Error placeSection(SmallVectorImpl<char> &file, StringRef name, uint64_t offset, uint64_t size) {
  auto *header = reinterpret_cast<ELF::Elf64_Ehdr *>(file.data());
  auto *sections = reinterpret_cast<ELF::Elf64_Shdr *>(file.data() + header->e_shoff);
  const char *names = file.data() + sections[header->e_shstrndx].sh_offset;
  for (unsigned i = 0; i < header->e_shnum; ++i) {
    if (name != names + sections[i].sh_name)
      continue;
    sections[i].sh_offset = offset;
    sections[i].sh_size = size;
    return Error::success();
  }
  return createStringError("joined object lacks section '" + name + "'");
}

template <typename T> void append(SmallVectorImpl<char> &bytes, const T &value) {
  const char *start = reinterpret_cast<const char *>(&value);
  bytes.append(start, start + sizeof(T));
}

uint32_t addName(std::string &table, StringRef name) {
  const uint32_t at = uint32_t(table.size());
  table += name;
  table += '\0';
  return at;
}

} // namespace

uint64_t JoinedObject::size() const {
  return sections.empty() ? head.size() : sections.back().offset + sections.back().bytes.size();
}

void JoinedObject::write(raw_ostream &stream) const {
  stream.write(head.data(), head.size());
  uint64_t at = head.size();
  for (const Placed &section : sections) {
    stream.write_zeros(unsigned(section.offset - at));
    stream.write(section.bytes.data(), section.bytes.size());
    at = section.offset + section.bytes.size();
  }
}

SmallVector<char, 0> writeRawSectionObject(const RawSection &section, uint16_t elfMachine) {
  enum : unsigned { null, data, note, symbols, strings, names, count };
  std::string nameTable(1, '\0'), stringTable(1, '\0');
  ELF::Elf64_Shdr headers[count] = {};
  const auto describe = [&](unsigned index, StringRef name, unsigned type, uint64_t size, uint64_t alignment) {
    headers[index].sh_name = addName(nameTable, name);
    headers[index].sh_type = type;
    headers[index].sh_size = size;
    headers[index].sh_addralign = alignment;
  };
  ELF::Elf64_Sym table[2] = {};
  table[1].st_name = addName(stringTable, section.symbol);
  table[1].setBindingAndType(ELF::STB_GLOBAL, ELF::STT_NOTYPE);
  table[1].st_other = ELF::STV_HIDDEN;
  table[1].st_shndx = data;
  describe(data, section.section, ELF::SHT_PROGBITS, section.bytes.size(), section.alignment);
  headers[data].sh_flags = ELF::SHF_ALLOC;
  describe(note, ".note.GNU-stack", ELF::SHT_PROGBITS, 0, 1);
  describe(symbols, ".symtab", ELF::SHT_SYMTAB, sizeof(table), 8);
  headers[symbols].sh_link = strings;
  headers[symbols].sh_info = 1; // first symbol that is not local
  headers[symbols].sh_entsize = sizeof(ELF::Elf64_Sym);
  describe(strings, ".strtab", ELF::SHT_STRTAB, stringTable.size(), 1);
  describe(names, ".shstrtab", ELF::SHT_STRTAB, 0, 1);
  headers[names].sh_size = nameTable.size();

  ELF::Elf64_Ehdr header = {};
  memcpy(header.e_ident, ELF::ElfMagic, 4);
  header.e_ident[ELF::EI_CLASS] = ELF::ELFCLASS64;
  header.e_ident[ELF::EI_DATA] = ELF::ELFDATA2LSB;
  header.e_ident[ELF::EI_VERSION] = ELF::EV_CURRENT;
  header.e_type = ELF::ET_REL;
  header.e_machine = elfMachine;
  header.e_version = ELF::EV_CURRENT;
  header.e_ehsize = sizeof(header);
  header.e_shentsize = sizeof(ELF::Elf64_Shdr);
  header.e_shnum = count;
  header.e_shstrndx = names;

  uint64_t at = sizeof(header);
  for (ELF::Elf64_Shdr &each : drop_begin(headers)) {
    each.sh_offset = at = alignTo(at, each.sh_addralign);
    at += each.sh_size;
  }
  header.e_shoff = alignTo(at, 8);

  SmallVector<char, 0> bytes;
  bytes.reserve(header.e_shoff + sizeof(headers));
  append(bytes, header);
  const auto put = [&](unsigned index, const char *start) {
    bytes.resize(headers[index].sh_offset);
    bytes.append(start, start + headers[index].sh_size);
  };
  put(data, section.bytes.data());
  put(symbols, reinterpret_cast<const char *>(table));
  put(strings, stringTable.data());
  put(names, nameTable.data());
  bytes.resize(header.e_shoff);
  append(bytes, headers);
  return bytes;
}

Expected<JoinedObject> joinObjects(ArrayRef<ArrayRef<char>> objects, ArrayRef<RawSection> sections) {
  if (objects.empty())
    return createStringError("joining needs at least one object");
  auto folder = ScratchFolder::create();
  if (!folder)
    return folder.takeError();
  std::vector<std::string> inputs;
  const auto add = [&](ArrayRef<char> bytes) {
    inputs.push_back((*folder)->file("part" + Twine(inputs.size()) + ".o"));
    return writeFile(inputs.back(), bytes);
  };
  for (ArrayRef<char> object : objects)
    if (Error error = add(object))
      return std::move(error);
  // Linker and objcopy see one byte for each raw section; the real bytes are placed behind their output. So 100 MB of
  // weights are neither read nor written here.
  uint16_t machine;
  if (objects[0].size() < sizeof(ELF::Elf64_Ehdr))
    return createStringError("the first object is not an ELF object");
  memcpy(&machine, objects[0].data() + offsetof(ELF::Elf64_Ehdr, e_machine), sizeof(machine));
  for (const RawSection &section : sections) {
    RawSection standIn = section;
    const char byte = 0;
    standIn.bytes = ArrayRef(&byte, 1);
    if (Error error = add(writeRawSectionObject(standIn, machine)))
      return std::move(error);
  }
  const std::string joined = (*folder)->file("joined.o");
  // lld keeps its state in globals.
  static std::mutex mutex;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (Error error = link(inputs, joined))
      return std::move(error);
  }
  auto head = localizeHidden(joined);
  if (!head)
    return head.takeError();

  JoinedObject result;
  result.head = std::move(*head);
  uint64_t at = result.head.size();
  for (const RawSection &section : sections) {
    at = alignTo(at, section.alignment);
    if (Error error = placeSection(result.head, section.section, at, section.bytes.size()))
      return std::move(error);
    result.sections.push_back({at, section.bytes});
    at += section.bytes.size();
  }
  return result;
}

} // namespace lathe
