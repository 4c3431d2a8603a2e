#!/usr/bin/python3
"""Workflows of unusual shapes: what would crash, hang, flood the screen or fill the memory is an error, or cheap.

Bounds on memory and on what is printed, none on time; tests/bench/shapes_bench.py measures that. Argument: BIN.
Seen to fail: a segmentation fault for a key of 100,000 parts, 2.7 MB of errors, 600 MB for the simulation, 160 MB for
the sheet.
"""
import json
import os
import resource
import subprocess

from run_common import WFC, Workspace, main

HEAD = '[workflow]\nname = "shape"\nroot = "data"\n'
STEP = '[[step]]\nname = "a"\nrun = "true"\n'
SITE = """site = "large"
[site.large]
account = "test"
[site.large.limits]
max_job_count = 1000000
max_submissions = 100000
"""


class Shape(Workspace):
    def __init__(self, workflow, sheet=""):
        super().__init__(workflow)
        os.mkdir(self.path("data"))
        if sheet:
            self.write("sheet.csv", sheet)

    def wfc(self, *words, megabytes=4096):
        """(status, what it prints) with so much memory."""
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
        done = subprocess.run(self.command(*words), cwd=self.path(""), capture_output=True, text=True, timeout=250,
                              preexec_fn=limit, check=False)
        return done.returncode, done.stdout + done.stderr


def refused(workflow, code, *command, sheet=""):
    """Exactly one short error of this kind."""
    with Shape(workflow, sheet) as shape:
        status, text = shape.wfc(*(command or ["check"]))
        assert status == 1 and f"error[{code}]" in text and "\n1 error; " in text, f"{status}: {text[:2000]}"
        assert len(text) < 10_000, f"{code}: {len(text)} bytes"


def nested_too_deeply():
    many = 100_000
    refused(HEAD + STEP + "a" + ".a" * many + " = 1\n", "WFC1003")
    refused(HEAD + "[a" + ".a" * many + "]\n" + STEP, "WFC1003")
    refused(HEAD + "x = " + "[" * many + "]" * many + "\n" + STEP, "WFC1003")
    refused(HEAD + "x = " + "{a = " * many + "1" + "}" * many + "\n" + STEP, "WFC1003")
    refused(HEAD + "x = " + "{a.b.c.d.e.f.g.h.i.j = [" * many + "\n" + STEP, "WFC1003")


def very_long_texts():
    refused(HEAD + STEP.replace("true", "x" * 10_000_000), "WFC4023", "compile")
    refused(HEAD + '[params]\np = "x"\n' + STEP.replace("true", "{params.p} " * 200_000), "WFC4023", "compile")
    refused(HEAD + STEP.replace('"a"', f'"{"a" * 1_000_000}"'), "WFC2005")
    refused(HEAD + STEP + "k" * 1_000_000 + " = 1\n", "WFC2001")


def many_errors():
    steps = "".join(f'[[step]]\nname = "a{i}"\nrun = "true"\nneeds = ["b{i}"]\n' for i in range(2000))
    with Shape(HEAD + steps) as shape:
        status, text = shape.wfc("check")
        assert status == 1 and text.count("error[") == 50, text[-500:]
        assert "\nand 1,950 more errors\n2,000 errors; " in text, text[-500:]
        assert len(text) < 20_000, len(text)
        status, text = shape.wfc("check", "--json-errors")
        assert status == 1 and len(json.loads(text)) == 2000
    with Shape(HEAD + STEP.replace("true", "{params.p} " * 20_000)) as shape:
        status, text = shape.wfc("check")
        assert status == 1 and "\nand 19,950 more errors\n" in text, text[-500:]


def rows_of_delimiters():
    level = '[[level]]\nname = "s"\nfile = "sheet.csv"\n'
    for column in ("", 'column = "id"\n'):
        for row in (",,,", ";;;", "\t\t\t", " , , ,", ",,,,,"):
            with Shape(HEAD + level + column + STEP, "id,x,y,z\ns1,1,2,3\n" + f"{row}\n" * 1000) as shape:
                _, text = shape.wfc("check")
                assert text.count("\n") < 30, f"{row!r}: {text.count(chr(10))} lines"


def memory():
    steps = "".join(f'[[step]]\nname = "t{i}"\neach = "s"\nrun = "true"\n' +
                    (f'after = ["t{i - 1}"]\n' if i else "") for i in range(1000))
    level = '[[level]]\nname = "s"\nvalues = ["a", "b", "c"]\n'
    with Shape(HEAD + SITE + level + steps) as shape:
        status, text = shape.wfc("plan", "--all", "--simulate", megabytes=250)
        assert status == 0 and "makespan" in text, text[-1000:]
    sheet = "id," + ",".join(f"c{c}" for c in range(1, 60)) + "\n"
    sheet += "".join(f"s{row}," + ",".join(f"v{row * c % 997}" for c in range(1, 60)) + "\n" for row in range(50_000))
    level = '[[level]]\nname = "s"\nfile = "sheet.csv"\ncolumn = "id"\n'
    step = STEP.replace("run", 'each = "s"\nrun').replace("true", "echo {s.c7} {s.c59}")
    with Shape(HEAD + SITE + level + step, sheet) as shape:
        status, text = shape.wfc("compile", megabytes=150)
        assert status == 0 and "50,000 tasks" in text, text[-1000:]


def too_long_gathers():
    level = '[[level]]\nname = "s"\nfile = "sheet.csv"\n'
    names = [f"sample{i:05}\n" for i in range(20_000)]
    make = STEP.replace("run", 'each = "s"\noutputs = ["counts.txt"]\nrun').replace("true", "count > {outputs}")
    gather = '[[step]]\nname = "all"\nneeds = ["a"]\nrun = "cat {needs.a}"\n'
    refused(HEAD + level + make + gather, "WFC4023", "compile", sheet="".join(names))
    # As words of their own they are not too long, nor in a list, nor when there are few.
    for good in (gather.replace('run = "cat {needs.a}"', 'argv = ["cat", "{needs.a}"]'),
                 gather.replace("{needs.a}", "{needs.a.list}")):
        with Shape(HEAD + level + make + good, "".join(names)) as shape:
            status, text = shape.wfc("compile")
            assert status == 0, text
    with Shape(HEAD + level + make + gather, "".join(names[:2000])) as shape:
        status, text = shape.wfc("compile")
        assert status == 0, text
    # Files that are there.
    read = STEP.replace("run", 'inputs = ["*.txt"]\nrun').replace("true", "cat {inputs}")
    for count, expected in ((20_000, 1), (1_000, 0)):
        with Shape(HEAD + read) as shape:
            for i in range(count):
                shape.write(f"data/file{i:05}.txt", "")
            status, text = shape.wfc("compile")
            assert status == expected and ("WFC4023" in text) == (expected == 1), text


main([nested_too_deeply, very_long_texts, many_errors, rows_of_delimiters, memory, too_long_gathers])
