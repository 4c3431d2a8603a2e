#!/usr/bin/python3
"""Links that another user has put in the place of a sheet, a directory of a level or an input: nothing is read through one, and
the message names the link and its owner. The links of the user, of root, and of whom their target belongs to are followed. Seen
to fail: the first line of a private file was shown in the error about the sheet, and inputs were copied into results."""
import os

from common import ATTACKER, VICTIM, World, main
from read_common import HEAD, KERNEL, LEVEL, SHEET, STEP, refused_link, runs, said, step


def sheet():
    with World() as world:
        world.workflow(HEAD + SHEET + STEP + 'run = "touch {outputs}"\n')
        for target in ("thesis.txt", "id_rsa"):
            world.attacker(f"ln -sf {world.home}/private/{target} data/sheet.csv")
            refused_link(world, "wfc check", "data/sheet.csv")
        # One that leads to his own sheet is fine.
        world.attacker("rm data/sheet.csv; printf 's\\ns1\\n' > data/own.csv; ln -s own.csv data/sheet.csv")
        runs(world)


def directory_of_a_level():
    with World() as world:
        world.place("s1")
        world.attacker(f"ln -s {world.home}/private data/s2")
        world.workflow(HEAD + LEVEL + step("in.txt"))
        refused_link(world, "wfc run", "data/s2")
        world.workflow(HEAD + LEVEL.replace('match = "s*"', 'values = ["s1", "s2"]') + step("in.txt"))
        refused_link(world, "wfc run", "data/s2")


# The input, what the message names, and the attack.
ATTACKS = [
    ("in.txt", "data/s1", "mv data/s1 data/old; ln -s {home}/private data/s1"),
    ("in.txt", "s1/in.txt", "ln -sf {home}/private/thesis.txt data/s1/in.txt"),
    ("sub/in.txt", "s1/sub", "rm -r data/s1/sub; ln -s {home}/private data/s1/sub"),
    ("sub/deep/in.txt", "sub/deep", "rm -r data/s1/sub; mkdir data/x; ln -s {home}/private data/x/deep; ln -s ../x data/s1/sub"),
    ("*.txt", "s1/z.txt", "ln -s {home}/private/thesis.txt data/s1/z.txt"),
    ("*/in.txt", "s1/sub", "rm -r data/s1/sub; ln -s {home}/private data/s1/sub"),
    ("*/*.txt", "s1/more", "ln -s {home}/private data/s1/more"),
    ("**/*.txt", "z.txt", "ln -s {home}/private/thesis.txt data/s1/sub/z.txt"),
    ("sub", "s1/sub", "rm -r data/s1/sub; ln -s {home}/private data/s1/sub"),
]


def inputs():
    """When the plan is made, which then says so; and when a task of an older plan starts."""
    for pattern, link, attack in ATTACKS:
        for content in (False, True):
            with World() as world:
                for place in ("s1", "s1/sub", "s1/sub/deep"):
                    world.place(place, owner=ATTACKER)
                text = step(pattern)
                if content:
                    text = text.replace(f'["{pattern}"]', f'[{{ path = "{pattern}", compare = "content" }}]')
                if pattern == "sub":
                    text = text.replace("cat {inputs}", "ls {inputs}")
                world.workflow(HEAD + LEVEL + text)
                done = world.victim("wfc compile --site slurm")
                assert done.returncode == 0, done.stdout
                world.attacker(attack.format(home=world.home))
                plan = os.listdir(os.path.join(world.out, "plan"))[0]
                refused_link(world, f"cd out && bin/wfr job --plan {plan} --array 01-a --index 0", link)
                refused_link(world, "wfc run", link)


def inputs_of_kernels():
    with World() as world:
        world.place("s1")
        world.workflow(HEAD + LEVEL + KERNEL % ("signal.spectrum", "in.h5"))
        world.attacker(f"ln -s {world.home}/private/thesis.txt data/s1/in.h5")
        refused_link(world, "wfc run", "s1/in.h5")


def good_links_are_followed():
    """Of the user, and of whom the target belongs to: a supervisor's farm of links."""
    with World() as world:
        world.place("s1")
        world.directory("elsewhere", ATTACKER, 0o755)
        world.file("elsewhere/his.txt", "his\n", ATTACKER)
        world.file("elsewhere/mine.txt", "mine\n", VICTIM)
        world.link("data/s1/his.txt", "../../elsewhere/his.txt", ATTACKER)
        world.link("data/s1/mine.txt", "../../elsewhere/mine.txt", VICTIM)
        world.link("data/s1/roots.txt", "../../elsewhere/mine.txt", 0)
        world.link("data/s1/farm", "../../elsewhere", ATTACKER)
        world.workflow(HEAD + LEVEL + step("his.txt", "mine.txt", "roots.txt", "farm/*.txt"))
        runs(world)
        assert world.read("data/s1/made.out") == "his\nmine\nmine\nhis\nmine\n"


def above_the_root_is_the_users_choice():
    with World() as world:
        world.place("s1")
        world.link("proj/way", "../data", ATTACKER)
        world.workflow(HEAD.replace("../data", "way") + LEVEL + step("*.txt"))
        runs(world)


def patterns_end():
    """120 links to the directory itself; with glob(3) there were 120^4 ways."""
    with World() as world:
        world.place("s1", content=None)
        for number in range(120):
            world.link(f"data/s1/l{number}", ".", VICTIM)
        world.file("data/s1/x.txt", "1\n")
        world.workflow(HEAD + LEVEL + step("*/*/*/*/*.txt"))
        _, took = said(world, "wfc run", "*/*/*/*/*.txt")
        assert took < 10, f"took {took} s"


if __name__ == "__main__":
    main([sheet, directory_of_a_level, inputs, inputs_of_kernels,
          good_links_are_followed, above_the_root_is_the_users_choice, patterns_end])
