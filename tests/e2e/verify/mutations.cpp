// Edits of scripts, submit.sh, tables and plan, as text.
#include "tests/e2e/verify/mutations.hpp"

#include <algorithm>
#include <random>
#include <sstream>

namespace wfc::test {
namespace {

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string join_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::vector<std::string> split_words(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string join_words(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

constexpr std::size_t kFirstWait = 4;  // job NAME ELEMENTS PLACE WAIT...

class TextMutants {
 public:
  explicit TextMutants(const Files& files) : files_(files) {}

  std::vector<Mutant> all() {
    for (const auto& [place, text] : files_) {
      if (place == "submit.sh") {
        calls();
        submit_lines();
      } else if (place == "bin/submit") {
        program_lines(text);
      } else if (place.ends_with(".sbatch")) {
        script(place);
      } else if (place.ends_with(".u32")) {
        table(place);
      }
    }
    plan();
    return std::move(mutants_);
  }

 private:
  void add(const std::string& what,
           const std::string& place,
           const std::string& text,
           bool of_order = false) {
    if (files_.at(place) == text) return;
    Files files = files_;
    files[place] = text;
    mutants_.push_back({place + ": " + what, std::move(files), of_order});
  }
  void add_lines(const std::string& what,
                 const std::string& place,
                 const std::vector<std::string>& lines) {
    add(what, place, join_lines(lines));
  }
  [[nodiscard]] std::string verdict_name() const {
    constexpr std::string_view kBegin = "readonly verdict=";
    const std::string& text = files_.at("submit.sh");
    const std::size_t at = text.find(kBegin) + kBegin.size();
    return text.substr(at, text.find('\n', at) - at);
  }
  void remove(const std::string& place) {
    Files files = files_;
    files.erase(place);
    mutants_.push_back({place + ": removed", std::move(files), false});
  }
  void cuts(const std::string& place, std::size_t number) {
    const std::string& text = files_.at(place);
    for (std::size_t i = 0; i < number; ++i) {
      add("cut at part " + std::to_string(i), place, text.substr(0, text.size() * i / number));
    }
    add("end of its last line cut", place, text.substr(0, text.find_last_not_of('\n') + 1));
  }

  void calls() {
    const std::vector<std::string> lines = split_lines(files_.at("submit.sh"));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!lines[i].starts_with("job ")) continue;
      auto edited = lines;
      edited.erase(edited.begin() + static_cast<std::ptrdiff_t>(i));
      add_lines("dropped: " + lines[i].substr(0, 30), "submit.sh", edited);
      edited = lines;
      edited.insert(edited.begin() + static_cast<std::ptrdiff_t>(i), lines[i]);
      add_lines("doubled: " + lines[i].substr(0, 30), "submit.sh", edited);
      edited = lines;
      // The order of two finalizers says nothing.
      const bool finalizers = lines[i].find(":" + verdict_name()) != std::string::npos;
      if (i + 1 < lines.size() && lines[i + 1].starts_with("job ") && !finalizers) {
        std::swap(edited[i], edited[i + 1]);
        add_lines("after the next: " + lines[i].substr(0, 30), "submit.sh", edited);
      }
      edited = lines;
      edited[i] = "false && " + lines[i];
      add_lines("disarmed: " + lines[i].substr(0, 30), "submit.sh", edited);
      words(lines, i);
    }
  }

  void words(const std::vector<std::string>& lines, std::size_t i) {
    const std::vector<std::string> words = split_words(lines[i]);
    const auto replace = [&](std::size_t w, const std::string& word) {
      auto edited_words = words;
      if (word.empty()) {
        edited_words.erase(edited_words.begin() + static_cast<std::ptrdiff_t>(w));
      } else {
        edited_words[w] = word;
      }
      auto edited = lines;
      edited[i] = join_words(edited_words);
      // What the verdict need not wait for, since others do, an execution tells.
      add(words[1] + ": " + words[w] + " -> " + (word.empty() ? "nothing" : word),
          "submit.sh",
          join_lines(edited),
          word.empty() && words[1] == verdict_name());
    };
    replace(1, words[1] + "x");
    replace(2, words[2] + "1");
    replace(2, "0");
    for (std::size_t w = kFirstWait; w < words.size(); ++w) {
      const std::string on = words[w].substr(words[w].find(':') + 1);
      replace(w, "");
      for (const char* kind :
           {"aftercorr", "afterok", "afterany", "afternotok", "after", "singleton"}) {
        replace(w, std::string(kind) + ":" + on);
      }
      replace(w, words[w] + "?");
      replace(w, words[w].substr(0, words[w].find(':') + 1) + "nobody");
    }
  }

  void replace(const std::string& place, const std::string& from, const std::string& to) {
    const std::string& text = files_.at(place);
    const std::size_t at = text.find(from);
    if (at == std::string::npos) return;
    add("`" + from + "` -> `" + to + "`",
        place,
        text.substr(0, at) + to + text.substr(at + from.size()));
  }

  void submit_lines() {
    const std::string place = "submit.sh";
    const std::string hash = plan_hash(files_);
    replace(place,
            "readonly plan=" + hash.substr(0, 1),
            std::string("readonly plan=") + (hash[0] == '0' ? "1" : "0"));
    replace(place, "readonly verdict=", "readonly verdict=x");
    replace(place, "readonly verdict=", "verdict_is=");
    replace(place, "  waits+=(\"$*\")", "  waits+=(\"$1\")");
    replace(place, "  shift 3", "  shift 4");
    replace(place, "#!/bin/bash", "#!/bin/sh");
    replace(place, "self=", "exit 0\nself=");
    replace(place, "self=${BASH_SOURCE[0]}", "self=$0");
    replace(place, "real=$(readlink -f -- \"$self\") || exit 1\n", "");
    replace(place, "(cd -- \"${real%/*}\" && sha256sum", "(cd -- \"${real%/*}\" && true sha256sum");
    replace(place, "exit 1; }", "}");
    replace(place, ". \"${real", "# \"${real");
    replace(place, "/bin/submit\"", "/bin/true\"");
    replace(place, "/bin/submit\"\n", "/bin/submit\"\nwaits=()\n");
    cuts(place, 40);
    remove(place);
  }

  void program_lines(const std::string& text) {
    const std::string place = "bin/submit";
    replace(place, " --kill-on-invalid-dep=yes", "");
    replace(place, "--kill-on-invalid-dep=yes", "--kill-on-invalid-dep=no");
    replace(place, "\"--dependency=$dependency\"", "");
    replace(place, "#!/bin/bash", "#!/bin/sh");
    replace(place, "main \"$@\"\n", "");
    add("goes on", place, text + "exit 0\n");
    cuts(place, 40);
    remove(place);
  }

  void script(const std::string& place) {
    remove(place);
    cuts(place, 12);
    const std::vector<std::string> lines = split_lines(files_.at(place));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto replace = [&](const std::string& line) {
        auto edited = lines;
        edited[i] = line;
        add_lines(lines[i].substr(0, 40) + " -> " + line.substr(0, 40), place, edited);
      };
      const std::string& line = lines[i];
      for (const char* option :
           {"job-name", "array", "output", "requeue", "no-requeue", "open-mode"}) {
        if (line.starts_with(std::string("#SBATCH --") + option)) option_line(lines, i, replace);
      }
      if (line == "trap '' USR1") replace("# " + line);
      if (line.starts_with("exec ")) run_line(line, replace);
      if (line.starts_with("case ")) replace("# " + line);
    }
    foreign_lines(place, lines);
  }

  template <class Replace>
  static void option_line(const std::vector<std::string>& lines,
                          std::size_t i,
                          const Replace& replace) {
    const std::string& line = lines[i];
    replace("#" + line);
    replace(line + "x");
    if (line == "#SBATCH --requeue") replace("#SBATCH --no-requeue");
    if (line == "#SBATCH --no-requeue") replace("#SBATCH --requeue");
    if (!line.starts_with("#SBATCH --array=")) return;
    const std::string list = line.substr(line.find('=') + 1);
    const std::string limit =
        list.find('%') == std::string::npos ? "" : list.substr(list.find('%'));
    const std::string plain = list.substr(0, list.find('%'));
    const std::size_t digits =
        plain.find_last_of(",-") == std::string::npos ? 0 : plain.find_last_of(",-") + 1;
    const unsigned long last = std::stoul(plain.substr(digits));
    const std::string begin = "#SBATCH --array=";
    replace(begin + plain.substr(0, digits) + std::to_string(last + 1) + limit);
    if (last > 0) replace(begin + plain.substr(0, digits) + std::to_string(last - 1) + limit);
    replace(begin + plain + ",0" + limit);
    replace(begin + plain + "," + std::to_string(last) + limit);
    if (plain.front() == '0' && plain.size() > 1 && plain[1] == '-')
      replace(begin + "1" + plain.substr(1) + limit);
    replace(begin + plain + ":2" + limit);
    replace(begin + plain + (limit.empty() ? "%1" : ""));
    replace(begin + plain + "%7777");
    replace(begin);
  }

  template <class Replace>
  static void run_line(const std::string& line, const Replace& replace) {
    const std::size_t plan = line.find("--plan ") + 7;
    std::string other = line;
    other[plan] = other[plan] == '0' ? '1' : '0';
    replace(other);
    replace(line.substr(0, line.find(" \"$@\"")));
    replace("# " + line);
    replace("echo " + line);
    replace(line + " || true");
    std::vector<std::string> words = split_words(line);
    for (std::size_t w = 2; w < words.size(); ++w) {
      auto edited = words;
      edited.erase(edited.begin() + static_cast<std::ptrdiff_t>(w));
      replace(join_words(edited));
    }
    // Of the verdict's job these say who gets the mail, which no plan knows.
    if (words.size() > 7 && words[2] == "job") {
      words[6] += "x";
      replace(join_words(words));
      words[5] = words[5] == "--array" ? "--finalizer" : "--array";
      replace(join_words(words));
    }
  }

  // What another script runs, and options that have no place in a script.
  void foreign_lines(const std::string& place, const std::vector<std::string>& lines) {
    for (const auto& [other, text] : files_) {
      if (!other.ends_with(".sbatch") || other == place) continue;
      auto edited = lines;
      edited.back() = split_lines(text).back();
      add_lines("runs " + other, place, edited);
      break;
    }
    for (const char* option : {"--dependency=afterok:1",
                               "-d afterok:1",
                               "--depend=afterok:1",
                               "-a 0-1",
                               "--kill-on-invalid-dep=no",
                               "--hold",
                               "-D /tmp",
                               "--requeue",
                               "--arr=0"}) {
      auto edited = lines;
      edited.insert(edited.begin() + 5, std::string("#SBATCH ") + option);
      add_lines(std::string("with ") + option, place, edited);
    }
    auto edited = lines;
    edited.insert(edited.end() - 1, "#SBATCH --partition=other");
    add_lines("a late option", place, edited);
    std::string text = join_lines(lines);
    text.insert(text.find('\n'), "\r");
    add("carriage return", place, text);
  }

  void table(const std::string& place) {
    remove(place);
    const std::string& bytes = files_.at(place);
    add("last entry cut", place, bytes.substr(0, bytes.size() - 4));
    add("last byte cut", place, bytes.substr(0, bytes.size() - 1));
    add("first entry twice", place, bytes.substr(0, 4) + bytes.substr(0, bytes.size() - 4));
    if (bytes.size() >= 8) {
      add("two entries swapped", place, bytes.substr(4, 4) + bytes.substr(0, 4) + bytes.substr(8));
    }
    for (const std::size_t at :
         {std::size_t{0}, std::size_t{3}, bytes.size() / 8 * 4, bytes.size() - 4}) {
      std::string edited = bytes;
      edited[at] = static_cast<char>(edited[at] + 1);
      add("byte " + std::to_string(at), place, edited);
    }
  }

  void plan() {
    const std::string place = "plan/" + plan_hash(files_) + "/plan.wfp";
    const std::string& bytes = files_.at(place);
    remove(place);
    std::mt19937 random(1);
    for (int i = 0; i < 60; ++i) {
      std::string edited = bytes;
      const std::size_t at = random() % bytes.size();
      edited[at] = static_cast<char>(edited[at] ^ (1 << (random() % 8)));
      add("bit of byte " + std::to_string(at), place, edited);
    }
    cuts(place, 5);
  }

  const Files& files_;
  std::vector<Mutant> mutants_;
};

}  // namespace

std::string plan_hash(const Files& files) {
  constexpr std::string_view kBegin = "readonly plan=";
  const std::string& text = files.at("submit.sh");
  return text.substr(text.find(kBegin) + kBegin.size(), 32);
}

std::vector<Mutant> text_mutants(const Files& files) {
  return TextMutants(files).all();
}

}  // namespace wfc::test
