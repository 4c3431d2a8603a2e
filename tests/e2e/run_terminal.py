#!/usr/bin/python3
"""What `wfc run` shows while it runs: what will run, one progress line that fits the terminal, failures as they come,
a table; and nothing but plain lines where there is no terminal. Seen to fail: a line of 50 columns was cut in a number."""
import fcntl
import pty
import re
import struct
import termios

from run_common import WFC, Workspace, main, os, subprocess, time

WORKFLOW = """
[workflow]
name = "terminal"
root = "data"
[[level]]
name = "s"
values = "s{01..40}"
[[step]]
name = "measure"
each = "s"
run = "sleep 0.1; test {s} != s07 || { echo broken disk >&2; exit 3; }; echo > {outputs}"
outputs = ["one.txt"]
[[step]]
name = "summarize"
each = "s"
needs = ["measure"]
run = "sleep 0.05; cat {needs.measure} > {outputs}"
outputs = ["two.txt"]
"""


def on_terminal(space, columns, *words):
    """Exit status, and all that was written, in pieces of (seconds, bytes)."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(space.dir)
        os.execv(WFC, [WFC, "run", *words])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    begun, pieces = time.time(), []
    while True:
        try:
            got = os.read(terminal, 65536)
        except OSError:
            break
        if not got:
            break
        pieces.append((time.time() - begun, got))
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), pieces


def progress_lines(text):
    return re.findall(r"\r\x1b\[K(\[\d+/\d+\][^\r\n\x1b]*)", text)


def a_run_on_a_terminal(columns):
    with Workspace(WORKFLOW) as space:
        os.makedirs(space.path("data"))
        status, pieces = on_terminal(space, columns, "-j", "2")
        text = b"".join(piece for _, piece in pieces).decode()
        assert status == 1, text
        first = text[:text.index("[0/80]")].split("\x1b[K")[-2]  # what was shown of the look before is gone
        # Seen to fail: the terminal broke the line within a word.
        assert first.split() == "running 80 tasks: measure 40, summarize 40; logs in out/logs".split(), text
        assert all(len(line) < columns for line in first.split("\r\n")), first
        lines = progress_lines(text)
        assert len(lines) > 5, text
        for line in lines:
            assert len(line) < columns, (columns, line)
            assert re.fullmatch(r"\[\d+/80\] \d+ running(, 1 failed)?(, 1 blocked)?(, \d+:\d\d)?(, ~\d+:\d\d left)?", line), line
        # The time that has passed and the time that is left.
        assert any(re.search(r", 0:0[1-9], ~0:\d\d left$", line) for line in lines), lines
        # The failure is shown when it comes, above a progress line that goes on.
        failure = text.index("failed: measure:s07: exit status 3")
        assert text.rindex("\r\x1b[K[") > failure > text.index("\r\x1b[K["), text
        assert "    | broken disk" in text and "    log: out/logs/measure/s07.log" in text, text
        # The line is gone before the table.
        end = text.replace("\r\n", "\n").split("\x1b[K")[-1]
        assert "\r" not in end, end
        head, time_of = (" +summed time", r" +\d.*") if columns > 60 else ("", "")
        assert re.search(fr"^step +tasks +done +failed +blocked{head}\n"
                         fr"measure +40 +39 +1 +0{time_of}\nsummarize +40 +39 +0 +1{time_of}\n", end, re.MULTILINE), end
        assert "78 of 80 tasks done, 1 failed, 1 blocked by them, in " in end, end


def at_50_and_120_columns():
    a_run_on_a_terminal(50)
    a_run_on_a_terminal(120)
    # No room for all: numbers are left out, never cut.
    with Workspace(WORKFLOW) as space:
        os.makedirs(space.path("data"))
        _, pieces = on_terminal(space, 24, "-j", "2")
        lines = progress_lines(b"".join(piece for _, piece in pieces).decode())
        assert len(lines) > 3, pieces
        for line in lines:
            assert len(line) < 24 and re.fullmatch(r"\[\d+/80\]((,)? (\d+ running|\d+ failed|\d+:\d\d|~\d+:\d\d left))*", line), line


def without_a_terminal_there_are_plain_lines():
    with Workspace(WORKFLOW) as space:
        os.makedirs(space.path("data"))
        text = space.run("-j", "4", expect=1)
        assert all(c >= " " or c == "\n" for c in text), text
        assert "[" not in text and "running 80 tasks: measure 40, summarize 40; logs in out/logs\n" in text, text
        # The columns in which there would be nothing are left out; what is up to date has one.
        space.write("workflow.toml", WORKFLOW.replace("!= s07", "!= none"))
        text = space.run("-j", "4")
        assert re.search(r"^step +tasks +done +summed time$", text, re.MULTILINE) or "up to date" in text, text
        text = space.run()
        assert text.startswith("step") or "everything is up to date (80 tasks)" in text, text
        assert re.search(r"^step +tasks +done +up to date +summed time\nmeasure +40 +0 +40 +-$", text, re.MULTILINE), text


if __name__ == "__main__":
    main([at_50_and_120_columns, without_a_terminal_there_are_plain_lines])
