// SPDX-License-Identifier: Apache-2.0
// Makes random programs on variables, writes them as graphs, and runs them plainly.
#include "test/unit/state/RandomPrograms.h"

#include <algorithm>
#include <set>

using namespace lathe::test;

namespace {

using Random = std::mt19937_64;

//===--- making
//-------------------------------------------------------------------------------------------------------===//

class Maker {
public:
  explicit Maker(uint64_t seed) : random(seed) {}

  std::vector<Step> make(int count, int depth, std::vector<int> values) {
    std::vector<Step> steps;
    for (int i = 0; i < count; ++i) {
      Step step;
      unsigned dice = random() % (depth < 2 ? 16 : 12);
      step.kind = dice < 5    ? Step::Read
                  : dice < 12 ? static_cast<Step::Kind>(1 + random() % 5)
                  : dice < 14 ? Step::If
                              : Step::While;
      step.variable = static_cast<int>(random() % variableCount);
      step.value = values[random() % values.size()];
      if (step.kind == Step::Read) {
        step.number = next++;
        values.push_back(step.number);
      } else if (step.kind == Step::If || step.kind == Step::While) {
        step.rounds = static_cast<int>(random() % 4);
        step.condition = static_cast<int>(random() % argumentCount);
        step.first = make(1 + static_cast<int>(random() % 4), depth + 1, values);
        step.second = make(static_cast<int>(random() % 3), depth + 1, values);
      }
      steps.push_back(std::move(step));
    }
    return steps;
  }

private:
  Random random;
  int next = argumentCount;
};

//===--- writing
//------------------------------------------------------------------------------------------------------===//

class Writer {
public:
  explicit Writer(uint64_t seed) : random(seed) {}

  std::string entry(int number, const std::vector<Step> &steps, const std::vector<int> &fetched) {
    std::string names, operands, types;
    for (int value : fetched) {
      names += (names.empty() ? "\"" : ", \"") + std::to_string(value) + "\"";
      operands += (operands.empty() ? " %v" : ", %v") + std::to_string(value);
      types += types.empty() ? " : tensor<*xi32>" : ", tensor<*xi32>";
    }
    std::vector<std::string> lines;
    for (int i = 0; i < variableCount; ++i)
      lines.push_back(variable(i));
    for (int i = 0; i < argumentCount; ++i)
      lines.push_back("%positive" + std::to_string(i) + ", %positivec" + std::to_string(i) +
                      " = gdef.node \"Less\"(%k0, %head" + std::to_string(i) +
                      ") {T = i32} : (tensor<i32>, tensor<*xi32>) -> tensor<*xi1>\n");
    for (int i = 0; i < argumentCount; ++i)
      lines.push_back(head(i));
    for (int k = 0; k < 4; ++k)
      lines.push_back("%k" + std::to_string(k) + ", %kc" + std::to_string(k) +
                      " = gdef.node \"Const\"() {dtype = i32, value = dense<" + std::to_string(k) +
                      "> : tensor<i32>} : () -> tensor<i32>\n");
    lines.push_back("%one, %onec = gdef.node \"Const\"() {dtype = i32, value = dense<[1]> : tensor<1xi32>} : () -> "
                    "tensor<1xi32>\n");
    lines.push_back("%two, %twoc = gdef.node \"Const\"() {dtype = i32, value = dense<[2]> : tensor<1xi32>} : () -> "
                    "tensor<1xi32>\n");
    std::string end = block(steps, lines);
    return "gdef.graph @e" + std::to_string(number) + "(%v0: tensor<2xi32> \"a:0\", %v1: tensor<2xi32> \"b:0\") -> (" +
           names + ") {\n" + shuffled(lines) + "gdef.fetch" + operands + end + types + "\n}\n";
  }

private:
  static bool isHandle(int variable) { return variable % 2 == 0; }
  static std::string nameOf(int variable) { return "%w" + std::to_string(variable); }

  static std::string variable(int i) {
    std::string name = "shared_name = \"v" + std::to_string(i) + "\", shape = #gdef.shape<[2]>, dtype = i32} : () -> ";
    return nameOf(i) + ", %wc" + std::to_string(i) + " = gdef.node \"" + (isHandle(i) ? "VarHandleOp" : "VariableV2") +
           "\"() {" + name + (isHandle(i) ? "tensor<*x!gdef.resource>" : "tensor<*xi32>") + "\n";
  }

  /// Element 0 of an argument.
  static std::string head(int i) {
    const std::string n = std::to_string(i);
    return "%head" + n + ", %hc" + n + " = gdef.node \"GatherV2\"(%v" + n +
           ", %k0, %k0) {batch_dims = 0 : i64, Taxis = i32, Tindices = i32, Tparams = i32} : (tensor<2xi32>, "
           "tensor<i32>, tensor<i32>) -> tensor<*xi32>\n";
  }

  std::string shuffled(std::vector<std::string> &lines) {
    std::shuffle(lines.begin(), lines.end(), random);
    std::string text;
    for (const std::string &line : lines)
      text += line;
    return text;
  }

  static std::string controls(const std::set<std::string> &names) {
    std::string text;
    for (const std::string &name : names)
      text += (text.empty() ? " control(" : ", ") + name;
    return text.empty() ? "" : text + ")";
  }

  static void addUses(const std::vector<Step> &steps, std::set<int> &reads, std::set<int> &writes) {
    for (const Step &step : steps) {
      if (step.kind == Step::If || step.kind == Step::While) {
        addUses(step.first, reads, writes);
        if (step.kind == Step::If)
          addUses(step.second, reads, writes);
      } else {
        (step.kind == Step::Read ? reads : writes).insert(step.variable);
      }
    }
  }

  /// Adds the lines of `steps` to `lines`, and gives the controls that the block ends with.
  std::string block(const std::vector<Step> &steps, std::vector<std::string> &lines) {
    // For each variable what the next write, and the next read, must wait for.
    std::set<std::string> before[variableCount], written[variableCount];
    for (const Step &step : steps) {
      std::set<int> reads, writes;
      addUses({step}, reads, writes);
      std::set<std::string> wait;
      for (int v : reads)
        wait.insert(written[v].begin(), written[v].end());
      for (int v : writes)
        wait.insert(before[v].begin(), before[v].end());
      const std::string control = "%c" + std::to_string(next++);
      lines.push_back(line(step, control, controls(wait)));
      for (int v : writes)
        before[v] = written[v] = {control};
      for (int v : reads)
        if (!writes.count(v))
          before[v].insert(control);
    }
    std::set<std::string> all;
    for (const auto &names : before)
      all.insert(names.begin(), names.end());
    return controls(all);
  }

  std::string region(const std::vector<Step> &steps, const std::string &yield, const std::string &type) {
    std::vector<std::string> lines;
    std::string end = block(steps, lines);
    return shuffled(lines) + "gdef.yield" + yield + end + type + "\n";
  }

  std::string line(const Step &step, const std::string &control, const std::string &wait) {
    const std::string w = nameOf(step.variable), x = "%v" + std::to_string(step.value), n = std::to_string(next++);
    const std::string xType = step.value < argumentCount ? "tensor<2xi32>" : "tensor<*xi32>";
    switch (step.kind) {
    case Step::Read:
      return "%v" + std::to_string(step.number) + ", " + control + " = gdef.node \"" +
             (isHandle(step.variable)
                  ? "ReadVariableOp\"(" + w + ")" + wait + " {dtype = i32} : (tensor<*x!gdef.resource>)"
                  : "Identity\"(" + w + ")" + wait + " {T = i32} : (tensor<*xi32>)") +
             " -> tensor<*xi32>\n";
    case Step::Assign:
    case Step::Add:
    case Step::Subtract: {
      const std::string op = step.kind == Step::Assign ? "Assign" : step.kind == Step::Add ? "AssignAdd" : "AssignSub";
      if (isHandle(step.variable))
        return control + " = gdef.node \"" + op + "VariableOp\"(" + w + ", " + x + ")" + wait +
               " {dtype = i32} : (tensor<*x!gdef.resource>, " + xType + ") -> ()\n";
      return "%u" + n + ", " + control + " = gdef.node \"" + op + "\"(" + w + ", " + x + ")" + wait +
             " {T = i32, _references = [0]} : (tensor<*xi32>, " + xType + ") -> tensor<*xi32>\n";
    }
    case Step::ScatterUpdate:
    case Step::ScatterAdd: {
      const std::string op = step.kind == Step::ScatterAdd ? "ScatterAdd" : "ScatterUpdate";
      if (isHandle(step.variable))
        return control + " = gdef.node \"Resource" + op + "\"(" + w + ", %one, %two)" + wait +
               " {dtype = i32, Tindices = i32} : (tensor<*x!gdef.resource>, tensor<1xi32>, tensor<1xi32>) -> ()\n";
      return "%u" + n + ", " + control + " = gdef.node \"" + op + "\"(" + w + ", %one, %two)" + wait +
             " {T = i32, Tindices = i32, _references = [0]} : (tensor<*xi32>, tensor<1xi32>, tensor<1xi32>) -> "
             "tensor<*xi32>\n";
    }
    case Step::If:
      return control + " = gdef.if %positive" + std::to_string(step.condition) + wait + " {\n" +
             region(step.first, "", "") + "} else {\n" + region(step.second, "", "") + "} : tensor<*xi1> -> ()\n";
    case Step::While: {
      const std::string i = "%i" + n;
      std::string loop = "%z" + n + ", " + control + " = gdef.while (%k0)" + wait + " cond {\n^bb0(" + i +
                         ": tensor<*xi32>):\n%p" + n + ", %pc" + n + " = gdef.node \"Less\"(" + i + ", %k" +
                         std::to_string(step.rounds) + ") {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi1>\n" +
                         "gdef.yield %p" + n + " : tensor<*xi1>\n} do {\n^bb0(" + i + ": tensor<*xi32>):\n%j" + n +
                         ", %jc" + n + " = gdef.node \"AddV2\"(" + i +
                         ", %k1) {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi32>\n";
      return loop + region(step.first, " %j" + n, " : tensor<*xi32>") + "} : (tensor<i32>) -> (tensor<*xi32>)\n";
    }
    }
    return "";
  }

  Random random;
  int next = 0;
};

//===--- running
//------------------------------------------------------------------------------------------------------===//

struct Machine {
  const std::array<Pair, argumentCount> &arguments;
  std::array<Pair, variableCount> &variables;
  std::map<int, Pair> values;

  void run(const std::vector<Step> &steps) {
    for (const Step &step : steps)
      run(step);
  }

  void run(const Step &step) {
    Pair &v = variables[step.variable];
    Pair x = step.value < argumentCount ? arguments[step.value] : values[step.value];
    // Sums wrap around, as those of compiled code do.
    auto sum = [](int32_t a, int64_t b) { return static_cast<int32_t>(static_cast<uint32_t>(a + b)); };
    switch (step.kind) {
    case Step::Read:
      values[step.number] = v;
      break;
    case Step::Assign:
      v = x;
      break;
    case Step::Add:
      v = {sum(v[0], x[0]), sum(v[1], x[1])};
      break;
    case Step::Subtract:
      v = {sum(v[0], -int64_t(x[0])), sum(v[1], -int64_t(x[1]))};
      break;
    case Step::ScatterUpdate:
      v[1] = 2;
      break;
    case Step::ScatterAdd:
      v[1] = sum(v[1], 2);
      break;
    case Step::If:
      run(0 < arguments[step.condition][0] ? step.first : step.second);
      break;
    case Step::While:
      for (int i = 0; i < step.rounds; ++i)
        run(step.first);
      break;
    }
  }
};

} // namespace

Program lathe::test::makeProgram(uint64_t seed) {
  Random random(seed);
  Program program;
  for (int i = 0; i < entryCount; ++i) {
    std::vector<int> values;
    for (int a = 0; a < argumentCount; ++a)
      values.push_back(a);
    program.entries[i] = Maker(random()).make(4 + static_cast<int>(random() % 20), 0, values);
    for (const Step &step : program.entries[i])
      if (step.kind == Step::Read)
        program.fetched[i].push_back(step.number);
  }
  return program;
}

std::string lathe::test::textOf(const Program &program, uint64_t seed) {
  std::string text;
  for (int i = 0; i < entryCount; ++i)
    text += Writer(seed + i).entry(i, program.entries[i], program.fetched[i]);
  return text;
}

std::vector<Pair> lathe::test::runPlainly(const Program &program, int entry,
                                          const std::array<Pair, argumentCount> &arguments,
                                          std::array<Pair, variableCount> &variables) {
  Machine machine{arguments, variables, {}};
  machine.run(program.entries[entry]);
  std::vector<Pair> results;
  for (int value : program.fetched[entry])
    results.push_back(machine.values[value]);
  return results;
}
