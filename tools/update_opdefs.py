#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes compiler/import/opdefs/opdefs.txt, one operation definition a line, from TensorFlow's own lists.

usage: tools/update_opdefs.py OPS.pbtxt[.gz]... [--output FILE]

Each input is an OpList in protobuf text form (TensorFlow's core/ops/ops.pbtxt). Lists are given oldest first: where two
define the same operation, the later one wins; an operation that only an older list has is kept.
"""
import argparse
import gzip
import pathlib
import re
import sys

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]|[^\s{}:"]+:?|:')
# What the importer does not read. Everything else is kept, so that a new field is noticed when it does not parse.
DROPPED = {"description", "summary", "experimental_full_type", "is_distributed_communication", "deprecation"}


def parse(tokens):
    """Fields of one message, in order: (name, scalar text or list of fields)."""
    fields = []
    for token in tokens:
        if token == "}":
            return fields
        name = token.rstrip(":")
        value = next(tokens)
        if value == ":":
            value = next(tokens)
        fields.append((name, parse(tokens) if value == "{" else value))
    return fields


def write(fields):
    """The shortest text form: no blanks that are not needed, repeated scalars as one list."""
    parts = []
    kept = [field for field in fields if field[0] not in DROPPED]
    while kept:
        name, value = kept.pop(0)
        if isinstance(value, list):
            parts.append(name + "{" + write(value) + "}")
            continue
        values = [value]
        while kept and kept[0][0] == name and not isinstance(kept[0][1], list):
            values.append(kept.pop(0)[1])
        parts.append(name + ":" + (values[0] if len(values) == 1 else "[" + ",".join(values) + "]"))
    return " ".join(parts)


def read(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        text = re.sub(r"(?m)^\s*#.*$", "", file.read())
    return [fields for _, fields in parse(iter(TOKEN.findall(text)))]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("lists", nargs="+", type=pathlib.Path)
    default = pathlib.Path(__file__).resolve().parent.parent / "compiler" / "import" / "opdefs" / "opdefs.txt"
    arguments.add_argument("--output", type=pathlib.Path, default=default)
    options = arguments.parse_args()
    ops = {}
    for path in options.lists:
        for fields in read(path):
            ops[dict(fields)["name"]] = write(fields)
    lines = ["# Operation definitions of TensorFlow (Apache-2.0), one a line: OpDef in protobuf text form.",
             "# Written by tools/update_opdefs.py; do not edit."]
    lines += [ops[name] for name in sorted(ops)]
    options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"wrote {options.output}: {len(ops)} operations", file=sys.stderr)


if __name__ == "__main__":
    main()
