// SPDX-License-Identifier: Apache-2.0
// The C and C++ header that goes with an object.
#pragma once

#include "compiler/Interface.h"

#include <string>

namespace lathe {

/// The header's text: C11 and C++17, no include but <lathe/runtime.h> and the standard headers, the same bytes for the
/// same interface. `object.name` must come from moduleIdentifier(); tensors may lack identifiers. Shapes must be
/// static.
std::string emitHeader(const ObjectInterface &object);

} // namespace lathe
