// SPDX-License-Identifier: Apache-2.0
// Walks a function of kernel calls, numbers its steps, and finds where each value is made and read last.
#include "passes/Lifetimes.h"
#include "ir/core/Ops.h"
#include "ir/rt/Ops.h"
#include "passes/Views.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lathe;

static int readAt(int step) {
  return 2 * step;
}
static int writeAt(int step) {
  return 2 * step + 1;
}

static Operation *terminatorOf(Region &region) {
  return region.front().getTerminator();
}

Lifetimes::Lifetimes(func::FuncOp function) {
  number(function.front());
  for (BlockArgument argument : function.getArguments())
    if (function.getArgAttr(argument.getArgNumber(), variableAttribute))
      define(argument, newStorage(argument.getType()), writeAt(-1));
  written = variablesOf(function);
  llvm::erase_if(written, [](auto variable) { return viewedValue(variable.second) == variable.first; });
  visit(function.front(), 0);
  for (auto &[value, number] : storage)
    sharing.values[number].ranges.push_back(ranges.at(value));
  for (memory::SharingProblem::Value &value : sharing.values) // Hash order must not reach the result.
    llvm::sort(value.ranges, [](memory::Range a, memory::Range b) {
      return std::pair(a.first, a.last) < std::pair(b.first, b.last);
    });
  llvm::stable_sort(wishes, [](const Wish &a, const Wish &b) {
    return std::pair(-a.depth, -a.bytes) < std::pair(-b.depth, -b.bytes);
  });
  for (const Wish &wish : wishes)
    sharing.wishes.push_back(wish.pair);
}

SmallVector<std::pair<BlockArgument, Value>> lathe::variablesOf(func::FuncOp function) {
  SmallVector<std::pair<BlockArgument, Value>> variables;
  Operation *ret = function.front().getTerminator();
  for (BlockArgument argument : function.getArguments())
    if (function.getArgAttr(argument.getArgNumber(), variableAttribute))
      variables.push_back({argument, {}});
  for (auto [variable, value] : llvm::zip_equal(variables, ret->getOperands().take_back(variables.size())))
    variable.second = value;
  return variables;
}

int Lifetimes::storageOf(Value value) const {
  auto known = storage.find(viewedValue(value));
  return known == storage.end() ? -1 : known->second;
}

void Lifetimes::number(Block &block) {
  for (Operation &op : block) {
    Steps &own = steps[&op];
    if (op.getNumRegions() != 2) {
      if (isa<rt::CallOp, core::CheckOp, func::ReturnOp>(op)) {
        int now = step++;
        own = {now, now, now};
      }
      continue;
    }
    Steps found;
    found.begin = step++;
    number(op.getRegion(0).front());
    found.middle = step++;
    number(op.getRegion(1).front());
    found.end = step++;
    steps[&op] = found;
  }
}

int Lifetimes::newStorage(Type type) {
  sharing.values.push_back({core::tensorBytes(cast<RankedTensorType>(type)), {}});
  return sharing.values.size() - 1;
}

void Lifetimes::define(Value value, int number, int tick) {
  storage[value] = number;
  ranges[value] = {tick, tick};
}

void Lifetimes::read(Value value, Operation *reader, int tick) {
  value = viewedValue(value);
  auto known = ranges.find(value);
  if (known == ranges.end())
    return;
  // A loop around the reader, but not around what made the value, reads it again in its next round.
  for (Region *region = reader->getParentRegion(); region != value.getParentRegion();
       region = region->getParentRegion())
    if (isa<core::WhileOp>(region->getParentOp()))
      tick = std::max(tick, writeAt(steps.at(region->getParentOp()).end));
  known->second.last = std::max(known->second.last, tick);
}

void Lifetimes::wish(Value value, int number, int depth) {
  int from = storageOf(value);
  if (from >= 0 && from != number)
    wishes.push_back({depth, sharing.values[number].bytes, {from, number}});
}

void Lifetimes::visit(Block &block, int depth) {
  for (Operation &op : block) {
    const Steps at = steps.at(&op);
    llvm::TypeSwitch<Operation *>(&op)
        .Case([&](rt::CallOp call) { visitCall(call, depth); })
        .Case([&](core::CheckOp check) {
          for (Value value : check.getOperands())
            read(value, check, readAt(at.begin));
          // A run that fails leaves the variables as they were: none is written before.
          for (auto [before, after] : written)
            read(before, check, readAt(at.begin));
        })
        .Case([&](func::ReturnOp ret) {
          for (Value value : ret.getOperands())
            read(value, ret, readAt(at.begin));
          for (auto [before, after] : variablesOf(cast<func::FuncOp>(ret->getParentOp())))
            wish(after, storageOf(before), depth);
        })
        .Case([&](core::IfOp choice) {
          read(choice.getPredicate(), choice, readAt(at.begin));
          Operation *thenYield = terminatorOf(choice.getThenRegion()),
                    *elseYield = terminatorOf(choice.getElseRegion());
          visit(choice.getThenRegion().front(), depth);
          visit(choice.getElseRegion().front(), depth);
          for (auto [result, fromThen, fromElse] :
               llvm::zip_equal(choice.getResults(), thenYield->getOperands(), elseYield->getOperands())) {
            read(fromThen, thenYield, readAt(at.middle));
            read(fromElse, elseYield, readAt(at.end));
            int number = newStorage(result.getType());
            define(result, number, writeAt(at.end));
            // The then-region writes it too, and what runs between there and the end is the other region.
            sharing.values[number].ranges.push_back({writeAt(at.middle), writeAt(at.middle)});
            wish(fromThen, number, depth);
            wish(fromElse, number, depth);
          }
        })
        .Case([&](core::WhileOp loop) {
          Block &cond = loop.getCond().front(), &body = loop.getBody().front();
          for (Value init : loop.getInits())
            read(init, loop, readAt(at.begin));
          for (OpResult result : loop.getResults()) {
            int number = newStorage(result.getType());
            define(result, number, writeAt(at.end));
            for (Block *region : {&cond, &body})
              define(region->getArgument(result.getResultNumber()), number, writeAt(at.begin));
            if (!result.use_empty()) // The loop ends where it decides.
              read(cond.getArgument(result.getResultNumber()), cond.getTerminator(), readAt(at.middle));
          }
          visit(cond, depth + 1);
          read(cond.getTerminator()->getOperand(0), cond.getTerminator(), readAt(at.middle));
          visit(body, depth + 1);
          for (Value next : body.getTerminator()->getOperands())
            read(next, body.getTerminator(), readAt(at.end));
          for (auto [result, init, next] :
               llvm::zip_equal(loop.getResults(), loop.getInits(), body.getTerminator()->getOperands())) {
            wish(next, storageOf(result), depth + 1);
            wish(init, storageOf(result), depth);
          }
        });
  }
}

void Lifetimes::visitCall(Operation *op, int depth) {
  auto call = cast<rt::CallOp>(op);
  int now = steps.at(op).begin;
  for (Value output : call.getOutputs())
    define(output, newStorage(output.getType()), writeAt(now));
  for (auto [i, input] : llvm::enumerate(call.getInputs())) {
    Value value = viewedValue(input);
    auto designated = llvm::find(call.getInPlace(), static_cast<int64_t>(i));
    bool passedOnce = llvm::count_if(call.getInputs(), [&](Value other) { return viewedValue(other) == value; }) == 1;
    if (designated == call.getInPlace().end() || !passedOnce) {
      read(input, call, writeAt(now)); // Outputs are written while it is read.
      continue;
    }
    read(input, call, readAt(now));
    Value inPlace = call.getOutputs()[designated - call.getInPlace().begin()];
    int number = storageOf(input);
    if (number < 0)
      continue;
    wish(input, storageOf(inPlace), depth);
    for (Value output : call.getOutputs())
      if (output != inPlace)
        sharing.conflicts.push_back({number, storageOf(output)});
  }
}
