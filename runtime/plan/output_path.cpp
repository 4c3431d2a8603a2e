// One rule for outputs, wherever their paths come from: a workflow, a sample sheet, a plan on disk.
#include "runtime/plan/output_path.hpp"

#include <algorithm>

namespace wfr {
namespace {

bool is_blank(std::string_view component) {
  return component.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

}  // namespace

std::string output_path_problem(std::string_view path) {
  if (path.empty()) return "is empty";
  if (path.front() == '/') return "is absolute";
  if (path.find('\0') != std::string_view::npos) return "holds a NUL byte";
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view component = path.substr(begin, end - begin);
    if (component == "..") return "leaves the task's directory";
    if (component.empty() || component == ".") return "has an empty component";
    if (is_blank(component)) return "has a component of blanks only";
    if (component.size() > kLongestName) return "has a component of more than 255 bytes";
    begin = end + 1;
  }
  return "";
}

std::string output_path_problem(const Template& path) {
  std::string outline;
  for (const Piece& piece : path.pieces) {
    const bool known = piece.kind == PieceKind::Text || piece.kind == PieceKind::Value;
    outline += known ? piece.text : "x";
  }
  return output_path_problem(outline);
}

}  // namespace wfr
