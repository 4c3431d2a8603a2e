// "channel{001..124}": names from ranges and lists in braces.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wfc {

struct Expansion {
  std::vector<std::string> names;  // in the order written, the last brace turning fastest
  std::string problem;             // not empty: what is wrong
};

// {A..B} counts up, as wide as the wider end when either begins with 0; {a,b} lists. Braces with
// anything else in them are an error, since a directory's name seldom means to hold them.
Expansion expand_braces(std::string_view text);

}  // namespace wfc
