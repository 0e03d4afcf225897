// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy files, versions 1 to 3, row-major.
#ifndef LATHE_TOOLS_LATHE_NPY_H
#define LATHE_TOOLS_LATHE_NPY_H

#include "lathe/abi.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace lathe::tool {

struct Array {
  lathe_dtype_t dtype{};
  std::vector<int64_t> shape;
  std::vector<char> bytes;
};

/// Reads a file; its text says what is wrong with it.
llvm::Expected<Array> readNpy(const std::string &path);
/// Writes a file; bfloat16, which NumPy lacks, as uint16.
llvm::Error writeNpy(const std::string &path, lathe_dtype_t dtype, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<char> bytes);

/// "float32".
std::string dtypeName(lathe_dtype_t dtype);

} // namespace lathe::tool
#endif
