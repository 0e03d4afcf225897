// SPDX-License-Identifier: Apache-2.0
// TensorFlow's executor, written for clarity: frames, iterations, dead tensors.
#include "ir/Problems.h"
#include "ir/evaluate/Evaluate.h"
#include "test/unit/raise/Interpret.h"
#include <deque>

using namespace mlir;
using namespace lathe;
using namespace lathe::test;

namespace {

/// A running loop: one for each place and iteration that it is entered from.
struct FrameRun {
  FrameRun *parent = nullptr;
  int parentIteration = 0, depth = 0;
  StringRef name;
  unsigned entered = 0;
  std::vector<std::tuple<gdef::NodeOp, bool, Flow>> constants;
  std::map<Operation *, bool> exits; ///< whether each has fired
  int iterations = 1;
};

struct Waiting {
  SmallVector<Flow> inputs;
  unsigned arrived = 0, dead = 0, controls = 0;
  int live = -1; ///< of a Merge: the first input alive
  bool done = false, deadControl = false;
};

class Executor {
public:
  Executor(gdef::GraphOp graph, const Flows &arguments) : graph(graph), runner(*graph.getContext()) {
    findExits();
    for (auto node : graph.getBody().getOps<gdef::NodeOp>())
      if (node.getInputs().empty() && node.getControls().empty())
        ready.push_back({node, &top, 0, false});
    for (auto [argument, value] : llvm::zip_equal(graph.getBody().getArguments(), arguments))
      send(argument, value, false, &top, 0);
  }

  Outcome run() {
    do
      while (!ready.empty() && outcome.error.empty()) {
        Ready next = ready.front();
        ready.pop_front();
        execute(next);
      }
    while (outcome.error.empty() && finishFrame());
    for (Value value : graph.getFetch().getValues()) {
      auto known = fetched.find(value);
      if (known == fetched.end() && outcome.error.empty())
        outcome.error = "a fetched value is dead";
      outcome.results.push_back(known == fetched.end() ? Flow() : known->second);
    }
    return std::move(outcome);
  }

private:
  struct Ready {
    gdef::NodeOp node;
    FrameRun *frame;
    int iteration;
    bool dead;
  };

  /// Which Enters and Exits each frame has, by name: the generated graphs name each loop differently.
  void findExits() {
    DenseMap<Operation *, SmallVector<StringRef>> frames;
    bool changed = true;
    while (changed) {
      changed = false;
      for (auto node : graph.getBody().getOps<gdef::NodeOp>()) {
        if (frames.count(node))
          continue;
        bool known = true;
        SmallVector<StringRef> inside;
        for (Value operand : node->getOperands()) {
          auto source = operand.getDefiningOp<gdef::NodeOp>();
          if (!source || (node.getOpType() == "Merge" && source.getOpType() == "NextIteration"))
            continue;
          if (!frames.count(source)) {
            known = false;
            break;
          }
          inside = frames[source];
        }
        if (!known)
          continue;
        changed = true;
        if (node.getOpType() == "Enter") {
          StringRef name = node.attr<StringAttr>("frame_name").getValue();
          inside.push_back(name);
          ++enters[name];
        } else if (node.getOpType() == "Exit") {
          exits[inside.back()].push_back(node);
          inside.pop_back();
        }
        frames[node] = inside;
      }
    }
  }

  /// Hands `value` to all readers of `source`.
  void send(Value source, const Flow &value, bool dead, FrameRun *frame, int iteration) {
    for (OpOperand &use : source.getUses()) {
      if (isa<gdef::FetchOp>(use.getOwner())) {
        if (!dead && !isa<gdef::ControlType>(source.getType()))
          fetched[source] = value;
        continue;
      }
      arrive(cast<gdef::NodeOp>(use.getOwner()), use.getOperandNumber(), value, dead, frame, iteration);
    }
  }

  void arrive(gdef::NodeOp node, unsigned operand, const Flow &value, bool dead, FrameRun *frame, int iteration) {
    Waiting &w = waiting[{node, frame, iteration}];
    unsigned inputs = node.getInputs().size();
    w.inputs.resize(inputs);
    bool merge = node.getOpType() == "Merge";
    if (operand >= inputs) {
      ++w.controls;
      w.deadControl |= dead;
    } else {
      ++w.arrived;
      w.dead += dead;
      if (!dead && w.live < 0)
        w.live = operand;
      if (!dead)
        w.inputs[operand] = value;
    }
    if (w.done || w.controls < node.getControls().size())
      return;
    if (merge ? (w.live < 0 && w.dead < inputs) : w.arrived < inputs)
      return;
    w.done = true;
    ready.push_back({node, frame, iteration, merge ? w.live < 0 : w.dead > 0 || w.deadControl});
  }

  void sendAll(gdef::NodeOp node, const Flows &outputs, bool dead, FrameRun *frame, int iteration) {
    for (auto [i, output] : llvm::enumerate(node.getOutputs()))
      send(output, dead ? Flow() : outputs[i], dead, frame, iteration);
    send(node.getControl(), {}, dead, frame, iteration);
  }

  void enter(gdef::NodeOp node, const Flow &value, const Ready &r) {
    StringRef name = node.attr<StringAttr>("frame_name").getValue();
    std::unique_ptr<FrameRun> &frame = frames[{r.frame, r.iteration, name.str()}];
    if (!frame) {
      frame = std::make_unique<FrameRun>();
      frame->parent = r.frame;
      frame->parentIteration = r.iteration;
      frame->depth = r.frame->depth + 1;
      frame->name = name;
      for (Operation *exit : exits[name])
        frame->exits[exit] = false;
    }
    ++frame->entered;
    if (node.attr<BoolAttr>("is_constant").getValue())
      frame->constants.emplace_back(node, r.dead, value);
    int last = node.attr<BoolAttr>("is_constant").getValue() ? frame->iterations : 1;
    for (int iteration = 0; iteration < last; ++iteration)
      sendAll(node, {value}, r.dead, frame.get(), iteration);
  }

  void execute(const Ready &r) {
    gdef::NodeOp node = r.node;
    Waiting &w = waiting[{node, r.frame, r.iteration}];
    StringRef op = node.getOpType();
    Flows in(w.inputs.begin(), w.inputs.end());
    if (++steps > 2'000'000)
      outcome.error = "too many steps";
    if (op == "Enter")
      return enter(node, in[0], r);
    if (op == "Exit") {
      if (r.dead)
        return;
      r.frame->exits[node] = true;
      return sendAll(node, in, false, r.frame->parent, r.frame->parentIteration);
    }
    if (op == "NextIteration") {
      if (r.dead)
        return;
      if (r.iteration + 1 == r.frame->iterations) {
        ++r.frame->iterations;
        for (auto [constant, dead, value] : std::vector(r.frame->constants))
          sendAll(constant, {value}, dead, r.frame, r.iteration + 1);
      }
      return sendAll(node, in, false, r.frame, r.iteration + 1);
    }
    if (r.dead)
      return sendAll(node, {}, true, r.frame, r.iteration);
    if (op == "Switch") {
      bool taken = holds(in[1].tensor);
      for (bool way : {false, true})
        send(node.getOutputs()[way], way == taken ? in[0] : Flow(), way != taken, r.frame, r.iteration);
      return send(node.getControl(), {}, false, r.frame, r.iteration);
    }
    if (op == "Merge") {
      auto type = RankedTensorType::get({}, IntegerType::get(node.getContext(), 32));
      auto index = evaluate::Tensor::fromAttribute(DenseIntElementsAttr::get(type, w.live));
      return sendAll(node, {in[w.live], {index, {}, {}}}, false, r.frame, r.iteration);
    }
    if (op == "LoopCond" || op == "Identity")
      return sendAll(node, in, false, r.frame, r.iteration);
    if (op == "NoOp" || op == "Assert") {
      if (op == "Assert") {
        ++outcome.effects[nodeNames(node.getLoc()).node.str()];
        outcome.refused |= !holds(in[0].tensor);
      }
      return sendAll(node, {}, false, r.frame, r.iteration);
    }
    std::optional<Flows> out = op.starts_with("TensorArray") ? runArray(node, in) : runner.run(node, in);
    if (!out)
      outcome.error = runner.error;
    else
      sendAll(node, *out, false, r.frame, r.iteration);
  }

  std::optional<Flows> runArray(gdef::NodeOp node, const Flows &in) {
    StringRef op = node.getOpType();
    auto flow = [&] {
      return Flow{evaluate::Tensor::fromAttribute(
                      DenseFPElementsAttr::get(RankedTensorType::get({}, Float32Type::get(node.getContext())), 0.0f)),
                  {},
                  {}};
    };
    auto at = [&] { return evaluate::readIntegers(in[1].tensor).front(); };
    if (op == "TensorArrayV3") {
      auto array = std::make_shared<std::vector<evaluate::Tensor>>(evaluate::readIntegers(in[0].tensor).front());
      return Flows{{{}, {}, array}, flow()};
    }
    if (op == "TensorArrayWriteV3") {
      in[0].array->at(at()) = in[2].tensor;
      return Flows{flow()};
    }
    if (op == "TensorArrayReadV3")
      return Flows{{in[0].array->at(at()), {}, {}}};
    runner.error = "no " + op.str();
    return std::nullopt;
  }

  /// Kills the Exits that did not fire of an innermost frame that all has entered and nothing runs in any more.
  bool finishFrame() {
    FrameRun *found = nullptr;
    for (auto &[key, frame] : frames)
      if (frame->entered == enters[frame->name] && (!found || frame->depth > found->depth) &&
          llvm::any_of(frame->exits, [](auto &exit) { return !exit.second; }))
        found = frame.get();
    if (!found)
      return false;
    for (auto &[exit, fired] : found->exits)
      if (!fired) {
        fired = true;
        sendAll(cast<gdef::NodeOp>(exit), {}, true, found->parent, found->parentIteration);
      }
    return true;
  }

  gdef::GraphOp graph;
  NodeRunner runner;
  FrameRun top;
  std::deque<Ready> ready;
  std::map<std::tuple<Operation *, FrameRun *, int>, Waiting> waiting;
  std::map<std::tuple<FrameRun *, int, std::string>, std::unique_ptr<FrameRun>> frames;
  std::map<StringRef, unsigned> enters;
  std::map<StringRef, std::vector<Operation *>> exits;
  llvm::DenseMap<Value, Flow> fetched;
  Outcome outcome;
  int steps = 0;
};

} // namespace

Outcome test::runDeadTensors(gdef::GraphOp graph, const Flows &arguments) {
  return Executor(graph, arguments).run();
}
