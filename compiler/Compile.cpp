// SPDX-License-Identifier: Apache-2.0
// Drives the stages, compiles distinct kernels in parallel, and joins the object.
#include "compiler/Compile.h"
#include "compiler/ChooseBodies.h"
#include "compiler/EmitHeader.h"
#include "compiler/EmitProgram.h"
#include "compiler/Pipelines.h"
#include "ir/core/Elements.h"
#include "ir/core/Ops.h"
#include "ir/gdef/Ops.h"
#include "backends/Backend.h"
#include "passes/batch/Batch.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <atomic>
#include <chrono>
#include <thread>

using namespace mlir;
using namespace lathe;

namespace {
class Clock {
public:
  /// Seconds since the last call.
  double lap() {
    auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - std::exchange(last, now)).count();
  }

private:
  std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();
};

/// DLPack's encoding of an element type.
lathe_dtype_t dtypeOf(Type element) {
  enum : uint8_t { integer = 0, unsignedInteger = 1, floating = 2, bfloat = 4, complex = 5, boolean = 6 };
  auto bits = static_cast<uint8_t>(8 * core::elementBytes(element));
  uint8_t code = element.isInteger(1)            ? boolean
                 : element.isUnsignedInteger()   ? unsignedInteger
                 : isa<IntegerType>(element)     ? integer
                 : element.isBF16()              ? bfloat
                 : isa<FloatType>(element)       ? floating
                                                 : complex;
  return {code, bits, 1};
}

TensorInterface tensorOf(StringRef name, Type type) {
  auto tensor = cast<RankedTensorType>(type);
  TensorInterface description;
  description.name = name.str();
  description.dtype = dtypeOf(tensor.getElementType());
  description.shape.assign(tensor.getShape().begin(), tensor.getShape().end());
  description.bytes = core::tensorBytes(tensor);
  // Kernels use unaligned vector accesses; an element's own alignment is all they need.
  Type element = tensor.getElementType();
  description.alignment = core::elementBytes(isa<ComplexType>(element) ? cast<ComplexType>(element).getElementType() : element);
  return description;
}

std::vector<TensorInterface> tensorsOf(ArrayAttr names, ArrayAttr types) {
  std::vector<TensorInterface> tensors;
  for (auto [name, type] : llvm::zip_equal(names.getAsValueRange<StringAttr>(), types.getAsValueRange<TypeAttr>()))
    tensors.push_back(tensorOf(name, type));
  return tensors;
}

/// The module's variables, and where in `weights` their initial values lie.
std::vector<VariableInterface> variablesOf(ModuleOp module, const Weights &weights) {
  std::vector<VariableInterface> variables;
  for (auto variable : module.getOps<rt::VariableOp>()) {
    VariableInterface description{tensorOf(variable.getVariableName(), variable.getType()), variable.getContainer().str(), LATHE_NO_VALUE};
    if (std::optional<StringRef> weight = variable.getWeight())
      description.initial = weights.offsets.lookup(*weight);
    variables.push_back(std::move(description));
  }
  return variables;
}

/// What a program does with each variable that it uses.
std::vector<VariableUse> usesOf(rt::ProgramOp program, const std::vector<VariableInterface> &variables) {
  auto names = [](std::optional<ArrayAttr> symbols, rt::VariableOp variable) {
    return symbols && llvm::is_contained(*symbols, FlatSymbolRefAttr::get(variable.getSymNameAttr()));
  };
  std::vector<VariableUse> uses;
  for (auto [index, variable] : llvm::enumerate(program->getParentOfType<ModuleOp>().getOps<rt::VariableOp>())) {
    VariableUse use{variables[index], static_cast<uint32_t>(index), names(program.getReads(), variable), names(program.getWrites(), variable)};
    if (use.reads || use.writes)
      uses.push_back(std::move(use));
  }
  return uses;
}

/// Runs `task(i)` for all i below `count` on `jobs` threads.
void parallelFor(size_t count, unsigned jobs, llvm::function_ref<void(size_t)> task) {
  std::atomic<size_t> next = 0;
  auto work = [&] {
    for (size_t i = next++; i < count; i = next++)
      task(i);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < std::min<size_t>(jobs, count); ++i)
    threads.emplace_back(work);
  work();
  for (std::thread &thread : threads)
    thread.join();
}

class Compilation {
public:
  Compilation(const CompileOptions &options, const Backend &backend, ProblemList &problems)
      : options(options), backend(backend), problems(problems) {}

  std::optional<CompiledModel> run(llvm::MemoryBufferRef file) {
    MLIRContext context(MLIRContext::Threading::DISABLED);
    loadDialects(context);
    ProblemCollector collector(&context, problems);
    FailureOr<OwningOpRef<ModuleOp>> module = importGraph(context, file, options.import, problems);
    if (failed(module))
      return std::nullopt;
    countNodes(**module);
    model.report.importSeconds = clock.lap();
    return finish(**module, file.getBufferIdentifier(), "raise");
  }

  std::optional<CompiledModel> run(ModuleOp module, StringRef name) {
    ProblemCollector collector(module.getContext(), problems);
    return finish(module, name, "optimize");
  }

  const CompileReport &getReport() const { return model.report; }

private:
  void countNodes(ModuleOp module) {
    llvm::StringMap<size_t> counts;
    module.walk([&](gdef::NodeOp node) { ++counts[node.getOpType()]; });
    for (auto &count : counts) {
      model.report.nodes += count.second;
      model.report.ops.emplace_back(count.first().str(), count.second);
    }
    llvm::sort(model.report.ops, [](auto &x, auto &y) { return std::tie(y.second, x.first) < std::tie(x.second, y.first); });
  }

  void countWork(ModuleOp module) {
    llvm::StringMap<double> flops;
    module.walk([&](rt::KernelOp kernel) {
      kernel.walk([&](core::CostOpInterface op) { flops[kernel.getSymName()] += static_cast<double>(op.flops()); });
    });
    module.walk([&](rt::LaunchOp launch) { model.report.flops += flops.lookup(launch.getKernel()); });
    for (auto weight : module.getOps<rt::WeightOp>())
      model.report.weightValues += cast<RankedTensorType>(weight.getValue().getType()).getNumElements();
  }

  std::optional<CompiledModel> finish(ModuleOp module, StringRef name, StringRef firstStage) {
    if (failed(runStages(module, options, firstStage)))
      return std::nullopt;
    model.report.optimizeSeconds = clock.lap();
    bool isPlanned = options.stopAfter.empty() || options.stopAfter == stageNames().back();
    if (isPlanned && options.batchSizes.empty())
      chooseBodies(module, backend);
    countWork(module);
    if (!isPlanned || !checkWeights(module) || !checkMemory(module) || !options.stopAfter.empty())
      return std::nullopt;
    model.weights = collectWeights(module, backend);
    describe(module, name);
    if (llvm::Error error = emit(module)) {
      problems.add(Code::InternalError, llvm::toString(std::move(error)));
      return std::nullopt;
    }
    model.report.emitSeconds = clock.lap();
    return std::move(model);
  }

  /// A constant of equal elements takes few bytes of a file, and all of them in the object.
  bool checkWeights(ModuleOp module) {
    uint64_t expanded = 0;
    for (auto weight : module.getOps<rt::WeightOp>()) {
      auto type = cast<RankedTensorType>(weight.getValue().getType());
      if (isa<SplatElementsAttr>(weight.getValue()))
        expanded += core::tensorBytes(type);
      if (expanded <= options.import.limits.expandedBytes)
        continue;
      NodeNames names = nodeNames(weight.getLoc());
      problems.add(Code::LimitExceeded, names.node.str(), names.op.str(),
                   "constants of equal elements would take more than " + std::to_string(options.import.limits.expandedBytes) +
                       " bytes of the object");
      return false;
    }
    return true;
  }

  /// What one run needs must exist on some machine; sizes in the header would overflow long after that.
  bool checkMemory(ModuleOp module) {
    constexpr uint64_t mostBytes = uint64_t(1) << 40;
    for (auto program : module.getOps<rt::ProgramOp>()) {
      uint64_t bytes = program.getArena(), largest = 0;
      StringRef name;
      auto add = [&](ArrayAttr names, ArrayAttr types) {
        for (auto [tensorName, type] : llvm::zip_equal(names.getAsValueRange<StringAttr>(), types.getAsValueRange<TypeAttr>())) {
          uint64_t size = core::tensorBytes(cast<RankedTensorType>(type));
          bytes += size;
          if (size > std::exchange(largest, std::max(largest, size)))
            name = tensorName;
        }
      };
      add(program.getInputNames(), program.getInputs());
      add(program.getOutputNames(), program.getOutputs());
      if (bytes <= mostBytes)
        continue;
      problems.add(Code::LimitExceeded, name.split(':').first.str(), "",
                   "a run would need " + std::to_string(bytes) + " bytes of memory, more than " + std::to_string(mostBytes),
                   "give the feeds smaller shapes (--shape NAME:1x2x3), or fetch something smaller");
      return false;
    }
    return true;
  }

  /// What `bodies` say of the entry that they are, the first of which `entry` describes.
  static void describeBodies(ArrayRef<rt::ProgramOp> bodies, EntryInterface &entry) {
    Batch first = *Batch::of(bodies.front());
    entry.name = first.entry;
    entry.onlyBodiesBecause = first.mixes;
    auto perItem = [&](std::vector<TensorInterface> &tensors, ArrayRef<int64_t> rows) {
      for (auto [tensor, each] : llvm::zip(tensors, rows)) {
        tensor.perItem = each != 0;
        if (!tensor.perItem)
          continue;
        tensor.bytes /= first.size;
        tensor.shape.front() = each;
      }
    };
    perItem(entry.arguments, first.argumentRows);
    perItem(entry.results, first.resultRows);
    for (rt::ProgramOp body : bodies) {
      entry.bodies.push_back({static_cast<uint64_t>(Batch::of(body)->size), body.getArena()});
      entry.arenaBytes = std::max<uint64_t>(entry.arenaBytes, body.getArena());
    }
  }

  void describe(ModuleOp module, StringRef file) {
    ObjectInterface &interface = model.interface;
    interface.graph = llvm::sys::path::filename(file).str();
    interface.name = moduleIdentifier(options.name.empty() ? llvm::sys::path::stem(interface.graph).str() : options.name);
    interface.targetCpu = backend.getTargetName();
    interface.cppClass = options.cppClass;
    interface.variables = variablesOf(module, model.weights);
    for (ArrayRef<rt::ProgramOp> bodies : entriesOf(module)) {
      rt::ProgramOp program = bodies.front();
      EntryInterface &entry = interface.entries.emplace_back();
      entry.name = program.getSymName().str();
      entry.arguments = tensorsOf(program.getInputNames(), program.getInputs());
      entry.results = tensorsOf(program.getOutputNames(), program.getOutputs());
      for (auto [result, count] : llvm::enumerate(program.getResultCounts().value_or(ArrayRef<int64_t>())))
        entry.results[result].countResult = count;
      entry.variables = usesOf(program, interface.variables);
      entry.arenaBytes = program.getArena();
      if (Batch::of(program))
        describeBodies(bodies, entry);
    }
    assignIdentifiers(interface);
  }

  llvm::Error emit(ModuleOp module) {
    ProgramParts parts{{}, {}, model.weights, "lathe_weights", backend.getRequiredFeatures(), options.probes};
    std::vector<std::pair<KernelVariant, std::string>> variants; // with the kernel's text
    for (auto kernel : module.getOps<rt::KernelOp>())
      parts.plans[kernel.getSymName().str()] = backend.plan(kernel);
    SymbolTable symbols(module);
    module.walk([&](rt::LaunchOp launch) {
      KernelVariant variant = variantOf(launch);
      const KernelPlan &plan = parts.plans[variant.kernel];
      model.report.plan.push_back({variant.kernel, plan.choice, nodeNames(launch.getLoc()).node.str(), plan.seconds});
      if (plan.units == 0)
        return;
      std::string symbol = "kernel_" + std::to_string(parts.symbols.size());
      if (!parts.symbols.try_emplace(variant, symbol).second)
        return;
      std::string text;
      llvm::raw_string_ostream(text) << *symbols.lookup<rt::KernelOp>(variant.kernel);
      variants.emplace_back(variant, std::move(text));
    });
    model.report.launches = model.report.plan.size();
    model.report.kernels = variants.size();

    std::vector<SmallVector<char>> objects(variants.size() + 1);
    std::vector<std::string> errors(variants.size());
    unsigned jobs = options.jobs ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
    parallelFor(variants.size(), jobs, [&](size_t i) {
      auto &[variant, text] = variants[i];
      if (auto object = backend.compileKernel(text, variant.inPlace, parts.symbols.at(variant)))
        objects[i] = std::move(*object);
      else
        errors[i] = "kernel '" + variant.kernel + "': " + llvm::toString(object.takeError());
    });
    for (std::string &error : errors)
      if (!error.empty())
        return llvm::createStringError(error);
    model.report.kernelSeconds = clock.lap();

    model.interface.weightBytes = model.weights.bytes;
    llvm::LLVMContext context;
    std::unique_ptr<llvm::Module> program = emitProgram(context, module, model.interface, parts);
    auto object = backend.compileProgram(*program);
    if (!object)
      return object.takeError();
    objects.back() = std::move(*object);
    SmallVector<ArrayRef<char>> pieces(objects.begin(), objects.end());
    SmallVector<RawSection> sections;
    if (model.weights.bytes)
      sections.push_back({".lathe.weights", parts.weightsSymbol, model.weights.data()});
    auto joined = joinObjects(pieces, sections);
    if (!joined)
      return joined.takeError();
    model.object = std::move(*joined);
    model.header = emitHeader(model.interface);
    return llvm::Error::success();
  }

  const CompileOptions &options;
  const Backend &backend;
  ProblemList &problems;
  CompiledModel model;
  Clock clock;
};
} // namespace

static std::unique_ptr<Backend> findBackend(const CompileOptions &options, ProblemList &problems) {
  std::unique_ptr<Backend> backend = createBackend(options.targetCpu);
  if (!backend)
    problems.add(Code::UnknownTarget, "no target named '" + options.targetCpu + "'" + didYouMean(nearestName(options.targetCpu, backendTargets())),
                 "use one of: " + llvm::join(backendTargets(), ", "));
  return backend;
}

std::optional<CompiledModel> lathe::compileGraph(llvm::MemoryBufferRef file, const CompileOptions &options, ProblemList &problems,
                                                 CompileReport *report) {
  std::unique_ptr<Backend> backend = findBackend(options, problems);
  if (!backend)
    return std::nullopt;
  Compilation compilation(options, *backend, problems);
  std::optional<CompiledModel> model = compilation.run(file);
  if (report)
    *report = model ? model->report : compilation.getReport();
  return model;
}

std::optional<CompiledModel> lathe::compileFunctions(ModuleOp module, StringRef name, const CompileOptions &options, ProblemList &problems) {
  std::unique_ptr<Backend> backend = findBackend(options, problems);
  return backend ? Compilation(options, *backend, problems).run(module, name) : std::nullopt;
}
