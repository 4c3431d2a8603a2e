// Inputs as paths from the data root, however they are spelt.
#include "compiler/graph/input_paths.hpp"

#include "compiler/tree/paths.hpp"

#include <algorithm>
#include <utility>

namespace wfc {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> components_of(const fs::path& path) {
  std::vector<std::string> components;
  for (const fs::path& part : path.lexically_normal().relative_path()) {
    if (!part.empty() && part != ".") components.push_back(part.string());
  }
  return components;
}

PathComponent fixed(const std::string& name) {
  wfr::Piece piece;
  piece.text = name;
  return {piece};
}

}  // namespace

InputPaths::InputPaths(const Workflow& workflow, const wfr::Tree& tree, const fs::path& root)
    : workflow_(workflow), tree_(tree) {
  roots_.push_back(components_of(fs::absolute(root)));
  std::error_code ignored;
  const fs::path real = fs::weakly_canonical(root, ignored);
  if (!real.empty() && components_of(real) != roots_.front()) roots_.push_back(components_of(real));
}

SymbolicPath InputPaths::symbolic(const StepDef& step, const wfr::InputSpec& input) const {
  const SymbolicPath path = symbolic_path(workflow_.levels, step.spec.each, input.path);
  if (!path.absolute && !path.leaves_root) return path;
  for (const std::vector<std::string>& root : roots_) {
    std::vector<PathComponent> above;
    std::transform(root.begin(), root.end(), std::back_inserter(above), fixed);
    SymbolicPath whole = symbolic_path(workflow_.levels, step.spec.each, input.path, above);
    const bool inside =
        whole.components.size() >= above.size() &&
        std::equal(above.begin(), above.end(), whole.components.begin(), same_component);
    if (!inside) continue;
    whole.components.erase(whole.components.begin(),
                           whole.components.begin() + static_cast<std::ptrdiff_t>(above.size()));
    whole.absolute = false;
    whole.leaves_root = false;
    return whole;
  }
  SymbolicPath outside = path;
  outside.absolute = true;
  return outside;
}

ConcretePath InputPaths::concrete(const StepDef& step,
                                  const wfr::InputSpec& input,
                                  wfr::Ordinal node) const {
  const std::string text = expand_at(tree_, input.path, step.spec.each, node, input.glob);
  ConcretePath path;
  if (!text.starts_with('/')) {
    path.components = roots_.front();
    path.literal = path.components.size();
    const std::string directory = tree_.directory(step.spec.each, node);
    add_components(input.glob ? escape_glob(directory) : directory, input.glob, path);
  }
  add_components(text, input.glob, path);
  for (const std::vector<std::string>& root : roots_) {
    if (path.literal < root.size() ||
        !std::equal(root.begin(), root.end(), path.components.begin())) {
      continue;
    }
    path.components.erase(path.components.begin(),
                          path.components.begin() + static_cast<std::ptrdiff_t>(root.size()));
    path.literal -= root.size();
    return path;
  }
  path.components.insert(path.components.begin(), "/");
  ++path.literal;
  return path;
}

}  // namespace wfc
