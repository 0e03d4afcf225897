// SPDX-License-Identifier: Apache-2.0
// The program around the kernels: code that gathers addresses, launches, branches and loops, and the tables beside it.
#include "compiler/EmitProgram.h"
#include "ir/Problems.h"
#include "ir/core/Elements.h"
#include "passes/batch/Batch.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/MDBuilder.h"

using namespace lathe;

namespace {
/// Names of the graph's nodes that an op stands for, in order, a line each.
std::string nodeText(mlir::Location location) {
  llvm::SetVector<llvm::StringRef> names;
  location->walk([&](mlir::Location inner) {
    auto name = llvm::dyn_cast<mlir::NameLoc>(mlir::LocationAttr(inner));
    if (!name)
      return mlir::WalkResult::advance();
    names.insert(name.getName().getValue());
    return mlir::WalkResult::skip();
  });
  return llvm::join(names, "\n");
}

class ProgramEmitter {
public:
  ProgramEmitter(llvm::LLVMContext &context, const ObjectInterface &interface, const ProgramParts &parts)
      : context(context), interface(interface), parts(parts), module(std::make_unique<llvm::Module>(interface.name, context)), b(context),
        pointer(llvm::PointerType::get(context, 0)), i8(b.getInt8Ty()), i16(b.getInt16Ty()), i32(b.getInt32Ty()), i64(b.getInt64Ty()) {
    launch = module->getOrInsertFunction("lathe_launch", i32, pointer, i32, pointer, pointer, i64);
  }

  std::unique_ptr<llvm::Module> emit(mlir::ModuleOp source) {
    if (parts.weights.bytes) {
      weightsBase = new llvm::GlobalVariable(*module, i8, /*isConstant=*/true, llvm::GlobalValue::ExternalLinkage, nullptr, parts.weightsSymbol);
      weightsBase->setVisibility(llvm::GlobalValue::HiddenVisibility);
    }
    for (auto [index, variable] : llvm::enumerate(source.getOps<rt::VariableOp>()))
      variables[variable.getSymName()] = index;
    std::vector<llvm::Constant *> entries;
    for (auto [programs, entry] : llvm::zip_equal(entriesOf(source), interface.entries))
      entries.push_back(emitEntry(programs, entry));
    emitQuery(table(entries));
    return std::move(module);
  }

private:
  // Constants.
  llvm::Constant *number(llvm::Type *type, uint64_t value) { return llvm::ConstantInt::get(type, value); }
  llvm::Constant *constant(llvm::Constant *value) {
    auto *global = new llvm::GlobalVariable(*module, value->getType(), true, llvm::GlobalValue::PrivateLinkage, value);
    global->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
    return global;
  }
  llvm::Constant *text(llvm::StringRef value) {
    llvm::Constant *&known = texts[value];
    if (!known)
      known = constant(llvm::ConstantDataArray::getString(context, value));
    return known;
  }
  /// A struct laid out as in C; `size` is what C says of it.
  llvm::Constant *structure(std::initializer_list<llvm::Constant *> fields, size_t size) {
    llvm::Constant *value = llvm::ConstantStruct::getAnon(context, llvm::ArrayRef(fields));
    assert(llvm::DataLayout("e-m:e-i64:64-i128:128-n32:64-S128").getTypeAllocSize(value->getType()) == size && "layout must be abi.h's");
    (void)size;
    return value;
  }
  llvm::Constant *table(const std::vector<llvm::Constant *> &rows) {
    if (rows.empty())
      return llvm::ConstantPointerNull::get(pointer);
    return constant(llvm::ConstantArray::get(llvm::ArrayType::get(rows.front()->getType(), rows.size()), rows));
  }

  llvm::Constant *tensorInfo(const TensorInterface &tensor) {
    std::vector<llvm::Constant *> sizes;
    for (int64_t size : tensor.shape)
      sizes.push_back(number(i64, size));
    llvm::Constant *dtype = structure({number(i8, tensor.dtype.code), number(i8, tensor.dtype.bits), number(i16, tensor.dtype.lanes)},
                                      sizeof(lathe_dtype_t));
    return structure({number(i32, sizeof(lathe_tensor_info_t)), number(i32, tensor.shape.size()), text(tensor.name), table(sizes),
                      dtype, number(i32, tensor.alignment), number(i64, tensor.bytes), number(i32, tensor.countResult + 1),
                      number(i32, tensorFlags(tensor))},
                     sizeof(lathe_tensor_info_t));
  }

  llvm::Constant *tensorTable(const std::vector<TensorInterface> &tensors) {
    std::vector<llvm::Constant *> rows;
    for (const TensorInterface &tensor : tensors)
      rows.push_back(tensorInfo(tensor));
    return table(rows);
  }

  /// The module's table of variables, made once.
  llvm::Constant *variableTable() {
    if (!knownVariables) {
      std::vector<llvm::Constant *> rows;
      for (const VariableInterface &variable : interface.variables)
        rows.push_back(structure({number(i32, sizeof(lathe_variable_info_t)), number(i32, 0), text(variable.container),
                                  constant(tensorInfo(variable.tensor)), number(i64, variable.initial)},
                                 sizeof(lathe_variable_info_t)));
      knownVariables = table(rows);
    }
    return knownVariables;
  }

  llvm::Constant *useTable(const std::vector<VariableUse> &uses) {
    std::vector<llvm::Constant *> rows;
    for (const VariableUse &use : uses) {
      llvm::Constant *info = llvm::ConstantExpr::getInBoundsGetElementPtr(i8, variableTable(), number(i64, use.index * sizeof(lathe_variable_info_t)));
      rows.push_back(structure({info, number(i32, use.index), number(i32, useFlags(use))}, sizeof(lathe_variable_use_t)));
    }
    return table(rows);
  }

  llvm::Constant *emitEntry(llvm::ArrayRef<rt::ProgramOp> programs, const EntryInterface &entry) {
    std::vector<llvm::Constant *> launches, bodies;
    llvm::Constant *run = nullptr;
    for (rt::ProgramOp program : programs) {
      run = emitRun(program, entry, launches);
      if (!entry.bodies.empty()) {
        const BodyInterface &body = entry.bodies[bodies.size()];
        bodies.push_back(structure({number(i64, body.items), number(i64, body.arenaBytes), run}, sizeof(lathe_body_t)));
        run = llvm::ConstantPointerNull::get(pointer);
      }
    }
    return structure({number(i32, sizeof(lathe_entry_t)), number(i32, entry.arguments.size()), number(i32, entry.results.size()),
                      number(i32, launches.size()), text(entry.name), tensorTable(entry.arguments), tensorTable(entry.results),
                      table(launches), number(i64, entry.arenaBytes), number(i64, entry.arenaAlignment), run,
                      useTable(entry.variables), number(i32, entry.variables.size()), number(i32, entryFlags(entry)), table(bodies),
                      number(i64, bodies.size())},
                     sizeof(lathe_entry_t));
  }

  llvm::Value *field(llvm::Value *call, uint64_t offset) {
    return b.CreateLoad(pointer, b.CreateConstInBoundsGEP1_64(i8, call, offset));
  }
  llvm::Value *at(llvm::Value *base, uint64_t offset) { return offset ? b.CreateConstInBoundsGEP1_64(i8, base, offset) : base; }

  llvm::Function *emitRun(rt::ProgramOp program, const EntryInterface &entry, std::vector<llvm::Constant *> &launches) {
    auto *function = llvm::Function::Create(llvm::FunctionType::get(i32, {pointer}, false), llvm::GlobalValue::InternalLinkage,
                                            "run_" + program.getSymName(), *module);
    llvm::Value *call = function->getArg(0);
    b.SetInsertPoint(llvm::BasicBlock::Create(context, "entry", function));
    llvm::Value *arguments = field(call, offsetof(lathe_call_t, arguments)), *results = field(call, offsetof(lathe_call_t, results)),
                *arena = field(call, offsetof(lathe_call_t, arena)), *weights = field(call, offsetof(lathe_call_t, weights)),
                *stored = field(call, offsetof(lathe_call_t, variables));
    size_t most = 1;
    program.walk([&](rt::LaunchOp op) { most = std::max<size_t>(most, op.getNumOperands()); });
    auto *failure = llvm::BasicBlock::Create(context, "failure", function);
    Run run{entry,
            call,
            arguments,
            results,
            arena,
            weights,
            stored,
            b.CreateAlloca(llvm::ArrayType::get(pointer, most)),
            launches,
            failure,
            llvm::PHINode::Create(i32, 0, "status", failure),
            llvm::DenseMap<mlir::Value, llvm::Value *>()};
    emitSteps(program.getBody(), run);
    b.CreateRet(number(i32, LATHE_OK));
    b.SetInsertPoint(run.failure);
    if (run.status->getNumIncomingValues())
      b.CreateRet(run.status);
    else
      run.failure->eraseFromParent();
    return function;
  }

  /// The function that is being emitted.
  struct Run {
    const EntryInterface &entry;
    llvm::Value *call, *arguments, *results, *arena, *weights, *variables;
    llvm::Value *buffers; ///< the operands of one launch
    std::vector<llvm::Constant *> &launches;
    llvm::BasicBlock *failure;
    llvm::PHINode *status; ///< what the run returns that fails
    llvm::DenseMap<mlir::Value, llvm::Value *> addresses;
  };

  /// Where the caller's tensor `index` begins; of a batch, the part of it that is run.
  llvm::Value *caller(llvm::Value *pointers, size_t index, const std::vector<TensorInterface> &tensors, Run &run) {
    llvm::Value *address = field(pointers, index * sizeof(void *));
    if (!tensors[index].perItem)
      return address;
    llvm::Value *first = b.CreateLoad(i64, b.CreateConstInBoundsGEP1_64(i8, run.call, offsetof(lathe_call_t, first_item)));
    return b.CreateInBoundsGEP(i8, address, b.CreateMul(first, number(i64, tensors[index].bytes)));
  }

  void emitSteps(mlir::Region &region, Run &run) {
    auto &addresses = run.addresses;
    for (mlir::Operation &op : region.front()) {
      llvm::TypeSwitch<mlir::Operation *>(&op)
          .Case([&](rt::ArgumentOp op) { addresses[op] = caller(run.arguments, op.getNumber(), run.entry.arguments, run); })
          .Case([&](rt::ResultOp op) { addresses[op] = caller(run.results, op.getNumber(), run.entry.results, run); })
          .Case([&](rt::VariableAddressOp op) { addresses[op] = field(run.variables, variables.lookup(op.getVariable()) * sizeof(void *)); })
          .Case([&](rt::SlotOp op) { addresses[op] = at(run.arena, op.getOffset()); })
          .Case([&](rt::WeightAddressOp op) {
            addresses[op] = at(run.weights, parts.weights.offsets.lookup(op.getWeight()));
          })
          .Case([&](rt::CopyOp op) {
            auto type = llvm::cast<mlir::MemRefType>(op.getFrom().getType());
            uint64_t bytes = type.getNumElements() * core::elementBytes(type.getElementType());
            b.CreateMemCpy(addresses[op.getTo()], llvm::MaybeAlign(1), addresses[op.getFrom()], llvm::MaybeAlign(1), bytes);
          })
          .Case([&](rt::LaunchOp op) { emitLaunch(op, run); })
          .Case([&](rt::CheckOp op) { emitCheck(op, run); })
          .Case([&](rt::IfOp op) {
            llvm::BasicBlock *then = newBlock("then", run), *otherwise = newBlock("else", run), *end = newBlock("end_if", run);
            b.CreateCondBr(isTrue(addresses[op.getPredicate()]), then, otherwise);
            for (auto [region, block] : {std::pair(&op.getThenRegion(), then), std::pair(&op.getElseRegion(), otherwise)}) {
              b.SetInsertPoint(block);
              emitSteps(*region, run);
              b.CreateBr(end);
            }
            b.SetInsertPoint(end);
          })
          .Case([&](rt::WhileOp op) {
            llvm::BasicBlock *cond = newBlock("while", run), *body = newBlock("do", run), *end = newBlock("end_while", run);
            b.CreateBr(cond);
            b.SetInsertPoint(cond);
            emitSteps(op.getCond(), run);
            b.CreateCondBr(isTrue(addresses[op.getPredicate()]), body, end);
            b.SetInsertPoint(body);
            emitSteps(op.getBody(), run);
            b.CreateBr(cond);
            b.SetInsertPoint(end);
          });
    }
  }

  llvm::BasicBlock *newBlock(llvm::StringRef name, Run &run) {
    return llvm::BasicBlock::Create(context, name, run.failure->getParent(), run.failure);
  }
  llvm::Value *isTrue(llvm::Value *address) { return b.CreateICmpNE(b.CreateLoad(i8, address), number(i8, 0)); }

  /// Goes on where the predicate holds; else says in the call which check failed, and where.
  void emitCheck(rt::CheckOp op, Run &run) {
    llvm::BasicBlock *next = newBlock("next", run), *failed = newBlock("failed", run), *say = newBlock("say", run);
    b.CreateCondBr(isTrue(run.addresses[op.getPredicate()]), next, failed,
                   llvm::MDBuilder(context).createLikelyBranchWeights());
    b.SetInsertPoint(failed);
    // A runtime of before this was added has no place for it.
    llvm::Value *hasPlace = b.CreateICmpUGE(b.CreateLoad(i32, run.call),
                                            number(i32, offsetof(lathe_call_t, check_value) + sizeof(int64_t)));
    addFailure(number(i32, LATHE_COMPUTATION_ERROR), run);
    b.CreateCondBr(hasPlace, say, run.failure);
    b.SetInsertPoint(say);
    b.CreateStore(checkInfo(op), at(run.call, offsetof(lathe_call_t, failed_check)));
    if (!op.getDetails().empty()) {
      llvm::Value *place = b.CreateLoad(i64, run.addresses[op.getDetails()[0]]);
      auto element =
          llvm::cast<mlir::IntegerType>(llvm::cast<mlir::MemRefType>(op.getDetails()[1].getType()).getElementType());
      llvm::Type *type = b.getIntNTy(std::max(8u, element.getWidth()));
      llvm::Value *value = b.CreateLoad(type, b.CreateGEP(type, run.addresses[op.getDetails()[1]], place));
      b.CreateStore(place, at(run.call, offsetof(lathe_call_t, check_place)));
      b.CreateStore(b.CreateIntCast(value, i64, !element.isUnsigned()),
                    at(run.call, offsetof(lathe_call_t, check_value)));
    }
    addFailure(number(i32, LATHE_COMPUTATION_ERROR), run);
    b.CreateBr(run.failure);
    b.SetInsertPoint(next);
  }

  /// From where the builder stands the run ends with the status `code`.
  void addFailure(llvm::Value *code, Run &run) { run.status->addIncoming(code, b.GetInsertBlock()); }

  llvm::Constant *checkInfo(rt::CheckOp op) {
    std::vector<llvm::Constant *> sizes;
    if (!op.getDetails().empty())
      for (int64_t size : llvm::cast<mlir::MemRefType>(op.getDetails()[1].getType()).getShape())
        sizes.push_back(number(i64, size));
    NodeNames names = nodeNames(op.getLoc());
    return constant(structure({text(names.node), text(names.op), text(op.getMessage()), table(sizes),
                               number(i32, sizes.size()), number(i32, op.getDetails().size())},
                              sizeof(lathe_check_info_t)));
  }

  void emitLaunch(rt::LaunchOp op, Run &run) {
    const KernelPlan &plan = parts.plans.at(op.getKernel().str());
    run.launches.push_back(structure({text(op.getKernel()), text(nodeText(op.getLoc()))}, sizeof(lathe_launch_info_t)));
    if (plan.units == 0) // Nothing to compute: its results have no elements.
      return;
    for (auto [i, operand] : llvm::enumerate(op->getOperands()))
      b.CreateStore(run.addresses[operand], at(run.buffers, i * sizeof(void *)));
    auto *type = llvm::FunctionType::get(b.getVoidTy(), {pointer, i64, i64}, false);
    llvm::FunctionCallee kernel = module->getOrInsertFunction(parts.symbols.at(variantOf(op)), type);
    llvm::cast<llvm::Function>(kernel.getCallee())->setVisibility(llvm::GlobalValue::HiddenVisibility);
    if (plan.parallel) {
      llvm::Value *code =
          b.CreateCall(launch, {run.call, number(i32, run.launches.size() - 1), kernel.getCallee(), run.buffers, number(i64, plan.units)});
      llvm::BasicBlock *next = newBlock("next", run);
      addFailure(code, run);
      b.CreateCondBr(b.CreateICmpNE(code, number(i32, LATHE_OK)), run.failure, next);
      b.SetInsertPoint(next);
    } else {
      b.CreateCall(kernel, {run.buffers, number(i64, 0), number(i64, plan.units)});
    }
    if (parts.probes)
      b.CreateCall(module->getOrInsertFunction("lathe_probe", b.getVoidTy(), pointer, i32), {run.call, number(i32, run.launches.size() - 1)});
  }

  void emitQuery(llvm::Constant *entries) {
    llvm::Constant *none = llvm::ConstantPointerNull::get(pointer);
    uint64_t hash = lathe_weight_hash(parts.weights.storage.get(), parts.weights.bytes);
    llvm::Constant *description = constant(structure(
        {number(i32, sizeof(lathe_module_t)), number(i32, LATHE_ABI_VERSION), text(interface.name), text(interface.targetCpu),
         number(i64, parts.cpuFeatures), weightsBase ? weightsBase : none, number(i64, parts.weights.bytes), number(i64, hash), entries,
         number(i64, interface.entries.size()), variableTable(), number(i64, interface.variables.size())},
        sizeof(lathe_module_t)));
    auto *query = llvm::Function::Create(llvm::FunctionType::get(pointer, {i32}, false), llvm::GlobalValue::ExternalLinkage,
                                         "lathe_" + interface.name + "_query", *module);
    b.SetInsertPoint(llvm::BasicBlock::Create(context, "entry", query));
    llvm::Value *speaks = b.CreateICmpUGE(query->getArg(0), number(i32, LATHE_ABI_VERSION));
    b.CreateRet(b.CreateSelect(speaks, description, none));
  }

  llvm::LLVMContext &context;
  const ObjectInterface &interface;
  const ProgramParts &parts;
  std::unique_ptr<llvm::Module> module;
  llvm::IRBuilder<> b;
  llvm::PointerType *pointer;
  llvm::Type *i8, *i16, *i32, *i64;
  llvm::FunctionCallee launch;
  llvm::GlobalVariable *weightsBase = nullptr;
  llvm::StringMap<llvm::Constant *> texts;
  llvm::StringMap<size_t> variables; ///< places in the module's table, by symbol
  llvm::Constant *knownVariables = nullptr;
};
} // namespace

KernelVariant lathe::variantOf(rt::LaunchOp launch) {
  return {launch.getKernel().str(), std::vector<int64_t>(launch.getInPlace().begin(), launch.getInPlace().end())};
}

std::unique_ptr<llvm::Module> lathe::emitProgram(llvm::LLVMContext &context, mlir::ModuleOp module, const ObjectInterface &interface,
                                                 const ProgramParts &parts) {
  return ProgramEmitter(context, interface, parts).emit(module);
}
