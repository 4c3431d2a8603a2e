// The kernels of this build: the declarations of every family, in one sorted list.
#include "runtime/kernels/kernel.hpp"
#include "runtime/kernels/nsx/declare.hpp"
#include "runtime/kernels/signal/declare.hpp"

#include <algorithm>

namespace wfr {
namespace {

bool by_name(const KernelDecl& a, const KernelDecl& b) {
  return a.name < b.name;
}

std::vector<KernelDecl> assemble() {
  std::vector<KernelDecl> all;
  for (const auto family : {nsx::declarations(), signal::declarations()}) {
    all.insert(all.end(), family.begin(), family.end());
  }
  std::sort(all.begin(), all.end(), by_name);
  return all;
}

}  // namespace

std::span<const KernelDecl> kernels() {
  static const std::vector<KernelDecl> all = assemble();
  return all;
}

const KernelDecl* find_kernel(std::string_view name) {
  const std::span<const KernelDecl> all = kernels();
  const auto found =
      std::lower_bound(all.begin(), all.end(), name, [](const KernelDecl& k, std::string_view n) {
        return k.name < n;
      });
  return found != all.end() && found->name == name ? &*found : nullptr;
}

}  // namespace wfr
