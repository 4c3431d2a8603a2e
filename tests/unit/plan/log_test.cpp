// The log: whole records only, in order, from any number of writers.
#include "runtime/plan/record_bytes.hpp"
#include "runtime/plan/state.hpp"
#include "tests/unit/plan/sample_plan.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace wfr::test {
namespace {

Record sample_record(std::uint32_t index) {
  Record record;
  record.kind = RecordKind::End;
  record.task = {kSort, index};
  record.attempt = 2;
  record.verdict = Verdict::Failed;
  record.failure = FailureKind::Signal;
  record.status = 11;
  record.time_ns = 1700000000123456789;
  record.wall_ns = 5;
  record.cpu_ns = 6;
  record.peak_memory = 7;
  record.read_bytes = 8;
  record.written_bytes = 9;
  record.job_id = 10;
  record.array_job_id = 11;
  record.array_task_id = 12;
  record.node = "n1";
  record.message = std::string("a\0b\xff\n", 5) + std::string(index % 50, 'x');
  return record;
}

std::vector<Record> all_records(const std::filesystem::path& dir) {
  std::vector<Record> records;
  read_logs(dir, [&](const Record& record) { records.push_back(record); });
  return records;
}

std::filesystem::path only_file(const std::filesystem::path& dir) {
  return std::filesystem::directory_iterator(dir)->path();
}

}  // namespace

TEST_CASE("a record comes back whole", "[state]") {
  const Record record = sample_record(4);
  const auto back = record_from_bytes(record_to_bytes(record));
  REQUIRE(back);
  CHECK(record_to_bytes(*back) == record_to_bytes(record));
  CHECK(back->task == record.task);
  CHECK(back->message == record.message);
  CHECK(back->node == "n1");
  CHECK(back->written_bytes == 9);
  CHECK_FALSE(record_from_bytes(record_to_bytes(record).substr(0, 95)));
  CHECK_FALSE(record_from_bytes(""));
}

TEST_CASE("a record comes back with its lists", "[state]") {
  Record record = sample_record(4);
  record.open = true;
  record.owned = {"a.h5", "store.zarr/", std::string("store.zarr/b\n\xff", 14)};
  record.before = {{"T1.nii", 1, -2, 3, ~std::uint64_t{0}}, {"b", 0, 0, 0, 0}};
  const std::string bytes = record_to_bytes(record);
  const auto back = record_from_bytes(bytes);
  REQUIRE(back);
  CHECK(back->open);
  CHECK(back->owned == record.owned);
  CHECK(back->before == record.before);
  CHECK(back->message == record.message);
  CHECK(record_to_bytes(*back) == bytes);
  // A list that ends within an entry is none.
  CHECK_FALSE(record_from_bytes(bytes.substr(0, bytes.size() - 1)));
  CHECK_FALSE(record_from_bytes(bytes + "x"));
}

TEST_CASE("texts are cut to what a record may hold", "[state]") {
  Record record = sample_record(0);
  record.message = std::string(10000, 'm');
  record.node = std::string(300, 'n');
  const auto back = record_from_bytes(record_to_bytes(record));
  REQUIRE(back);
  CHECK(back->message.size() == 4096);
  CHECK(back->node.size() == 255);
}

TEST_CASE("a slot finds its record", "[state]") {
  const ScratchDirectory scratch;
  LogWriter log(scratch.path());
  log.append(sample_record(1));
  Slot slot;
  slot.log_offset = log.append(sample_record(2));
  slot.log_file = log.file_id();
  log.append(sample_record(3));
  const auto record = read_record(scratch.path(), slot);
  REQUIRE(record);
  CHECK(record->task.index == 2);
  slot.log_offset += 1;
  CHECK_FALSE(read_record(scratch.path(), slot));
  slot.log_file += 1;
  CHECK_FALSE(read_record(scratch.path(), slot));
}

namespace {

Record with_many_files(std::uint32_t index, std::size_t files) {
  Record record = sample_record(index);
  for (std::size_t i = 0; i < files; ++i) {
    record.owned.push_back("store.zarr/" + std::to_string(i) + std::string(i % 300, 'f'));
    if (i % 3 == 0) record.before.push_back({"x" + std::to_string(i), i, 1, 2, 3});
  }
  return record;
}

}  // namespace

TEST_CASE("a list of any length is written and read whole", "[state]") {
  const ScratchDirectory scratch;
  std::vector<Slot> slots;
  const std::vector<std::size_t> sizes{0, 1, 60, 70, 100, 5000};
  {
    LogWriter log(scratch.path());
    for (std::uint32_t i = 0; i < sizes.size(); ++i) {
      Slot slot;
      slot.log_offset = log.append(with_many_files(i, sizes[i]), i % 2 == 0);
      slot.log_file = log.file_id();
      slots.push_back(slot);
    }
  }
  LogReader reader(scratch.path());
  for (std::uint32_t i = 0; i < sizes.size(); ++i) {
    const Record expected = with_many_files(i, sizes[i]);
    const auto record = reader.read(slots[i]);
    REQUIRE(record);
    CHECK(record->task.index == i);
    CHECK(record->message == expected.message);
    CHECK(record->owned == expected.owned);
    CHECK(record->before == expected.before);
  }
  // Who reads everything sees each record once.
  CHECK(all_records(scratch.path()).size() == sizes.size());
}

TEST_CASE("a list of which a part is torn is no list", "[state]") {
  const ScratchDirectory scratch;
  Slot slot;
  {
    LogWriter log(scratch.path());
    slot.log_offset = log.append(with_many_files(1, 1000));
    slot.log_file = log.file_id();
  }
  const auto file = only_file(scratch.path());
  std::string bytes = read_file(file);
  bytes[200] = static_cast<char>(bytes[200] ^ 1);
  write_file(file, bytes);
  CHECK_FALSE(read_record(scratch.path(), slot));
}

TEST_CASE("a tail torn at any byte is left out", "[state]") {
  const ScratchDirectory scratch;
  std::uint64_t last = 0;
  {
    LogWriter log(scratch.path());
    log.append(sample_record(1));
    log.append(sample_record(2));
    last = log.append(sample_record(3));
  }
  const auto file = only_file(scratch.path());
  const std::string whole = read_file(file);
  CHECK(all_records(scratch.path()).size() == 3);
  for (std::size_t size = last; size < whole.size(); ++size) {
    write_file(file, whole.substr(0, size));
    REQUIRE(all_records(scratch.path()).size() == 2);
  }
}

TEST_CASE("records behind a torn one are still found", "[state]") {
  const ScratchDirectory scratch;
  std::uint64_t second = 0;
  std::uint64_t third = 0;
  {
    LogWriter log(scratch.path());
    log.append(sample_record(1));
    second = log.append(sample_record(2));
    third = log.append(sample_record(3));
  }
  const auto file = only_file(scratch.path());
  const std::string whole = read_file(file);
  for (std::size_t size = second; size < third; ++size) {
    write_file(file, whole.substr(0, size) + whole.substr(third));
    const auto records = all_records(scratch.path());
    REQUIRE(records.size() == 2);
    REQUIRE(records[0].task.index == 1);
    REQUIRE(records[1].task.index == 3);
  }
}

TEST_CASE("a log of many blocks is read whole, with damage anywhere in it", "[state]") {
  const ScratchDirectory scratch;
  constexpr std::uint32_t kRecords = 6000;
  std::vector<std::uint64_t> offsets;
  {
    LogWriter log(scratch.path());
    Record record = sample_record(0);
    for (std::uint32_t i = 0; i < kRecords; ++i) {
      record.task.index = i;
      // From a hundred bytes to more than four thousand, so that some lie across the blocks' ends.
      record.message = std::string(i % 97 == 0 ? 4096 : i % 61, 'm');
      offsets.push_back(log.append(record, false));
    }
  }
  const auto file = only_file(scratch.path());
  std::string bytes = read_file(file);
  REQUIRE(bytes.size() > 3 * 256 * 1024);
  const auto indices = [&] {
    std::vector<std::uint32_t> found;
    for (const Record& record : all_records(scratch.path())) found.push_back(record.task.index);
    return found;
  };
  std::vector<std::uint32_t> expected(kRecords);
  std::iota(expected.begin(), expected.end(), 0U);
  CHECK(indices() == expected);
  // One that lies across the end of the first block, the first of all and the last.
  const auto across = static_cast<std::uint32_t>(
      std::upper_bound(offsets.begin(), offsets.end(), 256U * 1024U) - offsets.begin() - 1);
  for (const std::uint32_t bad : {0U, across, across + 1, kRecords - 1}) {
    bytes[offsets[bad] + 10] = static_cast<char>(bytes[offsets[bad] + 10] ^ 1);
    expected.erase(std::find(expected.begin(), expected.end(), bad));
  }
  write_file(file, bytes);
  CHECK(indices() == expected);
}

TEST_CASE("many processes append to one log and each knows its offsets", "[state]") {
  const ScratchDirectory scratch;
  constexpr std::uint32_t kWriters = 6;
  constexpr std::uint32_t kRecords = 100;
  std::vector<pid_t> children;
  for (std::uint32_t writer = 0; writer < kWriters; ++writer) {
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      LogWriter log(scratch.path());
      bool good = true;
      for (std::uint32_t i = 0; i < kRecords; ++i) {
        Record record = sample_record(writer * kRecords + i);
        if (i % 2 == 0) record.kind = RecordKind::Start;
        Slot slot;
        slot.log_offset = log.append(record);
        slot.log_file = log.file_id();
        const auto back = read_record(scratch.path(), slot);
        good = good && back && back->task == record.task;
      }
      ::_exit(good ? 0 : 1);
    }
    children.push_back(pid);
  }
  for (const pid_t pid : children) {
    int status = -1;
    ::waitpid(pid, &status, 0);
    CHECK(status == 0);
  }
  std::map<std::uint32_t, int> seen;
  std::map<std::uint32_t, std::uint32_t> last;
  bool in_order = true;
  for (const Record& record : all_records(scratch.path())) {
    ++seen[record.task.index];
    const std::uint32_t writer = record.task.index / kRecords;
    in_order = in_order && last[writer] <= record.task.index;
    last[writer] = record.task.index;
  }
  CHECK(seen.size() == std::size_t{kWriters} * kRecords);
  CHECK(in_order);
}

TEST_CASE("no log directory is an empty log", "[state]") {
  const ScratchDirectory scratch;
  CHECK(all_records(scratch.path() / "none").empty());
}

}  // namespace wfr::test
