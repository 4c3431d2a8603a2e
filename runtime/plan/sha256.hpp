// SHA-256 (FIPS 180-4), as 64 hexadecimal digits, as `sha256sum` prints it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace wfr {

std::string sha256(std::string_view bytes);
// Throws std::system_error.
std::string sha256_of_file(const std::filesystem::path& file);

}  // namespace wfr
