#!/usr/bin/python3
"""Steps with `temp`: their files are in the job's scratch, made for whoever reads them, then gone.

Each command appends its task to data/runs, so that the tests see what ran. Seen to fail: without
the look ahead (ScratchOutputs::will_run always true) the second run runs everything again; without
removal at the end the scratch directory is not empty; without the fingerprint by key (the files'
own) sorting runs again after a change of nothing.
"""
import os
import signal

from run_common import Workspace, main, wait_for

WORKFLOW = """
[workflow]
name = "temp"
root = "data"
[[level]]
name = "channel"
match = "c*"
[[step]]
name = "filter"
each = "channel"
inputs = ["raw.txt"]
outputs = { big = "big.txt", parts = "parts/" }
%s
run = '''
echo filter:{channel} >> {workflow.dir}/runs
cat {inputs} {inputs} > {outputs.big}
mkdir {outputs.parts}; echo part > {outputs.parts}/one'''
[[step]]
name = "sort"
each = "channel"
inputs = ["big.txt"]
needs = ["filter"]
outputs = ["sorted.txt"]
retry = { times = 1, on = ["oom"], mem = "x2" }
mem = "50M"
run = '''
echo sort:{channel} >> {workflow.dir}/runs
while test -e wait; do sleep 0.05; done
if test -e weak; then /usr/bin/python3 -c "import time; x = b'x' * (70 << 20); time.sleep(2)"; fi
cat {inputs} {needs.filter.parts}/one > {outputs}'''
[[step]]
name = "all"
needs = ["sort"]
outputs = ["all.txt"]
run = "echo all >> {workflow.dir}/runs; cat {needs.sort} > {outputs}"
"""
CHANNELS = ["c1", "c2", "c3"]


class TempSpace(Workspace):
    def __init__(self, temp="temp = true"):
        super().__init__(WORKFLOW % temp)
        os.mkdir(self.path("tmp"))
        os.environ["TMPDIR"] = os.fsdecode(self.path("tmp"))
        for channel in CHANNELS:
            self.write(f"data/{channel}/raw.txt", channel + "\n")

    def ran(self):
        """The tasks that have run since the last call."""
        tasks = self.read("runs").decode().split() if self.exists("runs") else []
        self.write("runs", "")
        return sorted(tasks)

    def scratch(self):
        return os.listdir(self.path("tmp"))

    def check_results(self):
        want = {b"all.txt": b"".join(self.result(c) for c in CHANNELS)}
        for channel in CHANNELS:
            want[f"{channel}/raw.txt".encode()] = f"{channel}\n".encode()
            want[f"{channel}/sorted.txt".encode()] = self.result(channel)
        found = {path: data for path, data in self.files().items()
                 if not path.endswith((b"weak", b"wait"))}
        assert found == want, found
        assert self.scratch() == [], self.scratch()

    @staticmethod
    def result(channel):
        return f"{channel}\n{channel}\npart\n".encode()


EVERYTHING = sorted([f"{step}:{c}" for step in ("filter", "sort") for c in CHANNELS] + ["all"])


def intermediate_files_are_made_for_their_readers_alone():
    with TempSpace() as space:
        space.run()
        assert space.ran() == EVERYTHING
        space.check_results()
        text = space.run()
        assert space.ran() == [] and "7 of them up to date" in text, text
        os.remove(space.path("data/c2/sorted.txt"))
        assert "filter: 1 of 3 tasks would run" in space.run("--dry-run")
        space.run()
        assert space.ran() == ["all", "filter:c2", "sort:c2"]
        space.check_results()
        space.write("data/all.txt", "changed by hand")
        space.run()
        assert space.ran() == ["all"], "what all.txt is made of is kept"
        space.check_results()


def a_chosen_reader_has_its_files_made():
    with TempSpace() as space:
        space.run()
        space.ran()
        os.remove(space.path("data/c1/sorted.txt"))
        space.run("sort")
        assert space.ran() == ["filter:c1", "sort:c1"]


def a_later_pass_makes_them_again():
    with TempSpace() as space:
        space.write("data/c3/weak", "")
        space.run()
        assert space.ran() == sorted(EVERYTHING + ["filter:c3", "sort:c3"])
        space.check_results()


def a_killed_run_goes_on():
    with TempSpace() as space:
        space.write("data/c1/wait", "")
        process = space.start("-j", "1")
        wait_for(lambda: space.exists("runs") and b"sort:c1" in space.read("runs"), "sort:c1")
        process.send_signal(signal.SIGKILL)
        process.wait()
        os.remove(space.path("data/c1/wait"))
        assert len(space.scratch()) == 1, space.scratch()
        space.ran()
        space.run()
        ran = space.ran()
        assert "filter:c1" in ran and "sort:c1" in ran, ran
        space.check_results()  # also that what the killed run has left is gone


def turning_it_on_runs_nothing_and_turning_it_off_makes_the_files():
    with TempSpace("") as space:
        space.run()
        assert space.ran() == EVERYTHING and space.exists("data/c1/big.txt")
        space.write("workflow.toml", WORKFLOW % "temp = true")
        space.run()
        assert space.ran() == []
        space.write("workflow.toml", WORKFLOW % "temp = false")
        os.remove(space.path("data/c1/big.txt"))
        space.run()
        assert space.ran() == ["all", "filter:c1", "sort:c1"]


CHAIN = """
[workflow]
name = "chain"
root = "data"
[[level]]
name = "channel"
match = "c*"
[[step]]
name = "filter"
each = "channel"
inputs = ["raw.txt"]
outputs = ["big.txt"]
temp = true
run = "echo filter:{channel} >> {workflow.dir}/runs; cat {inputs} > {outputs}"
[[step]]
name = "sum"
each = "channel"
needs = ["filter", { step = "sum", pairs = "chain.csv" }]
outputs = ["sum.txt"]
run = "echo sum:{channel} >> {workflow.dir}/runs; cat {needs.sum} {needs.filter} > {outputs}"
"""


def tasks_that_wait_for_each_other_have_their_files():
    with TempSpace() as space:
        space.write("workflow.toml", CHAIN)
        # Against the order of the directories.
        space.write("chain.csv", "from,to\nc3,c2\nc2,c1\n")
        space.run()
        space.ran()
        assert space.read("data/c1/sum.txt") == b"c3\nc2\nc1\n"
        space.run()
        assert space.ran() == []
        space.write("data/c3/raw.txt", "new\n")
        space.run()
        assert space.read("data/c1/sum.txt") == b"new\nc2\nc1\n"
        assert [task for task in space.ran() if task[0] == "s"] == ["sum:c1", "sum:c2", "sum:c3"]
        assert space.scratch() == []


main([intermediate_files_are_made_for_their_readers_alone, a_chosen_reader_has_its_files_made,
      a_later_pass_makes_them_again, a_killed_run_goes_on,
      tasks_that_wait_for_each_other_have_their_files,
      turning_it_on_runs_nothing_and_turning_it_off_makes_the_files])
