#!/usr/bin/python3
"""What is said of failures: equal ones are one line with a count, in `wfc run`, `wfc status`, `wfc verdict` and
`wfr verdict`; nothing that a task has said moves the cursor; and each way to fail has its own words.
Seen to fail: 200 equal failures printed 604 lines; an escape sequence went to the terminal."""
import json
import re
import stat

from run_common import WFC, WFR, Workspace, main, os, signal, subprocess, time

HEAD = """
[workflow]
name = "words"
root = "data"
[[level]]
name = "s"
match = "*"
"""


def step(name, run, outputs='["{name}.txt"]', more=""):
    return f"""
[[step]]
name = "{name}"
each = "s"
outputs = {outputs.replace("{name}", name)}
run = '''{run}'''
{more}
"""


def ask(space, *words, expect=0, where=None):
    done = subprocess.run([WFC, *words], cwd=where or space.dir, capture_output=True, timeout=60)
    text = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == expect, f"{words}: exit status {done.returncode}, not {expect}:\n{text}"
    return text


def last(space):
    return space.read("out/state/last").decode().strip()


def two_hundred_equal_failures_are_one_line():
    run = "echo cannot read data/$(basename $PWD)/in.txt >&2; test $(basename $PWD) != s007 || exit 4; exit 3 # {outputs}"
    with Workspace(HEAD + step("one", run)) as space:
        for i in range(200):
            space.write(f"data/s{i:03d}/in.txt", "")
        text = space.run("-j", "8", expect=1)
        # Seen to fail: the line with the count said the reason once more.
        assert text.count("exit status 3") == 1, text
        first = re.search("failed: (one:s...): exit status 3\n", text).group(1)
        assert f"failed: 199 tasks of `one`, as {first} above\n    {first}, one:s" in text, text
        assert "and 196 more" in text and text.count("exit status 4") == 1, text
        assert len(text.splitlines()) < 25, text
        for told in (ask(space, "status", "workflow.toml"), ask(space, "status"),
                     ask(space, "verdict", "workflow.toml", expect=1), ask(space, "verdict", "out", expect=1)):
            assert "failed: 199 tasks of `one`: exit status 3" in told and "and 196 more" in told, told
            assert "    | cannot read data/s000/in.txt" in told, told
            assert "failed: one:s007: exit status 4" in told, told
            assert "    log: out/logs/one/s000.log" in told, told
            assert len(told.splitlines()) < 20, told
        # The tool's file names every task still.
        done = subprocess.run([WFR, "verdict", "--out", space.path("out")], cwd="/", capture_output=True, timeout=60)
        assert done.returncode == 1 and b"failed: 199 tasks" in done.stdout, done
        verdict = json.loads(space.read(f"out/state/{last(space)}/verdict.json"))
        assert len(verdict["failures"]) == 200


def the_command_of_a_task_can_be_copied():
    """Seen to fail: `wfc why` indented each line, and left out empty ones."""
    run = """/usr/bin/python3 - {outputs} <<'END'
import sys

with open(sys.argv[1], "w") as file:
    file.write(\"\"\"one

  two\"\"\")
END"""
    with Workspace(HEAD + step("one", run)) as space:
        space.write("data/s1/in.txt", "")
        space.run()
        made = space.read("data/s1/one.txt")
        assert made == b"one\n\n  two", made
        os.unlink(space.path("data/s1/one.txt"))
        told = ask(space, "why", "workflow.toml", "one:s1")
        subprocess.run(["bash", "-euc", told[told.index("command:\n") + len("command:\n"):]], cwd=space.dir, check=True)
        assert space.read("data/s1/one.txt") == made


def different_words_are_different_groups():
    with Workspace(HEAD + step("one", "echo the $(basename $PWD | tr a-j 0-9 | tr -d 5-9 | tr 0-4 v-z) is wrong >&2; false # {outputs}")) as space:
        for name in "abcde":
            space.write(f"data/{name}/in.txt", "")
        text = space.run("-j", "2", expect=1)
        assert text.count("failed: one:") == 5 and "tasks of" not in text, text


def nothing_moves_the_cursor():
    run = r"printf '\033[2J\033]0;title\a bad \302\233 \342\200\256\n\377'; exit 3 # {outputs}"
    with Workspace(HEAD + step("esc", run)) as space:
        name = b"data/\x1b[31mred\xff"
        os.makedirs(space.path(name))
        text = space.run(expect=1).encode()
        for told in (text, *(ask(space, *words, expect=status).encode() for words, status in (
                (("status", "workflow.toml"), 0), (("status",), 0), (("verdict", "out"), 1),
                (("why", "workflow.toml", b"esc:\x1b[31mred\xff"), 0), (("run", "-n", "workflow.toml"), 0),
                (("why", "workflow.toml", "esc:nope"), 2)))):
            assert b"\x1b" not in told and b"\x07" not in told and b"\xc2\x9b" not in told, told
            assert "\u202e".encode() not in told and b"\xff" not in told and b"\r" not in told, told
        assert rb"| \x1b[2J\x1b]0;title\x07 bad \xc2\x9b \xe2\x80\xae" in text, text


def reason_of(run, outputs='["{name}.txt"]', prepare=None):
    with Workspace(HEAD + step("one", run, outputs)) as space:
        space.write("data/a/in.txt", "")
        if prepare:
            prepare(space)
        return space.run(expect=1)


def script(name, content):
    def prepare(space):
        space.write(f"data/a/{name}", content)
        os.chmod(space.path(f"data/a/{name}"), 0o755)
    return prepare


def the_first_line_of_a_script_is_looked_at():
    for run in ("./x.sh {outputs}", "true; ./x.sh {outputs}; true"):
        text = reason_of(run, prepare=script("x.sh", "#!/opt/none/bin/tool -x\n"))
        assert "its interpreter `/opt/none/bin/tool` does not exist" in text, text
        text = reason_of(run, prepare=script("x.sh", "#!/bin/sh\r\necho\r\n"))
        assert "its first line `#!/bin/sh\\x0d` ends in a carriage return" in text, text
    text = reason_of("./x.sh {outputs}", prepare=script("x.sh", "#!/usr/bin/env bash\r\necho\r\n"))
    assert "ends in a carriage return" in text, text
    assert "program `./none` not found" in reason_of("./none {outputs}")
    assert "`./dir` is a directory, not a program" in reason_of(
        "./dir {outputs}", prepare=lambda space: os.makedirs(space.path("data/a/dir")))

    def plain(space):
        script("x.sh", "#!/bin/sh\n")(space)
        os.chmod(space.path("data/a/x.sh"), stat.S_IRUSR)
    assert "`./x.sh` is not executable" in reason_of("./x.sh {outputs}", prepare=plain)


def an_output_of_the_other_kind_says_what_to_write():
    text = reason_of("mkdir {outputs}", '["res2"]')
    assert "made a directory of `a/res2`" in text and "write `a/res2/`" in text, text
    text = reason_of("touch {outputs}", '["res2/"]')
    assert "made a file of `a/res2/`" in text and "write `a/res2`" in text, text
    text = reason_of("true", '["*.nii"]')
    assert "created no file that matches `a/*.nii`" in text, text
    text = reason_of("true {outputs}")
    assert "the command succeeded but did not create `a/one.txt`" in text, text


def a_status_that_an_idiom_gives_is_explained():
    text = reason_of("seq 100000 | head -n 1 > {outputs}")
    assert "exit status 141; a command in a pipe was stopped" in text, text
    assert "|| [ $? = 141 ]; }" in text, text
    text = reason_of("echo a > x; grep -c b x > {outputs}")
    assert "exit status 1; `grep` exits with 1 when it finds nothing" in text and "|| [ $? = 1 ]; }" in text, text
    # What the hints say to write works.
    for run in ("{ seq 100000 || [ $? = 141 ]; } | head -n 1 > {outputs}", "echo a > x; { grep -c b x || [ $? = 1 ]; } > {outputs}"):
        with Workspace(HEAD + step("one", run)) as space:
            space.write("data/a/in.txt", "")
            space.run()
    # Where they do not fit there are none.
    for run in ("(exit 141) # {outputs}", "grep x /none > {outputs}", "exit 1 # {outputs}", "echo a || exit 141 # {outputs}"):
        text = reason_of(run)
        assert "pipe" not in text and "finds nothing" not in text, (run, text)


def a_script_beside_the_workflow_is_named():
    for run in ("./tool.sh > {outputs}", "bash tool.sh > {outputs}", "echo; ./tool.sh > {outputs}", "python3 lib/tool.py > {outputs}"):
        with Workspace(HEAD + step("one", run)) as space:
            space.write("data/a/in.txt", "")
            for name in ("tool.sh", "lib/tool.py"):
                space.write(name, "#!/bin/sh\n")
                os.chmod(space.path(name), 0o755)
            text = space.run(expect=1)
            name = "lib/tool.py" if "python3" in run else "tool.sh"
            assert f"`{name}` is beside the workflow, not in the task's directory: write `{{workflow.dir}}/{name}`" in text, text
            # One that is in the task's directory is the one that is meant.
            space.write(f"data/a/{name}", "#!/bin/sh\nexit 5\n")
            os.chmod(space.path(f"data/a/{name}"), 0o755)
            assert "beside the workflow" not in space.run(expect=1)


def stopped_tasks_are_not_failed():
    with Workspace(HEAD + step("one", "touch started; sleep 30 # {outputs}")) as space:
        space.write("data/a/in.txt", "")
        process = space.start()
        until = time.time() + 30
        while not space.exists("data/a/started") and time.time() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        text = process.communicate(timeout=30)[0].decode()
        assert "1 stopped" in text and "failed," not in text, text
        status = ask(space, "status")
        assert "0/1, 1 stopped" in status and "failed" not in status, status
        assert "stopped: one:a: stopped with the run" in status, status


def a_directory_that_may_not_be_read_is_not_a_missing_file():
    if os.getuid() != 0:
        raise SystemExit("needs root, to become somebody else")
    with Workspace(HEAD + step("one", "cp in.txt {outputs}", more='inputs = ["in.txt"]')) as space:
        for name in "ab":
            space.write(f"data/{name}/in.txt", "")
        os.chmod(space.dir, 0o777)
        os.chmod(space.path("data/a"), 0o777)
        os.chmod(space.path("data/b"), 0o700)
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/nonexistent", WFC]
        done = subprocess.run([*nobody, "compile", "workflow.toml", "--site", "local"], cwd=space.dir, capture_output=True, timeout=60)
        text = done.stderr.decode()
        assert "cannot be read (permission denied) in 1 of 2 directories: `b`" in text, text
        done = subprocess.run([*nobody, "run", "workflow.toml"], cwd=space.dir, capture_output=True, timeout=60)
        text = done.stderr.decode()
        assert "failed: one:b: the input `b/in.txt` cannot be read: permission denied" in text, text


def why_of_a_blocked_task_tells_what_blocks_it():
    chain = (step("one", "echo broken disk >&2; exit 3 # {outputs}") +
             step("two", "cp {needs.one} {outputs}", more='needs = ["one"]') +
             step("three", "cp {needs.two} {outputs}", more='needs = ["two"]'))
    with Workspace(HEAD + chain) as space:
        space.write("data/a/in.txt", "")
        text = space.run(expect=1)
        assert "2 blocked by them" in text, text
        text = space.why("three:a")
        assert "recorded: blocked" in text and "blocked by one:a\n" in text, text
        assert "recorded: failed (exit)" in text and "| broken disk" in text, text
        assert "log: out/logs/one/a.log" in text, text
        text = ask(space, "why", "out", "two:a")
        assert "blocked by one:a\n" in text, text


if __name__ == "__main__":
    main([two_hundred_equal_failures_are_one_line, the_command_of_a_task_can_be_copied, different_words_are_different_groups, nothing_moves_the_cursor,
          the_first_line_of_a_script_is_looked_at, an_output_of_the_other_kind_says_what_to_write,
          a_status_that_an_idiom_gives_is_explained, a_script_beside_the_workflow_is_named, stopped_tasks_are_not_failed, a_directory_that_may_not_be_read_is_not_a_missing_file, why_of_a_blocked_task_tells_what_blocks_it])
