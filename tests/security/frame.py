#!/usr/bin/python3
"""The frame of the tests of security itself: the two accounts are really two, and each kind of change in the
victim's home is seen."""
import os

from common import ATTACKER, VICTIM, World, main


def fails(check):
    try:
        check()
    except AssertionError:
        return True
    return False


def two_accounts():
    with World() as world:
        assert world.victim("id -u").stdout.strip() == str(VICTIM)
        assert world.attacker("id -u").stdout.strip() == str(ATTACKER)
        assert world.victim("wfc --version && wfr --version").returncode == 0
        assert world.attacker(f"cat {world.home}/private/id_rsa", fails=True).returncode != 0
        assert world.attacker(f"touch {world.proj}/x", fails=True).returncode != 0
        assert world.attacker("touch data/x && ls data").stdout == "x\n"
        world.untouched()
        world.unread()
    with World(groups=False) as world:
        assert world.attacker("touch data/x", fails=True).returncode != 0


def every_change_is_seen():
    changes = ["echo x >> .bashrc", "rm private/id_rsa", "mv private/old /tmp/wfc-frame.$$; rm -r /tmp/wfc-frame.$$",
               "touch private/new", "chmod 644 private/in.txt", "ln private/in.txt private/second",
               "rmdir private/empty", "cp -p .bashrc x && mv x .bashrc", "ln -s / private/link"]
    for change in changes:
        with World() as world:
            world.untouched()
            assert world.victim(f"cd ~ && {change}").returncode == 0, change
            assert fails(world.untouched), change


def a_reading_is_seen():
    for command in ("cat ~/private/id_rsa", "ls ~/private"):
        with World() as world:
            world.untouched()
            world.unread()
            world.victim(command)
            assert fails(world.unread), "this file system does not note when something is read: set TMPDIR"
            world.untouched()


def every_test_is_on_the_page():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../../docs/explanation/security.md"), encoding="utf-8") as file:
        page = file.read()
    names = [name[:-3] for name in os.listdir(here) if name.endswith(".py") and not name.endswith("common.py")]
    missing = [name for name in names if name != "frame" and f"`security.{name}`" not in page]
    assert not missing, f"docs/explanation/security.md says nothing of {missing}"


if __name__ == "__main__":
    main([two_accounts, every_change_is_seen, a_reading_is_seen, every_test_is_on_the_page])
