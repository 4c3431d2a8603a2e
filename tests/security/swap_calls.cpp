// A seccomp filter for these calls, and their words.
#include "swap_calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace swapping {
namespace {

// Which words are descriptors of directories and paths; -1: none, it is the working directory.
struct Watched {
  long number;
  const char* name;
  int directory;
  int path;
  int second_directory;
  int second_path;
};

constexpr std::array kWatched = {
#ifdef SYS_open
    Watched{SYS_open, "open", -1, 0, -1, -1},
    Watched{SYS_creat, "creat", -1, 0, -1, -1},
    Watched{SYS_stat, "stat", -1, 0, -1, -1},
    Watched{SYS_lstat, "lstat", -1, 0, -1, -1},
    Watched{SYS_access, "access", -1, 0, -1, -1},
    Watched{SYS_mkdir, "mkdir", -1, 0, -1, -1},
    Watched{SYS_rmdir, "rmdir", -1, 0, -1, -1},
    Watched{SYS_unlink, "unlink", -1, 0, -1, -1},
    Watched{SYS_rename, "rename", -1, 0, -1, 1},
    Watched{SYS_link, "link", -1, 0, -1, 1},
    Watched{SYS_symlink, "symlink", -1, 1, -1, -1},
    Watched{SYS_readlink, "readlink", -1, 0, -1, -1},
    Watched{SYS_chmod, "chmod", -1, 0, -1, -1},
    Watched{SYS_chown, "chown", -1, 0, -1, -1},
    Watched{SYS_lchown, "lchown", -1, 0, -1, -1},
    Watched{SYS_mknod, "mknod", -1, 0, -1, -1},
    Watched{SYS_utimes, "utimes", -1, 0, -1, -1},
#endif
    Watched{SYS_openat, "openat", 0, 1, -1, -1},
    Watched{SYS_openat2, "openat2", 0, 1, -1, -1},
    Watched{SYS_newfstatat, "fstatat", 0, 1, -1, -1},
    Watched{SYS_statx, "statx", 0, 1, -1, -1},
    Watched{SYS_faccessat, "faccessat", 0, 1, -1, -1},
    Watched{SYS_faccessat2, "faccessat2", 0, 1, -1, -1},
    Watched{SYS_mkdirat, "mkdirat", 0, 1, -1, -1},
    Watched{SYS_mknodat, "mknodat", 0, 1, -1, -1},
    Watched{SYS_unlinkat, "unlinkat", 0, 1, -1, -1},
    Watched{SYS_renameat, "renameat", 0, 1, 2, 3},
    Watched{SYS_renameat2, "renameat2", 0, 1, 2, 3},
    Watched{SYS_linkat, "linkat", 0, 1, 2, 3},
    Watched{SYS_symlinkat, "symlinkat", 1, 2, -1, -1},
    Watched{SYS_readlinkat, "readlinkat", 0, 1, -1, -1},
    Watched{SYS_fchmodat, "fchmodat", 0, 1, -1, -1},
    Watched{SYS_fchownat, "fchownat", 0, 1, -1, -1},
    Watched{SYS_utimensat, "utimensat", 0, 1, -1, -1},
    Watched{SYS_truncate, "truncate", -1, 0, -1, -1},
    Watched{SYS_chdir, "chdir", -1, 0, -1, -1},
    Watched{SYS_statfs, "statfs", -1, 0, -1, -1},
    Watched{SYS_getxattr, "getxattr", -1, 0, -1, -1},
    Watched{SYS_lgetxattr, "lgetxattr", -1, 0, -1, -1},
    Watched{SYS_setxattr, "setxattr", -1, 0, -1, -1},
    Watched{SYS_inotify_add_watch, "inotify_add_watch", -1, 1, -1, -1},
};

// One page at a time: the next one may not be there.
std::string text_at(pid_t pid, std::uint64_t address) {
  std::string text;
  while (text.size() < PATH_MAX) {
    std::array<char, 4096> buffer{};
    const iovec local{buffer.data(), buffer.size()};
    const std::size_t most = 4096 - address % 4096;
    const iovec remote{reinterpret_cast<void*>(address),
                       most};  // NOLINT: an address of another process
    const ssize_t size = process_vm_readv(pid, &local, 1, &remote, 1, 0);
    if (size <= 0) return {};
    const std::size_t length = strnlen(buffer.data(), static_cast<std::size_t>(size));
    text.append(buffer.data(), length);
    if (length < static_cast<std::size_t>(size)) return text;
    address += static_cast<std::uint64_t>(size);
  }
  return {};
}

std::string directory_of(pid_t pid, int word, const std::uint64_t* words) {
  const std::string process = "/proc/" + std::to_string(pid);
  const int fd = word < 0 ? AT_FDCWD : static_cast<int>(words[word]);
  return link_text(fd == AT_FDCWD ? process + "/cwd" : process + "/fd/" + std::to_string(fd));
}

// "/a/./b//c/" as "/a/b/c". ".." stays.
std::string without_dots(const std::string& path) {
  std::string clean;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    if (!part.empty() && part != ".") clean += "/" + part;
    at = end + 1;
  }
  return clean;
}

}  // namespace

void die(const char* what) {
  std::fprintf(stderr, "swap: %s: %s\n", what, std::strerror(errno));
  std::exit(2);
}

std::string link_text(const std::string& path) {
  std::array<char, PATH_MAX> buffer{};
  return readlink(path.c_str(), buffer.data(), buffer.size() - 1) > 0 ? buffer.data() : "";
}

void install_filter() {
  std::vector<sock_filter> code = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offsetof(seccomp_data, nr)))};
  for (const Watched& call : kWatched) {
    code.push_back(
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call.number), 0, 1));
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  }
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    die("seccomp");
  }
}

Call read_call(pid_t pid, bool second) {
  __ptrace_syscall_info info{};
  if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0) return {};
  if (info.op != PTRACE_SYSCALL_INFO_SECCOMP) return {};
  const auto* call = std::find_if(kWatched.begin(), kWatched.end(), [&](const Watched& one) {
    return static_cast<std::uint64_t>(one.number) == info.seccomp.nr;
  });
  if (call == kWatched.end()) return {};
  const std::uint64_t* words = info.seccomp.args;
  const bool other = second && call->second_path >= 0;
  std::string path = text_at(pid, words[other ? call->second_path : call->path]);
  if (path.empty()) return {};
  if (path.front() != '/') {
    path = directory_of(pid, other ? call->second_directory : call->directory, words) + "/" + path;
  }
  return {pid, call->name, without_dots(path)};
}

}  // namespace swapping
