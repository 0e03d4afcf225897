// SPDX-License-Identifier: Apache-2.0
// Finds the file of a model.
#include "compiler/saved/OpenModel.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace lathe {

static ErrorOr<std::unique_ptr<MemoryBuffer>> openFile(const Twine &path) {
  return MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
}

std::optional<ModelFile> openModel(StringRef path, ImportOptions &options, ProblemList &problems) {
  if (!sys::fs::is_directory(path)) {
    options.form = path.ends_with(".meta") ? ImportOptions::Form::metaGraph : ImportOptions::Form::graph;
    auto file = openFile(path);
    if (file)
      return ModelFile{std::move(*file), path.str()};
    problems.add(Code::UnreadableFile, "cannot read the file: " + file.getError().message());
    return std::nullopt;
  }
  options.form = ImportOptions::Form::savedModel;
  std::string folder = (path.size() > 1 ? path.rtrim('/') : path).str();
  auto file = openFile(folder + "/saved_model.pb");
  if (!file)
    file = openFile(folder + "/saved_model.pbtxt");
  if (!file) {
    problems.add(Code::BadSavedModel,
                 "the folder has no saved_model.pb that can be read: " + file.getError().message());
    return std::nullopt;
  }
  std::string variables = folder + "/variables/variables";
  if (options.checkpoint.empty() && sys::fs::exists(variables + ".index"))
    options.checkpoint = variables;
  return ModelFile{std::move(*file), std::move(folder)};
}

} // namespace lathe
