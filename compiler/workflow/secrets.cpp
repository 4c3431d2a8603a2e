// From a secret's file to a variable of the task's own bash.
#include "compiler/workflow/secrets.hpp"

#include "compiler/workflow/values.hpp"
#include "runtime/plan/secret.hpp"

#include <fmt/format.h>

namespace wfc {
namespace {

using wfr::Piece;
using wfr::PieceKind;

Piece piece_of(PieceKind kind, std::string text = {}) {
  Piece piece;
  piece.kind = kind;
  piece.text = std::move(text);
  return piece;
}

// Quoted by the runtime, whatever is in it.
void add_path(std::vector<Piece>& pieces, const std::string& file) {
  if (file.starts_with('/')) {
    pieces.push_back(piece_of(PieceKind::Value, file));
  } else if (file.starts_with("~/")) {
    pieces.push_back(piece_of(PieceKind::Text, "\"$HOME\"/"));
    pieces.push_back(piece_of(PieceKind::Value, file.substr(2)));
  } else {
    pieces.push_back(piece_of(PieceKind::WorkflowDir));
    pieces.push_back(piece_of(PieceKind::Text, "/"));
    pieces.push_back(piece_of(PieceKind::Value, file));
  }
}

bool is_shell_name(const std::string& name) {
  return name.find('-') == std::string::npos;
}

}  // namespace

std::optional<Secret> secret_of(const Context& context, const std::string& name) {
  const ast::Entry* params = context.document.root.find("params");
  const ast::Table* table = params != nullptr ? as_table(params->value) : nullptr;
  const ast::Entry* entry = table != nullptr ? table->find(name) : nullptr;
  const ast::Table* fields = entry != nullptr ? as_table(entry->value) : nullptr;
  if (fields == nullptr || fields->find("secret") == nullptr) return std::nullopt;
  const ast::Entry* file = fields->find("file");
  const std::string* path = file != nullptr ? as_text(file->value) : nullptr;
  return Secret{name, path != nullptr ? *path : ""};
}

void check_secret(Context& context, const ast::Entry& entry, const ast::Table& table) {
  const char* const form =
      "write it as { secret = true, file = \"~/.NAME\" }, the file with mode 0600";
  if (!is_shell_name(entry.key)) {
    context.report(Kind::BadName,
                   entry.key_span,
                   fmt::format("`{}` cannot be a secret's name", entry.key),
                   "use letters, digits and `_`");
  }
  const ast::Entry* secret = table.find("secret");
  const bool* flag = as_flag(secret->value);
  const ast::Entry* file = table.find("file");
  const std::string* path = file != nullptr ? as_text(file->value) : nullptr;
  const bool only = table.entries.size() == 2;
  if (flag == nullptr || !*flag || path == nullptr || path->empty() || !only) {
    context.report(Kind::WrongType,
                   entry.value.span,
                   fmt::format("secret parameter `{}` needs a file to be read from", entry.key),
                   form);
  }
}

std::string secret_word(const Secret& secret) {
  return "\"$wfc_secret_" + secret.name + "\"";
}

std::vector<wfr::Piece> read_secret(const Secret& secret) {
  std::vector<Piece> pieces{piece_of(PieceKind::Text, std::string(wfr::kReadSecret))};
  add_path(pieces, secret.file);
  // A failing `$(<...)` alone in an assignment ends the task, since `run` has `set -e`.
  pieces.push_back(piece_of(
      PieceKind::Text,
      fmt::format("\ncase $(stat -Lc %A -- \"$wfc_secret_file\") in *------ | *------.) ;; *)\n"
                  "  echo \"the file of the secret {0} must be its owner's alone (mode 0600): "
                  "$wfc_secret_file\" >&2; exit 1 ;;\nesac\n"
                  "wfc_secret_{0}=$(<\"$wfc_secret_file\")\n",
                  secret.name)));
  return pieces;
}

}  // namespace wfc
