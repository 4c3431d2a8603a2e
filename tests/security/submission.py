#!/usr/bin/python3
"""What submit.sh reads is checked before it is used: journals, locks, the answers of Slurm and of wfr. A word that is
none of wfc's is an error that names file and line; nothing is run, submitted or cancelled for it.
Seen to fail with bin/submit as it was: `lost x[$(canary)] 1` in a journal starts `canary`, a journal that is a link is
written to, jobs that imitate a tag are cancelled, an editor with the tag in its arguments is killed."""
import os
import signal
import subprocess
import time

from common import BIN, main
from submission_common import Submission, plain

RUN = "20260101-120000-0123abcd"
OTHER = "20260101-120000-ffffffff"

HOSTILE_LINES = [
    b"lost x[$(canary)] 1", b"lost 01-a[$(canary)] 1", b"lost 01-a $(canary)", b"id $(canary) 7", b"id 01-a a[$(canary)]",
    b"id 01-a `canary`", b"id 01-a 0", b"id 01-a 007", b"id 01-a 99999999999", b"id 01-a 7 8", b"intent 01-a --uid=0",
    b"intent ../../x", b"intent *", b"cluster $(canary)", b"cluster -M", b"cluster a b", b"tags x", b"nonsense", b"", b" ",
    b"run $(canary) submit 00000000000000000000000000000000", b"run R submit x", b"run ../x submit y",
    b"id 01-a 7\0", b"id 01-\xff 7", b"id 01-a 7\r", b"\x1b[31mid 01-a 7", b"cancelled " + b"x" * 100000]


def journal_of(space, *lines):
    head = [b"run %s submit %s" % (RUN.encode(), space.plan.encode()), b"tags comment"]
    return b"".join(line + b"\n" for line in [*head, *lines])


def untouched(space, what, cancelled=()):
    """Nothing hostile was run, nothing submitted."""
    assert not space.calls("canary"), f"{what}: it was run"
    assert not space.calls("sbatch"), f"{what}: sbatch was called: {space.calls('sbatch')}"
    done = sorted(word for call in space.calls("scancel") for word in call)
    assert done == sorted(word.encode() for word in cancelled), f"{what}: cancelled {done}"


def a_hostile_line_of_a_journal():
    with Submission(BIN) as space:
        for line in HOSTILE_LINES:
            for options in ([], ["--dry-run"], ["--cancel"]):
                space.fresh()
                space.write(space.journal, journal_of(space, line, b"releasing", b"released"))
                space.say("queue", space.job(7, "w", space.tag(RUN, "01-a")))
                status, text = space.submit(*options)
                assert status == 1 and plain(text), (line[:40], options, text)
                where = f"state/{space.plan}/journal in {space.out}, line 3: not a journal of wfc".encode()
                assert where in text, (line[:40], options, text)
                untouched(space, (line[:40], options))


def a_whole_journal_is_read():
    with Submission(BIN) as space:
        space.fresh()
        lines = [b"intent 01-a", b"id 01-a 7", b"intent 02-b", b"id 02-b x[$(canary)] torn", b"id 02-b $(canary"]
        space.write(space.journal, journal_of(space, *lines)[:-1])
        space.say("queue", space.job(7, "w", space.tag(RUN, "01-a")))
        status, text = space.submit("--dry-run")
        assert status == 0 and b"afterany:7" in text and b"02-b.sbatch" in text, text
        assert b"jobs/01-a.sbatch" not in text, text
        untouched(space, "a dry run")


def a_journal_that_is_none():
    with Submission(BIN) as space:
        space.fresh()
        own = os.path.join(space.dir, "own")
        space.write(own, b"mine\n")
        os.symlink(own, space.journal)
        kinds = [("a link", b"is a symbolic link"), ("a FIFO", b"is not a regular file"), ("another's", b"belongs to")]
        for kind, said in kinds:
            for options in ([], ["--dry-run"], ["--cancel"]):
                status, text = space.submit(*options, timeout=20)
                assert status == 1 and said in text, (kind, options, text)
                untouched(space, kind)
                with open(own, "rb") as file:
                    assert file.read() == b"mine\n", "the file behind the link was written to"
            os.unlink(space.journal)
            if kind == "a link":
                os.mkfifo(space.journal)
            elif os.geteuid() == 0:
                space.write(space.journal, journal_of(space))
                os.chown(space.journal, 61002, 61002)
            else:
                break


def journals_of_others_in_state():
    """A directory that is no plan's has no journal, and never the users whose jobs are looked for."""
    with Submission(BIN) as space:
        space.fresh()
        space.write(space.journal, journal_of(space, b"id 01-a 7", b"releasing", b"released"))
        for name in ("x", "$(canary)", "a b"):
            os.mkdir(os.path.join(space.out, "state", name))
            path = os.path.join(space.out, "state", name, "journal")
            space.write(path, b"run %s submit x\nlost x[$(canary)] 1\n" % OTHER.encode())
        space.say("queue", space.job(7, "w", space.tag(RUN, "01-a")) + space.job(8, "w", space.tag(OTHER, "01-a")))
        status, text = space.submit("--cancel")
        assert status == 0, text
        untouched(space, "journals of others", ["7"])
        users = {call[call.index(b"-u") + 1] for call in space.calls("squeue")}
        assert users == {str(os.geteuid()).encode()}, users


def imitated_jobs(space):
    tag = space.tag(RUN, "01-a")
    own = [space.job(7, "w", tag), space.job(8, tag, "site"), space.job(9, "w", space.tag(RUN, "01-a+3"))]
    foreign = [space.job(20, f"evil|{tag}", "x"), space.job(21, "x", f"x|{tag}"), space.job(22, "x", f"x\n{tag}"),
               space.job(23, "x", f"{tag}\n"), space.job(24, "x", f"{tag} "), space.job(25, "x", f" {tag}"),
               space.job(26, "x", f"{tag}x"), space.job(27, f"{tag}\nx", "x"), space.job(28, "x", tag, "/elsewhere"),
               space.job(29, "x", tag, user=61002), space.job(30, "x", f"wfc:{RUN}:$(canary):{space.plan[:12]}"),
               space.job(31, "x", f"wfc:{RUN}:01-a"), space.job(32, "x", f"wfc:{RUN}:01-a:{'0' * 13}"),
               space.job(33, "x", f"wfc:{OTHER}:01-a:{space.plan[:12]}"), space.job("a[$(canary)]", "x", tag),
               space.job("007", "x", tag), space.job("34 35", "x", tag), space.job("-36", "x", tag),
               space.job("99999999999", "x", tag),
               # Lines as they would be without the word that divides the fields, and with a guessed one.
               f"40|N/A|PD|Priority|x|{tag}\n".encode(), f":1-2-3:41|N/A|PD|0:1-2-3:x:1-2-3:{tag}:1-2-3:x\n".encode(),
               space.job(42, "x", f"bla\n43|N/A|PD|{os.geteuid()}|x|{tag}|x|{space.out}"),
               space.job(44, "x", f"x\037{tag}\037")]
    return own, foreign


def a_job_that_imitates_a_tag():
    with Submission(BIN) as space:
        space.fresh()
        space.write(space.journal, journal_of(space, b"id 01-a 7", b"releasing", b"released"))
        own, foreign = imitated_jobs(space)
        for job in foreign:
            space.say("queue", own[0] + job)
            status, text = space.submit("--cancel", "--dry-run")
            assert (status, text) == (0, b"scancel 7\n"), (job, text)
        # A job with a newline in its fields does not hide the next one.
        space.say("queue", b"".join(foreign + own))
        status, text = space.submit("--cancel")
        assert status == 0 and b"cancelled 3 jobs" in text, text
        untouched(space, "imitations", ["7", "8", "9"])


def a_hostile_lock():
    with Submission(BIN) as space:
        for name in ("h:$(canary)", "a[$(canary)]:1", "h:-1", "h:1\n", "h", "h:01", "-rf:1", "\x1b[31m:1", f"{os.uname()[1]}:1 x"):
            space.fresh()
            os.mkdir(os.path.join(space.out, "state", "lock"))
            space.write(os.path.join(space.out, "state", "lock", name), b"")
            status, text = space.submit()
            assert status == 1 and b"lock" in text and plain(text), (name, text)
            untouched(space, name)
        space.fresh()
        os.makedirs(os.path.join(space.out, "state", f"lock.{os.uname()[1]}:$(canary)"))
        status, text = space.submit()
        assert status == 0 and not space.calls("canary"), text


def hostile_answers():
    """Of wfr: numbers of what does not exist, words. Of sbatch and squeue: what a terminal would obey."""
    with Submission(BIN) as space:
        hostile = ["a[$(canary)]", "-1", "0x1", "007", "$(canary)", "99", "99999999999"]
        texts = [f"{word} 0 0 3 0\n0 0 1 0\n" for word in hostile if word != "99"]
        texts += ["1 0 0 3 0\n" + line for word in hostile for line in
                  (f"{word} 0 1 0\n", f"0 0 1 0 0 {word} 0\n") if word not in ("1",)]
        texts += ["", "x\n", "1 0 0 3\n", "1 0 0 3 0\n0 0 1 0 9 0 0\n", "1 0 0 3 0\n0 0 1\n", "\0 0 0 3 0\n"]
        for text in texts:
            space.fresh()
            space.say("parts", text.encode())
            status, said = space.submit()
            assert status == 1 and (b"answer of wf" in said or b"which is none" in said), (text, said)
            untouched(space, text)
        for text in (b"$(canary)", b"n1 --uid=0", b"n1,", b"-x", b"n1;canary", b"\xff"):
            space.fresh()
            space.say("exclude", text + b"\n")
            status, said = space.submit()
            assert status == 1 and b"not a list of nodes of wfc" in said and plain(said), (text, said)
            untouched(space, text)
        for text in (b"$(canary)", b"12;$(canary)", b"a[$(canary)]", b"0", b"\x1b]0;x\x07 12", b"12;-M", b"\xff\xfe"):
            space.fresh()
            space.say("answer", text + b"\n")
            status, said = space.submit()
            assert status == 1 and b"printed no job id" in said and plain(said), (text, said)
            assert not space.calls("canary"), text


def started(argv, **options):
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, **options)
    time.sleep(0.3)
    return process


def a_left_sbatch():
    """Only an sbatch of the own user's, called from this directory with exactly this tag, is ended."""
    with Submission(BIN) as space:
        space.fresh()
        space.write(space.journal, journal_of(space, b"intent 01-a"))
        tag = f"--comment={space.tag(RUN, '01-a')}"
        sbatch = os.path.join(space.dir, "sbatch")
        space.program(sbatch, "#!/bin/bash\nread -r <>/dev/ptmx\n")
        here = f"--chdir={space.out}"
        left = started([sbatch, "--parsable", here, tag])
        others = [started([f"vim {here} {tag}", "60"], executable="/usr/bin/sleep"),
                  started(["bash", "-c", "sleep 60; :", here, tag], start_new_session=True),
                  started([sbatch, "--parsable", "--chdir=/elsewhere", tag]),
                  started([sbatch, "--parsable", here, tag + "0"]),
                  started([sbatch, f"--parsable {here} {tag}"])]
        if os.geteuid() == 0:
            os.chmod(space.dir, 0o755)
            others.append(started([sbatch, "--parsable", here, tag], user=61001, group=61001, extra_groups=[]))
        try:
            status, text = space.submit()
            assert status == 0, text
            assert left.wait(timeout=10) == -signal.SIGKILL
            assert all(process.poll() is None for process in others), [process.poll() for process in others]
        finally:
            for process in others:
                process.kill()
                process.wait()
            left.kill()


if __name__ == "__main__":
    main([a_hostile_line_of_a_journal, a_whole_journal_is_read, a_journal_that_is_none, journals_of_others_in_state,
          a_job_that_imitates_a_tag, a_hostile_lock, hostile_answers, a_left_sbatch])
