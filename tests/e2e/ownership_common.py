"""What the tests of ownership share: a workflow of one level, and what a user has in its data."""
import json
import re
import stat

from run_common import WFC, Workspace, os, subprocess

LEVEL = """
[workflow]
name = "t"
root = "data"
[[level]]
name = "s"
match = "*"
"""


def step(name, outputs, run, more=""):
    return f"""
[[step]]
name = "{name}"
each = "s"
outputs = [{outputs}]
run = '''{run}'''
{more}
"""


class Space(Workspace):
    """A workflow of one level with the sample `a`; what a user has there is remembered."""

    def __init__(self, *steps, samples=("a",)):
        super().__init__(LEVEL + "".join(steps))
        self.foreign = {}
        for sample in samples:
            self.write(f"data/{sample}/in.txt", sample + "\n")

    def put(self, name, content="precious\n"):
        self.write(name, content)
        self.remember(name)

    def link(self, target, name):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        os.symlink(target, self.path(name))
        self.remember(name)

    def remember(self, name):
        self.foreign[name] = self.state(name)

    def state(self, name):
        path = self.path(name)
        info = os.lstat(path)
        if stat.S_ISLNK(info.st_mode):
            return "link", os.readlink(path)
        return self.read(name), info.st_mtime_ns, info.st_mode

    def check(self):
        for name, state in self.foreign.items():
            assert self.exists(name), f"{name} is gone"
            assert self.state(name) == state, f"{name} has changed"

    def edit(self, old, new):
        text = self.read("workflow.toml").decode()
        assert old in text
        self.write("workflow.toml", text.replace(old, new))

    def touch(self, expect=0):
        done = subprocess.run([WFC, "touch", "workflow.toml"], cwd=self.dir, capture_output=True,
                              timeout=60)
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout.decode()

    def data(self):
        return {name.decode(): text.decode() for name, text in self.files().items()}


def refused(space, *words):
    """Nothing is run, and the message offers what can be done."""
    text = space.run(*words, expect=1)
    for offer in ("wfc touch", "--set-aside", "--replace", "nothing runs until you choose"):
        assert offer in text, text
    # Whoever asks before is told the same, with the same commands; `plan` is for submit.sh here.
    message = re.search(r"\d+ files? (is|are) in the place of .*complete: [^\n]*", text, re.DOTALL).group()
    for command in (["run", "-n"], ["status"], ["plan"]):
        done = subprocess.run([WFC, *command, "workflow.toml"], cwd=space.dir, capture_output=True, timeout=60)
        said = done.stdout.decode()
        told = message if command != ["plan"] else message.split("--set-aside")[0].rsplit("wfc run", 1)[0]
        assert done.returncode == 0 and told in said, f"{command}: {said}{done.stderr}"
    assert "out/submit.sh --set-aside" in said and "out/submit.sh --replace" in said, said
    occupied_for_tools(space, message)
    path, task = re.search(r"^  (.*) \((.*)\)$", message, re.M).groups()
    said = space.why(task)
    assert f"  {path} ({task})\n" in said and "nothing runs until you choose" in said, said
    assert message.split("help: ")[1] in said or " more\n" in message, said
    space.check()
    return text


def occupied_for_tools(space, message):
    """The JSON answers have the same places."""
    for command in (["run", "-n"], ["status"], ["plan"]):
        done = subprocess.run([WFC, *command, "--json", "workflow.toml"], cwd=space.dir, capture_output=True,
                              check=True, timeout=60)
        answer = json.loads(done.stdout)
        places = answer.get("now", answer)["occupied"]
        files = {(os.path.relpath(path, space.dir), place["task"]) for place in places for path in place["files"]}
        assert str(len(files)) == message.split()[0], f"{command}: {places}"
        named = set(re.findall(r"^  (\S+) \((.*)\)$", message, re.M))
        assert named <= files and all(place["output"] for place in places), f"{command}: {places}, not {named}"
