#!/usr/bin/python3
"""Two wfr on the same tasks, clocks that disagree, and commands that nobody has noted yet. Arguments: BIN,
the library inject. WFC_FAULT_ROUNDS pairs, WFC_FAULT_SEED.

Seen to fail: without the locks of claim.cpp two run one task; without Guardian::expect() a command goes on."""
from wfr_common import (Place, SEED, WFC, check_complete, os, random, subprocess, sys, time,
                        undisturbed, workflow)

ROUNDS = int(os.environ.get("WFC_FAULT_ROUNDS", "6"))
INJECT = os.path.abspath(sys.argv[2])
SESSIONS, CHANNELS = 2, 5
SITE = "\n[site.cluster]\npartition = \"main\"\n[jobs]\nper = \"session\"\n"
COUNT = 2 * SESSIONS * CHANNELS + 2 * SESSIONS + 1


def environment():
    return {name: value for name, value in os.environ.items() if not name.startswith("SLURM_")}


def job(place, plan, array, index):
    words = [place.path("out/bin/wfr"), "job", "--plan", plan, "--array", array, "--index",
             str(index)]
    return subprocess.Popen(words, cwd=place.path("out"), env=environment(),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)


def ended(process):
    text = process.communicate(timeout=120)[0].decode(errors="replace")
    return process.returncode, text


def compiled(place):
    """[(array, indices)] in their order, and the plan's hash."""
    subprocess.run([WFC, "compile", "workflow.toml", "--site", "cluster", "--set",
                    f"place={place.dir}"], cwd=place.dir, check=True, capture_output=True)
    plan = os.listdir(place.path("out/plan"))[0]
    scripts = sorted(name[:-len(".sbatch")] for name in os.listdir(place.path("out/jobs"))
                     if name.endswith(".sbatch"))
    arrays = [name for name in scripts if "verdict" not in name]
    return plan, [(name, range(SESSIONS if len(arrays) > 1 and name == arrays[0] else 1))
                  for name in arrays]


def two_at_once(made):
    """Each pair is started together; in half of the rounds the first is killed on its way."""
    chance = random.Random(SEED)
    kills = 0
    for _ in range(ROUNDS):
        with Place(SESSIONS, CHANNELS, workflow() + SITE) as place:
            plan, arrays = compiled(place)
            killed = False
            for array, indices in arrays:
                for index in indices:
                    pair = [job(place, plan, array, index) for _ in range(2)]
                    if not killed and chance.random() < 0.5:
                        time.sleep(chance.uniform(0, 0.15))
                        killed = pair[0].poll() is None
                        pair[0].kill()
                        kills += killed
                    results = [ended(process) for process in pair]
                    assert results[1][0] == 0, results
                    assert killed or results[0][0] == 0, results
            ran = place.begun()  # which says that no two were at one task
            assert len(ran) == COUNT or killed, sorted(ran)
            check_complete(place, made["first"])
    print(f"{ROUNDS} rounds of pairs, {kills} killed")
    print(f"fault: wfr-twice survived {ROUNDS} of {ROUNDS} seed {SEED}")


def clocks_that_disagree():
    for hours in (2, -2):
        with Place(SESSIONS, CHANNELS) as place:
            env = dict(os.environ, LD_PRELOAD=INJECT)
            status, text = place.run("first", dict(env, INJECT_CLOCK=str(3600 * hours)))
            assert status == 0, text
            seen = len(place.begun())
            other = dict(env, INJECT_CLOCK=str(-3600 * hours))
            status, text = place.run("first", other)
            assert status == 0 and len(place.begun()) == seen, text
            os.utime(place.path("data/s0/c0/in.txt"))
            status, text = place.run("first", other)
            ran = place.begun()[seen:]
            assert status == 0 and ran[0] == "one:s0/c0" and "all" in ran, (ran, text)
            assert not [task for task in ran if "s1" in task or "c1" in task], ran
    print("fault: wfr-clock survived 2 of 2 seed 0")


ORPHAN = """
[workflow]
name = "orphan"
root = "data"
[params]
word = "x"
place = "."
[[step]]
name = "slow"
outputs = ["slow.txt"]
run = "exec 9>>{params.place}/locks/slow; flock -n 9; sleep 20; echo > {outputs}"
"""


def nothing_outlives_its_runner():
    """Killed between the start of a command and the note of it, which is when nobody knows of it yet."""
    for _ in range(ROUNDS):
        with Place(1, 1, ORPHAN) as place:
            status, text = place.run("first", dict(os.environ, LD_PRELOAD=INJECT, INJECT_ROOT=place.dir,
                                                   INJECT_SPAWN="1"))
            assert status == -9, text
            time.sleep(0.5)
            free = subprocess.run(["flock", "-n", place.path("locks/slow"), "true"], check=False)
            assert free.returncode == 0, "the command goes on without its runner"
    print(f"fault: wfr-orphan survived {ROUNDS} of {ROUNDS} seed 0")


if __name__ == "__main__":
    nothing_outlives_its_runner()
    two_at_once(undisturbed(SESSIONS, CHANNELS))
    clocks_that_disagree()
