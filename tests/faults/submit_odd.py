#!/usr/bin/env python3
"""submit.sh where sbatch answers oddly or not at all, several are called at once, its journal is cut, the disk is full.

Half of them test the scripts with sbatch --test-only, the others do not.

WFC_FAULT_ROUNDS: bytes at which the journal is cut and the disk is full (default 5 each); `all`: at every byte.
Seen to fail: with a torn line that is closed without the word `torn` (a cut id is read as an id, at 20 bytes); with a
lock that is taken over by removing it (two at once, in nine rounds); with the last number in the answer of sbatch.
"""
import os
import random
import resource
import signal
import subprocess
import sys
import time

from submission_common import SEED, Count, Workspace, finishes, must

ROUNDS = os.environ.get("WFC_FAULT_ROUNDS", "5")

# What sbatch says, as Slurm 22.05 words it: (exit status, text).
REFUSALS = [
    (1, "sbatch: error: invalid partition specified: nope\\n"
        "sbatch: error: Batch job submission failed: Invalid partition name specified"),
    (1, "sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified"),
    (1, "sbatch: error: Batch job submission failed: Invalid qos specification"),
    (1, "sbatch: error: Batch job submission failed: Invalid job array specification"),
    (1, "sbatch: error: Memory specification can not be satisfied\\n"
        "sbatch: error: Batch job submission failed: Requested node configuration is not available"),
    (1, "sbatch: error: CPU count per node can not be satisfied\\n"
        "sbatch: error: Batch job submission failed: Requested node configuration is not available"),
    (255, "sbatch: error: Invalid --mem specification"),
    (255, "sbatch: unrecognized option '--foo'"),
    (1, "sbatch: error: Invalid generic resource (gres) specification"),
    (1, "sbatch: error: Batch job submission failed: Invalid feature specification"),
    (1, "sbatch: error: Batch job submission failed: Invalid node name specified"),
    (1, "sbatch: error: Batch job submission failed: Invalid license specification"),
    (1, "sbatch: error: Batch job submission failed: Node count specification invalid"),
    (1, "sbatch: error: Batch job submission failed: More processors requested than permitted"),
    (1, "sbatch: error: Batch job submission failed: Requested time limit is invalid (missing or exceeds some limit)"),
    (1, "sbatch: error: Batch job submission failed: Job dependency problem"),
    (1, "sbatch: error: Batch job submission failed: Resource temporarily unavailable"),
    (1, "sbatch: error: Batch job submission failed: Pathname of a file, directory or other parameter too long"),
    (1, "sbatch: error: This does not look like a batch script.  The first"),
]
# The job may be in nevertheless.
LOST_ANSWERS = [
    (1, "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation"),
    (1, "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)"),
    (1, "sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received"),
]


def refusals(space):
    """Said with the script's name; nothing starts; once it is corrected, one job each."""
    count = Count("sbatch-refuses")
    every = 1 if ROUNDS == "all" else max(1, len(REFUSALS) // int(ROUNDS))
    for number, (status, message) in list(enumerate(REFUSALS))[::every]:
        def one(call=2 + number % 27, status=status, message=message):
            space.fresh()
            got, text = space.submit("--no-test", STUB_FAIL=f"{call}:{status}:0:{message}")
            must(got == 1, f"exit status {got}: {text}")
            must(message.split("\\n")[-1] in text and "workflow.toml:" in text, f"it said: {text}")
            must(not any("start" in job for job in space.ledger().jobs.values()), "a job has started")
            finishes(space, "--no-test")
            must(space.check_one_each() == 0, "a job too many was submitted")
        count.one(message, one)
    return count.end()


def lost_answers(space):
    """A client that gives up: accepted or not, it goes on by itself, and no job is submitted twice."""
    count = Count("sbatch-answer-lost")
    for status, message in LOST_ANSWERS:
        for accepted in (0, 1):
            def one(status=status, message=message, accepted=accepted):
                space.fresh()
                finishes(space, STUB_FAIL=f"5:{status}:{accepted}:{message}")
                must(space.check_one_each() == 0, "a job too many was submitted")
            count.one(f"{message}, accepted {accepted}", one)
    return count.end()


def odd_answers(space):
    """Banners with numbers in them, ID;CLUSTER, comments that the site rewrites; also with a kill."""
    count = Count("sbatch-odd-answer")
    kinds = ({"STUB_BANNER": "1"}, {"STUB_CLUSTER": "beta"}, {"STUB_COMMENT": "site"},
             {"STUB_BANNER": "1", "STUB_CLUSTER": "beta", "STUB_COMMENT": "site"})
    for extra in kinds:
        for point in (0, 26, 190):
            def one(extra=extra, point=point):
                space.fresh()
                # Where a cluster must be named, the environment names it from the start.
                given = dict(extra, SBATCH_CLUSTERS="beta") if "STUB_CLUSTER" in extra else extra
                if point:
                    space.killed_at(point, **given)
                    for request in space.in_flight():
                        space.put(f"drop {request}")
                finishes(space, **given)
                space.check_one_each()
            count.one(f"{extra}, killed at {point}", one)

    def told_by_sbatch():
        space.fresh()
        finishes(space, STUB_CLUSTER="beta")
        space.check_one_each()
    count.one("a cluster that only sbatch knows", told_by_sbatch)
    return count.end()


def hangs(space):
    """sbatch never answers: the user interrupts or kills submit.sh, or it alone dies."""
    count = Count("sbatch-hangs")
    for accepted in (0, 1):
        for how in ("interrupt", "kill", "kill alone"):
            def one(accepted=accepted, how=how):
                space.fresh()
                process = subprocess.Popen(space.command("--no-test"), env=space.environment(STUB_HANG=f"7:{accepted}"),
                                           start_new_session=True, stdout=subprocess.DEVNULL,
                                           stderr=subprocess.DEVNULL)
                until = time.time() + 30
                while len(space.ledger().sent) < 7 or (accepted and len(space.ledger().jobs) < 7):
                    must(time.time() < until, "sbatch was not called")
                    time.sleep(0.02)
                if how == "kill alone":
                    process.kill()
                else:
                    os.killpg(process.pid, signal.SIGINT if how == "interrupt" else signal.SIGKILL)
                process.wait(timeout=20)
                must(not accepted or len(space.ledger().jobs) == 7, "the seventh job is not in")
                finishes(space, "--no-test")
                for request in space.in_flight():
                    space.put(f"drop {request}")
                left = subprocess.run(["grep", "-lasF", f"--chdir={space.out}"] + all_command_lines(),
                                      capture_output=True, text=True, check=False).stdout.split()
                must(not left, f"an sbatch is still there: {left}")
                must(space.check_one_each() == 0, "a job too many was submitted")
            count.one(f"{how}, accepted {accepted}", one)
    return count.end()


def all_command_lines():
    own = str(os.getpid())
    return [f"/proc/{pid}/cmdline" for pid in os.listdir("/proc") if pid.isdigit() and pid != own]


def at_once(space):
    """Several submit.sh at the same time, beside the lock of one that is gone: one works, the others are told."""
    count = Count("two-at-once")
    for round_number in range(1 + int(ROUNDS) // 2 if ROUNDS != "all" else 60):
        def one(round_number=round_number):
            space.fresh()
            if round_number % 3:
                os.makedirs(os.path.join(space.out, "state", "lock"))
                if round_number % 3 == 1:
                    with open(os.path.join(space.out, "state", "lock", f"{os.uname().nodename}:4194303"), "wb"):
                        pass
            runs = [subprocess.Popen(space.command(), env=space.environment(STUB_LOCK="1"),
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                    for _ in range(2 if round_number % 2 else 5)]
            texts = [run.communicate(timeout=60)[0] for run in runs]
            worked = sum("in the queue, by" in text for text in texts)
            told = sum("locked by" in text or "is running here" in text or "nothing to submit" in text for text in texts)
            must(worked == 1 and told == len(runs) - 1, f"{worked} worked, {told} were told: {texts}")
            must(space.check_one_each() == 0, "a job too many was submitted")
            must(os.listdir(os.path.join(space.out, "state")).count("lock") == 0, "the lock is still there")
        count.one(f"round {round_number}", one)
    return count.end()


KEPT = {"SLURM_CONF", "SLURM_CLUSTERS", "SLURM_JWT", "SBATCH_ACCOUNT", "SBATCH_QOS", "SBATCH_RESERVATION", "SBATCH_PARTITION"}
# As salloc and srun of 22.05 set them, and what the manuals of the commands list.
LEFT_OVER = """
SLURM_JOB_ID SLURM_JOBID SLURM_JOB_NODELIST SLURM_NODELIST SLURM_NNODES SLURM_JOB_NUM_NODES SLURM_NTASKS SLURM_NPROCS
SLURM_TASKS_PER_NODE SLURM_NTASKS_PER_NODE SLURM_CPUS_PER_TASK SLURM_CPUS_PER_GPU SLURM_GPUS SLURM_GPUS_PER_NODE
SLURM_GPUS_PER_TASK SLURM_GPU_BIND SLURM_GPU_FREQ SLURM_HINT SLURM_THREADS_PER_CORE SLURM_CORE_SPEC SLURM_DISTRIBUTION
SLURM_DIST_PLANESIZE SLURM_TRES_PER_TASK SLURM_CPU_BIND SLURM_MEM_BIND SLURM_MEM_PER_NODE SLURM_OVERCOMMIT SLURM_EXCLUSIVE
SLURM_EXPORT_ENV SLURM_NETWORK SLURM_PROFILE SLURM_ACCTG_FREQ SLURM_WCKEY SLURM_UMASK SLURM_EXIT_ERROR SLURM_SPANK_X
SLURM_SUBMIT_DIR SLURM_ARRAY_TASK_ID SLURM_STEP_ID SLURM_PROCID SLURM_WORKING_CLUSTER SLURM_DEBUG PMI_RANK PMIX_ID
SBATCH_TIMELIMIT SBATCH_ARRAY_INX SBATCH_EXCLUSIVE SBATCH_HINT SBATCH_GPUS SBATCH_WAIT SBATCH_EXPORT SBATCH_OUTPUT
SQUEUE_PARTITION SQUEUE_STATES SQUEUE_FORMAT2 SCANCEL_STATE SCANCEL_INTERACTIVE SINFO_PARTITION SCONTROL_ALL""".split()


def left_over_variables(space):
    """Of the caller's job, and options of Slurm's commands: no command sees one; those of sbatch are named once."""
    count = Count("variables-left-over")

    def one():
        space.fresh()
        seen = os.path.join(space.dir, "seen")
        given = {name: "7" for name in [*LEFT_OVER, *KEPT]}
        status, text = space.submit(STUB_SEES=seen, **given)
        must(status == 0, f"exit status {status}: {text}")
        with open(seen, encoding="utf-8") as file:
            lines = set(file.read().splitlines())
        must({line.split()[0] for line in lines} >= {"sbatch", "squeue", "scontrol"}, f"seen: {lines}")
        # Which cluster, and what the scripts do not say themselves.
        must({line.split()[1] for line in lines} == KEPT, f"seen: {sorted(lines)}")
        told = [line for line in text.splitlines() if "ignored: " in line]
        must(len(told) == 1 and set(told[0].split("ignored: ")[1].split(" of your")[0].split()) ==
             {name for name in LEFT_OVER if name.startswith("SBATCH_")}, f"it said: {text}")
        space.check_one_each()
    count.one("all of them", one)
    return count.end()


def bytes_of(first, last):
    if ROUNDS == "all":
        return list(range(first, last))
    count = int(ROUNDS)
    return [first + (2 * i + 1) * (last - first) // (2 * count) for i in range(count)]


def cut_journals(space):
    """The last bytes of the journal are gone, all jobs wait for their release; every other time it is killed again."""
    space.fresh()
    effects = space.killed_at(0, "--no-test")[1]
    total = len(effects)
    # Just before the release is noted.
    first_release = next(i for i, line in enumerate(effects) if line.endswith("commands/scontrol") and i > total // 2)
    space.fresh()
    space.killed_at(first_release - 1, "--no-test")
    must("all-in" in space.journal().marks and "releasing" not in space.journal().marks, "not the right moment")
    space.save("held")
    text = space.journal().text
    count, dice = Count("journal-cut", SEED), random.Random(SEED)
    for length in bytes_of(text.index("\n") + 1, len(text) + 1):
        def one(length=length):
            space.restore("held")
            os.truncate(space.journal_file, length)
            if length % 2:
                space.killed_at(dice.randint(1, 120), "--no-test")
                for request in space.in_flight():
                    space.put(f"drop {request}")
            finishes(space, "--no-test")
            space.check_one_each()
        count.one(f"{length} of {len(text)} bytes: {text[:length][-30:]!r}", one)
    return count.end()


def limited(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def full_disks(space):
    """No file of submit.sh may grow beyond so many bytes, as on a full disk: a write stops in its middle, then fails."""
    space.fresh()
    finishes(space, "--no-test")
    size = os.path.getsize(space.journal_file)
    count = Count("disk-full")
    for room in bytes_of(0, size):
        def one(room=room):
            space.fresh()
            done = subprocess.run(space.command("--no-test"), env=space.environment(), timeout=60,
                                  preexec_fn=lambda: limited(room), restore_signals=False,
                                  capture_output=True, text=True, check=False)
            must(done.returncode != 0, "it was content")
            must("cannot write" in done.stderr, f"it said: {done.stderr}")
            finishes(space, "--no-test")
            must(space.check_one_each() == 0, "a job too many was submitted")
        count.one(f"room for {room} bytes", one)
    return count.end()


def main():
    # Whoever runs this in the background has had Ctrl-C ignored, and bash cannot trap that any more.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parts = {part.__name__: part for part in (refusals, lost_answers, odd_answers, hangs, at_once, left_over_variables,
                                              cut_journals, full_disks)}
    with Workspace() as space:
        good = [parts[name](space) for name in sys.argv[3:] or parts]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
