#!/usr/bin/python3
"""What is short on the machine, and what commands leave behind: descriptors, many needs, processes in the
background, signals that were ignored before."""
import resource

from run_common import Workspace, main, signal, subprocess, time, wait_for

MANY = """
[workflow]
name = "many"
root = "data"
[[level]]
name = "channel"
match = "c*"
[[step]]
name = "one"
each = "channel"
outputs = ["one.txt"]
run = "echo begun; sleep 0.5; echo ended; ulimit -Sn > {outputs}"
"""


def filled(count, workflow=MANY):
    space = Workspace(workflow)
    for i in range(count):
        space.write(f"data/c{i:03d}/in.txt", "")
    return space


def run_with(space, *words, limit=None, ignored=()):
    def prepare():
        if limit:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)
    return subprocess.Popen(space.command("run", *words), cwd=space.dir, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, preexec_fn=prepare)


def ended(process, expect=0):
    text = process.communicate(timeout=120)[0].decode(errors="replace")
    assert process.returncode == expect, f"exit status {process.returncode}, not {expect}:\n{text}"
    return text


def few_descriptors_are_enough():
    """Seen to fail: 240 of 250 tasks with `Too many open files`."""
    with filled(250) as space:
        text = ended(run_with(space, "-j", "200", limit=(256, 256)))
        assert "250 of 250 tasks done" in text, text
        for i in range(250):
            log = space.read(f"out/logs/one/c{i:03d}.log")
            assert log.endswith(b"\nbegun\nended\n"), log


def soft_limit_of(process):
    with open(f"/proc/{process.pid}/limits", encoding="ascii") as file:
        return next(line.split()[3] for line in file if line.startswith("Max open files"))


def a_soft_limit_is_raised_and_commands_keep_theirs():
    with filled(60) as space:
        process = run_with(space, "-j", "60", limit=(200, 4096))
        wait_for(lambda: space.exists("out/logs/one"), "the first command")
        assert soft_limit_of(process) == "4096", soft_limit_of(process)
        ended(process)
        for i in range(60):
            assert space.read(f"data/c{i:03d}/one.txt") == b"200\n"


def few_descriptors_for_many_steps():
    """Each step has a file of slots and one of a claim."""
    steps = "".join(f"""
[[step]]
name = "s{i}"
outputs = ["s{i}.txt"]
run = "echo {i} > {{outputs}}"
""" for i in range(300))
    with Workspace('[workflow]\nname = "steps"\nroot = "data"\n' + steps) as space:
        space.write("data/in.txt", "")
        ended(run_with(space, "-j", "2", limit=(256, 4096)))


def three_hundred_needs_of_one_task():
    """Seen to fail: an 8-bit count of them wrapped at 256."""
    names = [f"s{i}" for i in range(300)]
    steps = "".join(f"""
[[step]]
name = "{name}"
outputs = ["{name}.txt"]
run = "echo {name} > {{outputs}}"
""" for name in names)
    last = f"""
[[step]]
name = "all"
needs = {names}
outputs = ["all.txt"]
run = "ls s*.txt | wc -l > {{outputs}}"
""".replace("'", '"')
    with Workspace('[workflow]\nname = "needs"\nroot = "data"\n' + steps + last) as space:
        space.write("data/in.txt", "")
        space.run("-j", "2")
        assert space.read("data/all.txt").strip() == b"300"


BACKGROUND = """
[workflow]
name = "background"
root = "data"
[defaults]
setup = "sleep 40 & export WORD=set"
[[step]]
name = "one"
outputs = ["one.txt"]
run = "setsid sleep 40 & echo $WORD > {outputs}"
"""


def what_runs_in_the_background_holds_nothing():
    """Seen to fail: the run ended with the `sleep` of `setup`."""
    with Workspace(BACKGROUND) as space:
        space.write("data/in.txt", "")
        begun = time.time()
        space.run("-j", "2")
        assert time.time() - begun < 30, "the background process was waited for"
        assert space.read("data/one.txt") == b"set\n"


HANGUP = """
[workflow]
name = "hangup"
root = "data"
[[step]]
name = "one"
outputs = ["one.txt"]
run = "touch ../on; sleep 1; kill -s HUP $$; echo lives > {outputs}"
"""


def nohup_is_obeyed():
    """Seen to fail: SIGHUP ended the run, and by itself the command."""
    with Workspace(HANGUP) as space:
        space.write("data/in.txt", "")
        process = run_with(space, ignored=[signal.SIGHUP])
        wait_for(lambda: space.exists("on"), "the command")
        process.send_signal(signal.SIGHUP)
        ended(process)
        assert space.read("data/one.txt") == b"lives\n"
    with Workspace(HANGUP) as space:
        space.write("data/in.txt", "")
        process = run_with(space)
        wait_for(lambda: space.exists("on"), "the command")
        process.send_signal(signal.SIGHUP)
        ended(process, 128 + signal.SIGHUP)


if __name__ == "__main__":
    main([few_descriptors_are_enough, a_soft_limit_is_raised_and_commands_keep_theirs,
          few_descriptors_for_many_steps, three_hundred_needs_of_one_task,
          what_runs_in_the_background_holds_nothing, nohup_is_obeyed])
