"""One trial of ownership.py: a world, foreign files in it, some runs, failures and kills, and what must hold after each."""
import os
import random
import re
import shutil
import signal
import subprocess

from ownership_foreign import IN_THE_WAY, UNCLEAR, Foreign, real, walk
from ownership_plants import Plants
from ownership_world import World

COUNTED = ("at a name", "under a glob", "inside a directory", "behind a link", "kill", "retry")


class Wrong(Exception):
    pass


def reap():
    """All that a run has left is ours (we are the subreaper): its guardian, and what that ends."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


class Trial(Plants):
    def __init__(self, seed, wfc, kill_at, base):
        self.rng = random.Random(seed)
        self.wfc, self.kill_at = wfc, kill_at
        self.top = os.path.join(base, f"t{seed}")
        self.data, self.ctl = os.path.join(self.top, "data"), os.path.join(self.top, "ctl")
        self.elsewhere = os.path.join(self.top, "elsewhere")
        self.world = World(self.rng)
        self.foreign = Foreign(self.top, self.rng)
        self.counted = set()
        self.story = []
        self.version = 1
        self.runs = 0
        self.after_kill = False   # what lies at an output's place may be what the killed attempt has made
        self.set_aside = False
        self.may_block = False    # something foreign stands where an output must go, or wfc cannot know better
        self.untidy = False       # old results that no task knows any more are left
        self.mixed = False        # results were adopted that no command has made
        self.perhaps = set()      # adopted, if `touch` had anything to do there
        self.refused = False      # the command itself writes into what is foreign, and is told so
        self.completed = False
        self.ever_made = set()    # places of outputs that some task has made

    # Making.

    def make(self):
        for path in (self.data, self.ctl, self.elsewhere):
            os.makedirs(path)
        linked = self.rng.random() < 0.1
        for name in [(), *self.world.names["s"], *self.world.names["c"]]:
            path = os.path.join(self.data, *name)
            if linked and len(name) == 1 and name == self.world.names["s"][-1]:
                os.mkdir(os.path.join(self.elsewhere, name[0]))
                self.foreign.link(path, os.path.join(self.elsewhere, name[0]))
                self.counted.add("behind a link")
            os.makedirs(path, exist_ok=True)
            self.foreign.file(os.path.join(path, "in.txt"))
        if self.world.sheet:
            with open(os.path.join(self.top, "samples.csv"), "w", encoding="utf-8") as file:
                file.write(self.world.sheet_text())
        for _ in range(self.rng.choice((0, 1, 2, 2, 3))):
            self.plant()
        self.write()

    def write(self):
        with open(os.path.join(self.top, "w.toml"), "w", encoding="utf-8") as file:
            file.write(self.world.text(self.ctl))

    # Running.

    def begun(self):
        try:
            with open(os.path.join(self.ctl, "ledger"), encoding="utf-8") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def call(self, *words, kill="", plant=False):
        """(exit status or None when killed, text)"""
        command = [self.wfc, words[0], "w.toml", *words[1:], "--set", f"v={self.version}"]
        told = " ".join([*words, "--set", f"v={self.version}"])
        if kill == "effect":
            point = self.rng.choice((self.rng.randrange(1, 60), self.rng.randrange(20, 250)))
            command = [self.kill_at, str(point), os.path.join(self.top, "effects"), *command]
            told += f" (killed at effect {point})"
        with open(os.path.join(self.top, "told"), "w+b") as told_file:
            process = subprocess.Popen(command, cwd=self.top, stdin=subprocess.DEVNULL, stdout=told_file,
                                       stderr=subprocess.STDOUT)
            killed = False
            if plant or kill == "moment":
                moment = self.rng.random() * 0.04
                try:
                    process.wait(moment)
                except subprocess.TimeoutExpired:
                    if plant:
                        self.plant(running=True)
                    if kill == "moment":
                        process.send_signal(signal.SIGKILL)
                        killed = True
            status = process.wait(120)
            killed = status == 137 if kill == "effect" else killed and status == -signal.SIGKILL
            reap()
            told_file.seek(0)
            text = told_file.read().decode(errors="replace")
        if kill == "moment":
            told += " (killed)" if killed else " (not killed in time)"
        self.story.append(f"{told}: {'killed' if killed else status}\n      "
                          + text.strip().replace("\n", "\n      "))
        self.check_foreign()
        if not killed and status not in (0, 1, 2, 3):
            raise Wrong(f"exit status {status}")
        return (None if killed else status), text

    def run(self, *words, kill="", plant=False):
        before = self.begun()
        self.runs += 1
        jobs = str(self.rng.choice((1, 2, 3)))
        if "--set-aside" in words:
            self.set_aside = True
        known = set(self.foreign.known)
        status, text = self.call("run", "-j", jobs, *words, kill=kill, plant=plant)
        if status is None:  # who has made what came meanwhile, nobody can tell
            self.foreign.unclear(lambda path: path not in known)
        self.ever_made.update(place for _, _, place in self.outputs()
                              if os.path.lexists(place) and place not in self.foreign.known)
        begun = self.begun()[len(before):]
        if len(set(begun)) < len(begun):
            self.counted.add("retry")
        self.after_kill = self.after_kill or status is None
        if status is None:
            self.counted.add("kill")
        elif status == 0:
            self.after_kill = False
            self.completed = True
        return status, text

    def check_foreign(self):
        lost = self.foreign.lost(self.set_aside)
        if lost:
            raise Wrong("lost:\n" + "\n".join(f"  {path}\n    was {was}\n    is  {now}" for path, was, now in lost))

    # What may happen between.

    def fail_some(self):
        step = self.rng.choice(self.world.steps)
        with open(os.path.join(self.ctl, f"fail.{step.name}"), "w", encoding="utf-8") as file:
            file.write(f"{self.rng.choice((1, 1, 2, 3, 9))}\n")
        self.story.append(f"failures of {step.name}")

    def fail_no_more(self):
        for name in os.listdir(self.ctl):
            if name.startswith("fail."):
                os.unlink(os.path.join(self.ctl, name))

    def outputs(self):
        return [(step, name, real(os.path.join(self.data, self.world.place(step, name)).rstrip("/")))
                for step in self.world.steps for name in self.world.names[step.each]]

    def touch(self):
        """What stands at the places of outputs is the tasks' from now on, if they take it."""
        self.call("touch")
        adopted = [re.compile(re.escape(place).replace(r"\*", "[^/]*") + "(/.*)?")
                   for _, _, place in self.outputs()]
        taken = [path for path in self.foreign.known if any(one.fullmatch(path) for one in adopted)]
        self.foreign.forget(lambda path: path in taken)
        self.perhaps.update(taken)
        self.mixed = True

    def forget_records(self):
        """The user removes out/: results are files like any others."""
        kept = [path for path in self.foreign.known if f"{path}/".startswith(self.top + "/out/")]
        shutil.rmtree(os.path.join(self.top, "out"), ignore_errors=True)
        self.foreign.forget(lambda path: path in kept)
        for step, _, place in self.outputs():
            if step.is_glob() or not os.path.lexists(place):
                self.refused = self.refused or step.kind == "glob of directories"
                continue
            # What a killed attempt has put in place, a holder beside it still says whose it is.
            if self.holders(os.path.dirname(place)):
                continue
            inside = [] if os.path.islink(place) else walk(place)
            for path in [place, *inside]:
                if path not in self.foreign.known:
                    self.foreign.register(path, IN_THE_WAY)
                    self.counted.add("at a name")
        self.story.append("rm -rf out")
        self.may_block = self.untidy = True
        self.after_kill = False
        self.ever_made = set()

    @staticmethod
    def holders(directory):
        return {name for name in os.listdir(directory) if name.startswith(".wfr.") and name != ".wfr.notes"}

    def lose_output(self):
        step, name, place = self.rng.choice(self.outputs())
        if step.is_glob() or any(path == place or path.startswith(place + "/") for path in self.foreign.known):
            return
        if os.path.isdir(place) and not os.path.islink(place):
            shutil.rmtree(place)
        elif os.path.lexists(place):
            os.unlink(place)
        self.story.append(f"rm -r {place}")

    def rename_output(self):
        step = self.rng.choice(self.world.steps)
        step.stem = "q" + step.name if step.stem == step.name else step.name
        self.story.append(f"the output of {step.name} is now {step.output()}")
        self.may_block = self.untidy = True
        self.write()

    def narrow(self):
        self.world.only = None if self.world.only else self.world.names["s"][0][0]
        self.story.append(f"only = {self.world.only}")
        self.write()

    def new_version(self):
        self.version += 1

    def some_run(self):
        if self.rng.random() < 0.4:
            self.version += 1
        if self.rng.random() < 0.45:
            self.fail_some()
        kill = self.rng.choice(("", "", "effect", "effect", "moment"))
        words = ["--set-aside"] if self.rng.random() < 0.15 else []
        self.run(*words, kill=kill, plant=self.rng.random() < 0.15)

    def go(self):
        self.make()
        acts = ((self.some_run, 9), (self.plant, 6), (self.touch, 1), (self.forget_records, 1),
                (self.lose_output, 1), (self.rename_output, 1), (self.narrow, 1))
        self.some_run()
        for act in self.rng.choices([act for act, _ in acts], [weight for _, weight in acts],
                                    k=self.rng.choice((1, 2, 3, 4))):
            act()
            self.check_foreign()
        self.finish()

    # The end: everything is made, and it is right.

    def finish(self):
        self.fail_no_more()
        if self.world.only:
            self.narrow()
        if self.mixed or self.rng.random() < 0.3:
            self.version += 1
        status, text = self.run()
        if status != 0 and not self.may_block and not self.refused:
            raise Wrong("nothing foreign is in the way, and yet it does not end well")
        # Where records were removed after a kill, the first run brings back what the killed one had put away.
        for _ in range(2):
            if status != 0:
                status, text = self.run("--set-aside")
        if status != 0:
            if self.refused:
                return
            raise Wrong("what is in the way is set aside, and yet it does not end well")
        self.check_made()
        if self.rng.random() < 0.3:
            before = len(self.begun())
            status, text = self.run()
            if status != 0 or len(self.begun()) > before:
                raise Wrong("all is done, and yet something runs again")

    def check_made(self):
        expected = {}
        for step in self.world.steps:
            for name in self.world.tasks(step):
                expected.update(self.world.made(step, name, self.version))
        for path, content in expected.items():
            try:
                with open(os.path.join(self.data, path), encoding="utf-8") as file:
                    is_there = file.read()
            except OSError as error:
                raise Wrong(f"{path}: {error}") from error
            if is_there != content:
                raise Wrong(f"{path}: is\n{is_there}not\n{content}")
        if self.untidy:
            return
        known = set(self.foreign.known)
        for path in walk(self.data):
            relative = os.path.relpath(path, self.data)
            if relative == ".wfr.claims" or path in known or path in self.perhaps or os.path.isdir(path):
                continue
            if relative in expected or ".before-wfc" in relative:
                continue
            raise Wrong(f"left behind: {relative}")

    def tell(self, wrong):
        return "\n".join([f"seed {self.top.rsplit('/t', 1)[1]}: {wrong}", "  workflow:",
                          self.world.text(self.ctl), "  what happened:",
                          *("    " + line for line in self.story), "  the tree:",
                          *("    " + path for path in sorted(walk(self.top)))])
