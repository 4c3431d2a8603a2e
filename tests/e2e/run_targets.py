#!/usr/bin/python3
"""The words of a command line: `./workflow.toml` without a file, targets of `run`, `plan`, `touch` and `why`, `--force`,
and what is said of words that nobody knows. Seen to fail: `wfc run one:a` took `one:a` for a workflow file."""
import json

from run_common import WFC, Workspace, main, os, subprocess

WORKFLOW = """
[workflow]
name = "targets"
root = "data"
[[level]]
name = "day"
match = "*"
[[level]]
name = "cell"
match = "*"
[[step]]
name = "one"
each = "cell"
inputs = ["in.txt"]
run = "cat {inputs} > {outputs}"
outputs = ["one.txt"]
[[step]]
name = "two"
each = "cell"
needs = ["one"]
run = "cat {needs.one} > {outputs}"
outputs = ["two.txt"]
[[step]]
name = "all"
needs = ["two"]
run = "cat {needs.two} > {outputs}"
outputs = ["all.txt"]
[[step]]
name = "tell"
on = "always"
run = "echo told"
"""


def workspace():
    space = Workspace(WORKFLOW)
    for day in ("d1", "d2"):
        for cell in ("c1", "c2", "c[3]"):
            space.write(f"data/{day}/{cell}/in.txt", "x")
    return space


def wfc(space, *words, expect=0):
    done = subprocess.run([WFC, *words], cwd=space.dir, capture_output=True, timeout=60)
    text = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == expect, f"{words}: exit status {done.returncode}, not {expect}:\n{text}"
    return text


def made(space):
    """The outputs that are there, by step."""
    names = [os.fsdecode(name) for name in space.files()]
    return {step: sorted(os.path.dirname(name) for name in names if name.endswith(f"{step}.txt")) for step in ("one", "two", "all")}


def without_a_file_it_is_workflow_toml():
    with workspace() as space:
        for words in (("check",), ("plan",), ("graph",), ("run", "-n"), ("touch",), ("status",), ("run",), ("verdict",), ("why", "all"),
                      ("compile", "--site", "local")):
            wfc(space, *words)
        assert made(space)["all"] == [""]
        os.rename(space.path("workflow.toml"), space.path("other.toml"))
        for command in ("run", "plan", "compile", "touch", "check", "graph", "tune"):
            assert "there is no `workflow.toml` in this directory" in wfc(space, command, expect=2)
        # What only looks has the last plan.
        assert "1/1" in wfc(space, "status")
        wfc(space, "run", "other.toml", "-n")
        assert "the name of one ends in `.toml`" in wfc(space, "compile", "other", expect=2)


def a_target_and_what_it_needs():
    with workspace() as space:
        wfc(space, "run", "two:d1/c1")
        assert made(space) == {"one": ["d1/c1"], "two": ["d1/c1"], "all": []}, made(space)
        # Fewer names: all below; a pattern; a name that is just so goes before a pattern.
        wfc(space, "run", "workflow.toml", "one:d2", "two:d1/c[3]")
        assert made(space)["one"] == ["d1/c1", "d1/c[3]", "d2/c1", "d2/c2", "d2/c[3]"], made(space)
        assert made(space)["two"] == ["d1/c1", "d1/c[3]"], made(space)
        wfc(space, "run", "two:*/c[12]")
        assert made(space)["two"] == ["d1/c1", "d1/c2", "d1/c[3]", "d2/c1", "d2/c2"], made(space)
        assert "running 2 tasks: two 1, all 1; 11 up to date" in wfc(space, "run", "all"), made(space)
        # A part is no end of the whole: the finalizer has not run.
        assert not space.exists("out/logs/tell.log") or b"told" not in space.read("out/logs/tell.log")


def plan_and_the_dry_run_say_the_same():
    with workspace() as space:
        answer = json.loads(wfc(space, "run", "-n", "--json", "two:d1"))
        assert sorted(answer["runs"]) == sorted(f"{step}:d1/{cell}" for step in ("one", "two") for cell in ("c1", "c2", "c[3]"))
        report = json.loads(wfc(space, "plan", "--json", "two:d1"))
        assert report["totals"]["tasks"] == 6, report
        wfc(space, "run", "one:d1")
        report = json.loads(wfc(space, "plan", "--json", "two:d1"))
        assert report["totals"]["tasks"] == 3, report
        report = json.loads(wfc(space, "plan", "--json", "--force", "one:d1/c1"))
        assert report["totals"]["tasks"] == 1, report


def force_runs_the_target_alone():
    with workspace() as space:
        wfc(space, "run")
        def stamp(name):
            return os.stat(space.path(name)).st_mtime_ns
        before = {name: stamp(f"data/d1/c1/{name}") for name in ("one.txt", "two.txt")}
        assert "everything is up to date (9 tasks)" in wfc(space, "run", "two:d1", "one")
        text = wfc(space, "run", "-n", "--force", "two:d1/c1")
        assert "1 task would run" in text and "although it may be up to date" in text, text
        text = wfc(space, "run", "--force", "two:d1/c1")
        assert "running 1 task: two 1; 1 up to date" in text, text
        assert stamp("data/d1/c1/one.txt") == before["one.txt"] and stamp("data/d1/c1/two.txt") > before["two.txt"]
        text = wfc(space, "run", "--force")
        assert "running 13 tasks: one 6, two 6, all 1" in text, text


def what_is_wrong_with_a_target_is_said():
    with workspace() as space:
        wfc(space, "run", "one")
        for words, expected in (
                (("run", "tow"), "the workflow has no step `tow`; did you mean `two`?"),
                (("plan", "one:d3"), "there is no `day` named `d3`; did you mean `d1`?"),
                (("touch", "one:d1/c9"), "there is no `cell` named `c9`"),
                (("run", "one:d1/c1/x"), "`one` runs once per `cell`: its tasks have 2 names, not 3"),
                (("why", "all:x"), "`all` runs once: name it `all`"),
                (("why", "one"), "name one task, such as `one:d1/c1` (`one` means 6 tasks)"),
                (("why", "one:d1"), "name one task, such as `one:d1/c1` (`one:d1` means 3 tasks)"),
                (("run", "tell"), "`tell` is a finalizer"),
                (("why",), "name one task")):
            assert expected in wfc(space, *words, expect=2), (words, wfc(space, *words, expect=2))
        space.write("work.wf", WORKFLOW)
        assert "the name of a workflow file ends in `.toml`" in wfc(space, "run", "work.wf", expect=2)


def unknown_words_are_explained():
    with workspace() as space:
        for words, expected in (
                (("runn",), "unknown command `runn`; did you mean `run`?"),
                (("run", "--sites", "rig"), "unknown option `--sites`; did you mean `--site`?"),
                (("compile", "--sites=rig"), "unknown option `--sites`; did you mean `--site`?"),
                ((), "no command is given"),
                (("graph", "--format", "foo"), "foo"),
                (("explain", "WFC2001", "more"), "unexpected argument `more`")):
            text = wfc(space, *words, expect=2)
            assert expected in text and "help: " in text, text
        for command in ("run", "graph", "plan", "why"):
            text = wfc(space, command, "--help")
            assert all(c >= " " or c == "\n" for c in text), text


def a_target_that_ends_like_a_file():
    with Workspace(WORKFLOW) as space:
        for cell in ("a.toml", "b"):
            space.write(f"data/d1/{cell}/in.txt", "x")
        wfc(space, "run", "one:d1/a.toml")
        assert made(space)["one"] == ["d1/a.toml"], made(space)


def the_command_is_shown_expanded():
    with workspace() as space:
        text = wfc(space, "run", "-n", "--show", "two:d1/c1")
        assert "one:d1/c1\n    cd data/d1/c1\n    cat in.txt > one.txt\n" in text, text
        assert "two:d1/c1\n    cd data/d1/c1\n    cat one.txt > two.txt\n" in text, text
        assert "c2" not in text and not space.exists("out"), text
        wfc(space, "run", "two:d1/c1")
        assert "command:\ncd data/d1/c1\ncat one.txt > two.txt\n" in wfc(space, "why", "two:d1/c1")


def later_passes_keep_to_the_targets():
    slow = WORKFLOW.replace('run = "cat {inputs} > {outputs}"',
                            'timeout = "1s"\nretry = { times = 1, on = ["timeout"], time = "x3" }\nrun = "sleep 1.5; cat {inputs} > {outputs}"')
    with Workspace(slow) as space:
        for cell in ("c1", "c2", "c3", "c4"):
            space.write(f"data/d1/{cell}/in.txt", "x")
        text = wfc(space, "run", "-j", "4", "one:d1/c1", "two:d1/c3", expect=0)
        assert "pass 2: retrying 2 tasks" in text or "pass 2: retrying 3 tasks" in text, text
        assert made(space) == {"one": ["d1/c1", "d1/c3"], "two": ["d1/c3"], "all": []}, made(space)
        assert "3 of 3 tasks done" in text, text


def temporary_outputs_are_made_for_the_target_alone():
    temp = WORKFLOW.replace('name = "one"\n', 'name = "one"\ntemp = true\n')
    with Workspace(temp) as space:
        for cell in ("c1", "c2"):
            space.write(f"data/d1/{cell}/in.txt", "x")
        text = wfc(space, "run", "two:d1/c2")
        assert "running 2 tasks: one 1, two 1" in text and made(space)["two"] == ["d1/c2"], text
        assert "everything is up to date" in wfc(space, "run", "two:d1/c2")
        text = wfc(space, "run", "--force", "two:d1/c2")
        assert "running 2 tasks: one 1, two 1" in text and "2 of 2 tasks done" in text, text


def touch_says_why_it_leaves_a_task():
    with workspace() as space:
        for name in ("d1/c1/two.txt", "all.txt"):
            space.write(f"data/{name}", "from elsewhere\n")
        text = wfc(space, "touch", "two:d1/c1")
        assert "left: two:d1/c1: `one:d1/c1` has not been run" in text and "record what it needs first" in text, text


if __name__ == "__main__":
    main([without_a_file_it_is_workflow_toml, a_target_and_what_it_needs, plan_and_the_dry_run_say_the_same,
          force_runs_the_target_alone, what_is_wrong_with_a_target_is_said, unknown_words_are_explained,
          a_target_that_ends_like_a_file, the_command_is_shown_expanded, later_passes_keep_to_the_targets,
          temporary_outputs_are_made_for_the_target_alone, touch_says_why_it_leaves_a_task])
