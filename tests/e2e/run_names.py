#!/usr/bin/python3
"""Names on disk with anything in them reach every command as exactly those bytes, and no shell."""
from run_common import Workspace, main, os, subprocess, WFC

NAMES = [b"a b", b"it's", b"$(touch pwned)", b"new\nline", b"-rf", b"\xff\xfe", b"*", b"back\\slash",
         b'"', b"a[1]", b"`id`", b"x;y", b"{needs.one}", b"~", b"%d", b"tab\there", b"plain"]

WORKFLOW = """
[workflow]
name = "names"
root = "data"
[[level]]
name = "dir"
match = "*"
[[step]]
name = "one"
each = "dir"
inputs = ["in file.txt"]
outputs = ["{dir}.txt"]
run = "printf %s {dir} > {outputs}; cat {inputs} >> {outputs}"
[[step]]
name = "two"
each = "dir"
needs = ["one"]
outputs = ["copy of {dir}"]
argv = ["cp", "--", "{needs.one}", "{outputs}"]
[[step]]
name = "three"
each = "dir"
needs = ["two"]
outputs = ["in place"]
run = "cat -- {needs.two} > 'in place'"
[[step]]
name = "list"
needs = ["three"]
outputs = ["count"]
run = "xargs -0 cat -- < {needs.three.list} | wc -c > {outputs}"
"""


def every_byte_arrives():
    with Workspace(WORKFLOW) as space:
        for name in NAMES:
            space.write(b"data/" + name + b"/in file.txt", b"<" + name + b">")
        space.run("-j", "4")
        for name in NAMES:
            expected = name + b"<" + name + b">"
            for output in (name + b".txt", b"copy of " + name, b"in place"):
                assert space.read(b"data/" + name + b"/" + output) == expected, (name, output)
        total = sum(2 * len(name) + 2 for name in NAMES)
        assert int(space.read("data/count")) == total
        for where, names, _ in os.walk(space.dir):
            assert "pwned" not in names + os.listdir(where), "a name was run as a command"
        assert "up to date" in space.run()


LISTED = """
[workflow]
name = "listed"
root = "data"
[[step]]
name = "list"
inputs = ["*/in.txt"]
outputs = ["count"]
run = "%s < {inputs.list} | wc -c > {outputs}; cp {inputs.list} list"
"""


def inputs_in_a_file():
    with Workspace(LISTED % "xargs -d '\\n' cat --") as space:
        for number in range(300):
            space.write(f"data/a b{number:04}/in.txt", "x")
        space.run()
        assert int(space.read("data/count")) == 300
        lines = space.read("data/list").decode().split("\n")
        assert lines[0] == "a b0000/in.txt" and lines[299:] == ["a b0299/in.txt", ""], lines[-2:]
        assert "up to date" in space.run()
    # A path with a newline in it: each ends with a NUL.
    with Workspace(LISTED % "xargs -0 cat --") as space:
        for name in (b"new\nline", b"plain"):
            space.write(b"data/" + name + b"/in.txt", b"x")
        space.run()
        assert space.read("data/list") == b"new\nline/in.txt\0plain/in.txt\0"
        assert int(space.read("data/count")) == 2


def why_takes_such_names():
    with Workspace(WORKFLOW) as space:
        for name in NAMES:
            space.write(b"data/" + name + b"/in file.txt", b"x")
        space.run("-j", "4")
        for name in NAMES:
            done = subprocess.run([WFC, "why", "workflow.toml", b"two:" + name], cwd=space.dir,
                                  capture_output=True, check=True)
            assert b"now: up to date" in done.stdout, (name, done.stdout)


if __name__ == "__main__":
    main([every_byte_arrives, inputs_in_a_file, why_takes_such_names])
