#!/usr/bin/python3
"""Links below the data: the directory of a level, a directory on the way to an output, the directory of a sweep. One that the
user, root or the owner of the target made is followed where it is a level's; another's is an error that names the
link and its owner. On the way to an output nobody's is followed. Seen to fail (documents deleted, files written through) when
paths were opened whole."""
import os

from common import ATTACKER, GROUP, THIRD, VICTIM, World, main
from holder_common import run

LEVEL = """
[workflow]
name = "w"
root = "../data"
[[level]]
name = "s"
match = "s*"
[[step]]
name = "a"
each = "s"
outputs = ["%s"]
run = "%s"
"""
SWEEP = """
[workflow]
name = "w"
root = "../data"
[[level]]
name = "c"
values = ["c1", "c2"]
[[step]]
name = "a"
each = "c"
outputs = ["result.txt"]
run = "echo made > {outputs}"
"""
COMMANDS = [("result.txt", "echo made > {outputs}"), ("result.txt", "echo made > result.txt"),
            ("*.txt", "echo made > result.txt"), ("new/", "mkdir {outputs}; echo made > {outputs}/f")]


# Owners of a link and of its target, for which it is followed.
GOOD = ((VICTIM, VICTIM), (0, VICTIM), (THIRD, THIRD))


def refused(world, done, link, owner=ATTACKER):
    world.untouched()
    world.unread()
    assert done.returncode != 0, done.stdout
    assert link in done.stdout and str(owner) in done.stdout, f"does not name `{link}` and {owner}: {done.stdout}"


def level_by_the_attacker():
    for output, command in COMMANDS:
        with World() as world:
            world.place("s1")
            world.workflow(LEVEL % (output, command))
            world.attacker(f"ln -s {world.home}/private data/s2")
            refused(world, run(world), "s2")
            for option in ("--replace", "--set-aside", "--trust-records"):
                run(world, option)
                world.untouched()
                world.unread()


def level_by_others():
    """A third user's link to what is the victim's; then the victim's own, root's, and one of who owns what it leads to."""
    with World() as world:
        world.place("s1")
        world.link(os.path.join(world.data, "s2"), world.home + "/private", THIRD)
        world.workflow(LEVEL % COMMANDS[0])
        refused(world, run(world), "s2", THIRD)
    for owner, target_owner in GOOD:
        with World() as world:
            farm = world.directory("elsewhere", target_owner, 0o777)
            world.place("s1")
            world.link(os.path.join(world.data, "s2"), farm, owner)
            world.workflow(LEVEL % COMMANDS[0])
            done = run(world)
            assert done.returncode == 0, f"the link of {owner}: {done.stdout}"
            assert world.read("elsewhere/result.txt") == "made\n" == world.read("data/s1/result.txt")
            world.untouched()


def sweep():
    """Its directories are made by wfc: what somebody else has put there is not one."""
    with World() as world:
        world.workflow(SWEEP)
        world.attacker(f"ln -s {world.home}/private/sub data/c1")
        for option in ("", "--set-aside", "--replace"):
            refused(world, run(world, option), "c1")
        world.victim("wfc touch workflow.toml")
        world.untouched()
        world.unread()
    for owner, target_owner in GOOD:
        with World() as world:
            world.workflow(SWEEP)
            target = world.directory("elsewhere", target_owner, 0o777)
            world.link(os.path.join(world.data, "c1"), target, owner)
            done = run(world)
            assert done.returncode == 0 and world.read("elsewhere/result.txt") == "made\n", f"{owner}: {done.stdout}"


def way_to_an_output():
    """`sub/result.txt`, where `sub` is a link: whoever made it."""
    for owner in (ATTACKER, VICTIM, 0, THIRD):
        for output, command in (("sub/result.txt", "echo made > {outputs}"),
                                ("sub/deep/result.txt", "echo made > {outputs}"),
                                ("sub/*.txt", "mkdir -p sub; touch sub/result.txt"), ("sub/", "mkdir -p {outputs}")):
            with World() as world:
                world.place("s1")
                world.place("s2")
                target = world.home + "/private/sub" if owner == ATTACKER else world.directory("elsewhere", VICTIM)
                world.link(os.path.join(world.data, "s1/sub"), target, owner)
                world.workflow(LEVEL % (output, command))
                done = run(world)
                what = f"{output} by {owner}: {done.stdout}"
                in_place = "*" in output
                if not in_place:  # there the command itself follows what it likes
                    world.untouched()
                    assert owner == ATTACKER or not os.listdir(target), what
                assert done.returncode != 0 and "s1/sub" in done.stdout, what
                assert os.path.islink(os.path.join(world.data, "s1/sub")), what


def inputs():
    """A link of somebody else's to a file of the user's is not read into results; one of the user's own is."""
    text = (LEVEL % ("out.txt", "cat {inputs} > {outputs}")).replace("outputs =", 'inputs = ["in.txt"]\noutputs =')
    for link, target in (("s1/in.txt", "private/id_rsa"), ("s1", "private")):
        with World() as world:
            world.place("s2")
            if "/" in link:
                world.place("s1", None)
            world.workflow(text)
            world.attacker(f"ln -s {world.home}/{target} data/{link}")
            refused(world, run(world), link)
    with World() as world:
        world.place("s1", None)
        own = world.file("own.txt", "5\n")
        world.link(os.path.join(world.data, "s1/in.txt"), own, VICTIM)
        world.workflow(text)
        done = run(world)
        assert done.returncode == 0 and world.read("data/s1/out.txt") == "5\n", done.stdout


def links_of_links():
    """The user's own link leads through a directory where the attacker has put another."""
    with World() as world:
        world.place("s1")
        world.directory("shared", VICTIM, 0o777, GROUP)
        world.link(os.path.join(world.data, "s2"), "../shared/there", VICTIM)
        world.attacker(f"ln -s {world.home}/private shared/there")
        world.workflow(LEVEL % COMMANDS[0])
        run(world)
        world.untouched()
        world.unread()


if __name__ == "__main__":
    main([level_by_the_attacker, level_by_others, sweep, way_to_an_output, inputs, links_of_links])
