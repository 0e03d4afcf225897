// SPDX-License-Identifier: Apache-2.0
// Compiles damaged graphs, each found fine or refused with reasons that are the user's: mutate-graphs [--count=500]
// [--first=0]
// [--stop-after=plan] [--save=DIR] GRAPH... Mutant N comes from seed N alone. One that crashes, hangs, takes more than
// a second of processor time or 1 GiB, or is refused without node or remedy is a failure, and is written into DIR. With
// --stop-after= (empty) everything is compiled.
#include "compiler/Compile.h"
#include "passes/legalize/Table.h"
#include "test/fuzz/Mutate.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <csignal>
#include <ctime>
#include <map>
#include <poll.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace lathe;

namespace {
constexpr double mostSeconds = 1;
constexpr int killSeconds = 20, silentMilliseconds = 120'000;
constexpr rlim_t mostBytes = rlim_t(1) << 30;
constexpr unsigned batch = 100;

struct Options {
  unsigned count = 500, first = 0;
  std::string stopAfter = "plan", save;
  std::vector<std::string> paths;
};

/// What a child says about one mutant: one line of text through a pipe.
struct Outcome {
  enum Kind : char { Fine, Refused, Failed } kind = Failed;
  unsigned code = 0; ///< the first problem's
  float seconds = 0;
  char text[240] = {};
};

class Run {
public:
  explicit Run(const Options &options) : options(options) {
    for (const std::string &path : options.paths)
      graphs.push_back(readSourceGraph(path));
    legalize::forEachSupportedOp([&](llvm::StringRef, llvm::StringRef op) { ops.push_back(op.str()); });
  }

  /// The number of failures.
  unsigned go() {
    auto fine =
        llvm::count_if(graphs, [&](const SourceGraph &graph) { return compile(graph.binary).kind == Outcome::Fine; });
    llvm::outs() << fine << " of " << graphs.size() << " graphs compile as they are\n";
    unsigned end = options.first + options.count;
    for (unsigned seed = options.first; seed < end;)
      seed = runBatch(seed, std::min(end, seed + batch));
    llvm::outs() << llvm::format(
        "%u mutants (seeds %u to %u) of %zu graphs: %u fine, %u refused, %u failed; slowest %.2f s (seed %u)\n",
        options.count, options.first, end - 1, graphs.size(), counts[Outcome::Fine], counts[Outcome::Refused],
        counts[Outcome::Failed], slowest, slowestSeed);
    for (auto [code, count] : codes)
      llvm::outs() << (code ? codeName(static_cast<Code>(code)) : "fine") << " " << count
                   << (code == codes.rbegin()->first ? "\n" : ", ");
    return counts[Outcome::Failed];
  }

private:
  const SourceGraph &graphOf(unsigned seed) const { return graphs[seed % graphs.size()]; }

  Outcome compile(const std::string &bytes) const {
    Outcome outcome;
    ProblemList problems;
    CompileOptions compileOptions;
    compileOptions.stopAfter = options.stopAfter;
    compileOptions.jobs = 1;
    std::clock_t begin = std::clock();
    compileGraph(llvm::MemoryBufferRef(bytes, "mutant.pb"), compileOptions, problems);
    outcome.seconds = static_cast<float>(std::clock() - begin) / CLOCKS_PER_SEC;
    outcome.kind = problems.empty() ? Outcome::Fine : Outcome::Refused;
    outcome.code = problems.empty() ? 0 : static_cast<unsigned>(problems.problems().front().code);
    std::string text;
    auto fail = [&](const Problem &problem, const char *why) {
      outcome.kind = Outcome::Failed;
      text = why + (": " + codeName(problem.code)) + " node '" + problem.node + "' (" + problem.op +
             "): " + problem.message;
    };
    constexpr unsigned firstAboutNodes = 201;
    for (const Problem &problem : problems.problems()) {
      if (text.empty())
        text = codeName(problem.code) + " node '" + problem.node + "' (" + problem.op + "): " + problem.message;
      if (problem.code == Code::InternalError)
        fail(problem, "internal error");
      else if (problem.remedy.empty() || problem.message.empty())
        fail(problem, "no remedy");
      else if (problem.node.empty() && static_cast<unsigned>(problem.code) >= firstAboutNodes)
        fail(problem, "no node");
    }
    if (outcome.kind != Outcome::Failed && options.stopAfter == "plan" && outcome.seconds > mostSeconds) {
      outcome.kind = Outcome::Failed;
      text = "took more than a second: " + text;
    }
    text.copy(outcome.text, sizeof outcome.text - 1);
    return outcome;
  }

  [[noreturn]] void child(unsigned first, unsigned end, int pipe) const {
    rlimit noCore{0, 0}, memory{mostBytes, mostBytes};
    setrlimit(RLIMIT_CORE, &noCore);
    setrlimit(RLIMIT_DATA, &memory);
    for (unsigned seed = first; seed < end; ++seed) {
      itimerval timer{{0, 0}, {killSeconds, 0}};
      setitimer(ITIMER_PROF, &timer, nullptr);
      Outcome outcome = compile(mutate(graphOf(seed), ops, seed).bytes);
      if (write(pipe, &outcome, sizeof outcome) != sizeof outcome)
        _exit(3);
    }
    _exit(0);
  }

  /// Runs the mutants in a child; the seed to go on with.
  unsigned runBatch(unsigned first, unsigned end) {
    int ends[2];
    if (pipe(ends) != 0)
      llvm::report_fatal_error("no pipe");
    llvm::outs().flush();
    pid_t pid = fork();
    if (pid == 0)
      child(first, end, ends[1]);
    close(ends[1]);
    unsigned seed = first;
    for (Outcome outcome;; ++seed) {
      pollfd ready{ends[0], POLLIN, 0};
      if (poll(&ready, 1, silentMilliseconds) == 0)
        kill(pid, SIGKILL);
      if (read(ends[0], &outcome, sizeof outcome) != sizeof outcome)
        break;
      record(seed, outcome);
    }
    close(ends[0]);
    int status = 0;
    waitpid(pid, &status, 0);
    if (seed == end)
      return end;
    Outcome outcome;
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    std::string text = signal == SIGPROF || signal == SIGKILL ? "hang" : "crash, signal " + std::to_string(signal);
    text.copy(outcome.text, sizeof outcome.text - 1);
    record(seed, outcome);
    return seed + 1;
  }

  void record(unsigned seed, const Outcome &outcome) {
    ++counts[outcome.kind];
    ++codes[outcome.code];
    if (outcome.seconds > slowest) {
      slowest = outcome.seconds;
      slowestSeed = seed;
    }
    if (outcome.kind != Outcome::Failed)
      return;
    Mutant mutant = mutate(graphOf(seed), ops, seed);
    llvm::outs() << "FAILED seed " << seed << " (" << graphOf(seed).name << ": " << mutant.what << "): " << outcome.text
                 << "\n";
    if (options.save.empty())
      return;
    std::error_code error;
    llvm::raw_fd_ostream(options.save + "/seed-" + std::to_string(seed) + ".pb", error) << mutant.bytes;
  }

  const Options &options;
  std::vector<SourceGraph> graphs;
  std::vector<std::string> ops;
  unsigned counts[3] = {};
  std::map<unsigned, unsigned> codes;
  float slowest = 0;
  unsigned slowestSeed = 0;
};
} // namespace

int main(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    llvm::StringRef word = argv[i];
    bool fits = true;
    if (word.consume_front("--count="))
      fits = !word.getAsInteger(10, options.count);
    else if (word.consume_front("--first="))
      fits = !word.getAsInteger(10, options.first);
    else if (word.consume_front("--stop-after="))
      options.stopAfter = word.str();
    else if (word.consume_front("--save="))
      options.save = word.str();
    else if (word.starts_with("-"))
      fits = false;
    else
      options.paths.push_back(word.str());
    if (!fits) {
      llvm::errs() << "mutate-graphs: cannot read '" << argv[i] << "'\n";
      return 2;
    }
  }
  if (options.paths.empty() || options.count == 0) {
    llvm::errs() << "mutate-graphs: name at least one graph\n";
    return 2;
  }
  return Run(options).go() != 0;
}
