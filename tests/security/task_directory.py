#!/usr/bin/python3
"""What lies in a task's directory and is loaded by a command that runs there: with `cwd = "scratch"`, for one step or in
`[defaults]`, nothing of it is. Seen to fail, with `cwd = "task"`, in the test itself: that is what the page on security says."""
import os

from common import World, main

WORKFLOW = """
[workflow]
name = "w"
root = "../data"
%s
[[level]]
name = "s"
match = "s*"
[[step]]
name = "a"
each = "s"
inputs = ["in.txt"]
outputs = ["out.txt"]
run = "python3 -c 'import json'; sort {inputs} > {outputs}"
%s
"""
DEFAULTS = '[defaults]\ncwd = "%s"'


def modules():
    for defaults, step, loaded in (("", "", True), (DEFAULTS % "scratch", "", False), ("", 'cwd = "scratch"', False),
                                   (DEFAULTS % "scratch", 'cwd = "task"', True),
                                   (DEFAULTS % "task", 'cwd = "scratch"', False)):
        with World() as world:
            world.place("s1")
            world.workflow(WORKFLOW % (defaults, step))
            trace = world.path("tmp/loaded")
            world.attacker(["bash", "-c", 'echo "$1" > data/s1/json.py', "bash", f"open('{trace}', 'w').close()"])
            done = world.victim("wfc run workflow.toml")
            assert done.returncode == 0, done.stdout
            assert world.read("data/s1/out.txt") == "1\n2\n"
            assert os.path.exists(trace) == loaded, (defaults, step)
            world.untouched()


def another_word():
    with World() as world:
        world.workflow(WORKFLOW % (DEFAULTS % "elsewhere", ""))
        done = world.victim("wfc check workflow.toml")
        assert done.returncode != 0 and "`task`, `scratch`" in done.stdout, done.stdout


if __name__ == "__main__":
    main([modules, another_word])
