// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a user's graph: one numbering, one list, one way to print it.
#ifndef LATHE_IR_PROBLEMS_H
#define LATHE_IR_PROBLEMS_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <algorithm>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
}

namespace lathe {

/// The number of a problem; `LTH0107` is Code::UnsupportedOp.
enum class Code : unsigned {
#define LATHE_PROBLEM(number, name, title, explanation, remedy) name = number,
#include "ir/Problems.def"
};

/// What is said about a code in general.
struct CodeInfo {
  Code code;
  llvm::StringRef title, explanation, remedy;
};

/// All codes, in the order of their numbers.
llvm::ArrayRef<CodeInfo> allCodes();

/// What is known of `code`.
const CodeInfo &codeInfo(Code code);

/// `LTH0107`.
std::string codeName(Code code);

/// The code that `name` (`LTH0107`, in any case, or `107`) stands for, if there is one.
std::optional<Code> parseCode(llvm::StringRef name);

/// One thing that is wrong. `node` and `op` are empty when it is not about a node. `remedy` says what to do.
struct Problem {
  Code code;
  std::string node, op, message, remedy;
};

/// Collects problems. After `kept` of them the rest is only counted, so that no input can fill memory with messages.
/// May be used from several threads.
class ProblemList {
public:
  /// Adds a problem; without a remedy the one of the code is used.
  void add(Code code, std::string node, std::string op, std::string message, std::string remedy = "");
  /// Adds a problem that is not about a node.
  void add(Code code, std::string message, std::string remedy = "") {
    add(code, "", "", std::move(message), std::move(remedy));
  }

  bool empty() const { return size() == 0; }
  /// How many were added, also those that were not kept.
  size_t size() const { return count; }
  /// Those that were kept.
  llvm::ArrayRef<Problem> problems() const { return list; }
  /// Whether one of them is an internal error.
  bool hasInternalError() const;

  /// Writes `FILE: cannot compile: 2 problems` and two lines a problem.
  void print(llvm::raw_ostream &out, llvm::StringRef file) const;
  /// Writes an object with `file`, `count` and the array `problems`.
  void printJSON(llvm::raw_ostream &out, llvm::StringRef file) const;

private:
  static constexpr size_t kept = 1000;
  std::mutex mutex;
  std::vector<Problem> list;
  size_t count = 0;
};

/// The location of a node: its name, then the operation's.
mlir::Location nodeLocation(mlir::MLIRContext *context, llvm::StringRef node, llvm::StringRef op);

/// The names of node and operation that `location` carries, the first found in fused and call-site locations; empty
/// where there are none.
struct NodeNames {
  llvm::StringRef node, op;
};
NodeNames nodeNames(mlir::Location location);

/// Emits `code` as an MLIR error at `location`, with the remedy (by default that of the code) as a note.
void emitProblem(mlir::Location location, Code code, const llvm::Twine &message, const llvm::Twine &remedy = "");

/// While it lives, turns the error diagnostics of a context into problems. An error without a code becomes an internal
/// error; warnings and remarks pass on to the next handler.
class ProblemCollector : public mlir::ScopedDiagnosticHandler {
public:
  ProblemCollector(mlir::MLIRContext *context, ProblemList &problems);
};

/// The name among `names` closest to `name`, if one is close enough to be what was meant; else "". Comparing two names
/// costs the product of their lengths; once `work` is used up, the rest is not looked at.
template <typename Range> std::string nearestName(llvm::StringRef name, const Range &names, uint64_t &work) {
  // Twice as many wrong letters as a slip would make are no longer a slip.
  unsigned best = name.size() / 3 + 2;
  std::string result;
  for (llvm::StringRef candidate : names) {
    if (std::max(name.size(), candidate.size()) - std::min(name.size(), candidate.size()) >= best)
      continue;
    uint64_t cost = name.size() * candidate.size();
    if (cost > work)
      break;
    work -= cost;
    unsigned distance = name.edit_distance(candidate, /*AllowReplacements=*/true, /*MaxEditDistance=*/best);
    if (distance < best && distance < candidate.size()) {
      best = distance;
      result = candidate.str();
    }
  }
  return result;
}

template <typename Range> std::string nearestName(llvm::StringRef name, const Range &names) {
  uint64_t work = 100'000'000;
  return nearestName(name, names, work);
}

/// `; did you mean 'NAME'?`, or "" without a name.
std::string didYouMean(llvm::StringRef nearest);

} // namespace lathe

#endif
