// What must reach the disk before a task may count as done, and how little of it has to be waited
// for.
#pragma once

#include <string>

#include <sys/types.h>

namespace wfr {

// What the flush of the log brings to the disk with it, of files on the same device. ext4 and XFS
// write one journal in order: what was renamed before is there, and on ext4 so is the size of a
// file whose data has been written. Nothing else on btrfs, over a network or without a journal.
struct Journal {
  enum class Brings { Nothing, Names, NamesAndSizes };
  Brings brings = Brings::Nothing;
  dev_t device = 0;
};
// `log`: a file or directory that exists.
Journal journal_of(const std::string& log);

// Waits until the disk has what the log will not bring: of a file, or of a directory and all that
// is below it. What may not be read is passed over: that is no reason to lose it. Throws
// std::system_error.
void flush_tree(const std::string& path, const Journal& journal);
// The same of the names in a directory.
void flush_names(const std::string& directory, const Journal& journal);
// Tells the disk what flush_tree() will wait for of a file, and does not wait.
void begin_flush(const std::string& file) noexcept;

}  // namespace wfr
