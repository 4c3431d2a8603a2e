"""What the tests of holders share: the place beside its outputs where a running command writes (`.wfr.TAG`)."""
import os
import re
import stat

from common import World, wait_for

# The command says where it shall write, waits where the test asks for it, and writes.
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
inputs = ["in.txt"]
outputs = ["%(output)s"]
run = '''%(say)s >> ../../tmp/%(flag)s.{s}; if [ -e ../../tmp/pause ]; then
touch ../../tmp/waits.{s}; while [ -e ../../tmp/pause ]; do sleep 0.01; done; fi
%(command)s'''
"""
SORT = {"output": "out.txt", "command": "sort {inputs} > {outputs}", "flag": "where", "say": "echo {outputs}"}


def make(umask_groups=True, places=("s1", "s2"), **words):
    """A world with that workflow and its tasks' directories."""
    world = World(groups=umask_groups)
    for place in places:
        world.place(place)
    world.workflow(WORKFLOW % {**SORT, **words})
    return world


def run(world, options="", umask=0o022, env=None):
    return world.victim(f"wfc run {options} workflow.toml", umask=umask, env=env)


def change(world, place="s1", content="9\n8\n"):
    """New input: the task runs again."""
    world.attacker(f"printf '{content}' > data/{place}/in.txt")


def told(world, place="s1"):
    """Where the command of the task was to write, in its last attempt; "" before the first."""
    path = world.path(f"tmp/where.{place}")
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read().split("\n")[-2]


def holder_name(world, place="s1"):
    """`.wfr.TAG` of a task, which has run: anybody can look at the directory meanwhile."""
    found = re.search(r"\.wfr\.[0-9a-f]{16}\b", told(world, place))
    assert found, f"no holder in `{told(world, place)}`"
    return found.group(0)


def first_run(world, **how):
    done = run(world, **how)
    assert done.returncode == 0, done.stdout
    return holder_name(world)


class Paused:
    """`with Paused(world) as paused:` a run whose commands wait; at its end they go on, and `text` is what it said."""

    def __init__(self, world, options="", umask=0o022, place="s1"):
        self.world, self.options, self.umask, self.place = world, options, umask, place
        self.text = ""
        self.status = None

    def __enter__(self):
        self.world.file("tmp/pause", "", mode=0o666)
        self.process = self.world.victim_start(f"wfc run {self.options} workflow.toml", umask=self.umask)
        waits = self.world.path(f"tmp/waits.{self.place}")
        wait_for(lambda: os.path.exists(waits) or self.process.poll() is not None, "the command")
        assert os.path.exists(waits), self.process.stdout.read().decode(errors="replace")
        return self

    def __exit__(self, *_):
        os.remove(self.world.path("tmp/pause"))
        self.text = self.process.communicate(timeout=60)[0].decode(errors="replace")
        self.status = self.process.returncode


def look(path):
    """What is there, without following anything; None where there is nothing."""
    if not os.path.lexists(path):
        return None
    info = os.lstat(path)
    if stat.S_ISLNK(info.st_mode):
        return ("link", info.st_uid, os.readlink(path))
    if stat.S_ISDIR(info.st_mode):
        return ("directory", info.st_uid, stat.S_IMODE(info.st_mode),
                sorted((name, look(os.path.join(path, name))) for name in os.listdir(path)))
    return (stat.S_IFMT(info.st_mode), info.st_uid, stat.S_IMODE(info.st_mode), info.st_size)
