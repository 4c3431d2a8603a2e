// Starts scontrol, sinfo and sacctmgr, one after the other, each with a time limit.
#include "compiler/probe/ask.hpp"

#include <system_error>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wfc {
namespace {

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::string why_not(const std::vector<std::string>& argv, const Answer& answer) {
  const std::string command = fmt::format("{}", fmt::join(argv, " "));
  switch (answer.outcome) {
    case AskOutcome::NotThere:
      return fmt::format("there is no `{}` here: run this where jobs are submitted", argv.front());
    case AskOutcome::TimedOut:
      return fmt::format("slurmctld does not answer: `{}` was stopped after {} s",
                         command,
                         kAnswerNs / 1'000'000'000);
    default:
      return fmt::format("`{}` fails: {}", command, first_line(answer.text));
  }
}

}  // namespace

Answer ask(wfr::Processes& processes, const std::vector<std::string>& argv) {
  wfr::Environment environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    environment.emplace_back(*variable);
  }
  Answer answer;
  wfr::ProcessRequest request;
  request.argv = argv;
  request.environment = &environment;
  request.extra = {"LC_ALL=C"};
  request.timeout_ns = kAnswerNs;
  request.on_output = [&answer](std::string_view text) { answer.text += text; };
  wfr::ProcessId id = 0;
  try {
    id = processes.start(request);
  } catch (const std::system_error& error) {
    answer.outcome = AskOutcome::NotThere;
    return answer;
  }
  while (true) {
    for (const wfr::ProcessEnd& end : processes.wait(-1).ended) {
      if (end.id != id) continue;
      if (end.stopped == wfr::Stopped::Timeout) {
        answer.outcome = AskOutcome::TimedOut;
      } else if (!WIFEXITED(end.status) || WEXITSTATUS(end.status) != 0) {
        answer.outcome = AskOutcome::Failed;
      }
      return answer;
    }
  }
}

std::optional<SlurmAnswers> ask_slurm(wfr::Processes& processes,
                                      const std::string& user,
                                      std::string& error) {
  SlurmAnswers answers;
  const auto need = [&](const std::vector<std::string>& argv, std::string& into) {
    Answer answer = ask(processes, argv);
    if (answer.outcome != AskOutcome::Good) error = why_not(argv, answer);
    into = std::move(answer.text);
    return answer.outcome == AskOutcome::Good;
  };
  if (!need({"scontrol", "show", "config"}, answers.config) ||
      !need({"scontrol", "--oneliner", "show", "partition"}, answers.partitions) ||
      !need({"sinfo", "--noheader", "--exact", "--format=%R|%c|%m|%G"}, answers.nodes)) {
    return std::nullopt;
  }
  const std::map<std::string, std::string> config = parse_config(answers.config);
  const auto storage = config.find("AccountingStorageType");
  if (storage == config.end() || storage->second != "accounting_storage/slurmdbd") {
    answers.no_accounting =
        fmt::format("AccountingStorageType={}", storage == config.end() ? "?" : storage->second);
    return answers;
  }
  const auto cluster = config.find("ClusterName");
  std::vector<std::string> argv = {"sacctmgr",
                                   "--noheader",
                                   "--parsable2",
                                   "--readonly",
                                   "show",
                                   "associations",
                                   "user=" + user,
                                   "format=Account,Partition,MaxSubmitJobs,DefaultQOS,QOS"};
  if (cluster != config.end()) argv.push_back("cluster=" + cluster->second);
  Answer answer = ask(processes, argv);
  if (answer.outcome != AskOutcome::Good) {
    answers.no_accounting = why_not(argv, answer);
    return answers;
  }
  answers.associations = std::move(answer.text);
  answer = ask(processes,
               {"sacctmgr",
                "--noheader",
                "--parsable2",
                "--readonly",
                "show",
                "qos",
                "format=Name,MaxSubmitJobsPerUser"});
  if (answer.outcome == AskOutcome::Good) answers.qos = std::move(answer.text);
  return answers;
}

}  // namespace wfc
