#!/usr/bin/python3
"""Every text that explains the programs is text: --help of each command, the manual pages, the completions.
Seen to fail: `wfc graph --help` showed the values of an enumeration as bytes 0 to 3."""
import re

from run_common import WFC, WFR, Workspace, main, os, subprocess

MANUAL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/reference/wfr.1")


def said(*words, expect=0, where=None):
    done = subprocess.run(words, capture_output=True, timeout=60, check=False, cwd=where)
    assert done.returncode == expect, f"{words}: exit status {done.returncode}: {done.stderr}"
    return (done.stdout + done.stderr).decode()


def is_text(what, text):
    odd = re.search(r"[^\n\x20-\x7e]", text)
    assert not odd, f"{what}: {odd[0]!r} in: {text[max(0, odd.start() - 60):odd.end()]!r}"
    assert text.endswith("\n") and not text.endswith("\n\n\n"), f"{what}: {text[-40:]!r}"


def commands():
    return re.findall(r"^  ([a-z]+) ", said(WFC, "--help").split("Subcommands:")[1], re.M)


def help_is_text():
    names = commands()
    assert len(names) > 12 and "graph" in names, names
    is_text("wfc --help", said(WFC, "--help"))
    is_text("wfr --help", said(WFR, "--help"))
    for name in names:
        text = said(WFC, name, "--help")
        is_text(f"wfc {name} --help", text)
        assert f"wfc {name}" in text, text


def what_is_made_for_shells_and_man_is_text():
    for kind in ("bash", "zsh", "fish", "man"):
        is_text(f"wfc completion {kind}", said(WFC, "completion", kind))
    with open(MANUAL, encoding="utf-8") as file:
        is_text("wfr.1", file.read())


def a_wrong_choice_names_the_right_ones():
    with Workspace("") as space:
        for words, right in ((("graph", "workflow.toml", "--format", "foo"), "dot, mermaid, json or svg"),
                             (("graph", "workflow.toml", "--of", "foo"), "steps, jobs or tasks"),
                             (("completion", "foo"), "bash, zsh, fish or man")):
            text = said(WFC, *words, expect=2, where=space.dir)
            is_text(" ".join(words), text)
            assert f"needs {right}, not `foo`" in text, text


if __name__ == "__main__":
    main([help_is_text, what_is_made_for_shells_and_man_is_text, a_wrong_choice_names_the_right_ones])
