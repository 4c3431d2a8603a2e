#!/usr/bin/python3
"""What wfc may not read is "permission denied": it is neither "not there" nor left out without a word."""
import shutil

from run_common import Workspace, main, os, subprocess, WFC

NOBODY = 65534

WORKFLOW = """
[workflow]
name = "unreadable"
root = "data"
[[level]]
name = "sub"
match = "sub*"
%s
[[step]]
name = "one"
each = "%s"
inputs = ["%s"]
outputs = ["one.txt"]
run = "cp {inputs} {outputs}"
"""
SES = '[[level]]\nname = "ses"\nmatch = "ses*"'
SHEET = '[[level]]\nname = "cell"\nfile = "cells.csv"\ncolumn = "cell"'


def look(space, locked, expect, mode=0, words=()):
    """What `wfc graph` says to somebody who may not read `locked`: root reads everything."""
    os.chmod(space.dir, 0o755)
    shutil.copy(WFC, space.path("wfc"))  # where the build lies, that user may not go
    os.chmod(space.path(locked), mode)
    person = {} if os.geteuid() else {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    environment = dict(os.environ, HOME=space.dir, XDG_CONFIG_HOME=os.path.join(space.dir, "config"),
                       LC_ALL="C.UTF-8")
    try:
        done = subprocess.run(["./wfc", "graph", "workflow.toml", *words], cwd=space.dir, capture_output=True,
                              timeout=120, env=environment, **person)
    finally:
        os.chmod(space.path(locked), 0o755)
    said = done.stderr.decode()
    assert done.returncode == expect, f"exit status {done.returncode}, not {expect}:\n{said}"
    return said


def workspace(below="", each="sub", inputs="in.txt"):
    space = Workspace(WORKFLOW % (below, each, inputs))
    for sub in ("sub1", "sub2"):
        space.write(f"data/{sub}/in.txt", "x")
        space.write(f"data/{sub}/ses1/in.txt", "x")
    return space


def denied(said, *names):
    assert "ermission denied" in said, said
    for wrong in ("not there", "is missing", "No such file", "cannot be read\n"):
        assert wrong not in said, said
    for name in names:
        assert name in said, said


def a_level_above():
    with workspace(SES, "ses") as space:
        denied(look(space, "data/sub2", 1), "data/sub2")


def a_task_s_directory():
    with workspace() as space:
        denied(look(space, "data/sub2", 0), "sub2", "1 of 2")


def every_task_s_directory():
    with workspace(inputs="../sub1/in.txt") as space:
        denied(look(space, "data/sub1", 1), "in.txt")


def a_glob():
    with workspace(inputs="in*.txt") as space:
        denied(look(space, "data/sub2", 0), "sub2")


def a_part_of_a_glob():
    """The file of `ses2` would be left out without a word."""
    with workspace(inputs="**/in.txt") as space:
        space.write("data/sub1/ses2/in.txt", "x")
        denied(look(space, "data/sub1/ses2", 0), "sub1", "1 of 2")


def an_input_itself():
    with workspace() as space:
        denied(look(space, "data/sub1/in.txt", 0), "sub1")


def the_root():
    with workspace() as space:
        denied(look(space, "data", 1), "data")


def a_sheet():
    with workspace(SHEET, "cell") as space:
        space.write("cells.csv", "cell,n\na,1\n")
        denied(look(space, "cells.csv", 1), "cells.csv")


def the_project_s_sites():
    with workspace() as space:
        space.write("sites/own.toml", "")
        denied(look(space, "sites", 1), "sites")


def the_user_s_sites():
    """A home may be somebody else's: only who asks for a site of it is stopped."""
    with workspace() as space:
        space.write("config/wfc/sites/own.toml", 'partition = "main"\n')
        assert look(space, "config", 0, mode=0o755, words=("--site", "own")) == ""
        for locked in ("config/wfc/sites", "config", "config/wfc/sites/own.toml"):
            said = look(space, locked, 0)
            denied(said, "config/wfc/sites")
            assert "warning[WFC9003]" in said and "error" not in said, said
            denied(look(space, locked, 0, words=("--site", "local")), "config/wfc/sites")
            said = look(space, locked, 1, words=("--site", "own"))
            denied(said, "config/wfc/sites")
            assert "there is no site `own`" in said, said


def the_lock():
    with workspace() as space:
        space.write("resources.lock.toml", "")
        denied(look(space, "resources.lock.toml", 1), "resources.lock.toml")


def a_directory_that_may_be_entered():
    """0711, as in /home: names are not listed, but those of a sheet are found."""
    with Workspace("""
[workflow]
name = "home"
root = "data"
[[level]]
name = "user"
file = "users.txt"
[[step]]
name = "one"
each = "user"
inputs = ["in.txt"]
outputs = ["one.txt"]
run = "cp {inputs} {outputs}"
""") as space:
        space.write("users.txt", "ada\ncharles\n")
        for user in ("ada", "charles"):
            space.write(f"data/{user}/in.txt", "x")
        said = look(space, "data", 0, mode=0o711)
        assert said == "", said


main([a_level_above, a_task_s_directory, every_task_s_directory, a_glob, a_part_of_a_glob, an_input_itself, the_root,
      a_sheet, the_project_s_sites, the_user_s_sites, the_lock, a_directory_that_may_be_entered])
