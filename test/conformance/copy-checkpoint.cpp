// SPDX-License-Identifier: Apache-2.0
// Reads every tensor of a checkpoint and writes them all to another: copy-checkpoint FROM TO.
#include "compiler/bundle/Bundle.h"
#include "compiler/bundle/BundleWriter.h"
#include "llvm/Support/raw_ostream.h"

using namespace lathe;

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  auto fail = [](Code code, const llvm::Twine &message) { llvm::errs() << codeName(code) << ": " << message << "\n"; };
  auto bundle = Bundle::open(argv[1], {}, fail);
  if (!bundle)
    return 1;
  BundleWriter writer(argv[2]);
  BundleTensor tensor;
  for (const auto &[key, entry] : bundle->tensors()) {
    if (!bundle->read(key, tensor, fail))
      return 1;
    llvm::Error error = entry.dtype == tf::DT_STRING ? writer.addStrings(key, tensor.shape, tensor.strings)
                                                     : writer.add(key, tensor.dtype, tensor.shape, tensor.bytes);
    if (error) {
      llvm::errs() << llvm::toString(std::move(error)) << "\n";
      return 1;
    }
  }
  if (llvm::Error error = writer.finish()) {
    llvm::errs() << llvm::toString(std::move(error)) << "\n";
    return 1;
  }
  llvm::outs() << bundle->tensors().size() << " tensors\n";
  return 0;
}
