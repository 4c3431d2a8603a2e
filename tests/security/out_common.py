"""A workflow whose out directory others had a hand in, and a Slurm that only notes what it is asked."""
import os

from common import VICTIM, World

WORKFLOW = """
[workflow]
name = "w"
root = "../data"
[site.cluster]
[[level]]
name = "s"
match = "s*"
[[step]]
name = "a"
each = "s"
inputs = ["in.txt"]
outputs = ["o.txt"]
run = "echo hi > {outputs}"
[[step]]
name = "b"
needs = ["a"]
outputs = ["p.txt"]
run = "cat {needs.a} > {outputs}"
"""
PARTS = ("bin", "failed", "jobs", "lib", "logs", "plan", "state")
# Whatever is asked, Slurm says no: what matters is that it was asked.
COMMAND = """#!/bin/bash
echo "${0##*/} $*" >> "$STUB_LOG"
case ${0##*/} in sbatch) exit 1 ;; esac
"""


class OutWorld(World):
    """`where`: the out directory, as a path from proj/."""

    def __init__(self, where="out", **more):
        super().__init__(**more)
        self.workflow(WORKFLOW)
        self.place("s1")
        self.where = where
        self.out = os.path.normpath(os.path.join(self.proj, where))
        self.directory("commands", 0)
        for name in ("sbatch", "squeue", "scancel", "scontrol", "sinfo"):
            self.file(f"commands/{name}", COMMAND, 0, 0o755)
        self.asked = self.file("proj/asked", "")

    def compile(self, **more):
        done = self.victim(f"wfc compile workflow.toml --site cluster -o {self.where}", **more)
        assert done.returncode == 0, done.stdout
        # A submission that comes to nothing makes what else there is.
        self.submit(**more)
        self.directory(os.path.join(self.out, "failed"))
        assert self.was_asked(), "submit.sh has not come as far as Slurm"
        with open(os.path.join(self.out, "submit.sh"), encoding="utf-8") as file:
            self.plan = file.read().split("readonly plan=")[1].split()[0]

    def submit(self, *words, **more):
        """submit.sh as the victim calls it; `asked` then has what Slurm was asked."""
        self.file(self.asked, "")
        env = {"STUB_LOG": self.asked, "PATH": f"{self.dir}/commands:{self.bin}:/usr/bin:/bin"}
        return self.victim([f"{self.out}/submit.sh", "--no-test", *words], env=env, **more)

    def was_asked(self):
        return "sbatch" in self.read(self.asked)

    def job(self, **more):
        words = f"cd {self.out} && bin/wfr job --plan {self.plan} --array 01-a --index 0"
        return self.victim(words, **more)

    def lend(self, path, attack):
        """For a while everybody may write to a file or directory of out/, as after a `chmod` of the victim's."""
        path = os.path.join(self.out, path)
        mode = os.stat(path).st_mode & 0o777
        os.chmod(path, mode | 0o022)
        self.attacker(attack)
        if os.path.lexists(path) and not os.path.islink(path):
            os.chmod(path, mode)


def owner(path):
    return os.lstat(path).st_uid


__all__ = ["COMMAND", "OutWorld", "PARTS", "VICTIM", "WORKFLOW", "owner"]
