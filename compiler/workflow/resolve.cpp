// Document -> Workflow. Start reading here: a call per subject, each in a file of its own.
#include "compiler/workflow/resolve.hpp"

#include "compiler/workflow/context.hpp"
#include "compiler/workflow/keys.hpp"
#include "compiler/workflow/names.hpp"
#include "compiler/workflow/shape.hpp"
#include "compiler/workflow/values.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wfc {
namespace {

// One that the mail program could take for options or headers is refused.
void resolve_mail(Context& context, const ast::Table& header) {
  const ast::Entry* entry = header.find("mail");
  const ast::Table* table = entry == nullptr ? nullptr : as_table(entry->value);
  const std::string* to = table == nullptr ? nullptr : text_at(*table, "to");
  if (to == nullptr) return;
  MailDef& mail = context.workflow.mail;
  mail.to = *to;
  const bool bad = to->empty() || to->front() == '-' ||
                   std::any_of(to->begin(), to->end(), [](unsigned char byte) {
                     return byte <= 0x20U || byte >= 0x7FU || byte == ',' || byte == ';';
                   });
  if (bad) {
    context.report(Kind::BadName,
                   span_at(*table, "to", entry->value.span),
                   fmt::format("`{}` cannot be the address of `mail`", *to),
                   "give one address, as \"me@example.org\"");
  }
  if (const ast::Entry* on = table->find("on")) {
    const std::vector<std::string> words = strings_of(on->value);
    mail.only_failure =
        !words.empty() && std::find(words.begin(), words.end(), "end") == words.end();
  }
}

void resolve_header(Context& context) {
  Workflow& workflow = context.workflow;
  workflow.root = ".";
  const ast::Table& root = context.document.root;
  if (const ast::Entry* entry = root.find("defaults")) context.defaults = as_table(entry->value);
  const ast::Entry* header = root.find("workflow");
  const ast::Table* table = header == nullptr ? nullptr : as_table(header->value);
  if (table == nullptr) return;
  workflow.span = header->key_span;
  if (const std::string* name = text_at(*table, "name")) {
    workflow.name = *name;
    if (name->size() > kLongestStepName) {
      context.report(
          Kind::BadName,
          span_at(*table, "name", workflow.span),
          fmt::format(
              "a workflow's name has {} bytes, but may have {}", name->size(), kLongestStepName),
          "it becomes part of the names of jobs: shorten it");
    }
    if (name->empty() || name->find_first_of("\r\n") != std::string::npos) {
      context.report(Kind::BadName,
                     span_at(*table, "name", workflow.span),
                     "a workflow's name is one line of text",
                     "it becomes part of the names of jobs");
    }
  }
  resolve_mail(context, *table);
  if (const std::string* compare = text_at(*table, "compare")) {
    workflow.content = *compare == "content";
  }
  workflow.root_span = span_at(*table, "root", workflow.span);
  if (const std::string* data = text_at(*table, "root")) {
    workflow.root = *data;
    if (data->empty()) {
      context.report(Kind::BadPath,
                     span_at(*table, "root", workflow.span),
                     "`root` names no directory",
                     "\".\" is the directory of the workflow file");
    }
  }
}

}  // namespace

Workflow resolve(const ast::Document& document, const ResolveOptions& options, Sink& sink) {
  Context context{
      document, options, sink, {}, {}, {}, {}, nullptr, {}, false, false, false, {}, {}};

  // Keys and types first, so that what follows reads only values that fit.
  const Span beginning{document.source.get(), 1, 1, 1, 2};
  check_table(document.root, beginning, document_keys(), sink);
  resolve_header(context);
  resolve_params(context);
  resolve_levels(context);
  resolve_site(context);

  // From here on every step has an id.
  resolve_step_names(context);
  resolve_made_by(context);
  resolve_resources(context);
  resolve_environment(context);
  resolve_jobs(context);
  apply_lock(context);
  resolve_conditions(context);
  resolve_files(context);
  resolve_needs(context);
  resolve_implied_needs(context);

  // From here on every need is known: placeholders can name them.
  resolve_commands(context);
  check_bash(context);
  resolve_uses(context);
  check_made_levels(context);
  drop_steps(context);
  resolve_order(context);
  resolve_closing(context);
  return std::move(context.workflow);
}

}  // namespace wfc
