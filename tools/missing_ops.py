#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Lists TensorFlow's stateless operations that the import table lacks: missing_ops.py OPS.pbtxt[.gz]

Leaves out what inference graphs hold only beside the model, or what is another subject: strings, files, data sets, summaries, sparse and
ragged tensors, quantisation by minimum and maximum, accelerators, collective operations, gradients and control flow, which raising takes.
"""
import gzip
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OTHER = re.compile(
    r"Dataset|Iterator|Sparse|Ragged|String|Summary|Quant|Dequant|TPU|Tpu|Xla|XLA|Mkl|OneDnn|Collective|Nccl|Audio|Bytes|Decode|Encode|Parse|"
    r"Resource|Ref[A-Z]|Grad$|Grad[A-Z]|Backprop|Control|Debug|Boosted|Cudnn|Hash|Lookup|Tensor(Array|List|Map)|Optional|^_|Stack|Queue|"
    r"Case$|If$|While$|Switch|Merge|Enter|Exit|Loop|Iteration|PartitionedCall|Apply[A-Z]|Regex|File|Serialize|Variant|Risc|Uniform.*Quant|"
    r"CompositeTensor|Embedding|Set(Size|Operation)|Tridiagonal.*Mat|Bincount|Batch(Function|Dataset)|Dtensor|Send|Recv|Symbolic|Unicode|"
    r"Word|Sampler|Candidate|CTC|Filesystem|Load|Save|Restore|Image|Jpeg|Png|Gif")


# Operations of TensorFlow's own tests, which some lists hold.
TEST = re.compile(r"^(A|B|Attr\w*|Binary|Foo\d|N(In|Ints|Poly)\w*|\w*Polymorphic\w*|(Two)?(Int|Float|Refs)\w*(In|Input|Output)s?|Old|None|Simple|"
                  r"(Complex|Mixed|Simple)Struct|(Func|Type|Out|In|List|Op|Default|Reserved|Restrict|Kernel|Five|Construction)\w*|Unary|input)$")


def operations(text):
    """Names of operations that are not stateful."""
    for block in re.split(r"^op \{", text, flags=re.M)[1:]:
        if not re.search(r"^  is_stateful: true", block, re.M):
            yield re.search(r'name: "(\w+)"', block).group(1)


def main():
    path = pathlib.Path(sys.argv[1])
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    supported = set(re.findall(r"\w+", (ROOT / "passes" / "legalize" / "SUPPORTED.md").read_text()))
    for name in sorted(operations(text)):
        if name not in supported and not OTHER.search(name) and not TEST.search(name):
            print(name)


if __name__ == "__main__":
    main()
