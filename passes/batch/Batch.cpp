// SPDX-License-Identifier: Apache-2.0
// Keeps what a body is of its entry in an attribute.
#include "passes/batch/Batch.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace lathe;

static constexpr StringLiteral attributeName = "lathe.batch";

std::optional<Batch> Batch::of(Operation *op) {
  auto attribute = op->getAttrOfType<DictionaryAttr>(attributeName);
  if (!attribute)
    return std::nullopt;
  Batch batch;
  batch.entry = attribute.getAs<StringAttr>("entry").str();
  batch.size = attribute.getAs<IntegerAttr>("size").getInt();
  batch.isSeparable = attribute.contains("separable");
  batch.isProbe = attribute.contains("probe");
  if (auto mixes = attribute.getAs<StringAttr>("mixes"))
    batch.mixes = mixes.str();
  for (auto [name, rows] : {std::pair("arguments", &batch.argumentRows), std::pair("results", &batch.resultRows)})
    if (auto known = attribute.getAs<DenseI64ArrayAttr>(name))
      rows->assign(known.asArrayRef().begin(), known.asArrayRef().end());
  return batch;
}

void Batch::setOn(Operation *op) const {
  Builder b(op->getContext());
  NamedAttrList attributes;
  attributes.set("entry", b.getStringAttr(entry));
  attributes.set("size", b.getI64IntegerAttr(size));
  if (isSeparable)
    attributes.set("separable", b.getUnitAttr());
  if (isProbe)
    attributes.set("probe", b.getUnitAttr());
  if (!mixes.empty())
    attributes.set("mixes", b.getStringAttr(mixes));
  if (!argumentRows.empty())
    attributes.set("arguments", b.getDenseI64ArrayAttr(argumentRows));
  if (!resultRows.empty())
    attributes.set("results", b.getDenseI64ArrayAttr(resultRows));
  op->setAttr(attributeName, attributes.getDictionary(op->getContext()));
}

void Batch::copy(Operation *from, Operation *to) {
  if (Attribute attribute = from->getAttr(attributeName))
    to->setAttr(attributeName, attribute);
}

std::vector<SmallVector<rt::ProgramOp, 1>> lathe::entriesOf(ModuleOp module) {
  llvm::MapVector<StringAttr, SmallVector<rt::ProgramOp, 1>> entries;
  for (auto program : module.getOps<rt::ProgramOp>()) {
    auto attribute = program->getAttrOfType<DictionaryAttr>(attributeName);
    entries[attribute ? attribute.getAs<StringAttr>("entry") : program.getSymNameAttr()].push_back(program);
  }
  std::vector<SmallVector<rt::ProgramOp, 1>> all;
  for (auto &[name, programs] : entries) {
    llvm::sort(programs, [](rt::ProgramOp x, rt::ProgramOp y) {
      std::optional<Batch> a = Batch::of(x), b = Batch::of(y);
      return a && b && a->size < b->size;
    });
    all.push_back(std::move(programs));
  }
  return all;
}
