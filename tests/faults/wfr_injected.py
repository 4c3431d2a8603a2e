#!/usr/bin/python3
"""Every call of the runtime on its files fails once, in each way: EIO, ENOSPC, EDQUOT, ESTALE, once or
from then on, a short write, a delay, death before and after it. WFC_FAULT_ROUNDS: so many of all (call, way) by
lot; 0: all. Arguments: BIN, the library inject.

It replaces what an earlier run has made. After each fault: files under final names are whole, old or
new; an exit status of 0 means that all is there, another comes with the system's own words; and then an
undisturbed run makes what it would have made, and runs no task again that was done. Seen to fail
(call 119, EIO) before JobRunner::note_start(): a task that was done before, and failed to start now, passed for done."""
from wfr_common import (Place, SEED, check_complete, check_whole, os, random, shutil, subprocess,
                        sys, tasks_of, time, undisturbed)

ROUNDS = int(os.environ.get("WFC_FAULT_ROUNDS", "60"))
INJECT = os.path.abspath(sys.argv[2])
SESSIONS, CHANNELS = 2, 2
WORDS = {"EIO": "Input/output error", "ENOSPC": "No space left on device",
         "EDQUOT": "Disk quota exceeded", "ESTALE": "Stale file handle"}
KINDS = [*WORDS, *(kind + "+" for kind in WORDS), "SHORT", "DELAY", "KILL", "KILLED"]


class Bench:
    """One place, put back to the end of a first run before each fault."""

    def __init__(self, place):
        self.place = place
        self.kept = place.dir + ".kept"
        status, text = place.run("first")
        assert status == 0, text
        os.remove(place.path("ledger"))
        subprocess.run(["cp", "-a", place.dir, self.kept], check=True)

    def reset(self):
        shutil.rmtree(self.place.dir)
        subprocess.run(["cp", "-a", self.kept, self.place.dir], check=True)

    def run(self, call, kind):
        """(status, text, calls, name of the call that was hit)"""
        report = self.place.dir + ".report"
        if os.path.exists(report):
            os.remove(report)
        env = dict(os.environ, LD_PRELOAD=INJECT, INJECT_ROOT=self.place.dir,
                   INJECT_CALL=str(call), INJECT_KIND=kind, INJECT_REPORT=report)
        status, text = self.place.run("second", env)
        calls, hit = 0, "none"
        if os.path.exists(report):
            with open(report, encoding="utf-8") as file:
                lines = [line.split() for line in file.read().splitlines()]
            calls = max(int(line[0]) for line in lines)
            hit = next((line[1] for line in lines if line[1] != "none"), "none")
            os.remove(report)
        return status, text, calls, hit


def check(bench, made, call, kind):
    place = bench.place
    since = time.time()
    status, text, _, hit = bench.run(call, kind)
    check_whole(place.outputs(), made)
    dead = kind.startswith("KILL") and hit == "none" and status == -9
    assert dead or status in (0, 1, 2), f"died of signal {-status}: {text}"
    if status == 0:
        check_complete_files(place, made["second"])
    elif not dead:
        words = WORDS.get(kind.rstrip("+"), "No space left on device")
        assert words in text, f"does not say `{words}`: {text}"
    before = place.done(since)
    seen = len(place.begun())
    status, text = place.run("second")
    assert status == 0, text
    check_complete(place, made["second"])
    ran = place.begun()[seen:]
    twice = [task for step, done in before.items()
             for task in tasks_of(step, done, SESSIONS, CHANNELS) if task in ran]
    assert not twice, f"done and run again: {twice}"
    return hit


def check_complete_files(place, expected):
    outputs = place.outputs()
    assert outputs == expected, f"exit status 0, but {set(outputs.items()) ^ set(expected.items())}"


def main():
    begun = time.time()
    made = undisturbed(SESSIONS, CHANNELS)
    chance = random.Random(SEED)
    bad = []
    with Place(SESSIONS, CHANNELS) as place:
        bench = Bench(place)
        try:
            status, text, calls, _ = bench.run(0, "")
            assert status == 0 and calls > 50, (calls, text)
            faults = [(call, kind) for kind in KINDS for call in range(1, calls + 1)]
            if ROUNDS > 0:
                faults = chance.sample(faults, min(ROUNDS, len(faults)))
            hits = {}
            for call, kind in faults:
                bench.reset()
                try:
                    hit = check(bench, made, call, kind)
                    hits[hit] = hits.get(hit, 0) + 1
                except AssertionError as error:
                    bad.append((call, kind))
                    print(f"FAILED call {call} of {calls} {kind}: {error}", flush=True)
        finally:
            shutil.rmtree(bench.kept, ignore_errors=True)
    print(f"{len(faults)} faults at {calls} calls, {time.time() - begun:.0f} s: {hits}")
    print(f"fault: wfr-injected survived {len(faults) - len(bad)} of {len(faults)} seed "
          f"{SEED if ROUNDS else 0}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
