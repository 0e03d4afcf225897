#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Says which of TensorFlow's stateless operations on tensors compile: missing_ops.py OPS.pbtxt[.gz]

Prints a table in Markdown. Groups that are another subject are left out by rule, each with its count; an operation counts for the first
group whose rule fits. Of the rest it says how many compile, and which do not and why.
"""
import gzip
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
QUANTISED = {"DT_QINT8", "DT_QUINT8", "DT_QINT16", "DT_QUINT16", "DT_QINT32"}


class Operation:
    """What an OpDef says of an operation: its name, whether it keeps a state, and the types of its operands and results."""

    def __init__(self, block):
        self.name = re.search(r'name: "(\w+)"', block)[1]
        self.isStateful = re.search(r"^  is_stateful: true", block, re.M) is not None
        self.hasReference = re.search(r"is_ref: true", block) is not None
        self.hasFunction = re.search(r'type: "(list\()?func', block) is not None
        allowed = {}
        for attribute in re.split(r"^  attr \{", block, flags=re.M)[1:]:
            limits = re.search(r"allowed_values \{(.*?)^    \}", attribute, re.M | re.S)
            if limits:
                allowed[re.search(r'name: "(\w+)"', attribute)[1]] = set(re.findall(r"DT_\w+", limits[1]))
        # The types that each operand and result can have; of one without limits nothing.
        self.types = [{kind} for kind in re.findall(r"^    type: (DT_\w+)", block, re.M)]
        self.types += [allowed[name] for name in re.findall(r'type_attr: "(\w+)"', block) if allowed.get(name)]

    def has(self, *kinds):
        """Whether an operand or result can be of nothing but these types."""
        return any(types <= set(kinds) for types in self.types)


def named(pattern):
    return lambda op: re.search(pattern, op.name) is not None


# Group, its rule in words, the rule. The first that fits counts.
GROUPS = [
    ("stateful", "its definition says so", lambda op: op.isStateful),
    ("references and resources", "an operand or result is a reference, a resource or a variant", lambda op: op.hasReference or op.has("DT_RESOURCE", "DT_VARIANT")),
    ("strings", "an operand or result is a string", lambda op: op.has("DT_STRING")),
    ("quantised types", "an operand or result is of qint8 to qint32", lambda op: op.has(*QUANTISED) or op.name.startswith("Quantized")),
    ("sparse", "Sparse in its name, but for those of dense tensors", named(r"Sparse(?!Segment|Softmax|ToDense|TensorDenseAdd|MatMul)")),
    ("ragged", "Ragged in its name, but for RaggedRange", named(r"Ragged(?!Range)")),
    ("data sets", "Dataset or Iterator in its name", named(r"Dataset|Iterator")),
    ("summaries", "Summary in its name", named(r"Summary")),
    ("accelerators and distribution", "TPU, Xla, Mkl, OneDnn, Nccl, Cudnn, Collective, DTensor, Mesh, Relayout, ... in its name",
     named(r"TPU|Tpu|X[lL][aA]|Mkl|OneDnn|Nccl|Cudnn|CUDNN|Collective|D[tT]ensor|Mesh|Relayout|Prelinearize|DedupData|Infeed|Outfeed|TensorRT|TRT|Mlir|HostConst")),
    ("control flow and calls", "a function is an attribute, or it moves values between frames and devices; raising takes those of models",
     lambda op: op.hasFunction or re.search(r"^(Ref)?(Switch|Merge|Enter|Exit|NextIteration|Select|Identity)$|^RefSelect|^(LoopCond|ControlTrigger|Abort)$|^_|Send|Recv|FakeParam|"
                                            r"^Placeholder|DebugGradient|^Copy|PyFunc|GetDeadline|GetOptions|BatchSize", op.name) is not None),
    ("lists and arrays", "TensorArray or TensorList in its name; raising and the family of lists take those of models", named(r"TensorArray|TensorList")),
    ("input of training", "candidates, vocabularies, boosted trees, SDCA, clusters", named(r"Sampler|AccidentalHits|Candidate|Vocab|Boosted|Sdca|KMC2|KmeansPlusPlus|NearestNeighbors")),
    ("TensorFlow's own tests", "names such as Foo1, TwoFloatInputs; and the operations Risc..., which have no kernels", named(
        r"^(A|B|Attr\w*|Binary|Fact|Foo\d|N(In|Ints|Poly)\w*|\w*Polymorphic\w*|(Two)?(Int|Int64|Float|Refs)\w*(In|Input|Output|Attr)s?|Old|None|Simple|"
        r"(Complex|Mixed|Simple)Struct|(List|Op|Default|Restrict|Five|Construction|StringList)(Input|Output|With|Attr|Float|Fails)\w*|Restrict|"
        r"Out(T|Type)\w*|TypeList\w*|Reserved\w*|Kernel\w*|Unary|Risc\w*)$")),
]

# Why an operation of the rest does not compile, by its name.
REASONS = [
    (r"^(KthOrderStatistic|MakeUnique|TopKUnique|TopKWithUnique|CTCLossV2|GenerateBoundingBoxProposals)$", "TensorFlow has no kernel for processors"),
    (r"^(MatrixExponential|AdjustContrast|QuantizeAndDequantize|CheckPinned|CustomAggregator|ImmutableConst|Batch|Unbatch\w*|UnicodeScript|AudioMicrofrontend)$",
     "no graph of today has it, or it waits for other calls, files or add-ons"),
    (r"^Fractional|SampleDistorted|Binomial|Shuffle|ParameterizedTruncated|StochasticCast|RandomIndexShuffle|Sobol|Glimpse", "draws numbers by an algorithm of its own"),
    (r"^(Eig|MatrixLogarithm|MatrixSquareRoot)$", "needs the eigenvalues of matrices that are not symmetric"),
    (r"^CTC|EditDistance|^Set|DenseToDense|^SparseSegment\w*GradV2$", "of sequences, sets or rows whose number depends on values"),
]


def operations(text):
    return [Operation(block) for block in re.split(r"^op \{", text, flags=re.M)[1:]]


def main():
    path = pathlib.Path(sys.argv[1])
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    supported = set(re.findall(r"\w+", (ROOT / "passes" / "legalize" / "SUPPORTED.md").read_text()))
    ops, groups, rest = operations(text), {name: [] for name, _, _ in GROUPS}, []
    for op in ops:
        group = next((name for name, _, rule in GROUPS if rule(op)), None)
        (groups[group] if group else rest).append(op.name)
    compiled = [name for name in rest if name in supported]
    print(f"{path.name} defines {len(ops)} operations; {len(rest)} are stateless operations on tensors, of which {len(compiled)} compile "
          f"({100 * len(compiled) / len(rest):.1f} %).\n")
    print("| left out | rule | operations | of these compile |\n|---|---|---|---|")
    for name, words, _ in GROUPS:
        print(f"| {name} | {words} | {len(groups[name])} | {sum(op in supported for op in groups[name])} |")
    print("\n| does not compile | because |\n|---|---|")
    reasons = {}
    for name in sorted(set(rest) - set(compiled)):
        why = next((why for pattern, why in REASONS if re.search(pattern, name)), "nobody has asked for it yet")
        reasons.setdefault(why, []).append(name)
    for why, names in sorted(reasons.items(), key=lambda entry: -len(entry[1])):
        print(f"| {', '.join(names)} | {why} |")


if __name__ == "__main__":
    main()
