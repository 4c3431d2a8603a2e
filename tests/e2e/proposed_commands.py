#!/usr/bin/python3
"""Every command that a message proposes is typed as it stands there, in bash, from where the user stands: beside the
workflow, in the out directory, elsewhere; with names that need quotes. A proposal of runtime/plan/proposals.def that
neither this test nor a Slurm test has typed fails it, and so does a message with a command that is not from there.
Seen to fail: `out/bin/wfr verdict --plan ...` failed outside `out`, `wfc why` without the `-o` of the run."""
import re

from run_common import WFC, Workspace, main, os, subprocess

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
NAME = "it's $(touch oops) \x1b[31m"
WORKFLOW = """
[workflow]
name = "proposals"
root = "data"
[params]
word = "a"
[[level]]
name = "s"
match = "*"
[[step]]
name = "one"
each = "s"
outputs = ["one.txt"]
run = "test -e ok; echo {params.word} > {outputs}"
"""
typed = set()


def shell(command, where):
    environment = {**os.environ, "PATH": os.path.dirname(WFC) + os.pathsep + os.environ["PATH"]}
    for name in list(environment):
        if name.startswith(("SLURM", "SBATCH")):
            del environment[name]
    done = subprocess.run(["bash", "-c", command], cwd=where, env=environment, capture_output=True, timeout=120)
    return done.returncode, done.stdout.decode() + done.stderr.decode()


def proposed(text, before):
    """The command behind a text in a message."""
    found = re.search(re.escape(before) + r"`?(.*?)`?$", text, re.MULTILINE)
    assert found, f"no {before!r} in:\n{text}"
    assert "\x1b" not in found.group(1), text
    return found.group(1)


def type_it(proposal, command, where, status, part):
    got, text = shell(command, where)
    assert got == status and part in text, f"{proposal}: `{command}` in {where}: exit status {got}:\n{text}"
    typed.add(proposal)


def places(space):
    """Where the user stands, the workflow's path from there, and the options that go with it."""
    os.makedirs(space.path("else where"), exist_ok=True)
    yield space.dir, "workflow.toml", ""
    yield space.path("out"), "../workflow.toml", "-o ."
    yield space.path("else where"), "../workflow.toml", "-o ../out"


def of_a_failed_run():
    with Workspace(WORKFLOW) as space:
        os.makedirs(space.path(f"data/{NAME}"))
        space.run("--set", "word=b c", expect=1)
        for where, workflow, options in places(space):
            for words in (f"run {workflow} {options} --set 'word=b c'", f"status {workflow} {options} --set 'word=b c'",
                          "status -o " + os.fsdecode(space.path("out"))):
                _, text = shell(f"wfc {words}", where)
                type_it("Why", proposed(text, "for details: "), where, 0, "recorded: failed")
            _, text = shell(f"wfc status {workflow} {options} --set 'word=b c'", where)
            type_it("Run", proposed(text, "to run what is not done: "), where, 1, "failed: one:it")
            assert not space.exists("else where/out") and not space.exists("out/out")
        assert not space.exists("data/oops") and not space.exists("oops")


def of_a_compile():
    with Workspace(WORKFLOW) as space:
        space.write("data/a/ok", "")
        for where, workflow, options in places(space):
            if not os.path.isdir(where):
                continue
            status, text = shell(f"wfc compile {workflow} {options} --site local", where)
            assert status == 0, text
            type_it("Run", proposed(text, "run it with "), where, 0, "1 of 1 tasks done")


def of_an_error():
    with Workspace(WORKFLOW.replace("params.word", "params.wrd")) as space:
        space.write("data/a/ok", "")
        _, text = shell("wfc check workflow.toml", space.dir)
        type_it("Explain", re.search(r"`(wfc explain [^`]*)` says more", text).group(1), space.dir, 0, "WFC")


def of_a_wrong_command_line():
    with Workspace(WORKFLOW) as space:
        for words in ("run --sites x", "runn", "compile x"):
            _, text = shell(f"wfc {words}", space.dir)
            type_it("Help", proposed(text, "help: "), space.dir, 0, "Usage: ")


def of_files_that_were_copied():
    with Workspace(WORKFLOW) as space:
        space.write("data/it's/ok", "")
        space.run("--set", "word=b c")
        for where, workflow, options in places(space):
            os.utime(space.path("data/it's/one.txt"))
            _, text = shell(f"wfc status {workflow} {options} --set 'word=b c'", where)
            type_it("TouchTimes", proposed(text, "to accept them as they are: "), where, 0, "1 task recorded as done")


def of_a_foreign_file():
    for proposal, before, part in (("Touch", "as the result: ", "1 task recorded as done"),
                                   ("SetAside", "as NAME.before-wfc: ", "1 of 1 tasks done"),
                                   ("Replace", "when the new result is complete: ", "1 of 1 tasks done")):
        with Workspace(WORKFLOW) as space:
            space.write("data/it's/ok", "")
            space.write("data/it's/one.txt", "somebody's\n")
            os.makedirs(space.path("else where"))
            where = space.path("else where")
            _, text = shell("wfc run ../workflow.toml -o '../o 1' --set 'word=b c'", where)
            type_it(proposal, proposed(text, before), where, 0, part)
            assert not space.exists("else where/out")


def every_proposal_is_typed_by_a_test():
    with open(os.path.join(SOURCE, "runtime/plan/proposals.def"), encoding="utf-8") as file:
        known = set(re.findall(r"^WFR_PROPOSAL\((\w+),", file.read(), re.MULTILINE))
    slurm = set()
    directory = os.path.join(SOURCE, "tests/slurm")
    for name in os.listdir(directory):
        if name.endswith(".sh"):
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                slurm |= set(re.findall(r"^type_it (\w+) ", file.read(), re.MULTILINE))
    assert typed | slurm == known, f"not typed: {known - typed - slurm}; unknown: {(typed | slurm) - known}"


def no_message_has_a_command_of_its_own():
    """Usage, descriptions of options, and the names of commands in front of their errors are no proposals."""
    command = re.compile(r"`wfc (run|why|status|verdict|explain|compile|touch)\b[^`]* [^`]*`|submit\.sh --|scontrol release")
    for room in ("compiler", "runtime"):
        for where, _, names in os.walk(os.path.join(SOURCE, room)):
            for name in names:
                if not name.endswith((".cpp", ".hpp")):
                    continue
                with open(os.path.join(where, name), encoding="utf-8") as file:
                    code = "\n".join(line.split("// ")[0] for line in file.read().splitlines())
                for text in re.findall(r'"((?:[^"\\\n]|\\.)*)"', code):
                    assert not command.search(text), f"{name}: {text}"


if __name__ == "__main__":
    main([of_a_failed_run, of_a_compile, of_an_error, of_a_wrong_command_line, of_files_that_were_copied, of_a_foreign_file, every_proposal_is_typed_by_a_test,
          no_message_has_a_command_of_its_own])
