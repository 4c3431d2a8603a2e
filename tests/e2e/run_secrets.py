#!/usr/bin/python3
"""A secret parameter reaches the command, and nothing else: no plan, script, record, log or message holds
it. Shown to fail by giving the same value as a plain parameter: the search must then find it."""
from run_common import WFC, WFR, Workspace, main, os, subprocess

SECRET = "s3cr3t-$(touch pwned)'\"-value"
WORKFLOW = """
[workflow]
name = "secret"
root = "data"
[params]
token = %s
[[level]]
name = "dir"
match = "d*"
[[step]]
name = "fetch"
each = "dir"
outputs = ["sum.txt"]
run = '''echo fetching; printf %%s {params.token} | md5sum > {outputs}'''
[site.cluster]
partition = "main"
"""
FROM_FILE = '{ secret = true, file = "keys/token" }'


def space_of(token=FROM_FILE, mode=0o600):
    space = Workspace(WORKFLOW % token)
    space.write("data/d1/x", "")
    space.write("keys/token", SECRET + "\n")
    os.chmod(space.path("keys/token"), mode)
    return space


def holders(space):
    """Files that hold the secret, but for its own and the workflow's."""
    found = []
    for where, _, names in os.walk(space.dir):
        for name in names:
            path = os.path.join(where, name)
            if path.endswith(("keys/token", "workflow.toml")):
                continue
            with open(path, "rb") as file:
                if b"s3cr3t" in file.read():
                    found.append(os.path.relpath(path, space.dir))
    return found


def everything(space):
    """All that is said and written of it."""
    said = space.run()
    for words in (["why", "workflow.toml", "fetch:d1"], ["plan", "workflow.toml"],
                  ["graph", "workflow.toml"], ["status", "workflow.toml"],
                  ["compile", "workflow.toml", "--site", "cluster"], ["verify", "out"]):
        done = subprocess.run([WFC, *words], cwd=space.dir, capture_output=True, timeout=60)
        said += (done.stdout + done.stderr).decode(errors="replace")
    return said


def the_command_gets_it_and_nothing_else():
    wanted = subprocess.run(["md5sum"], input=SECRET.encode(), capture_output=True, check=True)
    with space_of() as space:
        said = everything(space)
        assert space.read("data/d1/sum.txt") == wanted.stdout
        assert "s3cr3t" not in said, said
        assert not holders(space), holders(space)
        assert not space.exists("data/d1/pwned") and not space.exists("pwned")
        # Another value runs nothing again: the key knows the file's name alone.
        space.write("keys/token", "other")
        assert "1 of them up to date" in space.run() or "up to date" in space.run()
    # The search would see it.
    with space_of('"s3cr3t"') as space:
        everything(space)
        assert holders(space)


def a_file_for_others_is_refused():
    for mode in (0o644, 0o660, 0o604):
        with space_of(mode=mode) as space:
            text = space.run(expect=1)
            assert "mode 0600" in text and "s3cr3t" not in text, text
    with space_of() as space:
        os.remove(space.path("keys/token"))
        text = space.run(expect=1)
        assert "No such file" in text, text


def it_is_not_set_on_the_command_line():
    with space_of() as space:
        text = space.run("--set", "token=s3cr3t", expect=1)
        assert "is a secret" in text and "s3cr3t" not in text, text


if __name__ == "__main__":
    main([the_command_gets_it_and_nothing_else, a_file_for_others_is_refused,
          it_is_not_set_on_the_command_line])
