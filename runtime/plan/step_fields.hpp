// The fields of a step and of all that it holds, listed once for writing and reading.
// A change here is a change of the plan's format: raise kPlanVersion.
#pragma once

#include "runtime/plan/json_archive.hpp"
#include "runtime/plan/step.hpp"

namespace wfr {

template <class Archive>
void describe(Archive& archive, Piece& piece) {
  archive.enumeration("kind", piece.kind, PieceKind::WorkflowDir);
  archive("text", piece.text);
  archive("level", piece.level);
  archive("column", piece.column);
  archive("need", piece.need);
  archive("output", piece.output);
}

template <class Archive>
void describe(Archive& archive, Template& value) {
  archive("pieces", value.pieces);
}

template <class Archive>
void describe(Archive& archive, OutputSpec& output) {
  archive("name", output.name);
  archive("path", output.path);
  archive.enumeration("kind", output.kind, OutputKind::Glob);
  archive("fan", output.fan);
  archive("mentioned", output.mentioned);
  archive("content", output.content);
}

template <class Archive>
void describe(Archive& archive, InputSpec& input) {
  archive("path", input.path);
  archive("glob", input.glob);
  archive("content", input.content);
  archive("made_by_edge", input.made_by_edge);
}

template <class Archive>
void describe(Archive& archive, UseSpec& use) {
  archive("path", use.path);
  archive("glob", use.glob);
  archive("listed", use.listed);
}

template <class Archive>
void describe(Archive& archive, NeedSpec& need) {
  archive("step_name", need.step_name);
  archive("step", need.step);
  archive("edge", need.edge);
  archive("data", need.data);
}

template <class Archive>
void describe(Archive& archive, RetrySpec& retry) {
  archive("times", retry.times);
  archive.enumerations("on", retry.on, kLastFailureKind);
  archive("mem_percent", retry.mem_percent);
  archive("time_percent", retry.time_percent);
}

template <class Archive>
void describe(Archive& archive, EnvironmentSpec& environment) {
  archive("variables", environment.variables);
  archive("modules", environment.modules);
  archive("conda", environment.conda);
  archive("setup", environment.setup);
}

template <class Archive>
void describe(Archive& archive, ResourceSpec& resources) {
  archive("cpus", resources.cpus);
  archive("mem_mb", resources.mem_mb);
  archive("time_s", resources.time_s);
  archive("nodes", resources.nodes);
  archive("tasks", resources.tasks);
  archive("tasks_per_node", resources.tasks_per_node);
  archive("gpus", resources.gpus);
}

template <class Archive>
void describe(Archive& archive, StepSpec& step) {
  archive("name", step.name);
  archive("was", step.was);
  archive("each", step.each);
  archive.enumeration("finalizer", step.finalizer, FinalizerKind::Always);
  archive.enumeration("command", step.command, CommandKind::Argv);
  archive("kernel", step.kernel);
  archive("kernel_version", step.kernel_version);
  archive("params_json", step.params_json);
  archive("param_templates", step.param_templates);
  archive("run", step.run);
  archive("argv", step.argv);
  archive("inputs", step.inputs);
  archive("outputs", step.outputs);
  archive("uses", step.uses);
  archive("needs", step.needs);
  archive("resources", step.resources);
  archive("environment", step.environment);
  archive("retry", step.retry);
  archive("timeout_s", step.timeout_s);
  archive("limit", step.limit);
  archive("scratch_cwd", step.scratch_cwd);
  archive("in_scratch", step.in_scratch);
  archive("allow_empty", step.allow_empty);
}

}  // namespace wfr
