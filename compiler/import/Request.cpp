// SPDX-License-Identifier: Apache-2.0
// Resolves feeds, fetches and shapes.
#include "compiler/import/Request.h"
#include "compiler/import/Signature.h"
#include "compiler/import/Types.h"
#include "compiler/import/parse/ParseGraph.h"

using namespace mlir;

namespace lathe {

bool isPlaceholder(StringRef op) {
  return op == "Placeholder" || op == "PlaceholderV2" || op == "_Arg";
}

static std::string tensorText(const NodeTable &table, Source source) {
  return table[source.node].name() + ":" + std::to_string(source.output);
}

/// The signature of a node about which nothing is to be reported yet.
static bool quietSignature(const tf::NodeDef &node, ImportContext &context, Signature &signature) {
  const tf::OpDef *op = context.findOp(node.op());
  return op && resolveSignature(node, *op, context, signature, [](Code, const Twine &) {});
}

namespace {

class Resolver {
public:
  Resolver(const NodeTable &table, const ImportOptions &options, ImportContext &context, Request &request,
           size_t shared)
      : table(table), options(options), context(context), request(request), shared(shared) {}

  void run() {
    if (options.config)
      readConfig();
    for (const std::string &name : options.feeds)
      if (const tf::TensorInfo *info = input(name))
        addSignatureFeed(name, *info);
      else
        addFeed(name, "");
    if (!feedsGiven && context.signature)
      addSignatureFeeds();
    else if (!feedsGiven)
      addPlaceholders();
    for (const std::string &name : options.fetches)
      if (const tf::TensorInfo *info = output(name))
        addSignatureFetch(name, *info);
      else
        addFetch(name, "");
    if (!fetchesGiven && context.signature)
      addSignatureFetches();
    else if (!fetchesGiven)
      addEnds();
    for (const auto &[name, dims] : options.shapes) {
      request.usedShapes.push_back(setShape(name, dims));
      if (!request.usedShapes.back() && request.usedShapes.size() > shared)
        reportUnknownShape(name);
    }
  }

private:
  void missing(const char *what, StringRef name) {
    context.problems.add(
        Code::UnknownName,
        (Twine(what) + " '" + name + "': no such node" + table.suggest(TensorName::parse(name).node)).str());
  }

  void readConfig() {
    tf::Config config;
    if (!parseConfig(*options.config, options.limits, config, context.problems)) {
      feedsGiven = fetchesGiven = true; // what it would have said is not known, so that nothing is missing
      return;
    }
    auto text = [](const tf::TensorId &id) { return id.node_name() + ":" + std::to_string(id.output_index()); };
    for (const tf::Feed &item : config.feed()) {
      Feed *feed = addFeed(text(item.id()), item.name());
      if (!feed)
        continue;
      if (feed->dtype == tf::DT_INVALID)
        feed->dtype = baseType(item.type());
      SmallVector<int64_t> dims;
      bool ranked = false;
      if (item.has_shape() &&
          readShape(item.shape(), options.limits, dims, ranked,
                    [&](Code code, const Twine &text) {
                      context.problems.add(code, ("feed '" + feed->name + "': " + text).str());
                    }) &&
          ranked)
        feed->shape = dims;
    }
    for (const tf::Fetch &item : config.fetch())
      addFetch(text(item.id()), item.name());
  }

  Feed *addFeed(StringRef text, StringRef alias) {
    feedsGiven = true;
    TensorName name = TensorName::parse(text);
    auto node = table.find(name.node);
    if (!node || name.control) {
      missing("feed", text);
      return nullptr;
    }
    Source source{*node, name.output};
    if (llvm::any_of(request.feeds, [&](const Feed &feed) { return feed.source == source; })) {
      context.problems.add(Code::UnknownName, ("feed '" + text + "': given twice").str(), "give it once");
      return nullptr;
    }
    return addFeed(source, alias);
  }

  Feed *addFeed(Source source, StringRef alias) {
    Feed feed{source, tensorText(table, source), alias.str(), tf::DT_INVALID, std::nullopt, false};
    Signature signature;
    if (quietSignature(table[source.node], context, signature)) {
      if (source.output >= signature.outputs.size()) {
        table.report(source.node, Code::NoSuchOutput,
                     "feed '" + feed.name + "': number of outputs is " + Twine(signature.outputs.size()));
        return nullptr;
      }
      feed.dtype = signature.outputs[source.output];
    }
    return &request.feeds.emplace_back(std::move(feed));
  }

  //===--- what the signature names; a name of its own goes before that of a node ---===//

  const tf::TensorInfo *input(StringRef name) { return info(name, &tf::SignatureDef::inputs); }
  const tf::TensorInfo *output(StringRef name) { return info(name, &tf::SignatureDef::outputs); }

  template <typename Member> const tf::TensorInfo *info(StringRef name, Member member) {
    if (!context.signature)
      return nullptr;
    const auto &infos = (context.signature->*member)();
    auto found = infos.find(name.str());
    return found == infos.end() ? nullptr : &found->second;
  }

  /// Whether `info` names a tensor of the graph, of the type it says.
  bool checkInfo(const char *what, StringRef key, const tf::TensorInfo &info) {
    auto fail = [&](const Twine &message) {
      context.problems.add(
          Code::BadSignature,
          ("signature '" + Twine(context.signatureName) + "': " + what + " '" + key + "' " + message).str());
      return false;
    };
    if (info.encoding_case() != info.kName)
      return fail("is not a dense tensor");
    TensorName name = TensorName::parse(info.name());
    auto node = table.find(name.node);
    if (!node || name.control)
      return fail("is '" + info.name() + "': no such node");
    Signature signature;
    if (info.dtype() != tf::DT_INVALID && quietSignature(table[*node], context, signature) &&
        name.output < signature.outputs.size() && signature.outputs[name.output] != baseType(info.dtype()))
      return fail("must be " + typeName(baseType(info.dtype())) + ", but '" + info.name() + "' is " +
                  typeName(signature.outputs[name.output]));
    return true;
  }

  void addSignatureFeed(StringRef key, const tf::TensorInfo &info) {
    feedsGiven = true;
    if (!checkInfo("input", key, info))
      return;
    Feed *feed = addFeed(info.name(), key);
    if (!feed)
      return;
    feed->signatureShape = &info.tensor_shape();
    if (feed->dtype == tf::DT_INVALID)
      feed->dtype = baseType(info.dtype());
  }

  void addSignatureFetch(StringRef key, const tf::TensorInfo &info) {
    fetchesGiven = true;
    if (checkInfo("output", key, info))
      addFetch(info.name(), key);
  }

  void addSignatureFeeds() {
    // With other fetches not all inputs need to matter; with the signature's own they are its contract.
    request.onlyUsedFeeds = !options.fetches.empty();
    for (StringRef key : sortedKeys(context.signature->inputs()))
      addSignatureFeed(key, *input(key));
    feedsGiven = true;
  }

  void addSignatureFetches() {
    for (StringRef key : sortedKeys(context.signature->outputs()))
      addSignatureFetch(key, *output(key));
    if (request.fetches.empty() && request.targets.empty() && context.problems.empty())
      context.problems.add(Code::NothingToCompile, "signature '" + context.signatureName + "' has no output");
  }

  /// A protobuf map has no order of its own.
  template <typename Map> static SmallVector<StringRef> sortedKeys(const Map &map) {
    SmallVector<StringRef> keys;
    for (const auto &[key, value] : map)
      keys.push_back(key);
    llvm::sort(keys);
    return keys;
  }

  void addPlaceholders() {
    request.onlyUsedFeeds = true;
    for (unsigned node = 0; node < table.size(); ++node)
      if (isPlaceholder(table[node].op()))
        addFeed(Source{node, 0}, "");
    // A function that was made a graph says which argument is which.
    auto place = [&](const Feed &feed) {
      const auto &attrs = table[feed.source.node].attr();
      auto index = attrs.find("index");
      bool argument = table[feed.source.node].op() == "_Arg" && index != attrs.end();
      return std::pair<int64_t, unsigned>(argument ? index->second.i() : -1, feed.source.node);
    };
    llvm::sort(request.feeds, [&](const Feed &a, const Feed &b) { return place(a) < place(b); });
  }

  void addFetch(StringRef text, StringRef alias) {
    fetchesGiven = true;
    TensorName name = TensorName::parse(text);
    auto node = table.find(name.node);
    if (!node) {
      missing("fetch", text);
      return;
    }
    Signature signature;
    bool known = quietSignature(table[*node], context, signature);
    if (name.control || (known && signature.outputs.empty() && name.output == 0)) {
      request.targets.push_back(*node);
      return;
    }
    Source source{*node, name.output};
    if (known && name.output >= signature.outputs.size()) {
      table.report(*node, Code::NoSuchOutput,
                   "fetch '" + text + "': number of outputs is " + Twine(signature.outputs.size()));
      return;
    }
    request.fetches.push_back({source, tensorText(table, source), alias.str(), ""});
  }

  /// For each node how many loops of TensorFlow 1 it runs in.
  std::vector<uint8_t> loopDepths() const {
    constexpr uint8_t mostDepth = 64; // Only a graph that is wrong can have more.
    std::vector<std::vector<unsigned>> readers(table.size());
    std::vector<unsigned> open;
    for (unsigned node = 0; node < table.size(); ++node) {
      if (StringRef(table[node].op()).ends_with("Enter"))
        open.push_back(node);
      for (const std::string &input : table[node].input())
        if (auto source = table.find(TensorName::parse(input).node))
          readers[*source].push_back(node);
    }
    std::vector<uint8_t> depths(table.size());
    for (unsigned node : open)
      depths[node] = 1;
    while (!open.empty()) {
      unsigned node = open.back();
      open.pop_back();
      for (unsigned reader : readers[node]) {
        StringRef op = table[reader].op();
        int depth = depths[node] + op.ends_with("Enter") - op.ends_with("Exit");
        if (depth > depths[reader] && depth <= mostDepth) {
          depths[reader] = static_cast<uint8_t>(depth);
          open.push_back(reader);
        }
      }
    }
    return depths;
  }

  void addEnds() {
    std::vector<uint8_t> depths = loopDepths();
    std::vector<bool> read(table.size());
    for (unsigned node = 0; node < table.size(); ++node)
      for (const std::string &input : table[node].input())
        if (auto source = table.find(TensorName::parse(input).node))
          read[*source] = true;
    for (unsigned node = 0; node < table.size(); ++node) {
      StringRef op = table[node].op();
      if (read[node] || depths[node] > 0 || op == "Const" || op == "NoOp" || op == "Assert" || isPlaceholder(op))
        continue;
      // A graph that was made of a function ends in _Retval: its input is what is meant.
      if (op == "_Retval" && table[node].input_size() == 1) {
        addFetch(table[node].input(0), "");
        continue;
      }
      Signature signature;
      // What is not known will be reported as such when it is selected.
      unsigned outputs = quietSignature(table[node], context, signature) ? signature.outputs.size() : 1;
      for (unsigned output = 0; output < outputs; ++output)
        request.fetches.push_back({{node, output}, tensorText(table, {node, output}), "", ""});
    }
    if (request.fetches.empty() && context.problems.empty())
      context.problems.add(Code::NothingToCompile, "nothing to fetch: constants, placeholders and what runs in loops "
                                                   "aside, every value is read by another node");
  }

  /// Whether there is a feed of that name.
  bool setShape(StringRef text, ArrayRef<int64_t> dims) {
    TensorName name = TensorName::parse(text);
    for (Feed &feed : request.feeds) {
      bool named = table[feed.source.node].name() == name.node && feed.source.output == name.output;
      if (!named && (feed.alias.empty() || feed.alias != text))
        continue;
      SmallVector<int64_t> shape;
      for (int64_t dim : dims)
        shape.push_back(dim == -1 ? ShapedType::kDynamic : dim);
      auto fail = [&](Code code, const Twine &message) {
        context.problems.add(code, ("shape of '" + text + "': " + message).str());
      };
      if (llvm::any_of(dims, [](int64_t dim) { return dim < -1; }))
        fail(Code::BadShape, "dimensions must be at least 0");
      else if (checkShape(shape, options.limits, fail))
        feed.shape = shape;
      return true;
    }
    return false;
  }

  void reportUnknownShape(StringRef text) {
    TensorName name = TensorName::parse(text);
    auto names = llvm::map_range(request.feeds, [&](const Feed &feed) -> StringRef {
      return feed.alias.empty() ? table[feed.source.node].name() : feed.alias;
    });
    context.problems.add(Code::UnknownName,
                         ("shape of '" + text + "': no such feed" + didYouMean(nearestName(name.node, names))).str());
  }

  const NodeTable &table;
  const ImportOptions &options;
  ImportContext &context;
  Request &request;
  size_t shared;
  bool feedsGiven = false, fetchesGiven = false;
};

} // namespace

void resolveRequest(const NodeTable &table, const ImportOptions &options, ImportContext &context, Request &request,
                    size_t shared) {
  Resolver(table, options, context, request, shared).run();
}

} // namespace lathe
