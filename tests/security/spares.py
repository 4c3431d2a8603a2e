#!/usr/bin/python3
"""Where holders are kept between tasks (`DATA/.wfr.spare.HOST-PID` in earlier versions), of a process that is dead
or that runs: nothing of others is taken for one, used, followed or removed. Seen to fail before only the user's own were used, and by
descriptors. What is exchanged while it is in use: swaps.py."""
import os
import socket
import subprocess

from common import ATTACKER, VICTIM, main
from holder_common import change, look, make, run

DEAD = f".wfr.spare.{socket.gethostname()}-4000000"


def with_a_dead_one(prepare, check):
    """Runs, and again, with something in the place of a dead process' spares."""
    with make() as world:
        before = prepare(world)
        for _ in range(2):
            run(world)
            change(world, "s1")
            change(world, "s2", "5\\n4\\n")
        check(world, before)
        world.untouched()
        world.unread()
        assert world.read("data/s2/out.txt") in ("1\n2\n", "4\n5\n")


def renamed_private_directory():
    """Somebody who cannot remove the victim's directories gives one of them that name."""
    def prepare(world):
        own = world.directory(os.path.join(world.data, "own"), VICTIM, 0o755)
        for name in ("empty", "thesis"):
            world.directory(os.path.join(own, name), VICTIM, 0o755)
        world.file(os.path.join(own, "thesis/thesis.txt"), "thesis")
        before = look(own)
        assert world.attacker("rmdir data/own/empty", fails=True).returncode != 0
        world.attacker(f"mv data/own data/{DEAD}")
        return before

    def check(world, before):
        assert look(os.path.join(world.data, DEAD)) == before, look(os.path.join(world.data, DEAD))

    with_a_dead_one(prepare, check)


def empty_private_directory():
    def prepare(world):
        world.directory(os.path.join(world.data, "own"), VICTIM, 0o755)
        world.attacker(f"mv data/own data/{DEAD}")

    def check(world, _):
        assert look(os.path.join(world.data, DEAD)) is not None

    with_a_dead_one(prepare, check)


def link_out():
    def prepare(world):
        world.attacker(f"ln -s {world.home}/private data/{DEAD}")

    def check(world, _):
        assert look(os.path.join(world.data, DEAD)) == ("link", ATTACKER, f"{world.home}/private")

    with_a_dead_one(prepare, check)


def made_by_the_attacker():
    def prepare(world):
        world.attacker(f"cd data; mkdir -p {DEAD}/0 {DEAD}/1; ln -s {world.home}/.bashrc {DEAD}/0/out.txt; "
                       f"ln -s {world.home}/private {DEAD}/2; chmod -R 777 {DEAD}/0 {DEAD}/1; chmod 777 {DEAD}")
        return look(os.path.join(world.data, DEAD))

    def check(world, before):
        assert look(os.path.join(world.data, DEAD)) == before

    with_a_dead_one(prepare, check)


def made_in_advance():
    """In a world of processes of its own the victim has small numbers: the attacker makes the places of all of them."""
    for what in ("mkdir -m 777 {at} {at}/0 {at}/1; ln -s {home}/.bashrc {at}/0/out.txt",
                 "ln -s {home}/private {at}"):
        with make(places=("s1", "s2", "s3", "s4")) as world:
            host = socket.gethostname()
            for pid in range(1, 60):
                world.attacker("cd data; " + what.format(at=f".wfr.spare.{host}-{pid}", home=world.home))
            before = look_at_spares(world)
            assert len(before) == 59
            words = world.words(VICTIM, ["wfc", "run", "-j", "1", "workflow.toml"], True)
            done = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", *words], cwd=world.proj, timeout=60,
                                  env=world.environment(world.home, {}), capture_output=True, check=False)
            assert done.returncode == 0, done.stdout
            assert look_at_spares(world) == before
            world.untouched()
            world.unread()
            assert world.read("data/s4/out.txt") == "1\n2\n"


def look_at_spares(world):
    return {name: look(os.path.join(world.data, name)) for name in os.listdir(world.data)
            if name.startswith(".wfr.spare.")}


if __name__ == "__main__":
    main([renamed_private_directory, empty_private_directory, link_out, made_by_the_attacker, made_in_advance])
