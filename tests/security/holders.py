#!/usr/bin/python3
"""A command writes into `.wfr.TAG` beside its output. Others, who may write into the data, make such directories
before the run, put links into them while it goes on, or exchange them. Nothing outside the data is read, written, moved or
removed; what is theirs stays, and the message names it; other tasks go on.
Each was seen to fail before holders were the user's own and used by descriptors, but for what says that it held."""
import os
import shutil

from common import ATTACKER, GROUP, VICTIM, main
from holder_common import Paused, change, first_run, look, make, run

# Made by the attacker as DATA/s1/.wfr.TAG: what, with $H, that name, and $V, the victim's home.
PREMADE = {
    "old results are a link": "mkdir $H; ln -s $V/private $H/old; ln -s $V/private $H/.wfr.old",
    "the output's name is a link": "mkdir $H; chmod 777 $H; ln -s $V/.bashrc $H/out.txt",
    "sticky": "mkdir $H; chmod 1777 $H; ln -s $V/.bashrc $H/out.txt",
    "looks like a holder": "mkdir $H; ln -s $V/.bashrc $H/out.txt; mkdir $H/.wfr.old; echo x > $H/.wfr.old/planted; "
                           "chmod 1700 $H",
    "a link": "ln -s $V/private $H",
    "a dangling link": "ln -s $V/private/new $H",
    "a file": "echo mine > $H",
    "a pipe": "mkfifo $H",
    "a directory for all": "mkdir $H; chmod 777 $H; echo mine > $H/note; mkdir $H/inner; echo mine > $H/inner/note",
}


def premade():
    bad = []
    for what, commands in PREMADE.items():
        with make() as world:
            name = first_run(world)
            held = os.path.join(world.data, "s1", name)
            world.attacker(f"H={held}; V={world.home}; {commands}")
            before = look(held)
            assert before is not None
            change(world, "s1")
            change(world, "s2")
            done = run(world)
            try:
                world.untouched()
                world.unread()
                assert look(held) == before, f"the attacker's own: {before} -> {look(held)}"
                assert world.read("data/s2/out.txt") == "8\n9\n", "another task did not go on"
                assert world.read("data/s1/out.txt") in ("1\n2\n", "8\n9\n")
                assert name in done.stdout, f"does not name `{name}`: {done.stdout}"
            except AssertionError as error:
                bad.append(f"{what}: {error}")
    assert not bad, "\n".join(bad)


def premade_in_sticky_directory():
    """As in /tmp: the attacker cannot remove the victim's, but make his own."""
    for what in ("old results are a link", "sticky"):
        with make() as world:
            name = first_run(world)
            for place in (world.data, os.path.join(world.data, "s1")):
                os.chown(place, 0, 0)
                os.chmod(place, 0o1777)
            held = os.path.join(world.data, "s1", name)
            world.attacker(f"H={held}; V={world.home}; {PREMADE[what]}")
            before = look(held)
            change(world)
            run(world)
            world.untouched()
            assert look(held) == before, what


def premade_for_globs():
    """What is written in place is put away and brought back through a holder: nothing of others comes in or goes out."""
    with make(output="*.csv", command="sort in.txt > a.csv", say="echo") as world:
        assert run(world).returncode == 0
        change(world)
        with Paused(world, place="s1"):
            names = [name for name in os.listdir(os.path.join(world.data, "s1")) if name.startswith(".wfr.")]
        names = set(names) - {".wfr.claims"}
        for name in names:
            held = os.path.join(world.data, "s1", name)
            world.attacker(f"echo evil > data/s1/evil.csv; mkdir {held}; ln -s {world.home}/private {held}/.wfr.old; "
                           f"ln -s {world.home}/private {held}/old")
        assert names, "no holder was seen"
        change(world, content="7\\n6\\n")
        run(world)
        world.untouched()
        world.unread()
        assert world.read("data/s1/evil.csv") == "evil\n"


def forget(world):
    """No task has a record or a result; names of holders stay what they were."""
    for path in ("data/s1/out.txt", "data/s2/out.txt"):
        os.remove(world.path(path))
    state = os.path.join(world.out, "state")
    for name in os.listdir(state):
        path = os.path.join(state, name)
        if os.path.isdir(path):
            shutil.rmtree(path)
        elif name != "secret":
            os.remove(path)


def plants_marks():
    """A mark in a holder says that what stands there was made by the task. One of the attacker's says nothing: the victim's
    own file, which no task has made, is not replaced."""
    for mark in ("ln -s $(stat -c %i data/s1/out.txt) $H/.wfr.made.out.txt", "ln data/s1/out.txt $H/out.txt"):
        with make() as world:
            name = first_run(world)
            forget(world)
            world.file(os.path.join(world.data, "s1/out.txt"), "years of work\n", VICTIM, 0o664, GROUP)
            world.attacker(f"H=data/s1/{name}; mkdir $H; chmod 777 $H; {mark}")
            run(world)
            assert world.read("data/s1/out.txt") == "years of work\n", mark
            world.untouched()


def planted_during_run():
    """With umask 002 the group may write into what the victim makes, but not into a holder."""
    for umask in (0o022, 0o002, 0o000):
        with make() as world:
            with Paused(world, umask=umask):
                place = os.path.join(world.data, "s1")
                held = [os.path.join(place, name) for name in os.listdir(place)
                        if name.startswith(".wfr.") and name != ".wfr.claims"]
                for path in held:
                    world.attacker(f"ln -s {world.home}/.bashrc {path}/out.txt; mkdir {path}/.wfr.old; "
                                   f"ln -s {world.home}/private {path}/.wfr.old/x; ls {path}", fails=True)
                    info = os.lstat(path)
                    assert info.st_uid == VICTIM and info.st_mode & 0o077 == 0, oct(info.st_mode)
            world.untouched()
            assert world.read("data/s1/out.txt") == "1\n2\n"


def exchanged_during_run():
    """The whole holder is exchanged while the command runs, for one with the same names as far as the attacker can see
    them, and a link for the output. The command writes nothing through it."""
    attack = """cd data/s1; for h in .wfr.????????????????; do
      [ -d "$h" ] || continue; mv "$h" "$h.stolen"; mkdir "$h"; chmod 777 "$h"; ln -s {home}/.bashrc "$h/out.txt"
      for inner in "$h.stolen"/*/; do
        [ -d "$inner" ] || continue; mkdir "$h/$(basename "$inner")"; ln -s {home}/.bashrc "$h/$(basename "$inner")/out.txt"
      done; echo exchanged; done"""
    for sticky in (False, True):
        with make() as world:
            if sticky:
                os.chmod(os.path.join(world.data, "s1"), 0o3775)
                os.chmod(world.data, 0o3775)
            with Paused(world) as paused:
                done = world.attacker(attack.format(home=world.home), fails=True)
            world.untouched()
            assert world.read("data/s2/out.txt") == "1\n2\n", paused.text
            if sticky or "exchanged" not in done.stdout:
                assert world.read("data/s1/out.txt") == "1\n2\n", paused.text
            # Whatever came of it: the next run makes what was not made, and all is the victim's.
            run(world)
            world.untouched()
            assert os.lstat(os.path.join(world.data, "s2/out.txt")).st_uid == VICTIM


def directory_exchanged_during_run():
    """The same one level up: the task's directory is another one when the command ends."""
    for attack in ("ln -s {home}/private s1",
                   "mkdir s1; cd stolen; for h in .wfr.????????????????; do [ -d \"$h\" ] || continue; mkdir ../s1/$h; "
                   "chmod 777 ../s1 ../s1/$h; ln -s {home}/.bashrc ../s1/$h/out.txt; done; "
                   "ln -s {home}/.bashrc ../s1/out.txt; ln -s {home}/private/in.txt ../s1/in.txt"):
        with make() as world:
            with Paused(world):
                world.attacker("cd data; mv s1 stolen; " + attack.format(home=world.home))
            world.untouched()
            assert world.read("data/s2/out.txt") == "1\n2\n"
            run(world)
            world.untouched()


def private_directory_renamed():
    """The attacker cannot read or remove what is in a directory of the victim's, but gives it the name of a holder.
    (One with mode 01700 would be taken for a holder: nobody but wfr makes such directories.)"""
    for mode in (0o700, 0o755, 0o1755, 0o2700):
        with make() as world:
            name = first_run(world)
            own = world.directory(os.path.join(world.data, "s1/own"), VICTIM, 0o755)
            world.directory(os.path.join(own, "empty"))
            world.file(os.path.join(own, "thesis.txt"), "thesis", VICTIM, 0o600)
            world.file(os.path.join(own, "out.txt"), "another", VICTIM, 0o600)
            world.directory(os.path.join(own, ".wfr.old"))
            world.file(os.path.join(own, ".wfr.old/kept.txt"), "kept", VICTIM, 0o600)
            os.chmod(own, mode)
            before = look(own)
            held = os.path.join(world.data, "s1", name)
            world.attacker(f"mv data/s1/own data/s1/{name}")
            change(world)
            run(world)
            world.untouched()
            # It is the victim's data all the same: nothing of it is removed, moved or read as results.
            assert look(held) == before, f"{oct(mode)}: {look(held)}"
            assert world.read("data/s1/out.txt") in ("1\n2\n", "8\n9\n")
            assert not world.exists("data/s1/kept.txt")


def output_name_is_a_link():
    """Of a file outside, before the task has ever run (held before)."""
    for command in ("sort {inputs} > {outputs}", "sort {inputs} > out.txt"):
        with make(command=command) as world:
            world.attacker(f"ln -s {world.home}/.bashrc data/s1/out.txt")
            done = run(world)
            world.untouched()
            assert done.returncode != 0 and "s1/out.txt" in done.stdout, done.stdout
            assert look(os.path.join(world.data, "s1/out.txt")) == ("link", ATTACKER, f"{world.home}/.bashrc")
            for option in ("--set-aside", "--replace"):
                run(world, option)
                world.untouched()
                world.unread()


if __name__ == "__main__":
    main([premade, premade_in_sticky_directory, premade_for_globs, plants_marks, planted_during_run,
          exchanged_during_run, directory_exchanged_during_run, private_directory_renamed, output_name_is_a_link])
