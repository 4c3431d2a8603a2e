#!/usr/bin/python3
"""Whose the out directory is. Another user has made it or a part of it, has put a link in a part's place, or may
write there: compile, run, touch, submit.sh and each job refuse it, say why, and leave the victim's files alone.
Seen to fail: all were taken, and the command's output landed in the victim's home."""
import os
import shutil
import stat

from common import ATTACKER, GROUP, main
from out_common import PARTS, VICTIM, WORKFLOW, OutWorld, owner

FAILS = """
[[step]]
name = "c"
each = "s"
outputs = ["c.txt"]
run = "echo half > c.txt; exit 1"
"""
COMMANDS = ("compile workflow.toml --site cluster", "run workflow.toml", "touch workflow.toml")


def wfc_refuses(world, reason, commands=COMMANDS):
    for words in commands:
        done = world.victim(f"wfc {words} -o {world.where}")
        assert done.returncode == 1 and "error[WFC9002]" in done.stdout, f"{words}: {done.stdout}"
        assert reason in done.stdout, f"{words}: {done.stdout}"
    world.untouched()


def all_refuse(world, reason, commands=COMMANDS):
    wfc_refuses(world, reason, commands)
    said = world.submit().stdout
    assert reason in said and not world.was_asked(), f"submit.sh: {said}"
    done = world.job()
    assert done.returncode != 0 and reason in done.stdout, f"wfr job: {done.stdout}"
    done = world.victim(f"wfc verify {world.where}")
    assert done.returncode == 1, f"verify: {done.stdout}"
    assert not world.exists("data/s1/o.txt"), "the task has run"
    world.untouched()


def another_user_has_made_it():
    with OutWorld("../shared/out") as world:
        world.directory("shared", VICTIM, 0o2775, GROUP)
        world.attacker("mkdir shared/out && chmod 777 shared/out")
        assert owner(world.out) == ATTACKER
        wfc_refuses(world, f"belongs to the user {ATTACKER}")
        assert os.listdir(world.out) == [], "something was written"


def a_group_may_write():
    """As `mkdir out` with umask 002 in a directory that a project shares makes it."""
    with OutWorld("../shared/out") as world:
        world.directory("shared", VICTIM, 0o2775, GROUP)
        assert world.victim("mkdir ../shared/out", umask=0o002).returncode == 0
        world.attacker("touch shared/out/x && rm shared/out/x")
        wfc_refuses(world, "others may write to")
        # The remedy that the message names.
        assert world.victim(f"chmod -R go-w {world.out}").returncode == 0
        world.compile()
        assert world.job().returncode == 0


def a_group_of_ones_own_is_nobody_else():
    with OutWorld() as world:
        assert world.victim("mkdir out", umask=0o002).returncode == 0
        assert stat.S_IMODE(os.stat(world.out).st_mode) == 0o775
        world.compile()
        assert world.job().returncode == 0
        assert world.victim("wfc verify out").returncode == 0


def exchanged(world, part, words):
    """A part is moved away and something of the attacker's takes its place, until the block ends."""
    path = os.path.join(world.out, part)
    world.lend(".", f"mv {path} {world.out}/.gone && {words}")
    yield path
    shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
    os.rename(os.path.join(world.out, ".gone"), path)


def the_parts_are_another_users():
    with OutWorld() as world:
        world.compile()
        for part in PARTS:
            words = f"mkdir {world.out}/{part} && cp -r {world.out}/.gone/. {world.out}/{part}"
            for path in exchanged(world, part, words):
                assert owner(path) == ATTACKER
                all_refuse(world, "belongs to the user")


def the_parts_are_links():
    """What is executed is still what was compiled, but elsewhere; what is written would land in the home."""
    with OutWorld() as world:
        world.compile()
        for part in PARTS:
            target = f"{world.home}/private" if part in ("failed", "logs", "state") else f"{world.out}/.gone"
            for path in exchanged(world, part, f"ln -s {target} {world.out}/{part}"):
                assert os.path.islink(path)
                all_refuse(world, "is a symbolic link")


def others_may_write_to_the_parts():
    """`wfc run` and `wfc touch` are tried with one part only: they look at them as `wfc compile` does."""
    with OutWorld() as world:
        world.compile()
        for part in PARTS:
            commands = COMMANDS if part == PARTS[0] else COMMANDS[:1]
            path = os.path.join(world.out, part)
            for group, mode in ((VICTIM, 0o757), (GROUP, 0o775)):
                os.chown(path, VICTIM, group)
                os.chmod(path, mode)
                world.attacker(f"touch {path}/x && rm {path}/x")
                all_refuse(world, "others may write to", commands)
            os.chmod(path, 0o755)


def a_log_leads_to_the_home():
    """Left there while others could write to logs/: a step's directory for `wfc run`, a file's name for Slurm."""
    with OutWorld() as world:
        world.compile()
        world.lend("logs", f"ln -s {world.home}/private {world.out}/logs/a")
        wfc_refuses(world, "is a symbolic link")
        said = world.submit().stdout
        assert "is a symbolic link" in said and not world.was_asked(), said
    with OutWorld() as world:
        world.compile()
        world.lend("logs", f"ln -s {world.home}/.bashrc {world.out}/logs/01-a.1_0.log")
        said = world.submit().stdout
        assert "is a symbolic link" in said and not world.was_asked(), said
        world.untouched()


def others_never_may_write():
    """To all that wfc, wfr and submit.sh make in out/, whatever the umask; results have the modes that the umask gives."""
    # A directory that a group shares makes a difference where the umask lets the group write.
    for umask, where in ((0o000, "out"), (0o000, "../shared/out"), (0o002, "../shared/out"), (0o022, "out"),
                         (0o077, "out")):
        with OutWorld(where) as world:
            world.directory("shared", VICTIM, 0o2775, GROUP)
            world.compile(umask=umask)
            assert world.job(umask=umask).returncode == 0
            result = stat.S_IMODE(os.stat(os.path.join(world.data, "s1/o.txt")).st_mode)
            assert result == 0o666 & ~umask, f"umask {umask:03o}: the result has mode {result:04o}"
            done = world.victim(f"wfc run workflow.toml -o {where}", umask=umask)
            assert done.returncode == 0, done.stdout
            # What a failed attempt leaves is kept in failed/.
            os.rmdir(os.path.join(world.out, "failed"))
            world.workflow(WORKFLOW + FAILS)
            done = world.victim(f"wfc run workflow.toml -o {where}", umask=umask)
            assert done.returncode == 1, done.stdout
            kept = os.path.join(world.out, "failed/c/s1/attempt-1/c.txt")
            assert stat.S_IMODE(os.stat(kept).st_mode) == 0o666 & ~umask, "the command's own file"
            os.unlink(kept)
            done = world.victim(f"wfc status workflow.toml -o {where} && {world.out}/bin/wfr verdict --out {world.out}",
                                umask=umask)
            assert done.returncode in (0, 1), done.stdout
            seen = 0
            for place, directories, files in os.walk(world.out):
                for name in [".", *directories, *files]:
                    path = os.path.join(place, name)
                    mode = stat.S_IMODE(os.lstat(path).st_mode)
                    assert mode & 0o022 == 0, f"umask {umask:03o}: {path} has mode {mode:04o}"
                    seen += 1
            assert seen > 30, f"only {seen} files and directories"


if __name__ == "__main__":
    main([another_user_has_made_it, a_group_may_write, a_group_of_ones_own_is_nobody_else, the_parts_are_another_users,
          the_parts_are_links, others_may_write_to_the_parts, a_log_leads_to_the_home, others_never_may_write])
