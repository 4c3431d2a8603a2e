"""What the tests of security share: a world of two ordinary accounts. The victim runs wfc on data into which
the attacker may write. The accounts are plain numbers, so that nothing is added to the machine. First
argument: the directory of wfc and wfr; second: the program of swap.cpp."""
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time

VICTIM = 61001
ATTACKER = 61002
GROUP = 61100  # both are in it; it may write into the data
THIRD = 61003  # another user, who is in no group of theirs
SKIPPED = 77   # SKIP_RETURN_CODE of ctest

BIN = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/dev/bin")
SWAP = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else "build/dev/tests/security/swap")

if os.geteuid() != 0:
    print("skipped: only root can start processes of two users")
    sys.exit(SKIPPED)

# What lies in the victim's home; whatever is below `private` only the victim may read.
HOME = {".bashrc": "# the victim's\n", "private/id_rsa": "the key\n", "private/authorized_keys": "own keys only\n",
        "private/thesis.txt": "the thesis\n", "private/out.txt": "a private result\n", "private/in.txt": "3\n1\n2\n",
        "private/old/out.txt": "an old private result\n", "private/sub/result.txt": "another result\n"}


def searchable(path):
    """Whether every user can reach it."""
    words = ["setpriv", f"--reuid={VICTIM}", f"--regid={VICTIM}", "--clear-groups", "--", "test", "-x", path]
    return subprocess.run(words, check=False).returncode == 0


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def picture(top):
    """{relative path: all that could be changed} of everything below a directory, and the times of the last
    reading, which the look itself leaves as they were."""
    found, read = {}, {}

    def look(path, name):
        info = os.lstat(path)
        content = None
        if stat.S_ISLNK(info.st_mode):
            content = os.readlink(path)
        elif stat.S_ISREG(info.st_mode):
            content = digest(path)
        elif stat.S_ISDIR(info.st_mode):
            for inner in os.listdir(path):
                look(os.path.join(path, inner), os.path.join(name, inner) if name else inner)
        found[name] = (oct(info.st_mode), info.st_uid, info.st_gid, info.st_nlink, info.st_ino, info.st_mtime_ns,
                       content)
        read[name] = info.st_atime_ns
        if not stat.S_ISLNK(info.st_mode):
            os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))

    look(top, "")
    return found, read


class World:
    """A directory of its own that all users can reach, removed at the end of `with`:
    bin/    wfc and wfr, for everybody
    home/   the victim's, with private files
    proj/   the victim's, where it runs wfc: workflow.toml and out/
    data/   the victim's, but the group of both accounts may write
    tmp/    as /tmp: everybody may write; sticky
    `groups=False`: the attacker is in no group of the victim's."""

    def __init__(self, tmp=None, groups=True):
        self.dir = tempfile.mkdtemp(prefix="wfc-security-", dir=tmp)
        os.chmod(self.dir, 0o755)
        assert searchable(self.dir), f"other users cannot reach {self.dir}: set TMPDIR"
        self.groups = groups
        self.home, self.proj, self.data, self.tmp = (
            self.path(name) for name in ("home", "proj", "data", "tmp"))
        self.out = os.path.join(self.proj, "out")
        self.directory(self.home, VICTIM, 0o755)
        self.directory(self.proj, VICTIM, 0o755)
        self.directory(self.data, VICTIM, 0o2775, GROUP)
        self.directory(self.tmp, 0, 0o1777)
        self.bin = self.programs()
        self.settle()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def programs(self):
        """The programs of the build where all can reach them, else a copy."""
        if all(searchable(os.path.join(BIN, name)) for name in ("wfc", "wfr")):
            return BIN
        where = self.path("bin")
        shutil.copytree(BIN, where)
        libraries = os.path.join(os.path.dirname(BIN), "lib")
        if os.path.isdir(libraries):
            shutil.copytree(libraries, self.path("lib"))
        subprocess.run(["chmod", "-R", "a+rX", where], check=True)
        return where

    # What root makes for somebody. Paths are absolute, or relative to the world.

    def directory(self, path, owner=VICTIM, mode=0o755, group=None):
        path = self.path(path)
        os.makedirs(path, exist_ok=True)
        os.chown(path, owner, owner if group is None else group)
        os.chmod(path, mode)
        return path

    def file(self, path, content, owner=VICTIM, mode=0o644, group=None):
        path = self.path(path)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        os.chown(path, owner, owner if group is None else group)
        os.chmod(path, mode)
        return path

    def link(self, path, target, owner=ATTACKER):
        path = self.path(path)
        os.symlink(target, path)
        os.lchown(path, owner, owner)
        return path

    def place(self, name, content="2\n1\n", owner=VICTIM, mode=0o2775):
        """A directory of a task below the data, with `in.txt`; the group may write into it."""
        path = self.directory(os.path.join(self.data, name), owner, mode, GROUP)
        if content is not None:
            self.file(os.path.join(path, "in.txt"), content, owner, 0o664, GROUP)
        return path

    def workflow(self, text, name="workflow.toml"):
        return self.file(os.path.join(self.proj, name), text)

    # What the two do.

    def words(self, user, command, groups):
        groups = f"--groups={GROUP}" if groups else "--clear-groups"
        command = ["bash", "-c", command] if isinstance(command, str) else list(command)
        return ["setpriv", f"--reuid={user}", f"--regid={user}", groups, "--", *command]

    def environment(self, home, env):
        path = f"{self.bin}:/usr/local/bin:/usr/bin:/bin"
        return {"HOME": home, "PATH": path, "LC_ALL": "C.UTF-8", **(env or {})}

    def victim(self, command, umask=0o022, env=None, timeout=60):
        """Runs words, or the text of a bash command, as the victim in proj/; output is text, stderr is in it."""
        done = subprocess.run(self.words(VICTIM, command, True), cwd=self.proj, umask=umask, timeout=timeout,
                              env=self.environment(self.home, env), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        done.stdout = done.stdout.decode(errors="replace")
        return done

    def victim_start(self, command, umask=0o022, env=None):
        """The same, but it goes on meanwhile: a Popen in a session of its own."""
        return subprocess.Popen(self.words(VICTIM, command, True), cwd=self.proj, umask=umask,
                                env=self.environment(self.home, env), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def attacker(self, command, umask=0o022, env=None, timeout=60, fails=False):
        """Runs it as the attacker in the world's directory. It must succeed, or the attack was not set up
        (`fails=True`: it may fail)."""
        done = subprocess.run(self.words(ATTACKER, command, self.groups), cwd=self.dir, umask=umask,
                              env=self.environment("/nonexistent", env), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, check=False)
        done.stdout = done.stdout.decode(errors="replace")
        assert fails or done.returncode == 0, f"the attacker's `{command}` failed: {done.stdout}"
        return done

    # What must hold.

    def settle(self):
        """Fills the home. From now on nothing in it may change."""
        for name, content in HOME.items():
            path = os.path.join(self.home, name)
            private = name.startswith("private/")
            if private:
                self.directory(os.path.dirname(path), VICTIM, 0o700)
            self.file(path, content, VICTIM, 0o600 if private else 0o644)
        self.directory(os.path.join(self.home, "private/empty"), VICTIM, 0o700)
        # Older than the last change: then also a file system that is mounted with relatime notes a reading.
        for where, dirs, names in os.walk(self.home):
            for name in [*dirs, *names, "."]:
                path = os.path.join(where, name)
                os.utime(path, ns=(10**9, os.lstat(path).st_mtime_ns))
        self.before = picture(self.home)

    def restore(self):
        """The home as it was at first, after something has changed it."""
        shutil.rmtree(self.home)
        self.directory(self.home, VICTIM, 0o755)
        self.settle()

    def untouched(self):
        """Nothing in the victim's home was changed, moved or removed, and nothing was added."""
        now, _ = picture(self.home)
        before = self.before[0]
        changes = [f"{name}: {before.get(name)} -> {now.get(name)}"
                   for name in sorted(set(before) | set(now)) if before.get(name) != now.get(name)]
        assert not changes, "the victim's home has changed:\n  " + "\n  ".join(changes)

    def unread(self):
        """Nothing in home/private was read or listed since, on a file system that notes the time."""
        _, now = picture(self.home)
        read = [name for name, when in now.items() if name.startswith("private") and when != self.before[1].get(name)]
        assert not read, f"the victim's private files were read: {read}"

    def read(self, path):
        with open(self.path(path), "rb") as file:
            return file.read().decode(errors="replace")

    def exists(self, path):
        return os.path.lexists(self.path(path))


def wait_for(condition, what, seconds=30):
    until = time.time() + seconds
    while not condition():
        assert time.time() < until, f"waited in vain for {what}"
        time.sleep(0.005)


def main(tests):
    """Runs each, all of them also after one has failed; `SCRIPT BIN SWAP NAME...` runs only those of that name."""
    bad = []
    for test in tests:
        if sys.argv[3:] and test.__name__ not in sys.argv[3:]:
            continue
        begun = time.time()
        try:
            test()
            print(f"ok {test.__name__} ({time.time() - begun:.1f} s)", flush=True)
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            bad.append(test.__name__)
            print(f"FAILED {test.__name__}: {error}", flush=True)
    sys.exit(1 if bad else 0)
