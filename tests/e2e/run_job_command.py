#!/usr/bin/python3
"""`wfr job`, `wfr verdict` and their exit statuses, on a plan for Slurm, without a Slurm."""
import json
import resource
import struct

from run_common import WFC, WFR, Workspace, main, os, signal, subprocess, time, wait_for

WORKFLOW = """
[workflow]
name = "jobs"
root = "data"
[[level]]
name = "session"
match = "s*"
[[level]]
name = "channel"
match = "c*"
[[step]]
name = "one"
each = "channel"
inputs = ["in.txt"]
outputs = ["one.txt"]
run = "grep -q bad {inputs} && { echo cannot read this >&2; exit 3; }; cp {inputs} {outputs}"
[[step]]
name = "all"
each = "session"
needs = ["one"]
outputs = ["all.txt"]
run = "cat {needs.one} > {outputs}"
[[step]]
name = "tell"
on = "always"
run = "echo told >> ../told"
[site.cluster]
partition = "main"
"""


def compiled(workflow=WORKFLOW, site="cluster"):
    space = Workspace(workflow)
    for name in ("s1/c1", "s1/c2", "s2/c1"):
        space.write(f"data/{name}/in.txt", name + "\n")
    subprocess.run([WFC, "compile", "workflow.toml", "--site", site], cwd=space.dir, check=True,
                   capture_output=True)
    space.hash = os.listdir(space.path("out/plan"))[0].decode()
    plan = json.loads(space.read(f"out/plan/{space.hash}/plan.json"))
    space.arrays = {array["steps"][0]: array["name"] for array in plan["arrays"]}
    return space


def environment(**more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SLURM_")}
    return {**kept, **more}


def wfr(space, *words, expect=0, **variables):
    done = subprocess.run([os.path.join(space.dir, "out/bin/wfr"), *words], cwd=space.path("out"),
                          capture_output=True, env=environment(**variables), timeout=60)
    text = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == expect, f"{words}: exit status {done.returncode}, not {expect}:\n{text}"
    return text


def job(space, step, index, expect=0, *more, **variables):
    return wfr(space, "job", "--plan", space.hash, "--array", space.arrays[step], "--index",
               str(index), *more, expect=expect, **variables)


def one_job_runs_one_directory():
    with compiled() as space:
        assert "1 of 1 tasks done" in job(space, "one", 1)
        assert space.exists("data/s1/c2/one.txt") and not space.exists("data/s1/c1/one.txt")
        assert "(1 were up to date)" in job(space, "one", 1)
        # Slurm's index, and an index by way of a table.
        wfr(space, "job", "--plan", space.hash, "--array", space.arrays["one"],
            SLURM_ARRAY_TASK_ID="2")
        assert space.exists("data/s2/c1/one.txt")
        space.write("out/table", struct.pack("<II", 7, 0))
        job(space, "one", 1, 0, "--table", "table")
        assert space.exists("data/s1/c1/one.txt")


def gates_and_the_verdict():
    with compiled() as space:
        space.write("data/s1/c2/in.txt", "bad\n")
        job(space, "one", 0)
        text = job(space, "one", 1, 1)
        assert "cannot read this" in text and "failed: one:s1/c2: exit status 3" in text, text
        job(space, "one", 2)
        assert "1 blocked" in job(space, "all", 0, 1)
        job(space, "all", 1)
        text = wfr(space, "verdict", "--plan", space.hash, expect=1)
        assert "one:s1/c2: exit status 3" in text and "2 tasks are not done" in text, text
        verdict = json.loads(space.read(f"out/state/{space.hash}/verdict.json"))
        assert verdict["done"] is False
        assert verdict["failures"][0]["task"] == "one:s1/c2"
        space.write("data/s1/c2/in.txt", "good\n")
        job(space, "one", 1)
        job(space, "all", 0)
        assert "every task is done" in wfr(space, "verdict", "--plan", space.hash)


def a_verdict_that_cannot_be_written_leaves_the_last_one():
    """As on a full disk: here no file may get a byte."""
    with compiled() as space:
        wfr(space, "verdict", "--plan", space.hash, expect=1)
        path = f"out/state/{space.hash}/verdict.json"
        before, names = space.read(path), os.listdir(os.path.dirname(space.path(path)))
        done = subprocess.run([space.path("out/bin/wfr"), "verdict", "--plan", space.hash], cwd=space.path("out"),
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
                              restore_signals=False, capture_output=True, check=False)
        assert done.returncode == 1 and b"File too large" in done.stderr, done
        assert space.read(path) == before and os.listdir(os.path.dirname(space.path(path))) == names


def a_job_before_its_producers_is_held_back():
    with compiled() as space:
        job(space, "all", 0, 1)
        text = wfr(space, "verdict", "--plan", space.hash, expect=1)
        assert "5 tasks are not done" in text, text


def finalizers_always_run():
    with compiled() as space:
        for _ in range(2):
            wfr(space, "job", "--plan", space.hash, "--finalizer", "tell")
        assert space.read("told") == b"told\ntold\n"


def wrong_words_are_told():
    with compiled() as space:
        for words, reason in (
                (["job", "--array", "x"], "`--plan` is missing"),
                (["job", "--plan", space.hash], "give one of `--array` and `--finalizer`"),
                (["job", "--plan", space.hash, "--array", "nope"], "no job array `nope`"),
                (["job", "--plan", space.hash, "--array", space.arrays["one"], "--index", "99"],
                 "has no index 99"),
                (["job", "--plan", space.hash, "--array", space.arrays["one"], "--index", "x"],
                 "`--index` is no number: `x`"),
                (["job", "--plan", space.hash, "--finalizer", "one"], "no finalizer `one`"),
                (["job", "--plan", "0" * 32, "--array", "x"], "plan.wfp"),
                (["verdict", "--plan", space.hash, "--what", "x"], "`--what` is not an option here"),
                (["nonsense"], "there is no command `nonsense`")):
            text = wfr(space, *words, expect=2)
            assert reason in text, text


def what_is_killed_with_its_job_is_told_by_the_jobs_log():
    # The command dies, wfr a tenth of a second later, as where Slurm kills a job. Seen to fail: with a Committer that is
    # not patient (killed by SIGKILL).
    command = "w=$PPID; setsid sh -c 'sleep 0.1; kill -KILL '$w & sleep 0.05; kill -KILL $$"
    workflow = WORKFLOW.replace(WORKFLOW.split('\nrun = "')[1].split('"\n')[0], command)
    with compiled(workflow) as space:
        job(space, "one", 0, -signal.SIGKILL, SLURM_JOB_ID="6", SLURM_ARRAY_JOB_ID="5", SLURM_ARRAY_TASK_ID="0")
        space.write("out/logs/01-one.5_0.log", "slurmstepd: error: StepId=6.batch exceeded memory limit (2 > 1), "
                    "being killed\nslurmstepd: error: *** JOB 6 ON n1 CANCELLED AT 2026-11-21T17:55:58 ***\n")
        wfr(space, "verdict", "--plan", space.hash, "--run", "r1", expect=1, PATH="/nonexistent")
        verdict = json.loads(space.read(f"out/state/{space.hash}/verdict.json"))
        (failure,) = verdict["failures"]
        assert failure["kind"] == "out of memory", failure
        assert failure["message"].startswith("out of memory: the step sets no `mem`"), failure


def another_jobs_work_is_left_alone():
    with compiled() as space:
        text = job(space, "one", 0, 0, "--run", "r1", SLURM_ARRAY_JOB_ID="77", SLURM_JOB_ID="78")
        assert "nothing is done here" in text, text
        assert not space.exists("data/s1/c1/one.txt")


def usr1_is_passed_on_and_recorded():
    slow = WORKFLOW.replace("cp {inputs} {outputs}",
                            "trap 'echo saved > saved; exit 0' USR1; touch on; sleep 20 & wait; "
                            "cp {inputs} {outputs}")
    with compiled(slow) as space:
        process = subprocess.Popen(
            [space.path("out/bin/wfr"), "job", "--plan", space.hash, "--array", space.arrays["one"],
             "--index", "0"], cwd=space.path("out"), stdout=subprocess.PIPE, env=environment(),
            stderr=subprocess.STDOUT)
        wait_for(lambda: space.exists("data/s1/c1/on"), "the command")
        time.sleep(0.2)
        process.send_signal(signal.SIGUSR1)
        text = process.communicate(timeout=20)[0].decode()
        assert process.returncode == 1, text
        assert "stopped by SIGUSR1" in text and "there is no Slurm job" in text, text
        assert space.read("data/s1/c1/saved") == b"saved\n"
        assert not space.exists("data/s1/c1/one.txt")


def stopped_by_usr1(run, site, index):
    """(log, what a stand-in scontrol was asked) of a job that USR1 stops in a slow command."""
    with compiled(WORKFLOW.replace("cp {inputs} {outputs}", run), site) as space:
        space.write("bin/scontrol", "#!/bin/sh\necho \"$@\" >> \"$ASKED\"\n")
        os.chmod(space.path("bin/scontrol"), 0o755)
        asked = os.path.join(space.dir, "asked")
        process = subprocess.Popen(
            [WFR, "job", "--plan", space.hash, "--array", space.arrays["one"]],
            cwd=space.path("out"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=environment(SLURM_JOB_ID="12", SLURM_CPUS_PER_TASK="1", ASKED=asked, **index,
                            PATH=os.path.join(space.dir, "bin") + ":" + os.environ["PATH"]))
        wait_for(lambda: any(name.endswith(b"/on") for name in space.files()), "the slow command")
        process.send_signal(signal.SIGUSR1)
        text = process.communicate(timeout=20)[0].decode()
        assert process.returncode == 1, text
        return text, space.read("asked").decode() if space.exists("asked") else ""


def requeue_only_after_progress():
    element = {"SLURM_ARRAY_JOB_ID": "10", "SLURM_ARRAY_TASK_ID": "0"}
    text, asked = stopped_by_usr1("touch on; sleep 20; cp {inputs} {outputs}", "cluster", element)
    assert "job 10_0 is not requeued" in text and asked == "", text

    later = "test {channel} = c1 || { touch on; sleep 20; }; cp {inputs} {outputs}"
    text, asked = stopped_by_usr1(later, "local", {})
    assert "job 12 is requeued (number 1 of 3)" in text and asked == "requeue 12\n", text
    text, asked = stopped_by_usr1(later, "local", {"SLURM_RESTART_COUNT": "3"})
    assert "was requeued 3 times: not again" in text and asked == "", text


if __name__ == "__main__":
    main([one_job_runs_one_directory, gates_and_the_verdict,
          a_verdict_that_cannot_be_written_leaves_the_last_one, a_job_before_its_producers_is_held_back,
          finalizers_always_run, wrong_words_are_told, another_jobs_work_is_left_alone,
          what_is_killed_with_its_job_is_told_by_the_jobs_log,
          usr1_is_passed_on_and_recorded, requeue_only_after_progress])
