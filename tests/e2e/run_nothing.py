#!/usr/bin/python3
"""Workflows without an ordinary step: only finalizers, or every step left out by `when`. No command fails over them; the
finalizers run, and where nothing is left that is said.
Seen to fail: `wfc run`, `plan` and `status` died of SIGSEGV."""
import re

from run_common import WFC, Workspace, main, os, subprocess

HEAD = """
[workflow]
name = "t"
root = "data"
[site.cluster]
[[level]]
name = "s"
match = "*"
"""
FINALIZERS = HEAD + """
[[step]]
name = "good"
on = "success"
run = "echo $WFC_VERDICT >> ../told"
[[step]]
name = "bad"
on = "failure"
run = "echo bad >> ../told"
"""
LEFT_OUT = HEAD + """
[[step]]
name = "one"
each = "s"
when = false
outputs = ["x"]
run = "echo > {outputs}"
"""
FORMS = (["graph"], ["graph", "--of", "jobs"], ["graph", "--of", "tasks"], ["check"], ["status"], ["plan"],
         ["plan", "--json"], ["plan", "--simulate"], ["plan", "--why", "--all"], ["plan", "--site", "cluster"],
         ["plan", "--site", "cluster", "--simulate"], ["plan", "--site", "cluster", "--json"], ["run", "-n"],
         ["run", "-n", "--json"], ["status", "--json"], ["touch"], ["compile", "--site", "local", "-o", "here"],
         ["graph", "--of", "jobs", "--site", "cluster"])


def ask(space, *words, expect=0):
    done = subprocess.run([WFC, words[0], "workflow.toml", *words[1:]], cwd=space.dir, capture_output=True,
                          timeout=60)
    text = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == expect, f"{words}: exit status {done.returncode}, not {expect}:\n{text}"
    return text


def fill(space):
    for name in "ab":
        space.write(f"data/{name}/in.txt", name)


def verified(space):
    """Compiled for Slurm, with a proof that reads the scripts back."""
    told = ask(space, "compile", "--site", "cluster", "-o", "sl")
    done = subprocess.run([WFC, "verify", "sl"], cwd=space.dir, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    done = subprocess.run(["sl/submit.sh", "--dry-run"], cwd=space.dir, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return told, done.stdout.decode() + done.stderr.decode()


def only_finalizers():
    with Workspace(FINALIZERS) as space:
        fill(space)
        for words in FORMS:
            ask(space, *words)
        told = ask(space, "run", "-n")
        assert told == "no tasks: every step is a finalizer\nfinalizers that would run: `good`\n", told
        told = space.run()
        assert told == "no tasks: every step is a finalizer\nfinalizer `good`: done\n", told
        # Seen to fail: "0 tasks would run" and "everything is up to date" stood beside it.
        for words in (["run", "-n"], ["plan", "--site", "local"]):
            assert ask(space, *words) == "no tasks: every step is a finalizer\n", ask(space, *words)
        # For another site it is another run, with finalizers of its own.
        told = ask(space, "plan")
        assert told == "no tasks: every step is a finalizer\nfinalizers that would run: `good`\n", told
        for words in (["status"], ["verdict"]):
            told = ask(space, *words)
            assert re.search("finalizer `good` \\(on success\\): done at 20..-..-.. ..:..:..\n"
                             "finalizer `bad` \\(on failure\\): has not run\n$", told), told
            assert "every task is done" not in told, told
        assert space.read("told") == b"success\n", space.read("told")
        # There is nothing new to tell.
        space.run()
        assert space.read("told") == b"success\n", space.read("told")
        for words in FORMS:
            ask(space, *words)
        told, commands = verified(space)
        assert "2 steps in 3 jobs by 3 calls" in told, told
        assert commands.count("sbatch --parsable") == 3, commands


def a_finalizer_that_fails():
    with Workspace(FINALIZERS.replace("echo $WFC_VERDICT", "false; echo")) as space:
        fill(space)
        space.run(expect=1)
        assert "finalizer `good`: failed\n" in space.run(expect=1)
        for words in (["status"], ["verdict"]):
            told = ask(space, *words)
            assert re.search("finalizer `good` \\(on success\\): failed at [^\n]*: exit status 1\n(    [|] .*\n)?"
                             "    log: out/logs/good/all.log\n", told), told
        assert "finalizers that would run: `good`" in ask(space, "run", "-n") and "`good`" in ask(space, "plan")


def every_step_is_left_out():
    with Workspace(LEFT_OUT) as space:
        fill(space)
        words = "nothing to do: `when` leaves out every step"
        for form in FORMS:
            ask(space, *form)
        assert words in space.run(), space.run()
        for form in (["status"], ["run", "-n"], ["plan"], ["compile", "--site", "local", "-o", "here"]):
            assert words in ask(space, *form), form
        told = ask(space, "compile", "--site", "cluster", "-o", "sl")
        assert words in told and "submit.sh" not in told, told
        assert not space.exists("sl/submit.sh") and not space.exists("sl/jobs")


def a_step_that_was_left_out_comes_back():
    with Workspace(LEFT_OUT) as space:
        fill(space)
        space.run()
        space.write("workflow.toml", LEFT_OUT.replace("when = false\n", ""))
        assert "2 of 2 tasks done" in space.run()
        ask(space, "compile", "--site", "cluster", "-o", "sl")
        space.write("workflow.toml", LEFT_OUT)
        ask(space, "compile", "--site", "cluster", "-o", "sl")
        # What would be submitted by mistake is gone.
        assert not space.exists("sl/submit.sh") and os.listdir(space.path("sl/jobs")) == []
        space.run()
        space.write("workflow.toml", LEFT_OUT.replace("when = false\n", ""))
        assert "2 of them up to date before" in space.run()


main([only_finalizers, a_finalizer_that_fails, every_step_is_left_out, a_step_that_was_left_out_comes_back])
