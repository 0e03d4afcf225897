// SPDX-License-Identifier: Apache-2.0
// What the writers of the generated header share: text templates, names, and element types.
#pragma once

#include "compiler/Interface.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lathe::header {

using Values = std::initializer_list<std::pair<std::string_view, std::string>>;

/// Replaces every @KEY@ of the text by its value; every key must have one.
std::string expand(std::string_view text, Values values);

std::string upperCase(std::string text);

/// An element as C sees it: half-precision floats as their bits, types without a C equivalent as bytes.
const char *elementType(const TensorInterface &tensor);

/// Elements of elementType() that the tensor has.
uint64_t elementCount(const TensorInterface &tensor);

/// "1, 8 or 64": the sizes of batches that the entry has bodies for.
std::string batchSizes(const EntryInterface &entry);

/// How the parts of one entry are named.
struct Names {
  std::string prefix, macro, cppNamespace, cppClass;
};

/// Names for all entries, in their order.
std::vector<Names> nameEntries(const ObjectInterface &object);

/// The comment that begins the header: the interface, the memory, and a program that uses the model. Tensors must have
/// identifiers.
std::string bannerText(const ObjectInterface &object, const std::vector<Names> &names);

} // namespace lathe::header
