"""What the end-to-end tests of `wfc run` share: a workspace, and running wfc in it."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BIN = sys.argv[1] if len(sys.argv) > 1 else "build/bin"
WFC = os.path.abspath(os.path.join(BIN, "wfc"))
WFR = os.path.abspath(os.path.join(BIN, "wfr"))


class Workspace:
    """A temporary directory with a workflow and its data; removed at the end."""

    def __init__(self, workflow):
        self.dir = tempfile.mkdtemp(prefix="wfc-e2e-")
        self.write("workflow.toml", workflow)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        base = os.fsencode(self.dir)
        return os.path.join(base, name if isinstance(name, bytes) else os.fsencode(name))

    def write(self, name, content):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def exists(self, name):
        return os.path.lexists(self.path(name))

    def files(self, below="data"):
        """{relative path: bytes} of every file below a directory, without what holds the tasks' claims."""
        found = {}
        top = self.path(below)
        for where, _, names in os.walk(top):
            for name in names:
                if name == b".wfr.claims":
                    continue
                path = os.path.join(where, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, top)] = file.read()
        return found

    def command(self, *words):
        return [WFC, words[0], "workflow.toml", *words[1:]]

    def run(self, *words, expect=0):
        done = subprocess.run(self.command("run", *words), cwd=self.dir, capture_output=True,
                              timeout=120)
        text = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        assert done.returncode == expect, f"exit status {done.returncode}, not {expect}:\n{text}"
        return text

    def start(self, *words):
        return subprocess.Popen(self.command("run", *words), cwd=self.dir,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def why(self, task):
        done = subprocess.run([WFC, "why", "workflow.toml", task], cwd=self.dir,
                              capture_output=True, timeout=60)
        return done.stdout.decode(errors="replace")


def wait_for(condition, what, seconds=30):
    until = time.time() + seconds
    while not condition():
        assert time.time() < until, f"waited in vain for {what}"
        time.sleep(0.01)


def no_leftovers(files):
    """Nothing half-written under any name, no temporary directories."""
    for name in files:
        assert b".wfr." not in name, f"left behind: {name}"


def main(tests):
    for test in tests:
        begun = time.time()
        test()
        print(f"ok {test.__name__} ({time.time() - begun:.1f} s)", flush=True)


__all__ = ["Workspace", "main", "no_leftovers", "os", "signal", "subprocess", "time", "wait_for",
           "WFC", "WFR"]
