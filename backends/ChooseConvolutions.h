// SPDX-License-Identifier: Apache-2.0
// The pass in which a backend chooses the algorithm of each convolution.
#ifndef LATHE_BACKENDS_CHOOSECONVOLUTIONS_H
#define LATHE_BACKENDS_CHOOSECONVOLUTIONS_H

#include "mlir/Pass/Pass.h"

namespace lathe {

/// Requires core ops in the forms of lathe-normalize-contractions, before padding is materialized. Gives each core.conv
/// for which the backend of `target` has a faster algorithm than direct sums the bytes of working memory that it needs.
/// A target that no backend knows changes nothing.
std::unique_ptr<mlir::Pass> createChooseConvolutionsPass(std::string target = "host");

} // namespace lathe
#endif
