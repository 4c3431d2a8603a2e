#!/usr/bin/python3
"""Files that are no files: FIFOs, devices and huge ones in the place of sheets, sites, lock files, workflows and the inputs of
kernels. Each is an error with its name and its kind, at once. Seen to fail: a FIFO that was exchanged for the file after the look
was waited for, and a sheet of 2 GB was read whole."""
from common import VICTIM, World, main
from read_common import HEAD, KERNEL, LEVEL, SHEET, STEP, said

PLAIN = STEP + 'run = "touch {outputs}"\n'
KINDS = {"a FIFO": "mkfifo %s", "a directory": "mkdir %s"}


def sheets():
    with World() as world:
        world.workflow(HEAD + SHEET + PLAIN)
        for kind, make in KINDS.items():
            world.attacker(make % "data/sheet.csv")
            said(world, "wfc check", "sheet.csv", kind)
            world.attacker("rm -r data/sheet.csv")
        world.attacker("truncate -s 2G data/sheet.csv")
        _, took = said(world, "wfc check", "sheet.csv", "2.0 GiB", "at most 1.0 GiB")
        assert took < 5, f"took {took} s"
        world.attacker("rm data/sheet.csv")
        # His own link, so that only the kind counts.
        world.link("data/sheet.csv", "/dev/zero", VICTIM)
        said(world, "wfc check", "sheet.csv", "a device")


def files_beside_the_workflow():
    with World() as world:
        world.place("s1")
        world.workflow(HEAD + LEVEL + PLAIN)
        world.directory("proj/sites")
        for name in ("proj/sites/z.toml", "proj/resources.lock.toml", "proj/templates/job.sbatch"):
            world.directory("proj/templates")
            command = "wfc compile --site slurm" + (" --templates templates" if "templates" in name else "")
            for kind, make in KINDS.items():
                world.victim(make % ("../" + name))
                assert world.exists(name), f"`{name}` was not made"
                said(world, command, name.removeprefix("proj/"), kind)
                world.victim(["rm", "-r", "../" + name])
            world.victim(["truncate", "-s", "2G", "../" + name])
            said(world, command, name.removeprefix("proj/"), "2.0 GiB", "at most 64.0 MiB")
            world.victim(["rm", "../" + name])
        world.victim("mkfifo fifo.toml")
        assert world.exists("proj/fifo.toml")
        said(world, "wfc check fifo.toml", "fifo.toml", "a FIFO")


def inputs_of_kernels():
    for kernel, name in (("signal.spectrum", "in.h5"), ("nsx.split", "in.ns5")):
        with World() as world:
            world.place("s1")
            world.attacker(f"mkfifo data/s1/{name}")
            text = HEAD + LEVEL
            if kernel == "nsx.split":
                text += '[[level]]\nname = "array"\nunder = "s"\nmatch = "array*"\nmade_by = "a"\n'
                text += '[[level]]\nname = "channel"\nunder = "array"\nmatch = "channel*"\nmade_by = "a"\n'
            step = KERNEL % (kernel, name)
            world.workflow(text + step.replace("made.h5", "{array}/{channel}/made.h5" if "nsx" in kernel else "made.h5"))
            said(world, "wfc run", name, "a FIFO" if "nsx" in kernel else "is neither a file nor a directory")


def inputs_that_only_others_may_read():
    """Seen to fail: the command ran, and made an empty result of what it could not read."""
    with World() as world:
        world.place("s1")
        world.place("s2")
        world.attacker("rm -f data/s1/in.txt; echo 7 > data/s1/in.txt; chmod 600 data/s1/in.txt")
        world.workflow(HEAD + LEVEL + STEP + 'inputs = ["in.txt"]\nrun = "(cat {inputs} || true) > {outputs}"\n')
        said(world, "wfc run", "in.txt` cannot be read: Permission denied")
        assert not world.exists("data/s1/made.out"), "a result was made"


if __name__ == "__main__":
    main([sheets, files_beside_the_workflow, inputs_of_kernels, inputs_that_only_others_may_read])
