#!/usr/bin/python3
"""Inputs that other tasks make, however their paths are spelt: edges under `wfc run` and in what is compiled."""
import os
import time

from run_common import WFC, Workspace, main, subprocess

HEAD = """
[workflow]
name = "edges"
root = "data"
[site.cluster]
"""
LEVEL = """
[[level]]
name = "s"
match = "*"
"""
ONE = """
[[step]]
name = "one"
each = "s"
inputs = ["in.txt"]
outputs = ["one.txt"]
run = "sleep 0.5; cp {inputs} {outputs}"
"""


def two(inputs):
    return f"""
[[step]]
name = "two"
each = "s"
inputs = [{inputs}]
outputs = ["two.out"]
run = "cat {{inputs}} > {{outputs}}"
"""


def fill(space):
    for name in "abc":
        space.write(f"data/{name}/in.txt", f"new {name}\n")


def verified(space):
    """Compiled for Slurm, the scripts keep the order of the plan."""
    for words in (["compile", "workflow.toml", "--site", "cluster", "-o", "sl"], ["verify", "sl"]):
        done = subprocess.run([WFC, *words], cwd=space.dir, capture_output=True, timeout=120)
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    with open(space.path("sl/submit.sh"), encoding="utf-8") as file:
        return file.read()


def waits(text):
    return any(line.startswith("job ") and "02-two" in line and "01-one" in line
               for line in text.splitlines())


def spelt(inputs, expected):
    """`two` waits for what `inputs` names, the first time and when it changes."""
    with Workspace(HEAD + LEVEL + ONE + two(inputs)) as space:
        fill(space)
        space.run("-j", "8")
        for name, text in expected.items():
            assert space.read(f"data/{name}/two.out").decode() == text, (name, text)
        assert "0 tasks" in space.run("-n") or "up to date" in space.run("-n")
        time.sleep(0.02)
        space.write("data/a/in.txt", "newer a\n")
        space.run("-j", "8")
        for name, text in expected.items():
            assert space.read(f"data/{name}/two.out").decode() == text.replace("new a", "newer a")
        assert waits(verified(space)), space.read("sl/submit.sh").decode()


def test_another_directory():
    spelt('"../a/one.txt"', {name: "new a\n" for name in "abc"})


def test_odd_spelling():
    spelt('".//../b/../a/./one.txt", "in.txt"', {name: f"new a\nnew {name}\n" for name in "bc"})


def test_above_the_root():
    spelt('"../../data/a/one.txt"', {name: "new a\n" for name in "abc"})


def test_absolute_and_through_a_link():
    for linked in (False, True):
        with Workspace("") as space:
            root = space.path("data").decode()
            fill(space)
            if linked:
                os.symlink("data", space.path("link"))
            head = HEAD.replace('"data"', '"link"') if linked else HEAD
            space.write("workflow.toml", head + LEVEL + ONE + two(f'"{root}/a/one.txt"'))
            space.run("-j", "8")
            assert space.read("data/c/two.out") == b"new a\n"
            assert waits(verified(space))


def test_a_sheet_names_the_other():
    sheet = "name,left,extra\na,b,\nb,c,x\nc,a,\n"
    level = '[[level]]\nname = "s"\nfile = "s.csv"\ncolumn = "name"\n'
    with Workspace(HEAD + level + ONE + two('"../{s.left}/one.txt"')) as space:
        fill(space)
        space.write("s.csv", sheet)
        space.run("-j", "8")
        assert [space.read(f"data/{name}/two.out") for name in "abc"] == [b"new b\n", b"new c\n", b"new a\n"]
        assert waits(verified(space))
        # The failure of one task holds back its own reader alone.
        os.remove(space.path("data/b/in.txt"))
        os.mkdir(space.path("data/b/in.txt"))
        os.remove(space.path("data/c/in.txt"))
        space.write("data/c/in.txt", "newer c\n")
        space.run(expect=1)
        assert space.read("data/b/two.out") == b"newer c\n"
        assert space.read("data/a/two.out") == b"new b\n"


def test_each_day_goes_on_from_the_day_before():
    sheet = "name,before\nd1,../start.txt\nd2,../d1/state.txt\nd3,../d2/state.txt\n"
    level = '[[level]]\nname = "day"\nfile = "s.csv"\ncolumn = "name"\n'
    step = """
[[step]]
name = "go"
each = "day"
inputs = ["{day.before}"]
outputs = ["state.txt"]
run = "{ cat {inputs}; echo {day}; } > {outputs}"
"""
    with Workspace(HEAD + level + step) as space:
        space.write("s.csv", sheet)
        space.write("data/start.txt", "start\n")
        space.run("-j", "8")
        assert space.read("data/d3/state.txt") == b"start\nd1\nd2\nd3\n"
        verified(space)


def test_below_a_directory():
    steps = """
[[step]]
name = "one"
each = "s"
outputs = ["store/"]
run = "mkdir -p {outputs}/deep; sleep 0.3; echo {s} > {outputs}/deep/x"
"""
    for inputs, expected in (('"store/deep/x"', b"c\n"), ('"../a/store/deep/x"', b"a\n")):
        with Workspace(HEAD + LEVEL + steps + two(inputs)) as space:
            fill(space)
            space.run("-j", "8")
            assert space.read("data/c/two.out") == expected
            assert waits(verified(space))


def test_the_out_directory_is_no_data():
    workflow = (HEAD + LEVEL + ONE).replace('root = "data"', 'root = "."')
    with Workspace(workflow) as space:
        for name in "abc":
            space.write(f"{name}/in.txt", name)
        for _ in range(2):  # the first makes it
            space.run()
        assert not space.exists("out/one.txt")
        os.symlink("out", space.path("link"))
        space.run()
        assert not space.exists("out/one.txt")


main([test_another_directory, test_odd_spelling, test_above_the_root,
      test_absolute_and_through_a_link, test_a_sheet_names_the_other,
      test_each_day_goes_on_from_the_day_before, test_below_a_directory,
      test_the_out_directory_is_no_data])
