#!/usr/bin/python3
"""What is stale has one answer: `wfc run -n`, `plan`, `status`, `why` (for every task) and `submit.sh --dry-run` name the same
tasks, and the ones that are written here. Arguments: BIN [slurm]; with `slurm` the tasks are run by out/submit.sh.

Seen to fail: with `wfr resume` that knows only which slots are done, and with `plan` that shows the whole workflow.
"""
import json
import shutil
import tempfile

from run_common import WFC, Workspace, main, os, subprocess, sys, time

SLURM = sys.argv[2:3] == ["slurm"]

WORKFLOW = """[workflow]
name = "answer"
root = "data"
site = "here"
[site.here]
{account}
[[level]]
name = "s"
file = "samples.csv"
column = "sample"
[[step]]
name = "one"
each = "s"
inputs = ["in.txt", "part_*.txt", "deep", "link.txt"]
outputs = ["one.txt"]
run = "cat in.txt part_*.txt > {{outputs}}; echo {{s.dose}} >> {{outputs}}; ! grep -q broken in.txt"
[[step]]
name = "two"
each = "s"
needs = ["one"]
outputs = ["two.txt"]
run = "sh {{workflow.dir}}/two.sh {{needs.one}} {{outputs}}"
[[step]]
name = "all"
needs = ["two"]
outputs = ["all.txt"]
run = "cat {{needs.two}} > {{outputs}}"
"""
SHEET = "sample,dose,note\na,1,x\nb,2,x\nc,3,x\n"
TASKS = [f"{step}:{sample}" for step in ("one", "two") for sample in "abc"] + ["all"]


def after(*firsts):
    """The tasks, and all that read them."""
    found = set(firsts)
    found |= {"two:" + task[4:] for task in firsts if task.startswith("one:")}
    return found | {"all"}


def new_space():
    space = Workspace(WORKFLOW.format(account="" if SLURM else 'account = "test"'))
    space.write("samples.csv", SHEET)
    space.write("two.sh", "cp $1 $2\n")
    for name in ("first", "other"):
        space.write(f"elsewhere/{name}", name)
        os.utime(space.path(f"elsewhere/{name}"), (1e9, 1e9))
    for sample in "abc":
        space.write(f"data/{sample}/in.txt", sample)
        space.write(f"data/{sample}/part_1.txt", "1")
        space.write(f"data/{sample}/deep/x/y.txt", "deep")
        os.symlink("../../elsewhere/first", space.path(f"data/{sample}/link.txt"))
    return space


def call(space, *words, expect=0):
    done = subprocess.run(words, cwd=space.dir, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == expect, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def compile_out(space):
    call(space, WFC, "compile", "workflow.toml")


def bring_up_to_date(space, good=True):
    if not SLURM:
        space.run(expect=0 if good else 1)
        return
    compile_out(space)
    call(space, "out/submit.sh")
    until = time.time() + 240
    while call(space, "squeue", "--noheader").strip():
        assert time.time() < until, "jobs are in the queue for ever"
        time.sleep(0.5)


def answers(space):
    """{command: set of tasks that it says would run}."""
    found = {}
    found["run -n"] = json.loads(call(space, WFC, "run", "-n", "--json", "workflow.toml"))["runs"]
    found["status"] = json.loads(call(space, WFC, "status", "--json", "workflow.toml"))["runs"]
    found["plan"] = json.loads(call(space, WFC, "plan", "--json", "workflow.toml"))["now"]["runs"]
    found["why"] = [task for task in TASKS
                    if "now: would run" in call(space, WFC, "why", "workflow.toml", task)]
    compile_out(space)
    found["submit.sh"] = json.loads(call(space, "out/submit.sh", "--dry-run", "--json"))["runs"]
    assert all(len(tasks) == len(set(tasks)) for tasks in found.values()), found
    return {command: set(tasks) for command, tasks in found.items()}


def check(space, what, expected):
    for command, tasks in answers(space).items():
        assert tasks == expected, f"{what}: {command} says {sorted(tasks)}, not {sorted(expected)}"
    print(f"   {what}: {len(expected)} tasks, five times", flush=True)


def edit(space, name, before, after_it):
    text = space.read(name).decode()
    assert before in text, f"{name} has no {before}"
    space.write(name, text.replace(before, after_it))


def relink(space):
    os.remove(space.path("data/b/link.txt"))
    os.symlink("../../elsewhere/other", space.path("data/b/link.txt"))


# What is changed, how, and what would run then. Each begins where the one before has ended: up to date.
CHANGES = [
    ("input changed", lambda space: space.write("data/a/in.txt", "longer"), after("one:a")),
    ("glob match added", lambda space: space.write("data/b/part_2.txt", "2"), after("one:b")),
    ("output deleted", lambda space: os.remove(space.path("data/c/two.txt")), after("two:c")),
    ("script changed", lambda space: space.write("two.sh", "cat $1 > $2\n"),
     after("two:a", "two:b", "two:c")),
    ("command changed", lambda space: edit(space, "workflow.toml", "cat {needs.two}", "cat -u {needs.two}"),
     {"all"}),
    ("used column", lambda space: edit(space, "samples.csv", "b,2,x", "b,7,x"), after("one:b")),
    ("unused column", lambda space: edit(space, "samples.csv", "b,7,x", "b,7,y"), set()),
    ("file deep in a directory", lambda space: space.write("data/a/deep/x/y.txt", "changed"),
     after("one:a")),
    ("retargeted link", relink, after("one:b")),
    ("failed task", lambda space: space.write("data/c/in.txt", "broken"), after("one:c")),
]


def table():
    with new_space() as space:
        bring_up_to_date(space)
        check(space, "nothing changed", set())
        for what, change, expected in CHANGES:
            change(space)
            check(space, what, expected)
            if what == "failed task":
                bring_up_to_date(space, good=False)
                check(space, what + ", once it has failed", expected)
                space.write("data/c/in.txt", "mended")
            bring_up_to_date(space)
            check(space, what + ", and run", set())


def narrowed_and_widened():
    with new_space() as space:
        bring_up_to_date(space)
        edit(space, "workflow.toml", 'column = "sample"', 'column = "sample"\nonly = "a"')
        bring_up_to_date(space)
        edit(space, "workflow.toml", '\nonly = "a"', "")
        # The gather was made of one sample since.
        check(space, "narrowed and widened", {"all"})
        bring_up_to_date(space)
        check(space, "narrowed and widened, and run", set())


def copied():
    """A copy has other times, and nothing else that is new."""
    with new_space() as space:
        bring_up_to_date(space)
        copy = tempfile.mkdtemp(prefix="wfc-e2e-copy-")
        try:
            shutil.rmtree(copy)
            subprocess.run(["cp", "-r", space.dir, copy], check=True)
            space.dir, original = copy, space.dir
            shutil.rmtree(original)
            check(space, "copied tree", set(TASKS))
            for words in (["run", "-n"], ["status"], ["plan"]):
                text = call(space, WFC, *words, "workflow.toml")
                assert "7 tasks differ only in the times of their files" in text, text
            # Of those one is not like the others.
            space.write("data/b/in.txt", "longer")
            call(space, WFC, "touch", "--times", "workflow.toml")
            check(space, "copied tree, times accepted", after("one:b"))
        finally:
            shutil.rmtree(copy, ignore_errors=True)


if __name__ == "__main__":
    main([table, narrowed_and_widened, copied])
