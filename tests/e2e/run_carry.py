"""What is known of a task stays known: under other plans, narrowed and widened levels, and in an out directory of its own."""
import os
import shutil
import stat

from run_common import WFC, WFR, Workspace, main, subprocess

HEAD = '[workflow]\nname = "t"\nroot = "data"\n'
LEVEL = '[[level]]\nname = "s"\nmatch = "*"\n'
ONE = ('[[step]]\nname = "one"\neach = "s"\ninputs = ["in.txt"]\noutputs = ["one.txt"]\n'
       'run = "echo {s} >>../../ran; cp {inputs} {outputs}"\n')


def world(text):
    space = Workspace(text)
    for name in "abc":
        space.write(f"data/{name}/in.txt", name + "\n")
    return space


def ran(space):
    """Which tasks have run since the last call."""
    if not space.exists("ran"):
        return []
    names = sorted(space.read("ran").decode().split())
    os.unlink(space.path("ran"))
    return names


def wfc(space, *words, expect=0, env=None):
    done = subprocess.run([WFC, *words], cwd=space.dir, capture_output=True, timeout=120, env=env)
    text = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
    assert done.returncode == expect, f"{words}: exit status {done.returncode}, not {expect}:\n{text}"
    return text


def would_run(space, *words, env=None):
    """The number of tasks in the last line of `run -n`."""
    return int(wfc(space, "run", "workflow.toml", "-n", *words, env=env).splitlines()[-1].split()[0])


def snapshot(space):
    found = {}
    for where, names, files in os.walk(space.path("out")):
        for name in names + files:
            path = os.path.join(where, name)
            found[path] = os.lstat(path).st_mtime_ns
    return found


def test_narrowed_and_widened_again():
    with world(HEAD + LEVEL + ONE) as space:
        space.run()
        assert ran(space) == ["a", "b", "c"]
        # Only one directory, and another plan for it; then all of them, with the first plan and with a third.
        only = LEVEL + 'only = "a"\n'
        space.write("workflow.toml", HEAD + only + ONE)
        space.run()
        space.write("workflow.toml", HEAD + only + ONE.replace("cp", "cat").replace("{outputs}", ">{outputs}"))
        space.run()
        assert ran(space) == ["a"]
        space.write("workflow.toml", HEAD + only + ONE)
        space.run()
        assert ran(space) == ["a"]
        for text in (HEAD + LEVEL + ONE, HEAD + LEVEL + ONE + 'mem = "1G"\n'):
            space.write("workflow.toml", text)
            assert would_run(space) == 0
            space.run()
            assert ran(space) == []
        # The same through the attic alone: no old state is left but the last one's.
        space.write("workflow.toml", HEAD + only + ONE)
        space.run()
        for state in os.listdir(space.path("out/state")):
            if state != space.read("out/state/last").decode().strip() and len(state) == 32:
                shutil.rmtree(space.path(f"out/state/{state}/slots"), ignore_errors=True)
        space.write("workflow.toml", HEAD + LEVEL + ONE)
        space.run()
        assert ran(space) == []


def test_the_newest_slot_wins_and_all_commands_see_it():
    two = ('[params]\nextra = false\n')
    step = ('[[step]]\nname = "two"\neach = "s"\nneeds = ["one"]\nwhen = "{params.extra}"\noutputs = ["two.txt"]\n'
            'run = "cp {needs.one} {outputs}"\n')
    with world(HEAD + two + LEVEL + ONE + step) as space:
        space.run()
        space.run("--set", "extra=true")
        ran(space)
        space.write("data/a/in.txt", "other\n")
        assert would_run(space, "--set", "extra=true") == 2
        space.run("--set", "extra=true")
        assert ran(space) == ["a"]
        # The first plan has an older slot of `one:a` than the second.
        assert would_run(space) == 0
        space.run()
        assert ran(space) == []


def test_where_sbatch_is_found_all_commands_agree():
    with world(HEAD + LEVEL + ONE) as space:
        commands = space.path("commands")
        os.mkdir(commands)
        for name in (b"sbatch", b"squeue"):
            with open(os.path.join(commands, name), "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\nexit 0\n")
            os.chmod(os.path.join(commands, name), stat.S_IRWXU)
        env = {**os.environ, "PATH": os.fsdecode(commands) + ":" + os.environ["PATH"]}
        for name in "abc":
            space.write(f"data/{name}/one.txt", name + "\n")
        wfc(space, "compile", "workflow.toml", env=env)
        assert "3 tasks recorded as done" in wfc(space, "touch", "workflow.toml", env=env)
        before = snapshot(space)
        assert would_run(space, env=env) == 0
        assert "3/3" in wfc(space, "status", "workflow.toml", env=env)
        assert "up to date" in wfc(space, "why", "workflow.toml", "one:a", env=env)
        assert snapshot(space) == before
        wfc(space, "run", "workflow.toml", env=env)
        assert ran(space) == []
        # The plan that the scripts name knows it too.
        with open(space.path("out/submit.sh"), encoding="utf-8") as file:
            plan = next(line for line in file if line.startswith("readonly plan=")).split("=")[1].split()[0]
        out = subprocess.run([WFR, "carry", plan], cwd=space.path("out"), capture_output=True, check=True)
        assert b"carried 3 finished tasks" in out.stdout, out.stdout
        out = subprocess.run([WFR, "verdict", "--plan", plan], cwd=space.path("out"), capture_output=True, check=False)
        assert out.returncode == 0, out.stdout


def test_failures_are_shown_under_another_plan():
    fails = ONE.replace("cp {inputs} {outputs}", "grep -v c {inputs} >{outputs}")
    with world(HEAD + LEVEL + fails) as space:
        space.run(expect=1)
        space.write("workflow.toml", HEAD + LEVEL + fails + 'mem = "1G"\n')
        text = wfc(space, "status", "workflow.toml")
        assert "2/3, 1 failed" in text and "one:c: " in text, text
        assert "recorded: failed" in wfc(space, "why", "workflow.toml", "one:c")


def test_views_write_nothing():
    with world(HEAD + LEVEL + ONE) as space:
        for words in (("status", "workflow.toml"), ("why", "workflow.toml", "one:a"), ("run", "workflow.toml", "-n")):
            wfc(space, *words)
            assert not space.exists("out")
        space.run()
        space.write("workflow.toml", HEAD + LEVEL + ONE + 'mem = "1G"\n')
        before = snapshot(space)
        for words in (("status", "workflow.toml"), ("why", "workflow.toml", "one:a"), ("run", "workflow.toml", "-n")):
            wfc(space, *words)
            assert snapshot(space) == before


def test_an_out_directory_is_one_workflows():
    with world(HEAD + LEVEL + ONE) as space:
        space.run()
        space.write("second.toml", HEAD + LEVEL + ONE.replace("one", "two"))
        before = snapshot(space)
        for command in ("compile", "run", "touch", "status"):
            text = wfc(space, command, "second.toml", "--site", "local", expect=1)
            assert "WFC9020" in text and "`workflow.toml`" in text and "`-o out/second`" in text, text
            assert snapshot(space) == before
        wfc(space, "run", "second.toml", "-o", "out/second")
        # What wfc has not written stays.
        space.write("mine/workflow", "mine\n")
        assert "WFC9002" in wfc(space, "run", "workflow.toml", "-o", "mine", expect=1)
        assert space.read("mine/workflow") == b"mine\n"
        # A name that is one of the first workflow's own directories is not proposed.
        os.rename(space.path("second.toml"), space.path("plan.toml"))
        assert "`-o out-plan`" in wfc(space, "run", "plan.toml", expect=1)
        # The same file by another way, and the whole tree elsewhere.
        os.symlink(os.path.basename(space.dir), space.dir + "-link")
        try:
            wfc(space, "run", space.dir + "-link/workflow.toml")
        finally:
            os.unlink(space.dir + "-link")
        os.mkdir(space.path("moved"))
        for name in (b"workflow.toml", b"data", b"out"):
            os.rename(space.path(name), os.path.join(space.path("moved"), name))
        done = subprocess.run([WFC, "run", "workflow.toml"], cwd=space.path("moved"), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        # A workflow that was renamed keeps its directory.
        os.rename(space.path("moved/workflow.toml"), space.path("moved/renamed.toml"))
        done = subprocess.run([WFC, "run", "renamed.toml"], cwd=space.path("moved"), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert space.read("moved/out/workflow") .splitlines()[1] == b"../renamed.toml"


if __name__ == "__main__":
    main([test_narrowed_and_widened_again, test_the_newest_slot_wins_and_all_commands_see_it,
          test_where_sbatch_is_found_all_commands_agree, test_failures_are_shown_under_another_plan,
          test_views_write_nothing, test_an_out_directory_is_one_workflows])
