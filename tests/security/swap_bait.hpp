// What an attacker puts in the place of a part of a path.
#pragma once

#include <array>
#include <string>

namespace swapping {

// The first two lead to the victim's private files, so do the links at the end of the next two,
// which have the names of the path below them. `LinkWithin`: to the victim's own directory among
// the data, DATA/own; `Moved`: that directory itself.
enum class Bait {
  LinkDirectory,
  LinkFile,
  OwnToFile,
  OwnToDirectory,
  LinkWithin,
  Moved,
  Pipe,
  File,
  Nothing
};
inline constexpr std::array kBaits = {"link to a directory",
                                      "link to a file",
                                      "own directory, link to a file",
                                      "own directory, link to a directory",
                                      "link within",
                                      "directory moved here",
                                      "pipe",
                                      "file",
                                      "nothing"};

// One part of a path, exchanged.
struct Swap {
  std::string place;  // the part
  std::string aside;  // where what stood there is meanwhile: in the same directory
  std::string rest;   // of the path, below the part; "" for none
  Bait bait = Bait::LinkDirectory;
  bool stood = false;  // whether there was something
};

// By a process of the attacker's. Whether that was allowed. Sets `stood`.
bool exchange(Swap& swap, const std::string& top, const std::string& home);
// The same again. What is in the place may have been changed or removed meanwhile.
bool put_back(const Swap& swap, const std::string& top);

}  // namespace swapping
