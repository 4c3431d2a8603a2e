// Which site is chosen, and what wins: the step, then the site, then [defaults].
#include "tests/unit/workflow/resolve_text.hpp"

#include <catch2/catch.hpp>

namespace wfc {
namespace {

const char* const kTwoSites = R"(
[[step]]
name = "a"
run = "true"
cpus = 2
env = { B = "step" }
[defaults]
cpus = 1
mem = "1G"
time = "1h"
env = { A = "defaults", B = "defaults", C = "defaults" }
[site.north]
cpus = 8
mem = "2G"
partition = "n"
mem_per_cpu = "3G"
memory = "cpus"
gpus = "gres"
export = "ALL"
limits = { max_time = "7d", max_array_size = 500, max_mem = "64G" }
env = { A = "site", B = "site" }
sbatch = ["--mail-type=END"]
scratch = "20G"
[site.south]
partition = "s"
)";

ResolveOptions for_site(const std::string& site, bool sbatch = true) {
  ResolveOptions options;
  options.site = site;
  options.sbatch_found = sbatch;
  return options;
}

namespace {

ast::Document document(const char* name, const char* text) {
  Sink sink;
  return parse(std::make_shared<const SourceFile>(SourceFile{name, text}), sink);
}

}  // namespace

TEST_CASE("a step's own key wins over its site's, a site's over [defaults]") {
  const Resolved file = resolve_steps(kTwoSites, for_site("north"));
  REQUIRE(file.text().empty());
  const StepDef& step = file.step("a");
  CHECK(step.spec.resources.cpus == 2);
  CHECK(step.spec.resources.mem_mb == 2048);
  CHECK(step.spec.resources.time_s == 3600);
  CHECK(step.spec.resources.gpus.empty());
  CHECK(step.slurm.partition == "n");
  CHECK(step.slurm.mem_per_cpu_mb == 0);
  CHECK(step.slurm.sbatch == std::vector<std::string>{"--mail-type=END", "--tmp=20480M"});
  const std::map<std::string, std::string> env = {{"A", "site"}, {"B", "step"}, {"C", "defaults"}};
  CHECK(step.spec.environment.variables == env);
  const Site& site = file.workflow.site;
  CHECK(site.memory == MemoryPolicy::Cpus);
  CHECK(site.mem_per_cpu_mb == 3072);
  CHECK(site.gpus == "gres");
  CHECK(site.export_policy == "ALL");
  CHECK(site.max_time_s == 604800);
  CHECK(site.max_array_size == 500);
  CHECK(site.max_mem_mb == 65536);
  CHECK(site.max_job_count == 10000);
  CHECK_FALSE(site.local);
}

TEST_CASE("the site: the option, the file, this machine, the only one, a plain Slurm") {
  CHECK(resolve_steps(kTwoSites, for_site("south")).step("a").slurm.partition == "s");
  CHECK(resolve_steps(kTwoSites, for_site("", false)).workflow.site.local);
  const Resolved unchosen = resolve_steps(kTwoSites, for_site(""));
  CHECK(unchosen.kinds() == std::vector<Kind>{Kind::SiteNotChosen});
  CHECK(unchosen.workflow.site.name == "slurm");
  CHECK(resolve_steps(kTwoSites, for_site("nroth")).kinds() ==
        std::vector<Kind>{Kind::UnknownSite});
  const std::string one = "[[step]]\nname = \"a\"\nrun = \"true\"\n[site.north]\nqos = \"q\"\n";
  CHECK(resolve_steps(one, for_site("")).workflow.site.name == "north");
  const Resolved written =
      resolve_text("[workflow]\nname = \"t\"\nsite = \"north\"\n" + one, for_site("", false));
  CHECK(written.workflow.site.name == "north");
  CHECK(written.step("a").slurm.qos == "q");
}

TEST_CASE("a site's file, of the project over the user's, and [site.X] over both") {
  const ast::Document user =
      document("home/sites/north.toml", "partition = \"u\"\nqos = \"u\"\naccount = \"u\"\n");
  const ast::Document project = document("sites/north.toml", "partition = \"p\"\nqos = \"p\"\n");
  const ast::Document other = document("sites/south.toml", "partition = \"no\"\n");
  ResolveOptions options = for_site("north");
  options.site_files = {&user, &project, &other};
  const Resolved file = resolve_steps(
      "[[step]]\nname = \"a\"\nrun = \"true\"\n[site.north]\npartition = \"w\"\n", options);
  REQUIRE(file.text().empty());
  CHECK(file.step("a").slurm.partition == "w");
  CHECK(file.step("a").slurm.qos == "p");
  CHECK(file.step("a").slurm.account == "u");
  const ast::Document wrong = document("sites/north.toml", "partitoin = \"p\"\n");
  options.site_files = {&wrong};
  CHECK(resolve_steps("[[step]]\nname = \"a\"\nrun = \"true\"\n", options).kinds() ==
        std::vector<Kind>{Kind::UnknownKey});
}

TEST_CASE("partitions are merged key by key, the workflow's word first") {
  const ast::Document file =
      document("sites/north.toml",
               "[partitions.main]\ndefault = true\nmax_time = \"1-00:00:00\"\n"
               "max_mem = \"64G\"\n[partitions.gpu]\ngpus = [\"a100:4\", \"2\"]\n"
               "max_nodes = 3\n");
  ResolveOptions options = for_site("north");
  options.site_files = {&file};
  const Resolved read = resolve_steps(
      "[[step]]\nname = \"a\"\nrun = \"true\"\n[site.north.partitions.short]\ndefault = true\n"
      "[site.north.partitions.main]\nmax_time = \"2d\"\ngpus = []\n",
      options);
  REQUIRE(read.text().empty());
  const std::vector<Partition>& partitions = read.workflow.site.partitions;
  REQUIRE(partitions.size() == 3);
  CHECK(partitions[0].name == "short");
  CHECK(partitions[0].is_default);
  CHECK_FALSE(partitions[0].gpus.has_value());
  CHECK(partitions[1].name == "main");
  CHECK_FALSE(partitions[1].is_default);
  CHECK(partitions[1].max_time_s == 172800);
  CHECK(partitions[1].max_mem_mb == 65536);
  REQUIRE(partitions[1].gpus.has_value());
  CHECK(partitions[1].gpus->empty());
  CHECK(partitions[2].max_nodes == 3);
  REQUIRE(partitions[2].gpus->size() == 2);
  CHECK(partitions[2].gpus->front() == std::make_pair(std::string("a100"), 4U));
  CHECK(partitions[2].gpus->back() == std::make_pair(std::string(), 2U));
}

TEST_CASE("mem_per_cpu scales with cpus, and the nearer of the two memories wins") {
  const Resolved file = resolve_steps(
      "[defaults]\nmem = \"4G\"\n[[step]]\nname = \"a\"\nrun = \"true\"\ncpus = 3\nmem_per_cpu = "
      "\"2G\"\n"
      "[[step]]\nname = \"b\"\nrun = \"true\"\n");
  REQUIRE(file.text().empty());
  CHECK(file.step("a").slurm.mem_per_cpu_mb == 2048);
  CHECK(file.step("a").spec.resources.mem_mb == 6144);
  CHECK(file.step("b").slurm.mem_per_cpu_mb == 0);
  CHECK(file.step("b").spec.resources.mem_mb == 4096);
}

TEST_CASE("a price is any number from 0 up, and belongs to a site") {
  const auto with = [](const std::string& price) {
    return resolve_steps("[[step]]\nname = \"a\"\nrun = \"true\"\n[site.x]\nprice = " + price +
                             "\n[site.x.limits]\nbatch_sched_delay = 0\nbf_interval = 1\n",
                         for_site("x"));
  };
  REQUIRE(with("0.04").text().empty());
  CHECK(with("0.04").workflow.site.price == 0.04);
  CHECK(with("2").workflow.site.price == 2);
  CHECK(with("2").workflow.site.batch_sched_delay_s == 0);
  CHECK(with("2").workflow.site.bf_interval_s == 1);
  CHECK(with("-1").kinds() == std::vector<Kind>{Kind::OutOfRange});
  CHECK(with("inf").kinds() == std::vector<Kind>{Kind::OutOfRange});
  CHECK(with("\"4\"").kinds() == std::vector<Kind>{Kind::WrongType});
}

TEST_CASE("what is wrong with a shared key is said once") {
  const Resolved file = resolve_steps(
      "[defaults]\npartition = \"a b\"\n[[step]]\nname = \"a\"\nrun = \"true\"\n[[step]]\nname = "
      "\"b\"\nrun = "
      "\"true\"\n");
  CHECK(file.kinds() == std::vector<Kind>{Kind::BadName});
}

}  // namespace
}  // namespace wfc
