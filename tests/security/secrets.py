#!/usr/bin/python3
"""A secret of a step reaches its command alone: with bash's options, functions and files in the environment, in the
setup and in `env`, in logs and records, with `wfc run` and as a job of Slurm. Whoever is another user reads no log of
such a step, from its first byte on.
Seen to fail before the environment was cleaned: with SHELLOPTS=xtrace the secret is in a log of mode 0644."""
import os
import re
import stat

from common import World, main

SECRET = "S3CRET-TOKEN"
WORKFLOW = """
[workflow]
name = "w"
root = "../data"
site = "%(site)s"
[params]
token = { secret = true, file = "~/.token" }
[[step]]
name = "a"
outputs = ["o.txt"]
%(keys)s
run = '''
/usr/bin/env | grep -c S3CRET && echo LEAKED
T={params.token}
[ "$T" = "S3CRET""-TOKEN" ]
/usr/bin/env | grep -c S3CRET && echo LEAKED
%(more)s
touch {outputs}
'''
[site.local]
[site.test]
"""
ENVIRONMENTS = [
    {"SHELLOPTS": "xtrace"}, {"SHELLOPTS": "allexport"}, {"SHELLOPTS": "xtrace:allexport:verbose", "PS4": "$(id)+ "},
    {"BASH_ENV": "~/.evil"}, {"BASH_ENV": "/proc/self/cwd/../proj/evil", "ENV": "/proc/self/cwd/../proj/evil"},
    {"wfc_secret_token": "x", "wfc_secret_file": "y"}, {"BASHOPTS": "extdebug"},
    {"BASH_FUNC_stat%%": "() { set -x -a; command stat \"$@\"; }"}, {"BASH_FUNC_set%%": "() { builtin set -x -a; }"},
    {"BASH_FUNC_echo%%": "() { builtin set -x -a; }"}, {"SHELLOPTS": "xtrace", "BASH_XTRACEFD": "1"}]
KEYS = ['env = { SHELLOPTS = "xtrace", PS4 = "+" }', 'setup = "set -a -x"', 'env = { BASH_ENV = "../proj/evil" }',
        'setup = "export SHELLOPTS; set -x -a; export wfc_secret_token=x"', 'setup = "export BASH_ENV=$PWD/../proj/evil"']


def world_of(keys="", more="", site="local"):
    world = World()
    world.file(os.path.join(world.home, ".token"), SECRET, mode=0o600)
    world.file(os.path.join(world.proj, "evil"), "set -x -a\n")
    world.workflow(WORKFLOW % {"keys": keys, "more": more, "site": site})
    return world


def holders(world):
    """Files with the secret that are not private, and all of the out directory that have it."""
    found = []
    for top in (world.out, world.data):
        for where, _, names in os.walk(top):
            for name in names:
                path = os.path.join(where, name)
                with open(path, "rb") as file:
                    text = file.read()
                if SECRET.encode() in text or re.search(rb"^LEAKED", text, re.M):
                    found.append(os.path.relpath(path, world.dir))
    return found


def logs(world):
    return [os.path.join(where, name) for where, _, names in os.walk(os.path.join(world.out, "logs")) for name in names]


def hidden_from_the_attacker(world):
    files = logs(world)
    assert files, "there is no log"
    for path in files:
        assert stat.S_IMODE(os.lstat(path).st_mode) == 0o600, (path, oct(os.lstat(path).st_mode))
        assert world.attacker(["cat", path], fails=True).returncode != 0, path


def nothing_in_the_environment_tells_it():
    for env in ENVIRONMENTS:
        with world_of(more="echo said") as world:
            done = world.victim("wfc run -j 1 workflow.toml", env=env)
            assert done.returncode == 0, (env, done.stdout)
            assert SECRET not in done.stdout and not holders(world), (env, done.stdout, holders(world))
            hidden_from_the_attacker(world)


def nothing_in_the_workflow_tells_it():
    for keys in KEYS:
        with world_of(keys, "echo said") as world:
            done = world.victim("wfc run workflow.toml")
            assert done.returncode == 0, (keys, done.stdout)
            assert SECRET not in done.stdout and not holders(world), (keys, done.stdout, holders(world))


def a_command_that_says_it():
    """Then it is in the log, which others cannot read, and nowhere else."""
    with world_of(more='echo "$T"; echo "$T: cannot be started" >&2; grep -q x "/nonexistent/$T"; exit 1') as world:
        said = world.victim("wfc run workflow.toml; wfc why workflow.toml a; wfc status workflow.toml; wfc verdict out;"
                            "wfc verdict --json out; wfc status --json out").stdout
        assert "exit status 2" in said and SECRET not in said, said
        assert holders(world) == ["proj/out/logs/a/all.log"], holders(world)
        hidden_from_the_attacker(world)
        # A log of before, which others could read, and have open.
        path = os.path.join(world.out, "logs/a/all.log")
        world.file(path, "old\n", mode=0o644)
        with open(path, "rb") as old:
            world.victim("wfc run workflow.toml")
            assert SECRET.encode() not in old.read() + world.read(path)[:0].encode()
        assert SECRET in world.read(path)
        hidden_from_the_attacker(world)


def as_a_job():
    """What Slurm opens lies in a directory that nobody else may enter, and is its owner's alone."""
    for env in ({"SHELLOPTS": "xtrace:allexport"}, {"BASH_ENV": "../evil"}, {}):
        with world_of(more='printenv SAY && echo "$T" && exit 1', site="test") as world:
            text = world.victim("wfc compile workflow.toml && wfc verify out").stdout
            script = world.read(os.path.join(world.out, "jobs/01-a.sbatch"))
            assert "#SBATCH --output=logs/private/01-a.%j.log" in script, (text, script)
            assert "verified" in text, text
            private = os.path.join(world.out, "logs/private")
            assert stat.S_IMODE(os.lstat(private).st_mode) == 0o700
            log = os.path.join(private, "01-a.7.log")
            job = {"SLURM_JOB_ID": "7", "SLURM_CPUS_PER_TASK": "1", **env}
            # As slurmstepd: the file is made with the user's umask, before the script runs.
            done = world.victim(f"cd out && {words(env)} bash jobs/01-a.sbatch >{log} 2>&1", env=job)
            assert done.returncode == 0, (env, world.read(log))
            assert not holders(world), (env, world.read(log))
            hidden_from_the_attacker(world)
            os.unlink(os.path.join(world.data, "o.txt"))
            world.victim(f"cd out && rm -r state && bash jobs/01-a.sbatch >{log} 2>&1", env={**job, "SAY": "1"})
            assert SECRET in world.read(log), world.read(log)
            said = world.victim("wfc status out; wfc verdict out; wfc why workflow.toml a; cd out && bin/wfr verdict").stdout
            assert "exit status 1" in said and SECRET not in said, said
            assert holders(world) == ["proj/out/logs/private/01-a.7.log"], holders(world)


def words(env):
    return " ".join(f"{name}={value}" for name, value in env.items() if name == "BASH_ENV")


def a_step_without_secrets_is_as_before():
    with World() as world:
        world.workflow(re.sub(r"T=.*\n.*\n", "echo said\n", WORKFLOW % {"keys": "", "more": "", "site": "local"}))
        done = world.victim("wfc run workflow.toml")
        assert done.returncode == 0, done.stdout
        assert [stat.S_IMODE(os.lstat(path).st_mode) for path in logs(world)] == [0o644]


if __name__ == "__main__":
    main([nothing_in_the_environment_tells_it, nothing_in_the_workflow_tells_it, a_command_that_says_it, as_a_job,
          a_step_without_secrets_is_as_before])
