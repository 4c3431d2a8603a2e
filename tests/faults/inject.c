// Loaded before wfr (LD_PRELOAD): lets one call on files below a directory fail, or all from it on.
//   INJECT_ROOT=DIR     only calls on files below it count
//   INJECT_CALL=N       which one, from 1; 0: none, they are only counted
//   INJECT_KIND=WHAT    EIO ENOSPC EDQUOT ESTALE: the call fails, EIO+ ...: and all that follow;
//                       SHORT: half is written; DELAY: 50 ms; KILL: the process dies before it,
//                       KILLED: after it
//   INJECT_SPAWN=1      the process dies when it has started its first command
//   INJECT_FEW=N        of N starts of a command only one succeeds: there is no room for a process
//   INJECT_BLIND=1      there is no descriptor of a process (pidfd)
//   INJECT_EXEC=MS      a started command waits so long before it is a program of its own
//   INJECT_CLOCK=S      the wall clock is so many seconds off, whatever else is asked for
//   INJECT_REPORT=FILE  gets a line: calls that counted, the name of the one that was hit, starts that
//                       were refused, starts without a descriptor
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum What { Nothing, Fail, Short, Delay, Kill, Killed };

static const char* root;
static size_t root_size;
static long wanted;
static int onward;
static enum What what;
static int error_number;
static long clock_offset;
static atomic_long calls;
static atomic_int fired;
static atomic_long refused;
static atomic_long blinded;
static char hit[64] = "none";

static void die(void) {
  syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
}

static void choose(const char* kind) {
  const struct {
    const char* name;
    enum What what;
    int error;
  } kinds[] = {{"EIO", Fail, EIO},       {"ENOSPC", Fail, ENOSPC}, {"EDQUOT", Fail, EDQUOT},
               {"ESTALE", Fail, ESTALE}, {"SHORT", Short, 0},      {"DELAY", Delay, 0},
               {"KILLED", Killed, 0},    {"KILL", Kill, 0}};
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); ++i) {
    if (strncmp(kind, kinds[i].name, strlen(kinds[i].name)) != 0) continue;
    what = kinds[i].what;
    error_number = kinds[i].error;
    onward = kind[strlen(kind) - 1] == '+';
    return;
  }
}

__attribute__((constructor)) static void begin(void) {
  const char* offset = getenv("INJECT_CLOCK");
  // What the tasks run is not to be disturbed.
  const char* name = program_invocation_short_name;
  if (strcmp(name, "wfc") != 0 && strcmp(name, "wfr") != 0) return;
  if (offset != NULL) clock_offset = atol(offset);
  root = getenv("INJECT_ROOT");
  if (root == NULL) return;
  root_size = strlen(root);
  const char* call = getenv("INJECT_CALL");
  wanted = call != NULL ? atol(call) : 0;
  const char* kind = getenv("INJECT_KIND");
  choose(kind != NULL ? kind : "");
}

__attribute__((destructor)) static void report(void) {
  const char* file = root != NULL ? getenv("INJECT_REPORT") : NULL;
  if (file == NULL) return;
  const int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND, 0666);
  char line[128];
  const int size = snprintf(line, sizeof(line), "%ld %s %ld %ld\n", atomic_load(&calls), hit,
                            atomic_load(&refused), atomic_load(&blinded));
  if (fd < 0 || syscall(SYS_write, fd, line, (size_t)size) != size) return;
  syscall(SYS_close, fd);
}

static int below(const char* path) {
  return root != NULL && path != NULL && strncmp(path, root, root_size) == 0 &&
         path[root_size] == '/';
}

static int fd_below(int fd) {
  char link[64];
  char path[PATH_MAX];
  if (root == NULL) return 0;
  snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, sizeof(path) - 1);
  if (size < 0) return 0;
  path[size] = '\0';
  return below(path);
}

// Counts a call that is one of ours; what is to become of it. With Fail errno is set.
static enum What next(int ours, const char* name, int writes) {
  if (!ours) return Nothing;
  const long number = atomic_fetch_add(&calls, 1) + 1;
  if (wanted == 0 || (onward ? number < wanted : number != wanted)) return Nothing;
  if (what == Short && !writes) return Nothing;
  if (!atomic_exchange(&fired, 1)) snprintf(hit, sizeof(hit), "%s", name);
  if (what == Kill) die();
  if (what == Delay) usleep(50000);
  if (what == Fail) errno = error_number;
  return what;
}

#define REAL(type, name, ...)                        \
  static type (*real)(__VA_ARGS__);                  \
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, name)

// A call that only succeeds or fails.
#define PLAIN(name, ours, params, args, types)  \
  int name params {                             \
    REAL(int, #name, types);                    \
    const enum What now = next(ours, #name, 0); \
    if (now == Fail) return -1;                 \
    const int status = real args;               \
    if (now == Killed) die();                   \
    return status;                              \
  }
#define WITH(...) __VA_ARGS__

PLAIN(fsync, fd_below(fd), (int fd), (fd), int)
PLAIN(fdatasync, fd_below(fd), (int fd), (fd), int)
PLAIN(sync_file_range, fd_below(fd), (int fd, off64_t from, off64_t bytes, unsigned flags), (fd, from, bytes, flags),
      WITH(int, off64_t, off64_t, unsigned))
PLAIN(rename, below(to), (const char* from, const char* to), (from, to), WITH(const char*, const char*))
PLAIN(renameat2, below(to), (int a, const char* from, int b, const char* to, unsigned flags),
      (a, from, b, to, flags), WITH(int, const char*, int, const char*, unsigned))
PLAIN(link, below(to), (const char* from, const char* to), (from, to), WITH(const char*, const char*))
PLAIN(unlink, below(path), (const char* path), (path), const char*)
PLAIN(rmdir, below(path), (const char* path), (path), const char*)
PLAIN(mkdir, below(path), (const char* path, mode_t mode), (path, mode), WITH(const char*, mode_t))
PLAIN(ftruncate, fd_below(fd), (int fd, off_t size), (fd, size), WITH(int, off_t))
PLAIN(ftruncate64, fd_below(fd), (int fd, off64_t size), (fd, size), WITH(int, off64_t))

#define WRITES(name, ours, params, args, half, types) \
  ssize_t name params {                               \
    REAL(ssize_t, #name, types);                      \
    const enum What now = next(ours, #name, 1);       \
    if (now == Fail) return -1;                       \
    const ssize_t n = now == Short ? real half : real args; \
    if (now == Killed) die();                         \
    return n;                                         \
  }

WRITES(write, fd_below(fd), (int fd, const void* data, size_t size), (fd, data, size),
       (fd, data, (size + 1) / 2), WITH(int, const void*, size_t))
WRITES(pwrite, fd_below(fd), (int fd, const void* data, size_t size, off_t at),
       (fd, data, size, at), (fd, data, (size + 1) / 2, at), WITH(int, const void*, size_t, off_t))
WRITES(pwrite64, fd_below(fd), (int fd, const void* data, size_t size, off64_t at),
       (fd, data, size, at), (fd, data, (size + 1) / 2, at),
       WITH(int, const void*, size_t, off64_t))

// Only to die before or after it: what is started then must not be left over. Or there is no room for
// another process, or none for a descriptor of it.
int clone(int (*run)(void*), void* stack, int flags, void* given, ...) {
  REAL(int, "clone", WITH(int (*)(void*), void*, int, void*, ...));
  va_list rest;
  va_start(rest, given);
  int* const pidfd = va_arg(rest, int*);
  va_end(rest);
  static atomic_long starts;
  const char* few = root != NULL ? getenv("INJECT_FEW") : NULL;
  if (few != NULL && atomic_fetch_add(&starts, 1) % atol(few) != 0) {
    atomic_fetch_add(&refused, 1);
    errno = EAGAIN;
    return -1;
  }
  if (root != NULL && getenv("INJECT_BLIND") != NULL) {
    atomic_fetch_add(&blinded, 1);
    flags &= ~0x1000;  // CLONE_PIDFD
  }
  const int dying = what == Kill || what == Killed;
  const enum What now = next(root != NULL && dying, "clone", 0);
  const int pid = real(run, stack, flags, given, pidfd);
  if (now == Killed || getenv("INJECT_SPAWN") != NULL) die();
  return pid;
}

// A child that takes its time before it is another program.
int execve(const char* file, char* const words[], char* const variables[]) {
  REAL(int, "execve", WITH(const char*, char* const[], char* const[]));
  const char* pause = root != NULL ? getenv("INJECT_EXEC") : NULL;
  // Not the bash that reads the texts of a workflow before anything runs (`bash -p`).
  const int reads = words[0] != NULL && words[1] != NULL && strcmp(words[1], "-p") == 0;
  if (pause != NULL && !reads) usleep((useconds_t)(1000 * atol(pause)));
  return real(file, words, variables);
}

static struct iovec halved(const struct iovec* parts) {
  struct iovec half = *parts;
  half.iov_len = (half.iov_len + 1) / 2;
  return half;
}

#define VECTOR(name, offset)                                                                     \
  ssize_t name(int fd, const struct iovec* parts, int count, offset at, int flags) {             \
    REAL(ssize_t, #name, WITH(int, const struct iovec*, int, offset, int));                      \
    const enum What now = next(fd_below(fd), #name, 1);                                          \
    if (now == Fail) return -1;                                                                  \
    const struct iovec half = halved(parts);                                                     \
    const ssize_t n = now == Short ? real(fd, &half, 1, at, flags) : real(fd, parts, count, at, flags); \
    if (now == Killed) die();                                                                    \
    return n;                                                                                    \
  }
VECTOR(pwritev2, off_t)
VECTOR(pwritev64v2, off64_t)

#define OPENS(name)                                       \
  int name(const char* path, int flags, ...) {            \
    REAL(int, #name, WITH(const char*, int, ...));        \
    va_list rest;                                         \
    va_start(rest, flags);                                \
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                         \
    const enum What now = next(below(path), #name, 0);    \
    if (now == Fail) return -1;                           \
    const int fd = real(path, flags, mode);               \
    if (now == Killed) die();                             \
    return fd;                                            \
  }
OPENS(open)
OPENS(open64)

int clock_gettime(clockid_t id, struct timespec* now) {
  REAL(int, "clock_gettime", WITH(clockid_t, struct timespec*));
  const int status = real(id, now);
  if (status == 0 && id == CLOCK_REALTIME) now->tv_sec += clock_offset;
  return status;
}
