// What the verdict's job and the finalizers take from where, and that there is one cluster.
#include "tests/unit/workflow/resolve_text.hpp"

#include <catch2/catch.hpp>

namespace wfc {
namespace {

Resolved resolved(const std::string& rest) {
  ResolveOptions options;
  options.site = "x";
  options.sbatch_found = true;
  const std::string text =
      "[[step]]\nname = \"a\"\nrun = \"true\"\npartition = \"gpu\"\naccount = \"lab\"\ntasks = 4\n"
      "[[step]]\nname = \"b\"\nrun = \"true\"\naccount = \"lab\"\nqos = \"long\"\ntasks = 1\n"
      "[[step]]\nname = \"end\"\nrun = \"true\"\non = \"always\"\n" +
      rest;
  return resolve_steps(text, options);
}

using Options = std::vector<std::string>;

}  // namespace

TEST_CASE("the verdict takes what all steps share, and no partition of the first one alone") {
  const Resolved file = resolved("[site.x]\n");
  REQUIRE(file.text().empty());
  const ClosingDef& closing = file.workflow.closing;
  CHECK(closing.slurm.account == "lab");
  CHECK(closing.slurm.partition.empty());
  CHECK(closing.slurm.qos.empty());
  CHECK(closing.asked.tasks == 1);
  const StepDef& end = file.step("end");
  CHECK(end.slurm.account == "lab");
  CHECK(end.slurm.partition.empty());
  CHECK(end.spec.resources.tasks == 1);
}

TEST_CASE(
    "before that its own table, the site and [defaults], key by key, but no sizes of theirs") {
  const Resolved file = resolved(
      "[defaults]\nconstraint = \"ib\"\nlicenses = [\"fs:1\"]\ngpus = 2\nmem = \"64G\"\nscratch = "
      "\"10G\"\nexclusive = true\nsbatch = [\"--mincpus=4\", \"-M main\"]\n"
      "[site.x]\nconstraint = \"avx\"\naccount = \"site\"\n"
      "[site.x.verdict]\naccount = \"small\"\ntime = \"20m\"\n");
  REQUIRE(file.text().empty());
  const ClosingDef& closing = file.workflow.closing;
  CHECK(closing.slurm.account == "small");
  CHECK(closing.slurm.constraint == "avx");
  CHECK(closing.slurm.licenses == "fs:1");
  CHECK(closing.slurm.sbatch == Options{"-M main"});
  CHECK_FALSE(closing.slurm.exclusive);
  CHECK(closing.asked.time_s == 1200);
  CHECK(closing.asked.mem_mb == 0);
  const StepDef& end = file.step("end");
  CHECK(end.slurm.account == "small");
  CHECK(end.slurm.constraint == "avx");
  CHECK(end.spec.resources.time_s == 1200);
  CHECK(end.spec.resources.gpus.empty());
}

TEST_CASE("a partition for GPUs is only taken where it is named for the verdict") {
  const std::string partitions =
      "[site.x.partitions.gpu]\ngpus = [\"a100:4\"]\n[site.x.partitions.cpu]\ngpus = []\n";
  const Resolved site = resolved("[site.x]\npartition = \"gpu\"\n" + partitions);
  REQUIRE(site.text().empty());
  CHECK(site.workflow.closing.slurm.partition.empty());
  CHECK(site.step("end").slurm.partition.empty());
  CHECK(site.step("b").slurm.partition == "gpu");
  const Resolved named = resolved("[site.x.verdict]\npartition = \"gpu\"\n" + partitions);
  CHECK(named.workflow.closing.slurm.partition == "gpu");
  CHECK(named.step("end").slurm.partition == "gpu");
  const Resolved only =
      resolved("[site.x]\npartition = \"gpu\"\n[site.x.partitions.gpu]\ngpus = [\"4\"]\n");
  CHECK(only.workflow.closing.slurm.partition == "gpu");
}

TEST_CASE("all jobs are for one cluster") {
  CHECK(resolved("[site.x]\nsbatch = [\"--clusters main\"]\n").workflow.closing.slurm.sbatch ==
        Options{"--clusters main"});
  CHECK(resolved("[site.x]\nsbatch = [\"--clusters=a,b\"]\n").kinds() ==
        std::vector<Kind>{Kind::ClustersDiffer});
  // The verdict's own options leave the cluster of the others as it is.
  const Resolved kept = resolved(
      "[site.x]\nsbatch = [\"-Mmain\"]\n[site.x.verdict]\nsbatch = [\"--mail-type=END\"]\n");
  CHECK(kept.workflow.closing.slurm.sbatch == Options{"--mail-type=END", "-Mmain"});
}

TEST_CASE("mail is written at the end, or only after failures") {
  const auto mail = [](const std::string& on) {
    const std::string text = "[workflow]\nname = \"m\"\nmail = { to = \"me@x.org\"" + on + " }\n";
    const auto source = std::make_shared<const SourceFile>(
        SourceFile{"m.toml", text + "[[step]]\nname = \"a\"\nrun = \"true\"\n"});
    Sink sink;
    const ast::Document document = parse(source, sink);
    const Workflow workflow = resolve(document, {}, sink);
    CHECK_FALSE(sink.has_errors());
    CHECK(workflow.mail.to == "me@x.org");
    return workflow.mail.only_failure;
  };
  CHECK_FALSE(mail(""));
  CHECK_FALSE(mail(", on = [\"end\"]"));
  CHECK_FALSE(mail(", on = [\"failure\", \"end\"]"));
  CHECK(mail(", on = \"failure\""));
}

}  // namespace wfc
