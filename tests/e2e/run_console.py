#!/usr/bin/python3
"""Runs the commands that a document shows and compares what they print. run_console.py DOC.md BIN

A fence after `<!-- file: NAME -->` is written to NAME. In a ```console fence each line that begins with
`$ ` is a command and the lines below it are its output, stdout and stderr together. `…` stands for any
text within a line, and alone on a line for any lines. `<!-- not run -->` before a fence leaves it out."""
import os
import re
import subprocess
import sys
import tempfile


def fences(text):
    """Yields (directive, language, lines, line number) of each fence."""
    lines, directive, index = text.splitlines(), "", 0
    while index < len(lines):
        line = lines[index]
        if line.startswith("```"):
            end = next(i for i in range(index + 1, len(lines)) if lines[i].startswith("```"))
            yield directive, line[3:].strip(), lines[index + 1:end], index + 2
            directive, index = "", end
        elif line.startswith("<!--"):
            directive = line[4:].split("-->")[0].strip()
        elif line.strip():
            directive = ""
        index += 1


def commands(lines, first):
    """Yields (command, expected lines, line number)."""
    command, expected, number = None, [], first
    for offset, line in enumerate(lines):
        if line.startswith("$ "):
            if command is not None:
                yield command, expected, number
            command, expected, number = line[2:], [], first + offset
        elif command is not None and command.endswith("\\") and not expected:
            command = command + "\n" + line
        else:
            expected.append(line)
    if command is not None:
        yield command, expected, number


def pattern(expected):
    parts = []
    for line in expected:
        if line.strip() == "…":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*?".join(re.escape(piece) for piece in line.rstrip().split("…")) + r"[ \t]*\n")
    return re.compile("".join(parts) + r"\Z")


class Shell:
    """Keeps the working directory from one command to the next."""

    def __init__(self, directory, path):
        self.directory = directory
        self.environment = {**os.environ, "PATH": path, "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "100"}
        for name in list(self.environment):
            if name.startswith(("SLURM", "SBATCH")):
                del self.environment[name]

    def run(self, command):
        with tempfile.NamedTemporaryFile("r") as where:
            done = subprocess.run(["bash", "-c", f"{command}\npwd > '{where.name}'"], cwd=self.directory,
                                  env=self.environment, stdin=subprocess.DEVNULL, text=True, timeout=300,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            self.directory = where.read().strip() or self.directory
        return done.stdout


def main():
    document, binaries = sys.argv[1], os.path.abspath(sys.argv[2])
    with open(document, encoding="utf-8") as source:
        text = source.read()
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory() as directory:
        shell = Shell(directory, binaries + os.pathsep + os.environ["PATH"])
        for directive, language, lines, first in fences(text):
            if directive.startswith("file: "):
                target = os.path.join(directory, directive[len("file: "):])
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "w", encoding="utf-8") as out:
                    out.write("\n".join(lines) + "\n")
            if language != "console" or directive == "not run":
                continue
            for command, expected, number in commands(lines, first):
                printed = shell.run(command)
                normal = "".join(line.rstrip() + "\n" for line in printed.splitlines())
                if pattern(expected).match(normal):
                    passed += 1
                    continue
                failed += 1
                shown = "\n".join(expected)
                print(f"{document}:{number}: $ {command}\n--- shown\n{shown}\n--- printed\n{printed}", flush=True)
    print(f"{document}: {passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
