#!/usr/bin/python3
"""Random bytes in every place where a value comes from outside: names of directories, cells of a sample
sheet, parameters, environment and accounts of a site. No shell evaluates any, the command receives the same bytes,
scripts stay clean for shellcheck. WFC_FAULT_ROUNDS, WFC_FAULT_SEED."""
import random
import re

from run_common import WFC, Workspace, main, os, subprocess

SEED = int(os.environ.get("WFC_FAULT_SEED", "1"))
ROUNDS = int(os.environ.get("WFC_FAULT_ROUNDS", "3"))
# What a shell, Slurm, a template or a glob would take for its own.
PIECES = ["$(touch pwned)", "`touch pwned`", ";touch pwned;", "'", '"', "\\", "\n", "\r", "\t", "$HOME",
          "${x}", "{dir}", "{{", "}}", "{params.word}", "*", "?", "[a]", "~", "!", "#", "&", "|", "<",
          ">", "(", ")", "%A", "%", "-", "--", " ", "=", ",", ":", "@", "\x01", "\x1b[31m", "\x7f",
          "é", "漢", "\u202e", "\U0001f600", "\ufeff", "a", "Z", "0", "\\n", "$'\\x41'", "!!"]

WORKFLOW = r"""
[workflow]
name = "hostile"
root = "data"
[params]
word = "x"
[[level]]
name = "dir"
file = "sheet.csv"
column = "dir"
[[step]]
name = "one"
each = "dir"
inputs = ["in.txt"]
outputs = ["{dir}.out"]
run = '''printf '%%s\0%%s\0%%s\0%%s' {dir} {dir.cell} {params.word} "$SHADE" > {outputs}'''
env = { SHADE = %s }
[[step]]
name = "two"
each = "dir"
needs = ["one"]
outputs = ["two of {dir}"]
argv = ["cp", "--", "{needs.one}", "{outputs}"]
[site.cluster]
partition = "main"
account = %s
"""


def quoted(text):
    """As a TOML string."""
    return '"' + "".join(c if c.isalnum() and c.isascii() else
                         f"\\U{ord(c):08x}" for c in text) + '"'


def cell(data):
    return b'"' + data.replace(b'"', b'""') + b'"'


def text_of(chance, most=6):
    return "".join(chance.choice(PIECES) for _ in range(chance.randint(1, most)))


def name_of(chance):
    """One component of a path, often not UTF-8."""
    while True:
        name = text_of(chance).encode()
        if chance.random() < 0.3:
            name += bytes([chance.choice([0x80, 0xc3, 0xff, 0xfe])])
        if name.strip(b" ") not in (b"", b".", b"..") and not name.startswith(b".") \
                and len(name) < 120:
            return name


def no_traces(space):
    for where, dirs, names in os.walk(space.dir):
        assert "pwned" not in dirs + names, f"a value was run as a command, in {where}"


def fill(chance):
    names = sorted({name_of(chance) for _ in range(5)})
    cells = [text_of(chance).encode() for _ in names]
    # A placeholder in `env` is an error.
    shade, account = text_of(chance).replace("{", "("), text_of(chance, 3)
    space = Workspace(WORKFLOW % (quoted(shade), quoted(account)))
    rows = [b"dir,cell"] + [cell(name) + b"," + cell(value) for name, value in zip(names, cells)]
    space.write("sheet.csv", b"\n".join(rows) + b"\n")
    for name in names:
        space.write(b"data/" + name + b"/in.txt", b"x")
    word = text_of(chance)
    expected = {name: b"\0".join([name, value, word.encode(), shade.encode()])
                for name, value in zip(names, cells)}
    return space, word, expected, account


def check_results(space, expected):
    for name, wanted in expected.items():
        for output in (name + b".out", b"two of " + name):
            found = space.read(b"data/" + name + b"/" + output)
            assert found == wanted, (name, found, wanted)
    no_traces(space)


def scripts_are_clean(space, word, expected, account):
    """Compiled for Slurm: shellcheck finds nothing, and a script that is run as it stands does the same."""
    done = subprocess.run([WFC, "compile", "workflow.toml", "--site", "cluster", "--set",
                           "word=" + word], cwd=space.dir, capture_output=True)
    said = (done.stdout + done.stderr).decode(errors="replace")
    if done.returncode != 0:
        # A value that no line of sbatch can hold is an error with a code, never a broken script.
        assert re.search(r"error\[WFC\d+\]", said), said
        assert re.search(r"^-|\s|[\0-\x1f\x7f]", account), (account, said)
        assert not space.exists("out/submit.sh")
        return False
    jobs = space.path("out/jobs")
    scripts = sorted(os.path.join(jobs, name) for name in os.listdir(jobs) if name.endswith(b".sbatch"))
    subprocess.run(["shellcheck", "-e", "SC1090,SC1091", "-s", "bash", *scripts], check=True)
    subprocess.run(["shellcheck", "-a", "-x", "submit.sh"], cwd=space.path("out"), check=True)
    for name in expected:
        for output in (name + b".out", b"two of " + name):
            os.remove(space.path(b"data/" + name + b"/" + output))
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SLURM_")}
    for script in scripts:
        with open(script, "rb") as file:
            if b"--array" not in file.read():
                continue
        for index in range(len(expected)):
            subprocess.run(["bash", script], cwd=space.path("out"), capture_output=True, timeout=60,
                           env=dict(kept, SLURM_ARRAY_TASK_ID=str(index)))
    return True


def every_value_arrives():
    chance = random.Random(SEED)
    compiled = 0
    for _ in range(ROUNDS):
        space, word, expected, account = fill(chance)
        with space:
            space.run("-j", "2", "--set", "word=" + word)
            check_results(space, expected)
            if scripts_are_clean(space, word, expected, account):
                compiled += 1
                check_results(space, expected)
    print(f"{ROUNDS} rounds of 5 directories, {compiled} compiled for Slurm too")
    print(f"fault: hostile-values survived {ROUNDS} of {ROUNDS} seed {SEED}")


if __name__ == "__main__":
    main([every_value_arrives])
