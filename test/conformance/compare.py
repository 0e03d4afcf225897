#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares a run of tools/conformance with the committed list of cases that are known to fail: compare.py RESULT.json KNOWN.txt.
A case outside of the list that fails is an error; one in the list that passes is named, so that the list shrinks."""
import json
import pathlib
import sys

result, known = json.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2])
expected = {line.split("\t")[0] for line in known.read_text().splitlines() if line and not line.startswith("#")}
failed = set(result["failed"])
for name in sorted(failed - expected):
    print(f"NEWLY FAILED {name}: {result['failed'][name]}")
for name in sorted(expected - failed):
    print(f"passes now, remove it from {known.name}: {name}")
sys.exit(bool(failed - expected))
