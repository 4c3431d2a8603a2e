#!/usr/bin/python3
"""Names of directories, files, columns, of the workflow and of its steps, what commands say, and what is wrong with
any of them, hold escape sequences, marks that turn the direction of a line, and bytes that are no UTF-8: whatever is
shown, by every command, has none of them.
Seen to fail in `wfc explain` and `wfc kernels`, and in submit.sh, before what they say went through visible_text()."""
import os
import re
import subprocess

from common import BIN, main
from submission_common import Submission, plain

WFC = os.path.join(BIN, "wfc")
EVIL = b"\x1b]0;owned\x07\x1b[2J\xc2\x9b31m\xe2\x80\xae\xe2\x81\xa6\xff\xfe\r\x7f"
TEXT = "\\u001b[31m\\u0007\\u009b5m\\u202e\\u2066"  # as TOML has it

WORKFLOW = """
[workflow]
name = "%(name)s"
root = "data"
site = "test"
[params]
word = "%(text)s"
[[level]]
name = "s"
match = "s*"
[[step]]
name = "%(step)s"
each = "s"
inputs = ["in*"]
outputs = ["o%(text)s"]
run = '''printf '%%s' {inputs} {params.word}; cat evil; cat evil >&2; %(end)s {outputs}'''
[[step]]
name = "b%(last)s"
each = "s"
needs = ["%(step)s"]
outputs = ["p.txt"]
run = "cp {needs.%(step)s} {outputs}"
[site.test]
"""


class Place:
    """A workflow with hostile names in a directory of its own."""

    def __init__(self, where, **words):
        self.dir = where
        for name in (b"s1" + EVIL, b"s2"):
            path = os.path.join(os.fsencode(where), b"data", name)
            os.makedirs(path, exist_ok=True)
            for file in (b"in" + EVIL, b"evil"):
                with open(os.path.join(path, file), "wb") as out:
                    out.write(EVIL + b"\n" + EVIL)
        self.workflow(**words)

    def workflow(self, text=None, **words):
        words = {"name": "n", "text": TEXT, "step": "a", "end": "touch", "last": "", **words}
        with open(os.path.join(self.dir, "workflow.toml"), "wb") as file:
            text = WORKFLOW % words if text is None else text
            file.write(text if isinstance(text, bytes) else text.encode())

    def wfc(self, *words):
        done = subprocess.run([WFC, *words], cwd=self.dir, stdin=subprocess.DEVNULL, timeout=60, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "NO_COLOR": "1"})
        return done.stdout


def must_be_plain(what, text):
    bad = re.search(rb"[^\n]*([^\n\t\x20-\x7e\x80-\xff]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|"
                    rb"\xe2\x81[\xa6-\xa9])[^\n]*", text)
    if bad:
        return [f"{what}: {bad[0][:300]}"]
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return [f"{what}: {text[max(0, error.start - 100):error.end + 50]}"]
    return []


def commands_of(place):
    """Each command's words, and the same on the out directory."""
    one = "a:s1" + os.fsdecode(EVIL)
    return [["run", "-n", "workflow.toml"], ["run", "-n", "--show", "workflow.toml"], ["plan", "workflow.toml"],
            ["plan", "--why", "workflow.toml"], ["graph", "workflow.toml"], ["check", "workflow.toml"],
            ["compile", "workflow.toml"], ["run", "workflow.toml"], ["status", "workflow.toml"], ["status", "out"],
            ["why", "workflow.toml", one], ["why", "out", one], ["why", "workflow.toml", one + "x"], ["verdict", "out"],
            ["verify", "out"], ["verify", "--all", "out"], ["tune", "workflow.toml"], ["touch", "workflow.toml", one],
            ["run", "workflow.toml"], ["status", os.fsdecode(EVIL)], ["run", os.fsdecode(EVIL)],
            ["compile", os.fsdecode(EVIL)], [os.fsdecode(EVIL)], ["run", "--" + os.fsdecode(EVIL)],
            ["explain", os.fsdecode(EVIL)], ["kernels", os.fsdecode(EVIL)], ["verdict", os.fsdecode(EVIL)],
            ["why", "workflow.toml", os.fsdecode(EVIL)], ["compile", "--site", os.fsdecode(EVIL), "workflow.toml"],
            ["compile", "-o", "/dev/null/" + os.fsdecode(EVIL), "workflow.toml"],
            ["run", "-o", "/dev/null/" + os.fsdecode(EVIL), "workflow.toml"],
            ["plan", "--gantt", "/dev/null/" + os.fsdecode(EVIL), "workflow.toml"],
            ["verify", os.fsdecode(EVIL)], ["touch", os.fsdecode(EVIL), one], ["tune", os.fsdecode(EVIL)],
            ["graph", os.fsdecode(EVIL)], ["graph", "--format", "mermaid", "workflow.toml"],
            ["graph", "--format", os.fsdecode(EVIL), "workflow.toml"], ["bundle", os.fsdecode(EVIL)],
            ["run", "-j", os.fsdecode(EVIL), "workflow.toml"], ["run", "--set", os.fsdecode(EVIL), "workflow.toml"]]


def every_command_shows_text():
    found = []
    with Submission(BIN) as space:
        for words in ({}, {"end": "false"}, {"name": "n" + TEXT}, {"end": "true"}, {"last": TEXT}, {"last": TEXT, "end": "false"}):
            place = Place(os.path.join(space.dir, "place"), **words)
            shown = b""
            for command in commands_of(place):
                said = place.wfc(*command)
                shown += said
                found += must_be_plain(f"{words} wfc {command}", said)
            subprocess.run(["rm", "-rf", place.dir], check=True)
            if not words:
                assert shown.count(b"\\x1b") > 20, "no name was shown"
    assert not found, "\n  ".join(["", *found])


def what_is_wrong_with_a_file():
    """Messages of errors quote what is wrong."""
    found = []
    with Submission(BIN) as space:
        place = Place(os.path.join(space.dir, "place"))
        whole = WORKFLOW % {"name": "n", "text": TEXT, "step": "a", "end": "touch", "last": ""}
        for old, new in (("[params]", f'[params]\n"{TEXT}" = 1'), ('match = "s*"', f'match = "{TEXT}"'),
                         ("[params]", f'["{TEXT}"]\n[params]'), ('needs = ["a"]', f'needs = ["{TEXT}"]'),
                         ('root = "data"', f'root = "{TEXT}"'), ("{params.word}", "{%s}" % TEXT.encode().decode("unicode_escape")),
                         ("{needs.a}", "{needs.\x1b[31m\u202e}"), ('name = "b"', f'name = "b{TEXT}"'),
                         ('name = "s"', f'name = "s{TEXT}"'), ("[params]", "\x1b[31m = \u202e"), ("[params]", "[params"),
                         ('each = "s"', f'each = "{TEXT}"'), ('inputs = ["in*"]', f'inputs = ["x{TEXT}"]'),
                         ('outputs = ["p.txt"]', f'outputs = ["../{TEXT}"]'), ("[site.test]", f'[site.test]\n"x{TEXT}" = "{TEXT}"'),
                         ("[site.test]", f'[site.test]\npartition = "{TEXT}"'), ('site = "test"', f'site = "{TEXT}"'),
                         ("each = \"s\"\nneeds", f'each = "s"\nkernel = "{TEXT}"\nneeds')):
            assert old in whole, old
            for text in (whole.replace(old, new, 1), whole.replace(old, new, 1).encode() + EVIL):
                place.workflow(text)
                for command in (["check", "workflow.toml"], ["compile", "workflow.toml"], ["run", "workflow.toml"]):
                    found += must_be_plain(f"{new!r}: {command}", place.wfc(*command))
    assert not found, "\n  ".join(["", *found])


def submit_shows_text():
    """What Slurm, its site and the environment say."""
    found = []
    with Submission(BIN) as space:
        for program in ("sbatch", "squeue", "scontrol", "sinfo"):
            path = os.path.join(space.tools, program)
            with open(path, encoding="utf-8") as file:
                kept = file.read()
            with open(path, "wb") as file:
                file.write(b"#!/bin/bash\nprintf '%s\\n' $'" + EVIL.replace(b"\x1b", b"\\e") + b"'; exit 1\n")
            space.fresh()
            found += must_be_plain(program, space.submit()[1])
            space.program(path, kept)
        space.env["SBATCH_PARTITION"] = space.env["SBATCH_TIMELIMIT"] = os.fsdecode(EVIL)
        for words in ([], ["--dry-run"], ["--cancel"], [os.fsdecode(EVIL)], ["--" + os.fsdecode(EVIL)]):
            space.fresh()
            found += must_be_plain(words, space.submit(*words)[1])
    assert not found, "\n  ".join(["", *found])


if __name__ == "__main__":
    main([every_command_shows_text, what_is_wrong_with_a_file, submit_shows_text])
