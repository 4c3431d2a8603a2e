// Parts of keys as text, and compared in words.
#include "runtime/run/key_parts.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

namespace wfr {
namespace {

constexpr std::string_view kPartsHeader = "key 2\n";
constexpr std::string_view kMade = "made";
constexpr std::string_view kMore = "...";
constexpr std::size_t kDigits = 16;

const KeyPart* find_part(const std::vector<KeyPart>& parts, std::string_view what) {
  const auto found =
      std::find_if(parts.begin(), parts.end(), [&](const KeyPart& p) { return p.what == what; });
  return found == parts.end() ? nullptr : &*found;
}

std::string one_line(std::string_view text) {
  constexpr unsigned char kFirstPrintable = 0x20;
  constexpr unsigned char kDelete = 0x7f;
  std::string line(text);
  for (char& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < kFirstPrintable || byte == kDelete) c = '?';
  }
  return line;
}

std::string shortened(std::string_view value) {
  constexpr std::size_t kMost = 40;
  if (value.size() <= kMost) return std::string(value);
  std::size_t end = kMost - kMore.size();
  // Not within a character.
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xc0U) == 0x80U) --end;
  return std::string(value.substr(0, end)) + std::string(kMore);
}

std::string line_of(const KeyPart& one) {
  std::string line = fmt::format("{:016x}", one.digest);
  if (one.sizes != 0) line += fmt::format(":{:016x}", one.sizes);
  line += " " + one_line(one.what);
  if (!one.value.empty()) line += "\t" + one_line(shortened(one.value));
  return line + "\n";
}

bool take_number(std::string_view& text, std::uint64_t& number) {
  if (text.size() < kDigits) return false;
  const auto read = std::from_chars(text.data(), text.data() + kDigits, number, 16);
  if (read.ptr != text.data() + kDigits) return false;
  text.remove_prefix(kDigits);
  return true;
}

std::optional<KeyPart> parse_line(std::string_view line) {
  KeyPart one;
  if (!take_number(line, one.digest)) return std::nullopt;
  if (line.starts_with(':')) {
    line.remove_prefix(1);
    if (!take_number(line, one.sizes)) return std::nullopt;
  }
  if (!line.starts_with(' ')) return std::nullopt;
  line.remove_prefix(1);
  const std::size_t tab = line.find('\t');
  one.what = line.substr(0, tab);
  if (tab != std::string_view::npos) one.value = line.substr(tab + 1);
  return one;
}

// "command" of "command `threshold`", and "`threshold`"; the second is "" for the whole.
std::pair<std::string, std::string> split(const std::string& what) {
  for (const std::string head : {"command", "parameters"}) {
    if (what == head) return {head, ""};
    if (what.starts_with(head + " `")) return {head, what.substr(head.size() + 1)};
  }
  return {"", ""};
}

std::string values_text(const KeyPart* before, const KeyPart* now) {
  const auto shown = [](const KeyPart* part) {
    return part == nullptr ? "(none)" : one_line(shortened(part->value));
  };
  const std::string old = shown(before);
  const std::string fresh = shown(now);
  return old == fresh ? "" : " " + old + " -> " + fresh;
}

// Command and parameters, which are one sentence with all that has changed in it.
class Changes {
 public:
  void note(const std::string& head, const std::string& name, const std::string& values) {
    auto known = std::find_if(
        heads_.begin(), heads_.end(), [&](const auto& entry) { return entry.first == head; });
    if (known == heads_.end()) known = heads_.insert(heads_.end(), {head, {}});
    if (!name.empty()) known->second.push_back(name + values);
  }
  [[nodiscard]] std::vector<std::string> sentences() const {
    std::vector<std::string> texts;
    for (const auto& [head, named] : heads_) {
      texts.push_back("the " + head + " changed" +
                      (named.empty() ? "" : fmt::format(": {}", fmt::join(named, ", "))));
    }
    return texts;
  }

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> heads_;
};

std::string sentence(const KeyPart& before, const KeyPart& now) {
  const std::string& what = now.what;
  if (what.starts_with("step ")) return "the outputs of " + what + " have changed";
  const bool named = what.find('`') != std::string::npos || what.starts_with("inputs ");
  std::string text = (named ? what : "the " + what) + " changed";
  if (what.starts_with("column ")) {
    const std::string values = values_text(&before, &now);
    if (!values.empty()) text += ":" + values;
  }
  return text;
}

}  // namespace

KeyPart made_part(const Key& sizes) {
  return {std::string(kMade), sizes.low, 0, ""};
}

std::vector<KeyPart> with_made(std::vector<KeyPart> parts, const Key& sizes) {
  parts.insert(parts.begin(), made_part(sizes));
  return parts;
}

bool only_times_differ(const std::vector<KeyPart>& before, const std::vector<KeyPart>& now) {
  if (find_part(before, kMore) != nullptr) return false;
  const auto counted = [](const std::vector<KeyPart>& parts) {
    return std::count_if(
        parts.begin(), parts.end(), [](const KeyPart& p) { return p.what != kMade; });
  };
  return counted(before) == counted(now) &&
         std::all_of(now.begin(), now.end(), [&](const KeyPart& one) {
           const KeyPart* old = find_part(before, one.what);
           if (old == nullptr) return false;
           return old->digest == one.digest || (one.sizes != 0 && old->sizes == one.sizes);
         });
}

std::string parts_text(const std::vector<KeyPart>& parts) {
  constexpr std::size_t kMost = 4096;
  std::string text(kPartsHeader);
  const std::string more = line_of({std::string(kMore), 0, 0, ""});
  for (const KeyPart& one : parts) {
    const std::string line = line_of(one);
    if (text.size() + line.size() + more.size() > kMost) return text + more;
    text += line;
  }
  return text;
}

std::optional<std::vector<KeyPart>> parse_parts(std::string_view text) {
  if (!text.starts_with(kPartsHeader)) return std::nullopt;
  text.remove_prefix(kPartsHeader.size());
  std::vector<KeyPart> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::optional<KeyPart> one = parse_line(text.substr(0, end));
    if (!one) return std::nullopt;
    parts.push_back(std::move(*one));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::vector<std::string> explain_difference(const std::vector<KeyPart>& before,
                                            std::vector<KeyPart> now) {
  // As they come back from a record.
  for (KeyPart& one : now) one.what = one_line(one.what);
  const bool cut = find_part(before, kMore) != nullptr;
  Changes changes;
  std::vector<std::string> others;
  for (const KeyPart& one : now) {
    const KeyPart* old = find_part(before, one.what);
    if ((old == nullptr && cut) || (old != nullptr && old->digest == one.digest)) continue;
    const auto [head, name] = split(one.what);
    if (!head.empty()) {
      changes.note(head, name, name.empty() ? "" : values_text(old, &one));
    } else if (old != nullptr) {
      others.push_back(sentence(*old, one));
    } else if (one.what != kMade) {
      others.push_back(one.what + " is new");
    }
  }
  for (const KeyPart& one : before) {
    if (one.what == kMade || one.what == kMore || find_part(now, one.what) != nullptr) continue;
    const auto [head, name] = split(one.what);
    if (!head.empty()) {
      changes.note(head, name, name.empty() ? "" : values_text(&one, nullptr));
    } else {
      others.push_back(one.what + " is no longer read");
    }
  }
  std::vector<std::string> texts = changes.sentences();
  texts.insert(texts.end(), others.begin(), others.end());
  return texts;
}

}  // namespace wfr
