#!/usr/bin/python3
"""No room for another process, no descriptor of one, and a child that lives longer than its killed run.
Arguments: BIN, the library inject.

Seen to fail: tasks failed with `Resource temporarily unavailable`; a command without a descriptor was never
waited for; a run after a killed one found the directory `in use`."""
from wfr_common import Place, check_complete, os, signal, sys, time, undisturbed

INJECT = os.path.abspath(sys.argv[2])
SESSIONS, CHANNELS = 2, 5


def environment(place, **more):
    return dict(place.env, LD_PRELOAD=INJECT, INJECT_ROOT=place.dir, INJECT_REPORT=place.path("report"), **more)


def check_made(place, kind):
    """The faults were made: starts were refused, or had no descriptor."""
    with open(place.path("report"), encoding="utf-8") as file:
        lines = [line.split() for line in file]
    refused, blind = (sum(int(line[i]) for line in lines) for i in (2, 3))
    assert (refused > 0) == ("INJECT_FEW" in kind), f"{kind}: {refused} starts were refused"
    assert (blind > 0) == ("INJECT_BLIND" in kind), f"{kind}: {blind} starts had no descriptor"


def what_is_short_is_waited_for(made):
    kinds = [{"INJECT_FEW": "3"}, {"INJECT_BLIND": "1"}, {"INJECT_FEW": "2", "INJECT_BLIND": "1"}]
    for kind in kinds:
        with Place(SESSIONS, CHANNELS) as place:
            status, text = place.run("first", environment(place, **kind))
            assert status == 0, text
            check_made(place, kind)
            check_complete(place, made["first"])
            ran = place.begun()
            assert len(ran) == len(set(ran)), f"run twice: {sorted(ran)}"
    print(f"fault: wfr-short survived {len(kinds)} of {len(kinds)} seed 0")


KERNELS = """
[workflow]
name = "kernels"
root = "data"
[params]
word = "x"
place = "."
[[level]]
name = "session"
match = "s*"
[[level]]
name = "channel"
match = "c*"
[[step]]
name = "make"
each = "channel"
kernel = "nsx.synthesize"
params = { seconds = 0.1, channels = 2 }
outputs = ["raw.ns5"]
"""


def a_worker_waits_for_room():
    with Place(SESSIONS, CHANNELS, KERNELS) as place:
        status, text = place.run("first", environment(place, INJECT_FEW="4"))
        assert status == 0 and "10 of 10 tasks done" in text, text
        check_made(place, {"INJECT_FEW"})
    print("fault: wfr-short survived 1 of 1 seed 0")


def processes():
    """[(pid, name, parent)]"""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                head, tail = file.read().rsplit(")", 1)
            found.append((int(name), head.split("(", 1)[1], int(tail.split()[1])))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def guardian_of(parent):
    return next((pid for pid, name, other in processes() if name == "wfr-guardian" and other == parent), 0)


def have_open(file):
    found = []
    for pid, _, _ in processes():
        try:
            links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        except OSError:
            continue
        if file in links:
            found.append(pid)
    return found


def a_child_before_its_exec_holds_no_lock(made):
    """The run is killed while its child is still a copy of it, with all of its descriptors."""
    with Place(SESSIONS, CHANNELS) as place:
        process = place.start("first", environment(place, INJECT_EXEC="60000"))
        until = time.time() + 30
        while not guardian_of(process.pid):
            assert time.time() < until and process.poll() is None, "no guardian"
            time.sleep(0.01)
        time.sleep(1)  # the child is in its pause
        os.kill(guardian_of(process.pid), signal.SIGKILL)
        process.kill()
        process.wait()
        left = have_open(place.path("out/state/run.lock"))
        assert left, "no child has the lock's file open: nothing is tested"
        again = place.start("first")
        time.sleep(1)
        begun = again.poll() is None
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        text = again.communicate(timeout=120)[0].decode(errors="replace")
        process.stdout.close()
        assert begun and again.returncode == 0, text
        check_complete(place, made["first"])
    print("fault: wfr-child survived 1 of 1 seed 0")


if __name__ == "__main__":
    RIGHT = undisturbed(SESSIONS, CHANNELS)
    what_is_short_is_waited_for(RIGHT)
    a_worker_waits_for_room()
    a_child_before_its_exec_holds_no_lock(RIGHT)
