// A key's value for a step: its own, else its site's, else that of [defaults].
#include "compiler/workflow/layers.hpp"

namespace wfc {
namespace {

// In a site these say how its machines are asked, not what a step asks for.
bool means_otherwise_in_a_site(std::string_view key) {
  return key == "gpus" || key == "mem_per_cpu";
}

}  // namespace

Layers::Layers(const Context& context, const ast::Table* step) {
  if (step != nullptr) layers_.push_back({step, false});
  if (step != nullptr && step->find("on") != nullptr) add_verdict(context);
  for (const ast::Table* site : context.site_tables) layers_.push_back({site, true});
  if (step != nullptr && context.defaults != nullptr) layers_.push_back({context.defaults, false});
}

Layers Layers::of_verdict(const Context& context, bool all) {
  Layers layers;
  layers.add_verdict(context);
  if (!all) return layers;
  for (const ast::Table* site : context.site_tables) layers.layers_.push_back({site, true});
  if (context.defaults != nullptr) layers.layers_.push_back({context.defaults, false});
  return layers;
}

void Layers::add_verdict(const Context& context) {
  for (const ast::Table* verdict : context.verdict_tables) layers_.push_back({verdict, false});
}

const ast::Entry* Layers::find(std::string_view key) const {
  const std::vector<const ast::Entry*> found = all(key);
  return found.empty() ? nullptr : found.front();
}

std::size_t Layers::rank(std::string_view key) const {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (layers_[i].site && means_otherwise_in_a_site(key)) continue;
    if (layers_[i].table->find(key) != nullptr) return i;
  }
  return kNone;
}

std::vector<const ast::Entry*> Layers::all(std::string_view key) const {
  std::vector<const ast::Entry*> found;
  for (const Layer& layer : layers_) {
    if (layer.site && means_otherwise_in_a_site(key)) continue;
    if (const ast::Entry* entry = layer.table->find(key)) found.push_back(entry);
  }
  return found;
}

}  // namespace wfc
