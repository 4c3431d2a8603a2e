"""What the tests of submit.sh's security share: a compiled workflow of two steps, and stand-ins for Slurm and wfr that
say what a test has written down and record how they are called. PATH has the tools that submit.sh is meant to
start and `canary`, which hostile texts name: it leaves a trace when it runs."""
import hashlib
import os
import re
import shutil
import subprocess
import tempfile

TOOLS = ("basename bash cat dirname env find grep head id mkdir mktemp mv paste readlink realpath rm rmdir sed sha256sum sort stat sync tail "
         "tr wc").split()

WORKFLOW = """
[workflow]
name = "w"
root = "data"
site = "test"
[[level]]
name = "s"
match = "s*"
[[step]]
name = "a"
each = "s"
outputs = ["o.txt"]
run = "echo hi > {outputs}"
[[step]]
name = "b"
needs = ["a"]
outputs = ["p.txt"]
run = "cat {needs.a} > {outputs}"
[site.test]
"""

# Each effect is one line of the file `calls`, its words divided by \x1f.
RECORD = r"""
case " $* " in *" --test-only "*) exit 0 ;; esac
record() { local IFS=$'\037'; printf '%s\n' "${*//$'\n'/<newline>}" >>"$here/calls"; }
record "${0##*/}" "$@"
"""
STUBS = {
    # What it takes is in the queue.
    "sbatch": '[ ! -e "$here/answer" ] || { cat "$here/answer"; exit 0; }\n'
              'n=$(cat "$here/next" 2>/dev/null || echo 100); echo $((n + 1)) >"$here/next"; echo "$n"\n'
              'for word in "$@"; do case $word in --comment=*) tag=${word#*=} ;; --chdir=*) dir=${word#*=} ;; esac; done\n'
              'echo "@MARK@$n|N/A|PD|$EUID@MARK@Priority@MARK@$tag@MARK@x@MARK@$dir" >>"$here/queue"\n',
    # @MARK@ is the word that divides the fields, as the format has it.
    "squeue": 'while [ $# -gt 0 ]; do [ "$1" != -o ] || format=$2; shift; done\n'
              'case $format in *%F*) ;; *) exit 0 ;; esac\n'
              '[ ! -e "$here/queue" ] || sed "s/@MARK@/${format%%"%F"*}/g" "$here/queue"\n',
    "scancel": "", "scontrol": "",
    "sinfo": 'echo "debug* idle"\n',
    "sleep": "",
}
WFR = r"""
case $1 in
  visible) exec REAL visible ;;
  resume)
    while [ $# -gt 1 ]; do [ "$1" != --dir ] || directory=$2; shift; done
    [ ! -e "$here/exclude" ] || cat "$here/exclude" >"$directory/exclude"
    cat "$here/parts" 2>/dev/null || echo "3 0 0 3 0" ;;
esac
"""


def plain(text):
    """No byte in it that a terminal obeys."""
    return not re.search(rb"[^\n\t\x20-\x7e\x80-\xff]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]", text)


class Submission:
    """A directory of its own with out/ in it. `real_wfr`: wfr is not replaced."""

    def __init__(self, bin_dir, real_wfr=False):
        self.dir = tempfile.mkdtemp(prefix="wfc-submission-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
        self.out, self.stub, self.tools = (os.path.join(self.dir, name) for name in ("out", "stub", "tools"))
        for session in ("s1", "s2"):
            os.makedirs(os.path.join(self.dir, "data", session))
        with open(os.path.join(self.dir, "workflow.toml"), "w", encoding="utf-8") as file:
            file.write(WORKFLOW)
        subprocess.run([os.path.join(bin_dir, "wfc"), "compile", "workflow.toml"], cwd=self.dir, check=True,
                       stdout=subprocess.DEVNULL)
        with open(os.path.join(self.out, "submit.sh"), encoding="utf-8") as file:
            text = file.read()
        self.plan = re.search(r"^readonly plan=(\w+)", text, re.M)[1]
        self.keys = re.findall(r"^job (\S+) ", text, re.M)
        self.state = os.path.join(self.out, "state", self.plan)
        self.journal = os.path.join(self.state, "journal")
        os.mkdir(self.stub)
        os.mkdir(self.tools)
        for name in TOOLS:
            os.symlink(shutil.which(name), os.path.join(self.tools, name))
        head = f"#!/bin/bash\nLC_ALL=C PATH=/usr/bin:/bin here={self.stub}\n"
        for name, text in {**STUBS, "canary": ""}.items():
            self.program(os.path.join(self.tools, name), head + RECORD + text)
        if not real_wfr:
            wfr = os.path.join(self.out, "bin", "wfr")
            real = os.path.join(self.dir, "real-wfr")
            shutil.copy(wfr, real)
            os.unlink(wfr)
            self.program(wfr, head + WFR.replace("REAL", real))
            self.seal()
        self.env = {"PATH": self.tools, "HOME": self.dir, "LC_ALL": "C.UTF-8"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    @staticmethod
    def program(path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def seal(self):
        """What was put in the place of a program is what the manifest has."""
        manifest = os.path.join(self.out, "plan", self.plan, "manifest.sha256")
        lines = []
        with open(manifest, encoding="utf-8") as file:
            for line in file.read().splitlines():
                name = line[66:]
                if re.match(r"[0-9a-f]{64}  bin/", line):
                    with open(os.path.join(self.out, name), "rb") as program:
                        line = hashlib.sha256(program.read()).hexdigest() + "  " + name
                lines.append(line)
        with open(manifest, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def fresh(self):
        """As if nothing had been submitted, and nothing recorded."""
        shutil.rmtree(os.path.join(self.out, "state"), ignore_errors=True)
        shutil.rmtree(self.stub)
        os.mkdir(self.stub)
        os.makedirs(self.state)

    def say(self, name, content):
        """What a stand-in answers: `queue`, `answer` (of sbatch), `parts`, `exclude` (of wfr)."""
        with open(os.path.join(self.stub, name), "wb") as file:
            file.write(content)

    def write(self, path, content):
        with open(path, "wb") as file:
            file.write(content)

    def tag(self, run, key):
        return f"wfc:{run}:{key}:{self.plan[:12]}"

    def job(self, number, name, comment, directory=None, user=None, state="PD", reason="Priority"):
        """A line of squeue."""
        user = os.geteuid() if user is None else user
        text = f"@MARK@{number}|N/A|{state}|{user}@MARK@{reason}@MARK@{comment}@MARK@{name}@MARK@{directory or self.out}\n"
        return text.encode(errors="surrogateescape")

    def submit(self, *options, timeout=60):
        """(exit status, what it said)"""
        done = subprocess.run(["/bin/bash", os.path.join(self.out, "submit.sh"), *options], env=self.env, cwd=self.dir,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=timeout, check=False)
        return done.returncode, done.stdout

    def calls(self, program):
        """The words of each call of a stand-in."""
        path = os.path.join(self.stub, "calls")
        if not os.path.exists(path):
            return []
        with open(path, "rb") as file:
            lines = [line.split(b"\x1f") for line in file.read().split(b"\n")[:-1]]
        return [line[1:] for line in lines if line[0] == program.encode()]
