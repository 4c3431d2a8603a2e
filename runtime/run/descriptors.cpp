// RLIMIT_NOFILE, as it was and as it is.
#include "runtime/run/descriptors.hpp"

#include <algorithm>
#include <climits>

namespace wfr {
namespace {

rlimit current() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) limit = {1024, 1024};
  return limit;
}

}  // namespace

rlimit limit_of_commands() {
  static const rlimit begun = current();
  return begun;
}

void raise_descriptor_limit() {
  rlimit limit = limit_of_commands();
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int descriptor_limit() {
  return static_cast<int>(std::min<rlim_t>(current().rlim_cur, INT_MAX));
}

}  // namespace wfr
