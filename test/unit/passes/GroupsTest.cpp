// SPDX-License-Identifier: Apache-2.0
// Tests which operations are chosen to run as one kernel: drawn graphs, and the promises on random ones.
#include "passes/fusion/Groups.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <random>

using namespace lathe::fusion;

namespace {
using Shape = std::vector<int64_t>;

/// Builds graphs; every function gives the number of the node it adds.
struct Graph {
  std::vector<Node> nodes;

  int add(Kind kind, Shape shape, std::vector<int> inputs = {}) {
    Node node;
    node.kind = kind;
    node.shape = std::move(shape);
    node.inputs = std::move(inputs);
    nodes.push_back(node);
    return nodes.size() - 1;
  }
  int source(Shape shape) { return add(Kind::Source, shape); }
  int contract(Shape shape, int x, int w) { return add(Kind::Contraction, shape, {x, w}); }
  int map(std::vector<int> inputs) { return add(Kind::Elementwise, Shape(nodes[inputs[0]].shape), inputs); }
  int reduce(int input, std::vector<int64_t> dimensions) {
    Shape shape;
    for (size_t d = 0; d < nodes[input].shape.size(); ++d)
      if (!std::count(dimensions.begin(), dimensions.end(), static_cast<int64_t>(d)))
        shape.push_back(nodes[input].shape[d]);
    int n = add(Kind::Reduction, shape, {input});
    nodes[n].reduced = std::move(dimensions);
    return n;
  }
  int broadcast(int input, Shape shape, std::vector<int64_t> mapped) {
    int n = add(Kind::Cheap, std::move(shape), {input});
    nodes[n].mapped = std::move(mapped);
    return n;
  }
  void escape(int n) { nodes[n].escapes = true; }

  /// The groups, which are checked.
  std::vector<std::vector<int>> groups() const {
    std::vector<Group> chosen = chooseGroups(nodes);
    EXPECT_EQ(check(nodes, chosen), "");
    std::vector<std::vector<int>> lists;
    for (const Group &group : chosen)
      lists.push_back(group.nodes);
    return lists;
  }
};
using Groups = std::vector<std::vector<int>>;

//   x   w
//    \ /
//   conv  b              one kernel: the convolution and what follows it
//      \ / broadcast
//      add
//       |
//      relu -- zero (splat)
TEST(Groups, BiasAndReluAreTheEpilogue) {
  Graph g;
  int x = g.source({8, 6}), w = g.source({6, 4}), b = g.source({4});
  int conv = g.contract({8, 4}, x, w);
  int bias = g.broadcast(b, {8, 4}, {1});
  int add = g.map({conv, bias});
  int zero = g.add(Kind::Cheap, {8, 4});
  int relu = g.map({add, zero});
  g.escape(relu);
  EXPECT_EQ(g.groups(), (Groups{{conv, add, relu}}));
}

//   conv1 (x, w)         The sum is read by conv2 and by the next sum: it ends
//     |                  the first kernel, where both find it in memory; it is
//    add -- x            the residual operand of the second one's epilogue.
//   /   \.
//  conv2 |
//   \   /
//    add2
TEST(Groups, AResidualWithTwoUsersIsWrittenOnce) {
  Graph g;
  int x = g.source({8, 4}), w = g.source({4, 4});
  int conv1 = g.contract({8, 4}, x, w);
  int add = g.map({conv1, x});
  int conv2 = g.contract({8, 4}, add, w);
  int add2 = g.map({conv2, add});
  g.escape(add2);
  EXPECT_EQ(g.groups(), (Groups{{conv1, add}, {conv2, add2}}));
}

//   conv                 Both the convolution and a function of it escape: a
//    | \                 contraction's kernel gives one value, so the function
//    |  exp              runs alone.
TEST(Groups, AContractionHasOneResult) {
  Graph g;
  int x = g.source({8, 4}), w = g.source({4, 4});
  int conv = g.contract({8, 4}, x, w);
  int exp = g.map({conv});
  g.escape(conv);
  g.escape(exp);
  EXPECT_EQ(g.groups(), (Groups{{conv}, {exp}}));
}

//   conv -- pow          What does not work on vectors stays outside of epilogues.
TEST(Groups, ScalarFunctionsAreNoEpilogue) {
  Graph g;
  int x = g.source({8, 4}), w = g.source({4, 4});
  int conv = g.contract({8, 4}, x, w);
  int pow = g.map({conv});
  g.nodes[pow].inEpilogue = false;
  g.escape(pow);
  EXPECT_EQ(g.groups(), (Groups{{conv}, {pow}}));
}

//   x -- max -- bcast
//    \          /
//     `-- sub -'
//          |             a softmax over rows is one kernel
//         exp -- sum -- bcast
//           \           /
//            `-- div --'
TEST(Groups, SoftmaxIsOneRowGroup) {
  Graph g;
  int x = g.source({8, 16});
  int max = g.reduce(x, {1});
  int maxes = g.broadcast(max, {8, 16}, {0});
  int sub = g.map({x, maxes});
  int exp = g.map({sub});
  g.nodes[exp].costly = true;
  int sum = g.reduce(exp, {1});
  int sums = g.broadcast(sum, {8, 16}, {0});
  int div = g.map({exp, sums});
  g.escape(div);
  EXPECT_EQ(g.groups(), (Groups{{max, sub, exp, sum, div}}));
}

//   x -- sum -- scale -- bcast       mean and variance over rows, views between the row's
//    \                  /            scalars ([8] as [8, 1]), then scale and shift by
//     `------ sub -----'             vectors along the row: one kernel
//            /   \.
//        square   \.
//           |      \.
//          sum      mul -- mul -- add
//           |      /      /       /
//         rsqrt - bcast  gamma  beta
TEST(Groups, LayerNormIsOneRowGroup) {
  Graph g;
  int x = g.source({8, 16}), gamma = g.source({16}), beta = g.source({16}), n = g.add(Kind::Cheap, {8});
  int sum = g.reduce(x, {1});
  int mean = g.map({sum, n});
  int view = g.add(Kind::View, {8, 1}, {mean});
  int means = g.broadcast(view, {8, 16}, {0, 1});
  int sub = g.map({x, means});
  int square = g.map({sub, sub});
  int sum2 = g.reduce(square, {1});
  int rsqrt = g.map({sum2});
  int factors = g.broadcast(rsqrt, {8, 16}, {0});
  int mul = g.map({sub, factors});
  int gammas = g.broadcast(gamma, {8, 16}, {1});
  int scaled = g.map({mul, gammas});
  int betas = g.broadcast(beta, {8, 16}, {1});
  int shifted = g.map({scaled, betas});
  g.escape(shifted);
  EXPECT_EQ(g.groups(), (Groups{{sum, mean, view, sub, square, sum2, rsqrt, mul, scaled, shifted}}));
}

//   conv                 add reads the convolution and, through a group of its own
//    | \                 (sort), the convolution again: taken into the epilogue, the
//    | sort              kernel would wait for itself.
//    | /
//   add
TEST(Groups, NoGroupWaitsForItself) {
  Graph g;
  int x = g.source({8, 4}), w = g.source({4, 4});
  int conv = g.contract({8, 4}, x, w);
  int sort = g.add(Kind::Opaque, {8, 4}, {conv});
  int add = g.map({conv, sort});
  g.escape(add);
  EXPECT_EQ(g.groups(), (Groups{{conv}, {sort}, {add}}));
}

//   conv1    conv2       Each sum reads both convolutions. It joins one epilogue;
//    | \    / |          the other must not join the other's, or both would wait
//    |  \  /  |          for one another.
//   add1     add2
TEST(Groups, TwoGroupsDoNotWaitForEachOther) {
  Graph g;
  int x = g.source({8, 4}), w = g.source({4, 4}), v = g.source({4, 4});
  int conv1 = g.contract({8, 4}, x, w), conv2 = g.contract({8, 4}, x, v);
  int add1 = g.map({conv1, conv2}), add2 = g.map({conv2, conv1});
  g.escape(add1);
  g.escape(add2);
  size_t members = 0;
  for (const auto &group : g.groups())
    members += group.size();
  EXPECT_EQ(members, 4u);
}

//   b -- bcast -- add1 -- sort      a broadcast with two readers is repeated in both
//             \                     kernels, and is in no group itself
//              `- add2
TEST(Groups, CheapOnesAreRepeated) {
  Graph g;
  int x = g.source({8, 4}), b = g.source({4});
  int repeated = g.broadcast(b, {8, 4}, {1});
  int add1 = g.map({x, repeated});
  int sort = g.add(Kind::Opaque, {8, 4}, {add1});
  int add2 = g.map({sort, repeated});
  g.escape(add2);
  EXPECT_EQ(g.groups(), (Groups{{add1}, {sort}, {add2}}));
}

//   b -- bcast           as a result of the graph, or of what reads memory, it must exist
//          | \.
//        sort  (result)
TEST(Groups, CheapOnesExistWhereMemoryIsRead) {
  Graph g;
  int b = g.source({4});
  int repeated = g.broadcast(b, {8, 4}, {1});
  int sort = g.add(Kind::Opaque, {8, 4}, {repeated});
  g.escape(repeated);
  g.escape(sort);
  EXPECT_EQ(g.groups(), (Groups{{repeated}, {sort}}));
}

//   x -- exp -- gather (larger)     a costly function is not computed once a reader
TEST(Groups, CostlyOnesAreNotRepeated) {
  Graph g;
  int x = g.source({8, 4});
  int exp = g.map({x});
  int gather = g.add(Kind::Movement, {32, 4}, {exp});
  g.escape(gather);
  EXPECT_EQ(g.groups(), (Groups{{exp, gather}}));
  g.nodes[exp].costly = true;
  EXPECT_EQ(g.groups(), (Groups{{exp}, {gather}}));
}

TEST(Groups, CheckFindsWhatIsWrong) {
  Graph g;
  int x = g.source({4});
  int a = g.map({x}), b = g.map({a}), c = g.map({b});
  g.escape(c);
  EXPECT_EQ(check(g.nodes, {{{a, b}}}), "node 3 is in no group");
  EXPECT_EQ(check(g.nodes, {{{a, b}}, {{b, c}}}), "node 2 is in groups 0 and 1");
  EXPECT_EQ(check(g.nodes, {{{b, c}}, {{a}}}), "group 0 reads a value of the later group 1");
  g.nodes[a].kind = Kind::Contraction;
  g.escape(b);
  EXPECT_EQ(check(g.nodes, {{{a, b, c}}}), "2 values leave the group of contraction 1");
}

/// A graph in which every kind occurs on a few shapes, so that groups have chances to form and to clash.
Graph randomGraph(std::mt19937 &random) {
  Graph g;
  const Shape full{4, 6}, square{4, 4}, rows{4}, columns{6};
  auto pick = [&](const Shape &shape) {
    std::vector<int> fitting;
    for (size_t n = 0; n < g.nodes.size(); ++n)
      if (g.nodes[n].shape == shape)
        fitting.push_back(n);
    return fitting[random() % fitting.size()];
  };
  for (const Shape &shape : {full, square, rows, columns, Shape{6, 6}, Shape{4, 1}})
    g.source(shape);
  int size = random() % 40 + 5;
  for (int i = 0; i < size; ++i) {
    switch (random() % 12) {
    case 0:
      g.contract(full, pick(full), pick({6, 6}));
      break;
    case 1:
      g.reduce(pick(full), {1});
      break;
    case 2:
      g.reduce(pick(full), {0});
      break;
    case 3:
      g.broadcast(pick(rows), full, {0});
      break;
    case 4:
      g.broadcast(pick(columns), full, {1});
      break;
    case 5:
      g.add(Kind::View, {4, 1}, {pick(rows)});
      break;
    case 6:
      g.broadcast(pick({4, 1}), full, {0, 1});
      break;
    case 7:
      g.add(random() % 2 ? Kind::Movement : Kind::Pieces, full, {pick(full)});
      break;
    case 8:
      g.add(random() % 2 ? Kind::Opaque : Kind::Window, full, {pick(full)});
      break;
    case 9:
      g.map({pick(rows), pick(rows)});
      break;
    default:
      g.nodes[g.map({pick(full), pick(full)})].costly = random() % 3 == 0;
    }
    g.nodes.back().inEpilogue = random() % 6 != 0;
  }
  for (size_t n = 0; n < g.nodes.size(); ++n)
    g.nodes[n].escapes = g.nodes[n].kind != Kind::Source && random() % 6 == 0;
  g.escape(g.nodes.size() - 1);
  return g;
}

TEST(Groups, PromisesHoldOnRandomGraphs) {
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    Graph g = randomGraph(random);
    std::vector<Group> groups = chooseGroups(g.nodes);
    ASSERT_EQ(check(g.nodes, groups), "") << "graph " << i;
  }
}
} // namespace
