#!/usr/bin/python3
"""Ctrl-C and kill -9 at random moments: what is done is kept, nothing is half-written, and the same
command then gives the same outputs as a run that nobody disturbed."""
import random

from run_common import Workspace, main, no_leftovers, signal, subprocess, time, wait_for

WORKFLOW = """
[workflow]
name = "stopped"
root = "data"
[[level]]
name = "channel"
match = "c*"
[[step]]
name = "one"
each = "channel"
inputs = ["in.txt"]
outputs = ["one.txt"]
run = "head -c 1000 {inputs} > {outputs}; sleep 0.03; tail -c +1001 {inputs} >> {outputs}"
[[step]]
name = "two"
each = "channel"
needs = ["one"]
outputs = ["two.txt"]
run = "sleep 0.02; tr a b < {needs.one} > two.txt"
[[step]]
name = "all"
needs = ["two"]
outputs = ["all.txt"]
run = "cat {needs.two} > {outputs}"
"""
CHANNELS = 24


def filled():
    space = Workspace(WORKFLOW)
    for i in range(CHANNELS):
        space.write(f"data/c{i:03d}/in.txt", f"channel {i} " + "abc" * 800)
    return space


def undisturbed():
    with filled() as space:
        space.run("-j", "4")
        return space.files()


def whole(space, expected):
    """Every output that is there under its final name, in whole."""
    files = space.files()
    for name, content in files.items():
        if name.endswith(b"one.txt") and b".wfr." not in name:
            assert content == expected[name], f"half-written: {name}"
    return files


def same_results(files, expected):
    """What a stopped command has written in place was put below out/failed; nothing may differ."""
    different = {name for name in files.keys() | expected.keys() if files.get(name) != expected.get(name)}
    assert not different, different


def interrupted_at_random():
    expected = undisturbed()
    rng = random.Random(7)
    with filled() as space:
        for _ in range(6):
            process = space.start("-j", "4")
            time.sleep(rng.uniform(0.05, 0.6))
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
            no_leftovers(whole(space, expected))
        space.run("-j", "4")
        same_results(space.files(), expected)


def done_work_is_kept():
    with filled() as space:
        process = space.start("-j", "2")
        wait_for(lambda: space.exists("data/c005/two.txt"), "the sixth channel")
        process.send_signal(signal.SIGINT)
        text = process.communicate(timeout=30)[0].decode()
        assert process.returncode == 128 + signal.SIGINT, text
        assert "stopped; what is done is kept" in text, text
        again = space.run("-j", "4")
        kept = int(again.split(" of them up to date before")[0].split()[-1])
        assert kept >= 6, again


def killed_at_random():
    expected = undisturbed()
    rng = random.Random(11)
    with filled() as space:
        for _ in range(5):
            process = space.start("-j", "4")
            time.sleep(rng.uniform(0.1, 0.6))
            process.kill()
            process.communicate(timeout=30)
            whole(space, expected)
        space.run("-j", "4")
        files = space.files()
        no_leftovers(files)
        same_results(files, expected)


def a_killed_run_leaves_no_orphans():
    with Workspace(WORKFLOW.replace("sleep 0.03", "sleep 4; touch ../../orphan")) as space:
        space.write("data/c1/in.txt", "x" * 2000)
        process = space.start("-j", "1")
        wait_for(lambda: space.exists("out/state"), "the start")
        time.sleep(1)
        process.kill()
        process.communicate()
        time.sleep(4.5)
        assert not space.exists("orphan"), "a command has outlived its killed run"


def a_second_interrupt_kills():
    with Workspace(WORKFLOW.replace("sleep 0.03", "trap '' TERM INT; touch ../../on; sleep 30")) as space:
        space.write("data/c1/in.txt", "x" * 2000)
        process = space.start("-j", "1")
        wait_for(lambda: space.exists("on"), "the command")
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=1)
            raise AssertionError("the first one gives the command its grace")
        except subprocess.TimeoutExpired:
            pass
        process.send_signal(signal.SIGINT)
        text = process.communicate(timeout=5)[0].decode()
        assert "stopping 1 running task; press Ctrl-C again to kill it\n" in text, text
        no_leftovers(space.files())


def the_first_interrupt_after_a_failure_is_the_first():
    """With --fail-fast what still runs has its grace. Seen to fail: it was killed at once."""
    steps = """
[workflow]
name = "fast"
root = "data"
[[step]]
name = "bad"
outputs = ["bad.txt"]
run = "sleep 0.5; exit 3"
[[step]]
name = "slow"
outputs = ["slow.txt"]
run = "trap 'touch ../asked; exit 4' TERM; touch ../on; while :; do sleep 0.1; done"
"""
    with Workspace(steps) as space:
        space.write("data/in.txt", "")
        process = space.start("-j", "2", "--fail-fast")
        wait_for(lambda: space.exists("on"), "the command")
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert space.exists("asked"), "the command was killed"


if __name__ == "__main__":
    main([interrupted_at_random, done_work_is_kept, killed_at_random, a_killed_run_leaves_no_orphans,
          a_second_interrupt_kills, the_first_interrupt_after_a_failure_is_the_first])
