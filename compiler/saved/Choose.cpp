// SPDX-License-Identifier: Apache-2.0
// Chooses among the graphs and signatures of a SavedModel.
#include "compiler/saved/Choose.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace lathe {

std::string quotedList(ArrayRef<std::string> names) {
  // A file can hold any number of names; nobody reads more than a few.
  constexpr size_t most = 32;
  std::string text = names.empty() ? "" : "'" + join(names.take_front(most), "', '") + "'";
  return names.size() > most ? text + " and " + std::to_string(names.size() - most) + " more" : text;
}

static std::string tagText(const tf::MetaGraphDef &graph) {
  return join(graph.meta_info_def().tags(), ",");
}

static bool sameTags(const tf::MetaGraphDef &graph, std::vector<std::string> wanted) {
  std::vector<std::string> tags(graph.meta_info_def().tags().begin(), graph.meta_info_def().tags().end());
  sort(tags);
  sort(wanted);
  return tags == wanted;
}

const tf::MetaGraphDef *chooseGraph(const tf::SavedModel &model, const ImportOptions &options, ProblemList &problems) {
  const auto &graphs = model.meta_graphs();
  if (graphs.empty()) {
    problems.add(Code::BadSavedModel, "the SavedModel holds no graph");
    return nullptr;
  }
  std::vector<std::string> wanted = options.tags.empty() ? std::vector<std::string>{"serve"} : options.tags;
  for (const tf::MetaGraphDef &graph : graphs)
    if (sameTags(graph, wanted))
      return &graph;
  if (options.tags.empty() && graphs.size() == 1)
    return &graphs[0];
  std::vector<std::string> all;
  for (const tf::MetaGraphDef &graph : graphs)
    all.push_back(tagText(graph));
  std::string text = join(wanted, ",");
  problems.add(Code::NoSuchTag, "no graph has the tags '" + text + "'" + didYouMean(nearestName(text, all)) +
                                    (all.size() == 1 ? "; there is " : "; there are ") + quotedList(all));
  return nullptr;
}

std::vector<std::string> signatureNames(const tf::MetaGraphDef &graph) {
  std::vector<std::string> names;
  for (const auto &[name, signature] : graph.signature_def())
    if (!StringRef(name).starts_with("__saved_model_"))
      names.push_back(name);
  sort(names); // a protobuf map has no order of its own
  return names;
}

const tf::SignatureDef *chooseSignature(const tf::MetaGraphDef &graph, const ImportOptions &options, std::string &name,
                                        ProblemList &problems) {
  std::vector<std::string> names = signatureNames(graph);
  name = !options.signature.empty() || names.size() != 1 ? options.signature : names[0];
  if (name.empty())
    name = "serving_default";
  auto found = graph.signature_def().find(name);
  if (found != graph.signature_def().end())
    return &found->second;
  bool given = options.config || (!options.feeds.empty() && !options.fetches.empty());
  bool needed = !given && (options.form == ImportOptions::Form::savedModel && options.fetches.empty());
  if (options.signature.empty() && !needed)
    return nullptr;
  std::string there =
      names.empty() ? "; there is none" : (names.size() == 1 ? "; there is " : "; there are ") + quotedList(names);
  problems.add(Code::NoSuchSignature,
               "no signature is named '" + name + "'" + didYouMean(nearestName(name, names)) + there);
  return nullptr;
}

} // namespace lathe
