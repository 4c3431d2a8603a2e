// Everything that one attempt of one task needs before it starts: files, command, environment.
#pragma once

#include "runtime/plan/plan.hpp"
#include "runtime/run/environment.hpp"
#include "runtime/run/inputs.hpp"
#include "runtime/run/key.hpp"
#include "runtime/run/outputs.hpp"
#include "runtime/run/process.hpp"
#include "runtime/run/worker.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wfr {

struct Attempt {
  Task task;
  std::uint16_t number = 1;  // counts over all runs of the task
  std::uint32_t tries = 0;   // in this job, before this one
  TaskKey key;
  std::optional<Key> fingerprint;  // where it does not depend on the files: see scratch_outputs.hpp
  Slot recorded;                   // what was recorded of the task before
  std::unique_ptr<OutputFiles> files;
  std::string scratch;  // "" when the task has none of its own
  std::int64_t started_wall_ns = 0;
};

// Where things are for all tasks of a job.
struct JobPlaces {
  std::string root;          // absolute
  std::string workflow_dir;  // absolute: where the workflow file is
  std::string scratch_base;  // absolute: below it each task that asks for it gets a directory
  std::string hosts;         // one a line, for {hostfile}
  std::string job_scratch;   // absolute: outputs of steps with `in_scratch`; "": the job has none
  std::string failed;        // absolute: what failed attempts have left; see Leftovers
  std::string held;          // absolute: see OutputFiles::Settings
  [[nodiscard]] const std::string& root_of(const StepSpec& step) const {
    return step.in_scratch ? job_scratch : root;
  }
};

class AttemptMaker {
 public:
  // `spares` (may be null) must outlive it and its attempts.
  AttemptMaker(const Plan& plan,
               JobPlaces places,
               bool prepare_environment,
               SpareDirectories* spares = nullptr);

  void warn_by(std::function<void(const std::string&)> warn) {
    environments_.warn_by(std::move(warn));
  }
  [[nodiscard]] const JobPlaces& places() const { return places_; }
  // The context without outputs: for inputs and keys.
  [[nodiscard]] TaskContext context(Task task, std::uint32_t cpus) const;

  // Looks at what stands in the places of the outputs, before the attempt is on record. Throws
  // OccupiedError, std::system_error.
  void look(Attempt& attempt, const TaskContext& context, LogReader& records) const;
  // Makes directories and temporaries, and gives what to start. Throws ExpandError,
  // PreparationError, std::system_error or std::runtime_error with a reason for a person; discard()
  // the files then.
  ProcessRequest command(Attempt& attempt, TaskContext& context);
  WorkerTask kernel(Attempt& attempt, TaskContext& context, const std::string& scratch);

 private:
  void prepare_files(Attempt& attempt, TaskContext& context);
  void prepare_scratch(Attempt& attempt, TaskContext& context);
  void write_lists(const Attempt& attempt, TaskContext& context);
  [[nodiscard]] std::string directory(Task task) const;
  [[nodiscard]] std::vector<std::string> made_names(Task task, const TaskOutput& output) const;

  const Plan& plan_;
  JobPlaces places_;
  Environments environments_;
  SpareDirectories* spares_;
  std::vector<bool> wants_scratch_;  // by StepId
  std::vector<bool> says_scratch_;   // by StepId: its command is meant to write there
};

}  // namespace wfr
