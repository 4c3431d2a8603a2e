#!/usr/bin/python3
"""Private directories in a TMPDIR that everybody may write: names that the attacker has taken in advance, as
directories and as links, neither stop a task nor are used. Seen to fail when they were PID-0 to PID-9999."""
import os
import subprocess

from common import ATTACKER, VICTIM, World, main
from holder_common import look

WORKFLOW = """
[workflow]
name = "w"
root = "../data"
[[level]]
name = "s"
match = "s*"
[[step]]
name = "a"
each = "s"
cwd = "scratch"
outputs = ["out.txt"]
run = "echo x > note; ls -lan . ; pwd > {outputs}"
[[step]]
name = "b"
each = "s"
needs = ["a"]
inputs = ["out.txt"]
outputs = ["b.txt"]
temp = true
run = "cat {inputs} > {outputs}"
[[step]]
name = "c"
needs = ["b"]
outputs = ["c.txt"]
run = "cat {needs.b} > {outputs}"
"""
PIDS = 20


def in_small_world(world, command):
    """With process numbers that the attacker can foretell."""
    words = ["unshare", "--pid", "--fork", "--mount-proc", *world.words(VICTIM, command, True)]
    env = world.environment(world.home, {"TMPDIR": world.tmp})
    done = subprocess.run(words, cwd=world.proj, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def taken_in_advance():
    # Each takes all names in one call.
    links = "/usr/bin/python3 -c 'import os, sys\nfor n in sys.stdin.read().split(): os.symlink(\"%s/private\", n)'"
    for what in ("xargs mkdir -m 777", links, "xargs mkfifo"):
        with World() as world:
            world.place("s1")
            world.place("s2")
            world.workflow(WORKFLOW)
            command = what.replace("%s", world.home)
            world.attacker(f"""cd tmp; printf '%s\\n' wfr-{{1..{PIDS}}}-{{0..3}} wfr-job-{VICTIM}-{{1..{PIDS}}} \
                           wfr-{{1..9}}-kernel-{{0..3}} | {command}""")
            names = os.listdir(world.tmp)
            assert len(names) > 5 * PIDS
            before = {name: look(os.path.join(world.tmp, name)) for name in names}
            status, text = in_small_world(world, ["wfc", "run", "-j", "2", "workflow.toml"])
            assert status == 0, f"{what}: {text}"
            world.untouched()
            world.unread()
            after = {name: look(os.path.join(world.tmp, name)) for name in os.listdir(world.tmp)}
            assert after == before, set(after.items()) ^ set(before.items()) if len(after) != len(before) else what
            scratch = world.read("data/s1/out.txt").strip()
            assert os.path.basename(scratch) not in before, scratch


def all_of_a_number():
    """The names that a process tries one after the other are all taken: the task still runs. It is process 1 in its
    small world."""
    with World() as world:
        world.place("s1")
        world.workflow(WORKFLOW.split('[[step]]\nname = "b"', maxsplit=1)[0])
        world.attacker("""/usr/bin/python3 -c 'import os
for p in (1,):
    for i in range(10001): os.mkdir(f"tmp/wfr-{p}-{i}")'""")
        status, text = in_small_world(world, ["wfc", "run", "-j", "1", "workflow.toml"])
        assert status == 0, text
        world.untouched()


def own_leftover_of_the_attacker():
    """What looks like a dead job's directory is removed only if it is the user's own."""
    with World() as world:
        world.place("s1")
        world.workflow(WORKFLOW)
        world.attacker(f"mkdir -p tmp/wfr-job-{VICTIM}-7/x; ln -s {world.home}/private tmp/wfr-job-{VICTIM}-8; "
                       f"ln -s {world.home}/private tmp/wfr-job-{VICTIM}-7/y")
        before = [look(world.path(f"tmp/wfr-job-{VICTIM}-{n}")) for n in (7, 8)]
        done = world.victim("wfc run workflow.toml", env={"TMPDIR": world.tmp})
        assert done.returncode == 0, done.stdout
        assert before == [look(world.path(f"tmp/wfr-job-{VICTIM}-{n}")) for n in (7, 8)]
        assert before[1][1] == ATTACKER
        world.untouched()
        world.unread()


if __name__ == "__main__":
    main([taken_in_advance, all_of_a_number, own_leftover_of_the_attacker])
