// SPDX-License-Identifier: Apache-2.0
// The command-line tool: finds the subcommand.
#include "tools/lathe/Commands.h"
#include "llvm/Support/raw_ostream.h"

using namespace lathe::tool;

namespace {
struct Command {
  llvm::StringRef name;
  int (*run)(const Arguments &);
  const char *summary;
};
constexpr Command commands[] = {
    {"compile", compileCommand, "compile GRAPH -o model.o        an object and a header beside it"},
    {"check", checkCommand, "check GRAPH                      everything that would stop a compile; --json for tools"},
    {"inspect", inspectCommand, "inspect GRAPH [--plan]           signatures, sizes, what each launch costs"},
    {"run", runCommand, "run GRAPH --feed N=F.npy --fetch N=F.npy   compile in memory and execute each entry once;\n"
                                                                          "                                     --restore=PREFIX, --save=PREFIX for variables"},
    {"bench", benchCommand, "bench GRAPH [--threads N] [--seconds S] [--batch N]   times on random data; --profile: of each launch"},
    {"explain", explainCommand, "explain LTH0107                  what a problem means and what to do"},
    {"ops", opsCommand, "ops                              the TensorFlow operations that compile, by family"},
    {"targets", targetsCommand, "targets                          names for --target-cpu"}};

int printHelp() {
  llvm::outs() << "lathe turns a TensorFlow graph into an object file and a C header.\n\n";
  for (const Command &command : commands)
    llvm::outs() << "  lathe " << command.summary << "\n";
  llvm::outs() << "\nWhat to compile: --feed NAME, --fetch NAME, --shape NAME:1x2x3, --config FILE (tfcompile's)\n"
                  "A GRAPH is a GraphDef, a .meta file, or the folder of a SavedModel: --tag=serve, --signature=NAME, "
                  "--checkpoint=PREFIX\n"
                  "Several functions over one set of weights: --entry NAME:FEED=1x2,FEED:FETCH,FETCH, once each; "
                  "--state=NAME keeps a variable\n"
                  "Batches of any size, where feeds leave their first dimension open: --specialize N=1,8,64\n"
                  "How: --target-cpu=host, --name, --cpp-class, --conv=fast|exact, --jobs N, --dump-dir=DIR, --stop-after=STAGE, -q\n"
                  "Checks: --checks=drop leaves out Assert, CheckNumerics and what else refuses some values when "
                  "running (default: keep)\n";
  return 0;
}

int dispatch(int argc, char **argv) {
  llvm::StringRef name = argc > 1 ? argv[1] : "help";
  // tfcompile's flags need no subcommand.
  if (name.starts_with("--graph")) {
    std::vector<char *> words(argv, argv + argc);
    words.insert(words.begin() + 1, const_cast<char *>("compile"));
    return dispatch(static_cast<int>(words.size()), words.data());
  }
  if (name == "help" || name == "--help" || name == "-h")
    return printHelp();
  for (const Command &command : commands) {
    if (command.name != name)
      continue;
    std::optional<Arguments> arguments = parseArguments(argc, argv);
    if (!arguments)
      return 1;
    return arguments->has("help") ? printHelp() : command.run(*arguments);
  }
  std::vector<llvm::StringRef> names;
  for (const Command &command : commands)
    names.push_back(command.name);
  llvm::errs() << "lathe: no command named '" << name << "'" << lathe::didYouMean(lathe::nearestName(name, names)) << "; see lathe help\n";
  return 1;
}
} // namespace

int main(int argc, char **argv) { return dispatch(argc, argv); }
