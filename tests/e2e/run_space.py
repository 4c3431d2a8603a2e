#!/usr/bin/python3
"""Disks without room: a class of its own, with what is full and what to do. In mount namespaces of their own."""
from run_common import WFC, Workspace, main, os, subprocess

HEAD = """
[workflow]
name = "space"
root = "data"
[[level]]
name = "s"
match = "s*"
"""


def step(run, more=""):
    return HEAD + f"[[step]]\nname = \"one\"\neach = \"s\"\noutputs = [\"one.txt\"]\nrun = '''{run}'''\n{more}\n"


def on_small_disk(space, options, *words, place="small", expect=1):
    """Runs wfc with a small file system at `place`, which is TMPDIR where it is not the data."""
    os.makedirs(space.path(place), exist_ok=True)
    script = 'mount -t tmpfs -o "$1" tmpfs "$2" && mkdir -p "$2/s1" && shift 2 && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", script, "-", options, os.fsdecode(space.path(place)), WFC, *words]
    variables = dict(os.environ)
    if place == "small":
        variables["TMPDIR"] = os.fsdecode(space.path(place))
    done = subprocess.run(command, cwd=space.dir, capture_output=True, timeout=60, env=variables)
    text = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
    assert done.returncode == expect, f"exit status {done.returncode}, not {expect}:\n{text}"
    return text


REMEDY = "free space there, or set `TMPDIR` to a larger disk"


def full(space, what="is full"):
    return f"no space left: `{os.fsdecode(space.path('small'))}` {what}; {REMEDY}"


def a_command_that_fills_its_scratch():
    for run in ("head -c 200000 /dev/zero > {scratch}/x; echo done > {outputs}",
                # One that does not say so: the disk does.
                "head -c 200000 /dev/zero > {scratch}/x 2>/dev/null; echo done > {outputs}",
                "head -c 200000 /dev/zero > $TMPDIR/x; echo done > {outputs}"):
        with Workspace(step(run, "retry = { times = 2, on = [\"exit\"] }")) as space:
            space.write("data/s1/in.txt", "")
            text = on_small_disk(space, "size=64k", "run", "workflow.toml")
            assert f"failed: one:s1: exit status 1; {full(space)}" in text, text
            why = space.why("one:s1")
            # Of the class `exit` it would have been tried again.
            assert "recorded: failed (no space)" in why and "attempt 1" in why and full(space) in why, why
            status = subprocess.run([WFC, "status", "workflow.toml"], cwd=space.dir, capture_output=True).stdout.decode()
            assert full(space) in status and "log: out/logs/one/s1.log" in status, status


def what_said_so_and_has_tidied_up():
    with Workspace(step("echo x > /dev/full", "retry = { times = 1, on = [\"no_space\"] }")) as space:
        space.write("data/s1/in.txt", "")
        text = space.run(expect=1)
        assert "; no space left, but `" in text, text
        assert " MB free now: it was freed since, or something else is full; free space where the command writes" in text, text
        assert "free space there" not in text, text
        why = space.why("one:s1")
        assert "(no space)" in why and "attempt 2" in why, why


def the_disk_of_the_data():
    with Workspace(step("head -c 200000 /dev/zero > {outputs}")) as space:
        space.write("data/s1/in.txt", "")
        text = on_small_disk(space, "size=64k", "run", "workflow.toml", place="data")
        assert f"no space left: `{space.dir}/data/s1` is full; free space there\n" in text, text
        assert "(no space)" in space.why("one:s1")


def no_room_for_a_directory_of_the_task():
    with Workspace(step("echo {scratch} > {outputs}")) as space:
        space.write("data/s1/in.txt", "")
        text = on_small_disk(space, "nr_inodes=2", "run", "workflow.toml")
        assert full(space, "has no inodes left") in text, text
        assert "(no space)" in space.why("one:s1")


TEMP = """
[[step]]
name = "made"
each = "s"
temp = true
outputs = ["made.txt"]
run = "echo made > {outputs}"
[[step]]
name = "read"
each = "s"
inputs = ["made.txt"]
outputs = ["read.txt"]
run = "cp {inputs} {outputs}"
"""


def no_room_for_the_directory_of_a_job():
    """Seen to fail: the run ended with the error of `mkdir` alone, and nothing was recorded."""
    with Workspace(HEAD + TEMP) as space:
        space.write("data/s1/in.txt", "")
        text = on_small_disk(space, "nr_inodes=2", "run", "workflow.toml")
        assert "failed: made:s1: cannot make" in text and full(space, "has no inodes left") in text, text
        assert "1 failed, 1 blocked by them" in text, text
        why = space.why("made:s1")
        assert "recorded: failed (no space)" in why and full(space, "has no inodes left") in why, why
        assert "log: out/logs/made/s1.log" in why, why
        assert "blocked by made:s1" in space.why("read:s1")
        space.run()
        assert space.read("data/s1/read.txt") == b"made\n"


def an_ordinary_failure_stays_one():
    with Workspace(step("echo no space for jokes >&2; exit 4")) as space:
        space.write("data/s1/in.txt", "")
        space.run(expect=1)
        assert "(exit)" in space.why("one:s1")


main([a_command_that_fills_its_scratch, what_said_so_and_has_tidied_up, the_disk_of_the_data,
      no_room_for_a_directory_of_the_task, no_room_for_the_directory_of_a_job, an_ordinary_failure_stays_one])
