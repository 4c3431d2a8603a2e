#!/usr/bin/env python3
"""Rewrites the table of faults in docs/explanation/reliability.md from what the tests have printed.

A test prints a line for each fault that it has made:

    fault: NAME survived N of M seed S        (seed 0: nothing was drawn by lot)

and faults.txt says of each NAME what is done, what is promised, and which test does it. Lines of one name
are added up. A fault for which no line is given keeps the counts that the page has.

    table.py OUTPUT...     e.g. build/dev/Testing/Temporary/LastTest.log
    table.py --check       every fault of faults.txt is in the table and survived; changes nothing
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(HERE, "..", "..", "docs", "explanation", "reliability.md")
BEGIN, END = "<!-- faults: begin (tests/faults/table.py) -->", "<!-- faults: end -->"
LINE = re.compile(r"\bfault: ([a-z0-9_.-]+) survived (\d+) of (\d+) seed (\d+)\s*$")
HEAD = ["| name | what is done | what is promised | test | survived |", "|---|---|---|---|---|"]


def read_faults():
    """{name: (fault, promise, test)} in the order of the file."""
    faults = {}
    with open(os.path.join(HERE, "faults.txt"), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            fields = [field.strip() for field in line.split("|")]
            if len(fields) != 4 or not all(fields) or fields[0] in faults:
                sys.exit(f"faults.txt:{number}: want a new NAME | FAULT | PROMISE | TEST")
            faults[fields[0]] = tuple(fields[1:])
    return faults


def read_lines(names):
    """{name: (survived, tried, seeds)}"""
    counts = {}
    for name in names:
        with open(name, encoding="utf-8", errors="replace") as file:
            for line in file:
                found = LINE.search(line)
                if found:
                    survived, tried, seeds = counts.get(found[1], (0, 0, []))
                    if found[4] != "0" and found[4] not in seeds:
                        seeds = seeds + [found[4]]
                    counts[found[1]] = (survived + int(found[2]), tried + int(found[3]), seeds)
    return counts


def page_parts():
    with open(PAGE, encoding="utf-8") as file:
        before, rest = file.read().split(BEGIN)
    table, after = rest.split(END)
    return before, table.strip().splitlines(), after


def kept_counts(table):
    """{name: text} of the last column."""
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table[len(HEAD):]]
    return {cells[0].strip("`"): cells[-1] for cells in rows}


def count_text(survived, tried, seeds):
    text = f"{survived} of {tried}"
    return text + (f", seed {' '.join(seeds)}" if seeds else "")


def check(table, faults):
    kept = kept_counts(table)
    bad = [f"not in the table: {name}" for name in faults if name not in kept]
    bad += [f"not in faults.txt: {name}" for name in kept if name not in faults]
    for name, text in kept.items():
        numbers = re.match(r"(\d+) of (\d+)", text)
        if not numbers or numbers[1] != numbers[2] or numbers[2] == "0":
            bad.append(f"{name}: `{text}`")
    for line in bad:
        print(line)
    print(f"{len(kept)} faults in the table")
    return 1 if bad else 0


def main(words):
    faults = read_faults()
    before, table, after = page_parts()
    if words == ["--check"]:
        return check(table, faults)
    if not words or words[0].startswith("-"):
        print(__doc__)
        return 2
    counts = read_lines(words)
    unknown = [name for name in counts if name not in faults]
    if unknown:
        sys.exit(f"not in faults.txt: {' '.join(unknown)}")
    texts = kept_counts(table)
    texts.update({name: count_text(*count) for name, count in counts.items()})
    rows = [f"| `{name}` | {fault} | {promise} | `{test}` | {texts.get(name, 'not run')} |"
            for name, (fault, promise, test) in faults.items()]
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(before + BEGIN + "\n" + "\n".join(HEAD + rows) + "\n" + END + after)
    print(f"{len(counts)} of {len(faults)} faults from the lines given")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
