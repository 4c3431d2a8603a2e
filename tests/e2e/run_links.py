#!/usr/bin/python3
"""Outputs that are links: one that will lead nowhere from its own place replaces nothing."""
from run_common import Workspace, main, os

HEAD = """
[workflow]
name = "links"
root = "data"
[[level]]
name = "s"
match = "*"
"""


def workspace(outputs, run):
    space = Workspace(HEAD + f"[[step]]\nname = \"one\"\neach = \"s\"\noutputs = {outputs}\nrun = '''{run}'''\n")
    space.write("data/a/in.txt", "in\n")
    return space


# The command, and where its link leads.
MISLEADING = (
    ("echo new > $d/y; ln -s y {outputs}", "y"),
    ("ln -s ../in.txt {outputs}", "../in.txt"),
    ("echo new > $d/y; ln -s \"$(realpath $d/y)\" {outputs}", None),
    ("ln -s \"$(realpath $d/..)/x.txt\" {outputs}", None),
    ("echo new > $d/y; ln -s y $d/z; ln -s z {outputs}", "z"),
)


def a_link_that_will_lead_nowhere_replaces_nothing():
    for run, target in MISLEADING:
        with workspace('["x.txt"]', "d=$(dirname {outputs}); " + run) as space:
            space.write("data/a/x.txt", "precious\n")
            text = space.run("--replace", expect=1)
            assert "the output `a/x.txt` is a link to `" in text and "which is not there from its place" in text, text
            assert target is None or f"is a link to `{target}`" in text, text
            assert "(missing output)" in space.why("one:a")
            assert not os.path.islink(space.path("data/a/x.txt")), run
            assert space.files() == {b"a/in.txt": b"in\n", b"a/x.txt": b"precious\n"}, (run, space.files())


def no_other_output_is_replaced_either():
    with workspace('{ b = "b.txt", x = "x.txt" }',
                   "echo new > {outputs.b}; echo y > $(dirname {outputs.x})/y; ln -s y {outputs.x}") as space:
        space.write("data/a/b.txt", "precious\n")
        space.write("data/a/x.txt", "precious\n")
        space.run("--replace", expect=1)
        assert space.files() == {b"a/in.txt": b"in\n", b"a/b.txt": b"precious\n", b"a/x.txt": b"precious\n"}


def a_link_that_leads_somewhere_is_an_output():
    with workspace('{ b = "b.txt", x = "x.txt", y = "y.txt", r = "res/" }',
                   "mkdir {outputs.r}; echo inner > {outputs.r}/f; echo new > {outputs.b}; ln -s b.txt {outputs.x}; "
                   "ln -s res/f {outputs.y}") as space:
        space.run()
        space.run()
        assert os.readlink(space.path("data/a/x.txt")) == b"b.txt"
        assert space.read("data/a/x.txt") == b"new\n" and space.read("data/a/y.txt") == b"inner\n"
        assert "up to date" in space.run()
    with workspace('["x.txt"]', "ln -s \"$PWD/in.txt\" {outputs}") as space:
        space.run()
        assert space.read("data/a/x.txt") == b"in\n"


main([a_link_that_will_lead_nowhere_replaces_nothing, no_other_output_is_replaced_either,
      a_link_that_leads_somewhere_is_an_output])
