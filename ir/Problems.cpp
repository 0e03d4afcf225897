// SPDX-License-Identifier: Apache-2.0
// The list of problems, its text and JSON forms, and the bridge to and from MLIR's diagnostics.
#include "ir/Problems.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace lathe {

static constexpr CodeInfo codes[] = {
#define LATHE_PROBLEM(number, name, title, explanation, remedy) {Code::name, title, explanation, remedy},
#include "ir/Problems.def"
};

ArrayRef<CodeInfo> allCodes() {
  return codes;
}

const CodeInfo &codeInfo(Code code) {
  return *llvm::find_if(codes, [&](const CodeInfo &info) { return info.code == code; });
}

std::string codeName(Code code) {
  std::string name;
  llvm::raw_string_ostream(name) << "LTH" << llvm::format("%04u", static_cast<unsigned>(code));
  return name;
}

std::optional<Code> parseCode(StringRef name) {
  unsigned number;
  name.consume_front_insensitive("lth");
  if (name.getAsInteger(10, number))
    return std::nullopt;
  for (const CodeInfo &info : codes)
    if (static_cast<unsigned>(info.code) == number)
      return info.code;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// The list
//===----------------------------------------------------------------------===//

void ProblemList::add(Code code, std::string node, std::string op, std::string message, std::string remedy) {
  std::lock_guard<std::mutex> lock(mutex);
  // Two entries find the same in what they share.
  if (!node.empty() && llvm::any_of(list, [&](const Problem &p) { return p.code == code && p.node == node && p.message == message; }))
    return;
  if (++count > kept)
    return;
  if (remedy.empty())
    remedy = codeInfo(code).remedy.str();
  list.push_back({code, std::move(node), std::move(op), std::move(message), std::move(remedy)});
}

bool ProblemList::hasInternalError() const {
  return llvm::any_of(list, [](const Problem &problem) { return problem.code == Code::InternalError; });
}

/// Names come from the file: control characters must not reach a terminal.
static void printEscaped(llvm::raw_ostream &out, StringRef text) {
  for (unsigned char c : text) {
    if (c < 0x20 || c == 0x7f)
      out << "\\x" << llvm::format_hex_no_prefix(c, 2);
    else
      out << c;
  }
}

void ProblemList::print(llvm::raw_ostream &out, StringRef file) const {
  out << file << ": cannot compile: " << count << (count == 1 ? " problem\n" : " problems\n");
  for (const Problem &problem : list) {
    out << "  error " << codeName(problem.code) << ": ";
    if (!problem.node.empty()) {
      out << "node '";
      printEscaped(out, problem.node);
      out << "'";
      if (!problem.op.empty()) {
        out << " (";
        printEscaped(out, problem.op);
        out << ")";
      }
      out << ": ";
    }
    printEscaped(out, problem.message);
    out << "\n";
    if (!problem.remedy.empty()) {
      out << "      ";
      printEscaped(out, problem.remedy);
      out << "\n";
    }
  }
  if (count > list.size())
    out << "  and " << count - list.size() << " more\n";
}

void ProblemList::printJSON(llvm::raw_ostream &out, StringRef file) const {
  llvm::json::OStream json(out, /*IndentSize=*/2);
  auto text = [&](StringRef key, StringRef value) { json.attribute(key, llvm::json::fixUTF8(value)); };
  json.object([&] {
    text("file", file);
    json.attribute("count", static_cast<int64_t>(count));
    json.attributeArray("problems", [&] {
      for (const Problem &problem : list)
        json.object([&] {
          text("code", codeName(problem.code));
          text("title", codeInfo(problem.code).title);
          text("node", problem.node);
          text("op", problem.op);
          text("message", problem.message);
          text("remedy", problem.remedy);
        });
    });
  });
  out << "\n";
}

std::string didYouMean(StringRef nearest) {
  return nearest.empty() ? std::string() : ("; did you mean '" + nearest + "'?").str();
}

//===----------------------------------------------------------------------===//
// Locations and diagnostics
//===----------------------------------------------------------------------===//

Location nodeLocation(MLIRContext *context, StringRef node, StringRef op) {
  return NameLoc::get(StringAttr::get(context, node), NameLoc::get(StringAttr::get(context, op)));
}

NodeNames nodeNames(Location location) {
  NodeNames names;
  location->walk([&](Location inner) {
    auto name = dyn_cast<NameLoc>(inner);
    if (!name)
      return WalkResult::advance();
    names.node = name.getName();
    if (auto op = dyn_cast<NameLoc>(name.getChildLoc()))
      names.op = op.getName();
    return WalkResult::interrupt();
  });
  return names;
}

void emitProblem(Location location, Code code, const Twine &message, const Twine &remedy) {
  InFlightDiagnostic diagnostic = emitError(location) << codeName(code) << ": " << message;
  diagnostic.attachNote() << (remedy.isTriviallyEmpty() ? Twine(codeInfo(code).remedy) : remedy);
}

ProblemCollector::ProblemCollector(MLIRContext *context, ProblemList &problems) : ScopedDiagnosticHandler(context) {
  setHandler([&problems](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
      return failure();
    std::string message = diagnostic.str(), remedy;
    Code code = Code::InternalError;
    auto [prefix, rest] = StringRef(message).split(": ");
    if (auto parsed = prefix.starts_with("LTH") ? parseCode(prefix) : std::nullopt) {
      code = *parsed;
      message = rest.str();
      for (Diagnostic &note : diagnostic.getNotes())
        remedy += (remedy.empty() ? "" : "; ") + note.str();
    }
    NodeNames names = nodeNames(diagnostic.getLocation());
    problems.add(code, names.node.str(), names.op.str(), std::move(message), std::move(remedy));
    return success();
  });
}

} // namespace lathe
