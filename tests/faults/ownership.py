#!/usr/bin/python3
"""What wfc did not make, wfc does not touch: random workflows over random trees with foreign files at the names of
outputs, under their globs, in their directories and behind links, with failures, retries, kills at any effect or moment,
removed records, renamed outputs, `touch` and `--set-aside`.

    ownership.py BIN KILL_AT UNGUARDED [--seed N] [--trials N]

After each run every foreign file has its bytes, mode and time, and at the end everything is made and right: nothing
is refused without a reason, nothing is left behind, nothing runs for ever. Trial N is the same whenever it is run but for
moments. UNGUARDED is wfc without the checks: most trials must see it. All failed before there were owners: 860 of 1,000."""
import argparse
import collections
import ctypes
import multiprocessing
import os
import shutil
import sys
import tempfile

from ownership_trial import COUNTED, Trial, Wrong

PR_SET_CHILD_SUBREAPER = 36
SHOWN = 3


def one(job):
    """(what went wrong or "", what it had, whether all was made)"""
    trial = Trial(*job)
    wrong = ""
    try:
        trial.go()
    except Wrong as error:
        wrong = trial.tell(error)
    shutil.rmtree(trial.top, ignore_errors=True)
    return wrong, trial.counted, trial.completed


def begin():
    # What a killed run leaves becomes ours, so that its end can be waited for.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(wfc, kill_at, seeds):
    """([what went wrong], counts)"""
    base = tempfile.mkdtemp(prefix="wfc-own-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    counts, failed = collections.Counter(), []
    try:
        with multiprocessing.Pool(2, begin) as pool:
            jobs = [(seed, wfc, kill_at, base) for seed in seeds]
            for wrong, counted, completed in pool.imap_unordered(one, jobs, 4):
                counts.update(counted)
                counts["all made"] += completed
                failed += [wrong] if wrong else []
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return failed, counts


def main():
    parser = argparse.ArgumentParser()
    for name in ("bin", "kill_at", "unguarded"):
        parser.add_argument(name, type=os.path.abspath)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("WFC_FAULT_SEED", "1")))
    parser.add_argument("--trials", type=int, default=int(os.environ.get("WFC_FAULT_ROUNDS", "1000")))
    words = parser.parse_args()
    seeds = range(words.seed, words.seed + words.trials)
    failed, counts = run(os.path.join(words.bin, "wfc"), words.kill_at, seeds)
    for number, wrong in enumerate(failed):
        print(wrong if number < SHOWN else "\n".join(wrong.splitlines()[:2]), flush=True)
    print(f"{words.trials} trials: " + ", ".join(f"{counts[what]} {what}" for what in (*COUNTED, "all made")))
    print(f"fault: ownership survived {words.trials - len(failed)} of {words.trials} seed {words.seed}")
    if words.trials < 1000:
        return 1 if failed else 0
    few = [what for what in (*COUNTED, "all made") if counts[what] <= 100]
    if few:
        print(f"not over 100: {', '.join(few)}")
    seen, _ = run(words.unguarded, words.kill_at, seeds[:100])
    print(f"without the checks {len(seen)} of 100 fail")
    return 1 if failed or few or len(seen) <= 50 else 0


if __name__ == "__main__":
    sys.exit(main())
