// Everything here is done by a process with the attacker's rights: what is not allowed does not
// happen.
#include "swap_bait.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace swapping {
namespace {

constexpr uid_t kAttacker = 61002;
constexpr gid_t kGroup = 61100;

// In the place where it will be seen under another name.
bool make_bait(const Swap& swap, const std::string& top, const std::string& home) {
  const std::string secret = home + "/private";
  const char* path = swap.aside.c_str();
  switch (swap.bait) {
    case Bait::LinkDirectory:
      return symlink(secret.c_str(), path) == 0;
    case Bait::LinkFile:
      return symlink((secret + "/out.txt").c_str(), path) == 0;
    case Bait::LinkWithin:
      return symlink((top + "/own").c_str(), path) == 0;
    case Bait::Moved:
      return rename((top + "/own").c_str(), path) == 0;
    case Bait::Pipe:
      return mkfifo(path, 0666) == 0;
    case Bait::File:
      return close(open(path, O_WRONLY | O_CREAT | O_EXCL, 0666)) == 0;
    case Bait::Nothing:
      return true;
    case Bait::OwnToFile:
    case Bait::OwnToDirectory:
      break;
  }
  // The same names below it as in the path, and at its end a link.
  if (mkdir(path, 0777) != 0) return false;
  std::string inner = swap.aside;
  std::string rest = swap.rest.empty() ? "out.txt" : swap.rest;
  for (std::size_t slash = rest.find('/'); slash != std::string::npos; slash = rest.find('/')) {
    inner += "/" + rest.substr(0, slash);
    rest.erase(0, slash + 1);
    if (mkdir(inner.c_str(), 0777) != 0) return false;
  }
  const std::string target = swap.bait == Bait::OwnToFile ? secret + "/out.txt" : secret;
  return symlink(target.c_str(), (inner + "/" + rest).c_str()) == 0;
}

bool exchange_here(const Swap& swap) {
  if (swap.bait == Bait::Nothing)
    return swap.stood && rename(swap.place.c_str(), swap.aside.c_str()) == 0;
  const unsigned flags = swap.stood ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  return renameat2(AT_FDCWD, swap.aside.c_str(), AT_FDCWD, swap.place.c_str(), flags) == 0;
}

bool put_back_here(const Swap& swap, const std::string& top) {
  const char* place = swap.place.c_str();
  const char* aside = swap.aside.c_str();
  if (swap.bait == Bait::Nothing) return rename(aside, place) == 0;
  if (swap.stood) {
    if (renameat2(AT_FDCWD, aside, AT_FDCWD, place, RENAME_EXCHANGE) != 0 &&
        renameat2(AT_FDCWD, aside, AT_FDCWD, place, RENAME_NOREPLACE) != 0) {
      return false;
    }
  } else if (rename(place, aside) != 0) {
    return false;
  }
  return swap.bait != Bait::Moved || rename(aside, (top + "/own").c_str()) == 0;
}

template <class Act>
bool as_attacker(Act act) {
  const pid_t child = fork();
  if (child == 0) {
    umask(0);
    const bool changed = setgroups(1, &kGroup) == 0 &&
                         setresgid(kAttacker, kAttacker, kAttacker) == 0 &&
                         setresuid(kAttacker, kAttacker, kAttacker) == 0;
    _exit(changed && act() ? 0 : 1);
  }
  int status = 1;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

bool exchange(Swap& swap, const std::string& top, const std::string& home) {
  struct stat info {};
  swap.stood = lstat(swap.place.c_str(), &info) == 0;
  if (as_attacker([&] { return make_bait(swap, top, home) && exchange_here(swap); })) return true;
  if (swap.bait == Bait::Moved) {
    as_attacker([&] { return rename(swap.aside.c_str(), (top + "/own").c_str()) == 0; });
  }
  return false;
}

bool put_back(const Swap& swap, const std::string& top) {
  return as_attacker([&] { return put_back_here(swap, top); });
}

}  // namespace swapping
