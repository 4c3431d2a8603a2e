// The one message of a run, by the node's `sendmail`.
#pragma once

#include <filesystem>
#include <string>

namespace wfr {

struct Mail {
  std::string to;
  std::string subject;  // control characters and bytes beyond ASCII are replaced
  std::string text;
};

// As `sendmail -t` reads it: headers, an empty line, the text.
std::string mail_bytes(const Mail& mail);

// Leaves the message in `file` and gives it to `sendmail` of PATH, /usr/sbin or /usr/lib. "" when
// it was taken; else why not.
std::string send_mail(const Mail& mail, const std::filesystem::path& file);

// Tells Slurm that the message it would send at the end of this job is not needed.
void keep_slurm_from_mailing();

}  // namespace wfr
