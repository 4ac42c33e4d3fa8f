# SPDX-License-Identifier: LGPL-3.0-or-later
"""`make zoo`: torchvision's and timm's classifiers with random weights, exported by both of PyTorch's
exporters, through the engine and through PyTorch. Prints a table, and names what fails.

    python zoo.py --engine build/human-eye [--only REGEX] [--exporters old,new]
        [--checks logits,map,double,single] [--timeout SECONDS] [--results FILE]

Answers stand in FILE, one JSON line for each network and exporter; what stands there with all the checks asked
for is not asked again (delete the file to begin anew)."""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

import nets

BOUNDS = {"logits": 1e-4, "double": 1e-6}
COLUMNS = ("logits", "logits 64", "torch 64", "double", "single", "torch nchw", "torch nhwc")
HERE = os.path.dirname(os.path.abspath(__file__))


def is_good(row):
    return "error" not in row and all(row.get(k, 0) <= bound for k, bound in BOUNDS.items())


def ask(name, side, exporters, checks, timeout):
    """A row for each of the exporters."""
    with tempfile.TemporaryDirectory(prefix="he-zoo-") as folder:
        line = [sys.executable, os.path.join(HERE, "one.py"), name, str(side or 0), ",".join(exporters), checks, folder]
        try:
            done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=timeout)
            printed, why = done.stdout, f"PyTorch ended with {done.returncode}"
        except subprocess.TimeoutExpired as late:
            printed, why = late.stdout or b"", f"not done in {timeout} seconds"
    rows = [json.loads(row) for row in printed.decode().splitlines() if row.startswith("{") and row.endswith("}")]
    told = {row["exporter"] for row in rows}
    return rows + [{"net": name, "exporter": e, "error": why} for e in exporters if e not in told]


def show(row):
    numbers = " ".join(f"{row[k]:12.1e}" if k in row else " " * 12 for k in COLUMNS)
    words = row.get("error", row.get("note", "") if is_good(row) else "beyond the bound")
    print(f"{row['net']:<44}{row['exporter']:<4}{numbers} {row.get('map', ''):>10}  {words}".rstrip(), flush=True)


def read_results(path):
    rows = {}
    if os.path.exists(path):
        for line in open(path, encoding="utf-8"):
            row = json.loads(line)
            rows[row["net"], row["exporter"]] = row
    return rows


def covers(row, checks):
    return row is not None and is_good(row) and all(check in row for check in checks.split(","))


def count(rows, library, key, what):
    """Of how many networks, or families, every answer is right, and of how many one exporter's."""
    mine = {}
    for (name, exporter), row in rows.items():
        if name.startswith(library):
            mine.setdefault(row.get(key), {}).setdefault(exporter, []).append(is_good(row))
    right = sum(all(all(a) for a in answers.values()) for answers in mine.values())
    some = sum(any(all(a) for a in answers.values()) for answers in mine.values())
    print(f"{library}: {len(mine)} {what}, {right} right by every exporter tried, {some} by one at least")


def tell_goals(rows):
    """Counts networks whose every exporter's file is right, and names the others."""
    count(rows, "torchvision", "net", "networks")
    count(rows, "timm", "net", "networks")
    count(rows, "timm", "family", "families")
    bad = [row for row in rows.values() if not is_good(row)]
    print("failing:" if bad else "none fails")
    for row in bad:
        print(f"  {row['net']} ({row['exporter']}): {row.get('error', 'beyond the bound')}")
    return not bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", default="build/human-eye")
    parser.add_argument("--only", default="")
    parser.add_argument("--exporters", default="old,new")
    parser.add_argument("--checks", default="logits,map,double,single")
    parser.add_argument("--timeout", type=int, default=1200)
    parser.add_argument("--results", default="zoo.jsonl")
    parser.add_argument("--show", action="store_true", help="print what FILE holds and ask nothing")
    options = parser.parse_args()
    os.environ["HUMAN_EYE"] = os.path.abspath(options.engine)
    rows = read_results(options.results)
    print(f"{'network':<44}{'by':<4}" + " ".join(f"{c:>12}" for c in COLUMNS) + f"{'map':>11}")
    exporters = options.exporters.split(",")
    for name, side in nets.rows():
        if not re.search(options.only, name):
            continue
        missing = [e for e in exporters if not covers(rows.get((name, e)), options.checks)]
        if missing and not options.show:
            answers = ask(name, side, missing, options.checks, options.timeout)
            rows |= {(name, row["exporter"]): row for row in answers}
            with open(options.results, "a", encoding="utf-8") as out:
                out.writelines(json.dumps(row) + "\n" for row in answers)
        for e in exporters:
            if (name, e) in rows:
                show(rows[name, e])
    sys.exit(0 if tell_goals(rows) else 1)


main()
