"""What the tests of reading share."""
import time

from common import ATTACKER

HEAD = '[workflow]\nname = "w"\nroot = "../data"\n'
LEVEL = '[[level]]\nname = "s"\nmatch = "s*"\n'
SHEET = '[[level]]\nname = "s"\nfile = "../data/sheet.csv"\ncolumn = "s"\n'
STEP = '[[step]]\nname = "a"\neach = "s"\noutputs = ["made.out"]\n'
KERNEL = '[[step]]\nname = "a"\neach = "s"\nkernel = "%s"\ninputs = ["%s"]\noutputs = ["made.h5"]\n'


def step(*inputs):
    listed = ", ".join(f'"{name}"' for name in inputs)
    return STEP + f'inputs = [{listed}]\nrun = "cat {{inputs}} > {{outputs}}"\n'


def said(world, command, *words, seconds=20):
    """The victim's command must fail, at once and for the reason that the words name."""
    begun = time.time()
    done = world.victim(command, timeout=seconds)
    assert done.returncode != 0, f"{command} did not fail: {done.stdout}"
    for word in words:
        assert word in done.stdout, f"`{command}` does not say `{word}` but: {done.stdout}"
    world.untouched()
    return done.stdout, time.time() - begun


def refused_link(world, command, link):
    """The link and its owner are named, and nothing private was read or shown."""
    text, _ = said(world, command, link, f"belongs to user {ATTACKER}")
    world.unread()
    assert not world.exists("data/s1/made.out") and not world.exists("data/s1/made.h5"), "the task was run"
    for private in ("the thesis", "the key"):
        assert private not in text, text


def runs(world, command="wfc run"):
    done = world.victim(command)
    assert done.returncode == 0, done.stdout
    world.untouched()
    return done.stdout
