#!/usr/bin/python3
"""Races: while wfc runs, before one or many of its calls on a path below the data, a part of that path is exchanged by
another user for a link to the victim's private files, for a directory with such links, or for a directory of the
victim's. See swap.cpp. After each run: nothing outside the data was changed or read, and nothing of the victim's own
directory in the data is lost.
Arguments: BIN SWAP. WFC_FAULT_SWAPS: so many exchanges at least (default 300); WFC_FAULT_SEED; WFC_FAULT_ONLY=SEED:
only that round. By hand: WFC_FAULT_SWAPS=10000 tests/security/swaps.py build/dev/bin build/dev/tests/security/swap
Seen to fail (private files read, overwritten and removed) when the runtime used paths as a whole."""
import os
import random
import re
import shutil
import stat
import subprocess
import sys
import time

from common import SWAP, VICTIM, World, digest

WANTED = int(os.environ.get("WFC_FAULT_SWAPS", "300"))
SEED = int(os.environ.get("WFC_FAULT_SEED", "1"))
ONLY = os.environ.get("WFC_FAULT_ONLY")
PATIENCE = 120  # seconds: a run takes about one

# Every kind of output. The command follows no link and replaces nothing: what happens outside is wfc's.
WORKFLOW = """
[workflow]
name = "swaps"
root = "../data"
[params]
word = "first"
[[level]]
name = "s"
match = "s*"
[[step]]
name = "a"
each = "s"
inputs = ["in.txt"]
outputs = ["out.txt"]
run = "../../swap copy in.txt {outputs} # {params.word}"
[[step]]
name = "b"
each = "s"
needs = ["a"]
inputs = ["out.txt"]
outputs = ["b.txt"]
run = "../../swap copy out.txt b.txt"
[[step]]
name = "c"
each = "s"
inputs = ["in.txt"]
outputs = ["c-*.txt"]
run = "../../swap copy in.txt c-{params.word}.txt"
[[step]]
name = "d"
each = "s"
inputs = ["in.txt"]
outputs = ["parts/"]
run = "../../swap copy in.txt {outputs}/ # {params.word}"
[[step]]
name = "e"
each = "s"
inputs = ["in.txt"]
outputs = ["sub/deep/e.txt"]
run = "../../swap copy in.txt {outputs} # {params.word}"
[[step]]
name = "f"
each = "s"
inputs = ["in.txt"]
outputs = ["f.txt"]
run = "../../swap copy in.txt f.txt; [ {params.word} = first ]"
retry = { times = 1 }
[[step]]
name = "all"
needs = ["a", "e"]
outputs = ["all.txt"]
run = "../swap copy s1/out.txt {outputs} # {params.word}"
[site.cluster]
partition = "main"
"""
# In the victim's own directory: what tasks make and keep is called so too.
OWN = ["in.txt", "out.txt", "b.txt", "c-first.txt", "f.txt", "parts/file", "sub/deep/e.txt", ".wfr.old/out.txt",
       "thesis.txt"]
RUN = "exec wfc run -j 2 --set word=second workflow.toml"
# As Slurm starts them, one after the other.
JOBS = "cd out; for job in jobs/0[1-7]-*.sbatch; do job=${job#jobs/}; for i in 0 1; do " \
       "bin/wfr job --plan %s --array ${job%%.sbatch} --index $i; done; done; true"
# (command, whether records of earlier runs are there, whether the run is killed)
WAYS = [(RUN, True, False), (RUN, True, True), (JOBS, True, False), (RUN + " --set-aside", False, False),
        (RUN + " --replace", False, False)]


def own_picture(top):
    """{name: what must stay} of the victim's own directory; others may come in when it stands for a task's."""
    found = {}
    for where, dirs, names in os.walk(top):
        for name in dirs + names:
            path = os.path.join(where, name)
            info = os.lstat(path)
            found[os.path.relpath(path, top)] = (
                info.st_ino, oct(info.st_mode), info.st_uid, digest(path) if stat.S_ISREG(info.st_mode) else None)
    return found


class Bench:
    """A world after a first run, put back before each round."""

    def __init__(self, world):
        self.world = world
        for place in ("s1", "s2"):
            world.place(place)
        shutil.copy(SWAP, world.path("swap"))
        os.chmod(world.path("swap"), 0o755)
        world.workflow(WORKFLOW)
        for name in OWN:
            path = os.path.join(world.data, "own", name)
            world.directory(os.path.dirname(path))
            world.file(path, f"the victim's {name}\n", VICTIM, 0o644)
        world.directory(os.path.join(world.data, "own/empty"))
        os.chmod(os.path.join(world.data, "own/thesis.txt"), 0o600)
        for where, dirs, _ in os.walk(os.path.join(world.data, "own")):
            for name in dirs:
                os.chown(os.path.join(where, name), VICTIM, VICTIM)
        done = self.plain("first")
        assert done.returncode == 0, done.stdout
        subprocess.run(["cp", "-a", world.data, world.path("kept-data")], check=True)
        subprocess.run(["cp", "-a", world.out, world.path("kept-out")], check=True)

    def plain(self, word):
        return self.world.victim(f"wfc run -j 2 --set word={word} workflow.toml", umask=0o002)

    def reset(self, records):
        world = self.world
        for place, kept in ((world.data, "kept-data"), (world.out, "kept-out")):
            shutil.rmtree(place, ignore_errors=True)
            if records or kept == "kept-data":
                subprocess.run(["cp", "-a", world.path(kept), place], check=True)
        self.own = os.lstat(os.path.join(world.data, "own")).st_ino
        self.before = own_picture(os.path.join(world.data, "own"))

    def swapped(self, seed, how, command, kills):
        """(status, what the run said, calls, exchanges)"""
        world = self.world
        if command == JOBS:
            done = world.victim("wfc compile --site cluster --set word=second workflow.toml")
            assert done.returncode == 0, done.stdout
            plan = re.search(r"--plan ([0-9a-f]+)", world.read(next(self.scripts()))).group(1)
            command = command % plan
        log = world.path("swap.log")
        words = [SWAP, *how, "--seed", str(seed), *(["--kill"] if kills else []), "--top", world.data,
                 "--home", world.home, "--log", log]
        words += world.words(VICTIM, command, True)
        with subprocess.Popen(words, cwd=world.proj, env=world.environment(world.home, {}), umask=0o002,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            try:
                text = process.communicate(timeout=PATIENCE)[0].decode(errors="replace")
            except subprocess.TimeoutExpired:
                alive = subprocess.run(["ps", "-U", str(VICTIM), "-o", "pid,ppid,stat,wchan:24,args"], check=False,
                                       capture_output=True, text=True).stdout
                process.kill()
                raise AssertionError(f"the run hangs:\n{alive}") from None
        last = world.read("swap.log").splitlines()[-1].split()
        assert last[0] == "calls" and last[2] == "swaps", last
        return process.returncode, text, int(last[1]), int(last[3])

    def scripts(self):
        where = os.path.join(self.world.out, "jobs")
        return (os.path.join(where, name) for name in sorted(os.listdir(where)) if name.endswith(".sbatch"))

    def check(self):
        world = self.world
        world.untouched()
        world.unread()
        places = [os.path.join(where, name) for where, dirs, _ in os.walk(world.data) for name in dirs]
        own = [place for place in places if os.lstat(place).st_ino == self.own]
        assert own, "the victim's own directory is gone"
        now = own_picture(own[0])
        lost = {name: (was, now.get(name)) for name, was in self.before.items() if now.get(name) != was}
        assert not lost, f"the victim's own files in {own[0]} were changed: {lost}"
        assert sorted(os.listdir(world.proj)) in (["out", "workflow.toml"], ["workflow.toml"]), os.listdir(world.proj)

    def calls(self, command):
        """The numbers of the calls that count, and of those that change something."""
        self.reset(True)
        _, text, count, _ = self.swapped(1, ["--call", "0"], command, False)
        self.check()
        lines = [line.split() for line in self.world.read("swap.log").splitlines()[:-1]]
        found = {"all": [int(line[0]) for line in lines],
                 "changes": [int(line[0]) for line in lines if line[-1] == "changes"]}
        assert len(found["all"]) == count > 200 and len(found["changes"]) > 20, f"{count} calls: {text}"
        return found

    def round(self, seed, calls):
        chance = random.Random(seed)
        command, records, kills = chance.choice(WAYS)
        which = calls[command == JOBS]
        which = which["changes"] if chance.random() < 0.6 else which["all"]
        how = ["--call", str(chance.choice(which))] if chance.random() < 0.5 else [
            "--one-in", str(chance.choice((8, 20, 100)))]
        self.reset(records)
        text = ""
        swaps = 0
        try:
            status, text, _, swaps = self.swapped(seed, how, command, kills)
            assert status in (0, 1, 2) or kills and status in (137, -9), f"exit status {status}"
            self.check()
            # What was left, by a killed one too, is found by the next run, undisturbed.
            text += self.plain("second").stdout
            self.check()
        except AssertionError as error:
            print(f"FAILED seed {seed} {how} `{command}` {'kill' if kills else ''}: {error}")
            log = self.world.read("swap.log").splitlines()
            print("\n".join(log), flush=True)
            print(text if ONLY else "", flush=True)
            self.world.restore()
            return swaps, False
        return swaps, True


def main():
    begun = time.time()
    with World() as world:
        bench = Bench(world)
        calls = [bench.calls(RUN), bench.calls(JOBS)]
        total, rounds, bad = 0, 0, 0
        while total < WANTED or rounds < 20:
            seed = int(ONLY) if ONLY else SEED * 1_000_000 + rounds
            swaps, good = bench.round(seed, calls)
            total += swaps
            rounds += 1
            bad += not good
            if rounds % 100 == 0:
                print(f"{total} exchanges in {rounds} runs, {time.time() - begun:.0f} s; {bad} runs bad", flush=True)
            if ONLY:
                break
    print(f"{total} exchanges in {rounds} runs at {len(calls[0]['all'])} (run) and {len(calls[1]['all'])} (jobs) calls, "
          f"{time.time() - begun:.0f} s; {bad} runs bad")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
