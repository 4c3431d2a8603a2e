#!/usr/bin/python3
"""Options that no command can mean, and workflow files that are none: a clear error at once, and nothing is written.
Seen to fail: `--mem 0` and `--mem -1` were taken, `graph --format 1` drew mermaid, a FIFO was waited for."""
import socket

from run_common import WFC, Workspace, main, os, subprocess

WORKFLOW = """
[workflow]
name = "t"
root = "data"
[[level]]
name = "s"
match = "*"
[[step]]
name = "one"
each = "s"
outputs = ["one.txt"]
run = "echo > {outputs}"
"""


def ask(space, *words, expect):
    done = subprocess.run([WFC, *words], cwd=space.dir, capture_output=True, timeout=20)
    text = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
    assert done.returncode == expect, f"{words}: exit status {done.returncode}, not {expect}:\n{text}"
    return text


def values():
    with Workspace(WORKFLOW) as space:
        space.write("data/a/x", "")
        file = "workflow.toml"
        for size in ("0", "-1", "0G", "-1G", "1.5G", "x", "16X", "G", "99999999999999999999", "18446744073709551615T",
                     " 1", "+1", "nan", "2000000T"):
            text = ask(space, "run", file, f"--mem={size}", expect=2)
            assert f"--mem: takes a size such as 16G, not `{size}`" in text, text
        for words in (["run", "-j", "0"], ["run", "-j", "-1"], ["run", "-j", "65537"], ["run", "-j", "x"],
                      ["run", "-j", "99999999999999999999"], ["plan", "--nodes", "0"], ["plan", "--nodes", "-1"],
                      ["plan", "--nodes", "1000001"], ["plan", "--nodes", "2.5"], ["plan", "--templates", "nowhere"],
                      ["compile", "--set", "=1"], ["compile", "--set", "a"]):
            text = ask(space, words[0], file, *words[1:], expect=2)
            assert f"{'--jobs' if words[1] == '-j' else words[1]}: " in text and "--help" in text, text
            assert not any(ord(byte) < 32 and byte != "\n" for byte in text), repr(text)
        for words, said in ((["graph", "--format", "foo"], "--format: needs dot, mermaid, json or svg, not `foo`"),
                            (["graph", "--format", "1"], "--format: needs dot, mermaid, json or svg, not `1`"),
                            (["graph", "--of", "foo"], "--of: needs steps, jobs or tasks, not `foo`")):
            assert said in ask(space, words[0], file, *words[1:], expect=2), words
        assert "needs probe, not `x`" in ask(space, "site", "x", expect=2)
        assert "needs bash, zsh, fish or man, not `x`" in ask(space, "completion", "x", expect=2)
        for form in ("dot", "mermaid", "json"):
            ask(space, "graph", file, "--format", form, expect=0)
        assert os.listdir(space.dir) == ["data", file] or sorted(os.listdir(space.dir)) == ["data", file]
        ask(space, "run", file, "--mem", "64M", "-j", "65536", expect=0)


def empty_values():
    with Workspace(WORKFLOW) as space:
        space.write("data/a/x", "")
        for words in (["run", "--mem", ""], ["run", "--site", ""], ["run", "-o", ""],
                      ["run", "--templates", ""], ["run", "--set", ""], ["plan", "--gantt", ""], ["run", ""],
                      ["touch", ""], ["why", ""], ["run", "-j", ""], ["plan", "--nodes", ""], ["graph", "--of", ""]):
            text = ask(space, words[0], "workflow.toml", *words[1:], expect=2)
            name = words[1] if words[1] != "-o" else "--out"
            assert name.lstrip("-") in text and "--help" in text, text
        assert "the value is empty" in ask(space, "check", "", expect=2)
        assert "the value is empty" in ask(space, "site", "probe", "--name", "", expect=2)
        assert sorted(os.listdir(space.dir)) == ["data", "workflow.toml"]


def what_is_no_workflow_file():
    with Workspace(WORKFLOW) as space:
        os.mkfifo(space.path("fifo.toml"))
        os.mkdir(space.path("directory.toml"))
        os.symlink("/dev/zero", space.path("zero.toml"))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(space.path("socket.toml"))
            for command in ("run", "compile", "plan", "check", "graph", "touch", "tune", "status"):
                for name, kind in (("fifo.toml", "a FIFO"), ("directory.toml", "a directory"),
                                   ("socket.toml", "a socket"), ("zero.toml", "a device")):
                    if (command, name) == ("status", "directory.toml"):
                        continue
                    text = ask(space, command, name, expect=1)
                    assert f"error[WFC9001]: cannot read `{name}`: it is {kind}, not a file" in text, text


def sheets_and_the_lock():
    with Workspace(WORKFLOW.replace('match = "*"', 'file = "s.csv"\ncolumn = "s"')) as space:
        os.mkdir(space.path("data"))
        os.mkfifo(space.path("s.csv"))
        assert "it is a FIFO, not a file" in ask(space, "check", "workflow.toml", expect=1)
    with Workspace(WORKFLOW) as space:
        space.write("data/a/x", "")
        os.mkfifo(space.path("resources.lock.toml"))
        assert "it is a FIFO, not a file" in ask(space, "check", "workflow.toml", expect=1)


main([values, empty_values, what_is_no_workflow_file, sheets_and_the_lock])
