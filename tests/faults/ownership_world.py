"""Random workflows over random trees for ownership.py: what their commands write, and what must be there."""
import os

LEVELS = {"": (), "s": ("s",), "c": ("s", "c")}

# Says that it begins, takes the next failure that is meant for its step, and makes its outputs in two goes.
CHECK = """
if read -r left 2>/dev/null < "{ctl}/fail.$WFC_STEP" && [ "$left" -gt 0 ]; then
  echo $((left - 1)) > "{ctl}/fail.$WFC_STEP"; exit 3
fi
"""
# Of each kind of output: how it is declared, what comes before the failure, and what after it. @ is its name.
KINDS = {
    "file": ("@.txt", "echo half > {outputs}", "whole > {outputs}"),
    "file in place": ("@.txt", "echo half > @.txt", "whole > @.txt"),
    "file below": ("below/@.txt", "echo half > {outputs}", "whole > {outputs}"),
    "column": ("{s.o}", "echo half > {outputs}", "whole > {outputs}"),
    "directory": ("@/", "mkdir {outputs} {outputs}/k; echo half > {outputs}/a",
                  "whole > {outputs}/a; head > {outputs}/k/b"),
    "directory in place": ("@/", "mkdir -p @/k; echo half > @/a", "whole > @/a; head > @/k/b"),
    "glob": ("@_*.csv", "echo half > @_1.csv", "whole > @_1.csv; odd && head > @_2.csv"),
    "glob of directories": ("@_*", "mkdir -p @_1; echo half > @_1/a",
                            "whole > @_1/a; odd && { mkdir -p @_2; head > @_2/a; }"),
    "glob in directories": ("@_*/x.csv", "mkdir -p @_1 @_2; echo half > @_1/x.csv",
                            "whole > @_1/x.csv; odd && head > @_2/x.csv"),
}
# What of {needs.S} a consumer reads.
READS = {"directory": "/a", "directory in place": "/a", "glob of directories": "/a"}


class Step:
    def __init__(self, name, kind, each, needs, retry):
        self.name, self.kind, self.each, self.needs, self.retry = name, kind, each, needs, retry
        self.stem = name

    def output(self):
        return KINDS[self.kind][0].replace("@", self.stem)

    def is_glob(self):
        return self.kind.startswith("glob")

    def text(self, ctl):
        reads = "".join(f'for f in {{needs.{need.name}}}; do cat "$f{READS.get(need.kind, "")}"; done; '
                        for need in self.needs)
        before, after = (part.replace("@", self.stem) for part in KINDS[self.kind][1:])
        command = (f'echo "begin $WFC_TASK" >> "{ctl}/ledger"\n'
                   'head() { echo "$WFC_TASK {params.v}"; }\n'
                   f"whole() {{ head; {reads}}}\n"
                   "odd() { [ $(({params.v} % 2)) = 1 ]; }\n"
                   f"{before}{CHECK.replace('{ctl}', ctl)}{after}\ntrue")
        each = f'each = "{self.each}"\n' if self.each else ""
        needs = f"needs = [{', '.join(repr(need.name) for need in self.needs)}]\n"
        retry = "retry = { times = 2 }\n" if self.retry else ""
        return (f'\n[[step]]\nname = "{self.name}"\n{each}{needs}{retry}inputs = ["in.txt"]\n'
                f'outputs = ["{self.output()}"]\nrun = \'\'\'{command}\'\'\'\n')


class World:
    """A workflow and the directories that its tasks are for."""

    def __init__(self, rng):
        self.names = {"": [()], "s": [(f"s{i}",) for i in range(rng.choice((1, 2, 2, 3)))]}
        self.names["c"] = [name + (f"c{i}",) for name in self.names["s"] for i in range(rng.choice((1, 2)))]
        self.sheet = rng.random() < 0.35
        self.only = None
        self.steps = []
        for i in range(rng.choice((1, 2, 2, 3))):
            kinds = [kind for kind in KINDS if self.sheet or kind != "column"]
            if any(step.kind == "column" for step in self.steps):
                kinds.remove("column")
            kind = rng.choice(kinds)
            each = rng.choice(("s", "s", "c")) if kind == "column" else rng.choice(("s", "s", "s", "c", ""))
            needs = [step for step in self.steps if rng.random() < 0.4]
            self.steps.append(Step(f"p{i}", kind, each, needs, rng.random() < 0.6))

    def tasks(self, step):
        return [name for name in self.names[step.each]
                if not self.only or not name or name[0] == self.only]

    def sheet_text(self):
        return "sample,o\n" + "".join(f"{name[0]},{self.column(name)}\n" for name in self.names["s"])

    @staticmethod
    def column(name):
        return f"o-{name[0]}.txt"

    def text(self, ctl):
        level = 'file = "samples.csv"\ncolumn = "sample"' if self.sheet else 'match = "s*"'
        only = f'\nonly = "{self.only}"' if self.only else ""
        return ('[workflow]\nname = "t"\nroot = "data"\n[params]\nv = 1\n'
                f'[[level]]\nname = "s"\n{level}{only}\n[[level]]\nname = "c"\nmatch = "c*"\n'
                + "".join(step.text(ctl) for step in self.steps))

    def place(self, step, name):
        """The declared output of a task, relative to the root."""
        return os.path.join(*name, step.output().replace("{s.o}", self.column(name) if name else ""))

    @staticmethod
    def task(step, name):
        return f"{step.name}:{'/'.join(name)}" if name else step.name

    def producers(self, need, name):
        """The tasks of `need` that a task of these names waits for."""
        return [other for other in self.tasks(need)
                if other[:len(name)] == name or name[:len(other)] == other]

    def made(self, step, name, version):
        """{path relative to the root: content} of a task that has ended well."""
        head = f"{self.task(step, name)} {version}\n"
        whole = head
        for need in step.needs:
            for other in self.producers(need, name):
                files = self.made(need, other, version)
                read = [path for path in sorted(files) if not path.endswith("/k/b")]
                whole += "".join(files[path] for path in read)
        place, stem = self.place(step, name), os.path.join(*name, step.stem)
        odd = version % 2 == 1
        if step.kind.startswith("directory"):
            return {place + "a": whole, place + "k/b": head}
        last = {"glob": ".csv", "glob of directories": "/a", "glob in directories": "/x.csv"}.get(step.kind)
        if last is None:
            return {place: whole}
        return {f"{stem}_1{last}": whole, **({f"{stem}_2{last}": head} if odd else {})}
