#!/usr/bin/python3
"""Where an out directory may be, and what a compile that is refused leaves behind: nothing.
Seen to fail: `-o /` installed programs into the system, `-o data` and `-o data/in` were taken silently, and `plan/` and
`logs/` stayed where `bin` was a file."""
import pwd
import shutil

from run_common import WFC, Workspace, main, os, subprocess

WORKFLOW = """
[workflow]
name = "places"
root = "data"
[site.cluster]
[[level]]
name = "s"
match = "in*"
[[level]]
name = "k"
values = ["k1"]
[[step]]
name = "one"
each = "k"
inputs = ["../x"]
outputs = ["one.txt"]
run = "cat {inputs} > {outputs}"
"""
FLAT = """
[workflow]
name = "flat"
root = "."
[site.cluster]
[[level]]
name = "s"
match = "*"
[[step]]
name = "one"
each = "s"
outputs = ["one.txt"]
run = "echo > {outputs}"
"""
FORMS = (["compile", "--site", "cluster"], ["compile", "--site", "local"], ["run"], ["run", "-n"], ["plan"], ["touch"],
         ["status"])


def ask(space, *words, expect=0, **more):
    done = subprocess.run([WFC, words[0], "workflow.toml", *words[1:]], cwd=space.dir, capture_output=True,
                          timeout=60, **more)
    text = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
    assert done.returncode == expect, f"{words}: exit status {done.returncode}, not {expect}:\n{text}"
    return text


def names(space, below="."):
    """Everything there is, files and directories."""
    found = set()
    for where, directories, files in os.walk(space.path(below)):
        found.update(os.path.join(where, name) for name in directories + files)
    return found


def refused(space, out, reason, forms=FORMS, **more):
    before = names(space)
    for form in forms:
        text = ask(space, *form, "-o", out, expect=1, **more)
        assert f"error[WFC9002]: cannot write `{out}`: {reason}" in text, f"{form} -o {out}:\n{text}"
        assert names(space) == before, f"{form} -o {out} left {names(space) - before}"


def fill(space):
    for name in ("in1", "in2"):
        space.write(f"data/{name}/x", name)


def system_directories():
    with Workspace(WORKFLOW) as space:
        fill(space)
        there = set(os.listdir("/"))
        refused(space, "/", "it is the root of the file system")
        refused(space, "../../../../../../..", "it is the root of the file system")
        refused(space, pwd.getpwuid(os.geteuid()).pw_dir, "it is a home directory")
        refused(space, "/usr", "it is not empty, and wfc has not made it")
        assert set(os.listdir("/")) == there
        os.mkdir(space.path("home"))
        refused(space, "home", "it is a home directory", env=dict(os.environ, HOME=os.path.join(space.dir, "home")))


def the_data():
    with Workspace(WORKFLOW) as space:
        fill(space)
        os.mkdir(space.path("data/in3"))
        os.symlink("data", space.path("link"))
        for out in ("data", "data/", "./data/../data", "link", "data/in1/..", os.path.join(space.dir, "data")):
            refused(space, out, "it is the data root")
        refused(space, "data/in1", "it is a directory of level `s`")
        refused(space, "link/in2", "it is a directory of level `s`")
        refused(space, "data/in3", "it is a directory of level `s`")
        refused(space, "data/in1/k1", "it is a directory of level `k`")
        space.write("data/other/file", "")
        refused(space, "data/other", "it is not empty, and wfc has not made it")
        refused(space, ".", "it is not empty, and wfc has not made it")
        os.rmdir(space.path("data/in3"))
        os.mkdir(space.path("data/empty"))
        for out in ("data/out", "data/new/deep", "data/empty", "out", "../" + os.path.basename(space.dir) + "/o2",
                    "data/in1/mine"):
            ask(space, "compile", "--site", "cluster", "-o", out)
            # Again, since then it is wfc's own.
            ask(space, "compile", "--site", "local", "-o", out)
            ask(space, "run", "-o", out)
            for name in ("in1", "in2"):
                os.remove(space.path(f"data/{name}/k1/one.txt"))


def in_a_root_of_the_same_directory():
    with Workspace(FLAT) as space:
        for name in ("a", "b"):
            space.write(f"{name}/x", name)
        ask(space, "compile")
        ask(space, "run")
        assert not space.exists("out/one.txt") and space.exists("a/one.txt")
        refused(space, "a", "it is a directory of level `s`")
    with Workspace(FLAT) as space:
        space.write("a/x", "")
        os.mkdir(space.path("out"))
        ask(space, "run")
        assert not space.exists("out/one.txt") and space.exists("a/one.txt")


def no_other_compile_takes_it_for_data():
    """Seen to fail: `data/new` was made, and was a directory of level `s` for the next compile with another `-o`."""
    with Workspace(FLAT.replace('root = "."', 'root = "data"')) as space:
        space.write("data/a/x", "")
        would = "level `s` with `match = \"*\"` would take `{}` for data"
        refused(space, "data/new", would.format("new"))
        refused(space, "data/new/deep", would.format("new"))
        refused(space, "data/out/second", would.format("out"))
        for out in ("data/out", "data/out/second", "data/.hidden"):
            ask(space, "compile", "--site", "local", "-o", out)
        os.symlink("out", space.path("data/link"))
        ask(space, "run", "-o", "elsewhere")
        assert space.exists("data/a/one.txt")
        for name in ("out", "link", ".hidden"):
            assert not space.exists(f"data/{name}/one.txt"), name
        # Without its mark `out` is a directory like any other.
        space.write("data/out/workflow", "mine")
        assert "WFC2503" in ask(space, "run", "-o", "elsewhere", expect=1)
        space.write("workflow.toml", FLAT.replace('root = "."', 'root = "data"').replace(
            'match = "*"', 'match = "*"\nexclude = ["new", "out", "link"]'))
        ask(space, "compile", "--site", "local", "-o", "data/new")
        ask(space, "run", "-o", "elsewhere")
        assert not space.exists("data/new/one.txt")


def a_level_may_be_called_out():
    with Workspace(FLAT.replace('match = "*"', 'values = ["out"]')) as space:
        refused(space, "out", "it is a directory of level `s`")


def what_is_not_in_the_way():
    with Workspace(WORKFLOW) as space:
        fill(space)
        # As people keep an out directory out of git, and another workflow's inside.
        space.write("out/.gitignore", "*\n")
        space.write("second.toml", WORKFLOW)
        subprocess.run([WFC, "compile", "second.toml", "-o", "out/second"], cwd=space.dir, check=True,
                       capture_output=True, timeout=60)
        ask(space, "compile")
        ask(space, "run")
        space.write("full/workflow", "mine\n")
        text = ask(space, "compile", "-o", "full", expect=1)
        assert "cannot write `full/workflow`: it is there, and wfc has not written it" in text, text


def an_empty_name():
    with Workspace(WORKFLOW) as space:
        fill(space)
        for form in FORMS:
            text = ask(space, *form, "-o", "", expect=2)
            assert "--out: the value is empty" in text, text


def a_refused_compile_leaves_nothing():
    with Workspace(WORKFLOW) as space:
        fill(space)
        for form in (["compile", "--site", "cluster"], ["compile", "--site", "local"], ["run"]):
            for out in ("file/out", "file/out/deep"):
                space.write("file", "")
                before = names(space)
                ask(space, *form, "-o", out, expect=1)
                assert names(space) == before, names(space) - before
        # Its own directory, with a file where a directory must go.
        ask(space, "compile", "--site", "local")
        for taken in ("bin", "jobs", "logs", "lib"):
            space.write(f"out/{taken}", "mine")
            before = names(space)
            text = ask(space, "compile", "--site", "cluster", expect=1)
            assert "cannot write `out`" in text and f"out/{taken}" in text, text
            assert names(space) == before, f"{taken}: {names(space) - before}"
            assert space.read(f"out/{taken}") == b"mine"
            os.remove(space.path(f"out/{taken}"))
        ask(space, "compile", "--site", "cluster")
        assert space.exists("out/submit.sh")


def not_writable():
    """As a user who may not: root may write anywhere."""
    with Workspace(WORKFLOW) as space:
        fill(space)
        os.chmod(space.dir, 0o755)
        os.mkdir(space.path("closed"))
        as_nobody = {} if os.geteuid() else {"user": "nobody", "group": "nogroup", "extra_groups": []}
        os.chmod(space.path("closed"), 0o555)
        environment = dict(os.environ, HOME="/nonexistent")
        for out in ("closed", "closed/out"):
            for form in (["compile", "--site", "cluster"], ["run"]):
                text = ask(space, *form, "-o", out, expect=1, env=environment, **as_nobody)
                if as_nobody and out == "closed":
                    assert "cannot write `closed`: `closed` belongs to the user 0" in text, text
                else:
                    assert f"cannot write `{out}`: " in text and "Permission denied" in text, text
                    assert "choose a place that you may write to with `--out`" in text, text
                assert os.listdir(space.path("closed")) == []
        long = "x" * 300
        text = ask(space, "compile", "-o", long, expect=1)
        assert "choose a shorter path with `--out`" in text, text
        text = ask(space, "compile", "-o", "/".join(["y" * 200] * 25), expect=1)
        assert "choose a shorter path with `--out`" in text, text
        shutil.rmtree(space.path("y" * 200), ignore_errors=True)


GLOBS = """
[workflow]
name = "globs"
root = "."
[site.cluster]
[[step]]
name = "one"
inputs = ["*/*.csv", "**/note.*", "HERE/*/*.csv"]
outputs = ["one.result"]
run = "printf '%s\\n' {inputs} > {outputs}"
"""


def no_glob_finds_what_is_in_it():
    """Inputs by a pattern beside the out directory: neither the command nor any answer sees what it holds."""
    with Workspace("") as space:
        space.write("workflow.toml", GLOBS.replace("HERE", space.dir))
        space.write("out/.keep", "")
        for name in ("a/x.csv", "outer/x.csv", "a/deep/note.txt"):
            space.write(name, name)
        ask(space, "compile", "--site", "cluster")
        space.write("out/y.csv", "")
        space.write("out/logs/note.txt", "")
        ask(space, "run")
        words = space.read("one.result").decode().split()
        wanted = ["a/x.csv", "outer/x.csv", "a/deep/note.txt", "a/x.csv", "outer/x.csv"]
        assert [os.path.relpath(word, space.dir) if word.startswith("/") else word for word in words] == wanted, words
        space.write("out/z.csv", "")
        assert "0 tasks would run" in ask(space, "run", "-n")
        assert "1/1" in ask(space, "status") and "stale" not in ask(space, "status")
        assert "now: up to date" in ask(space, "why", "one")
        assert "1 of them up to date before" in ask(space, "run")
        space.write("a/y.csv", "")
        assert "1 task would run" in ask(space, "run", "-n") or "1 tasks would run" in ask(space, "run", "-n")
        # Another directory's name, another's files.
        for name in ("a", "outer"):
            shutil.rmtree(space.path(name))
        for form in (["run"], ["run", "-n"], ["compile", "--site", "cluster"], ["plan"], ["status"]):
            assert "WFC3102" in ask(space, *form, expect=1), form


main([no_glob_finds_what_is_in_it, system_directories, the_data, in_a_root_of_the_same_directory,
      no_other_compile_takes_it_for_data, a_level_may_be_called_out, what_is_not_in_the_way, an_empty_name,
      a_refused_compile_leaves_nothing, not_writable])
