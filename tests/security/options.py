#!/usr/bin/python3
"""Names and values that begin with `-`: paths that wfc makes are never options, and a value that stands alone is warned of. Seen
to fail: `sort {s.file}` with the value `-o/PATH` wrote a file, without a word from wfc."""
from common import World, main
from read_common import HEAD, LEVEL, SHEET, STEP, runs

ARGUMENTS = 'inputs = ["*.txt"]\nrun = "printf \'%s\\\\n\' x {inputs} $(cat {inputs.list}) {outputs} > {outputs}"\n'


def paths_are_no_options():
    with World() as world:
        world.attacker("mkdir -p data/--help; touch ./data/--help/-l.txt ./data/-rf.txt", umask=0o002)
        for level in (LEVEL.replace("s*", "--*"), ""):
            step = (STEP + ARGUMENTS) if level else (STEP + ARGUMENTS).replace('each = "s"\n', "")
            world.workflow(HEAD + level + step)
            runs(world)
            lines = world.read("data/--help/made.out" if level else "data/made.out").split("\n")
            assert len(lines) == 5, lines
            assert not [line for line in lines if line.startswith("-")], lines
            assert lines[1] == lines[2] == ("./-l.txt" if level else "./-rf.txt"), lines


def values_are_warned_of():
    with World() as world:
        world.attacker("mkdir data/s1 data/s2; printf 's,f\\ns1,-o/tmp/x\\ns2,b\\n' > data/sheet.csv")
        for command, warned in (("true {s.f}", True), ('true \\"{s.f}\\"', True), ("true -- {s.f}", False),
                                ("true --file={s.f}", False), ("true x{s.f}", False), ("true; true {s.f}", True),
                                ("true -- x; true {s.f}", True), ("true < {s.f} || true", False)):
            world.workflow(HEAD + SHEET + STEP + f'run = "touch {{outputs}}; {command}"\n')
            done = world.victim("wfc compile --site slurm")
            assert done.returncode == 0, done.stdout
            assert ("WFC3123" in done.stdout) == warned, f"{command}: {done.stdout}"
            if warned:
                assert "`{s.f}` is `-o/tmp/x` in 1 of 2 tasks" in done.stdout, done.stdout


if __name__ == "__main__":
    main([paths_are_no_options, values_are_warned_of])
