#!/usr/bin/python3
"""SIGKILL at random moments of a workflow of 199 tasks: of the runner alone, or of it with everything
that it has started. WFC_FAULT_ROUNDS kills, WFC_FAULT_SEED.

After each kill: every file under a final name is whole; after each further start: no task runs twice at
once, and none that is recorded as done is run again; at the end of each run that is let end: what an undisturbed
run makes, byte for byte, and nothing else. Seen to fail (two at once, once in hundreds of kills) before
Guardian::expect(), which faults.wfr_twice proves by itself."""
from wfr_common import (Place, SEED, check_complete, check_whole, os, random, signal, tasks_of,
                        time, undisturbed)

ROUNDS = int(os.environ.get("WFC_FAULT_ROUNDS", "25"))
SESSIONS, CHANNELS = 9, 10


def descendants(pid):
    """Every process that it has started, and they."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if fields[0] != "Z":
                parents[int(name)] = int(fields[1])
    found, more = [], [pid]
    while more:
        more = [child for child, parent in parents.items() if parent in more]
        found += more
    return found


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill_all(process):
    """As the end of a Slurm job: everything at once, and nothing goes on before all are gone."""
    send(process.pid, signal.SIGSTOP)
    family = []
    while True:
        more = [pid for pid in descendants(process.pid) if pid not in family]
        if not more:
            break
        for pid in more:
            send(pid, signal.SIGSTOP)
        family += more
    for pid in [process.pid, *family]:
        send(pid, signal.SIGKILL)
    while any(alive(pid) for pid in family):
        time.sleep(0.001)


def kill_once(place, word, moment, everything):
    """True when the run was killed, False when it had ended before."""
    process = place.start(word)
    try:
        process.wait(moment)
    except Exception:  # pylint: disable=broad-except
        pass
    if process.poll() is None:
        if everything:
            kill_all(process)
        else:
            process.kill()
    text = process.communicate()[0].decode(errors="replace") if everything else ""
    process.stdout.close()
    process.wait()
    if process.returncode >= 0:
        assert process.returncode == 0, text
    return process.returncode < 0


def main():
    begun_at = time.time()
    made = undisturbed(SESSIONS, CHANNELS)
    length = (time.time() - begun_at) / 2
    chance = random.Random(SEED)
    kills = runs = again = 0
    word = "first"
    place = Place(SESSIONS, CHANNELS)
    with place:
        seen = 0
        since = time.time()
        while kills < ROUNDS:
            before = place.done(since)
            killed = kill_once(place, word, chance.uniform(0.0, length / 3), chance.random() < 0.5)
            ledger = place.begun()
            ran = ledger[seen:]
            # A task that was done before under the same word must not have begun.
            twice = [task for step, done in before.items()
                     for task in tasks_of(step, done, SESSIONS, CHANNELS) if task in ran]
            assert not twice, f"done and run again: {twice[:5]}"
            again += len(ran)
            seen = len(ledger)
            check_whole(place.outputs(), made)
            if killed:
                kills += 1
                continue
            runs += 1
            check_complete(place, made[word])
            word = "second" if word == "first" else "first"
            seen = 0
            since = time.time()
            os.remove(place.path("ledger"))
        status, text = place.run(word)
        assert status == 0, text
        check_complete(place, made[word])
    print(f"{kills} kills in {runs + 1} runs of {len(made['first'])} files, {again} tasks begun, "
          f"{time.time() - begun_at:.0f} s")
    print(f"fault: wfr-killed survived {kills} of {kills} seed {SEED}")


if __name__ == "__main__":
    main()
