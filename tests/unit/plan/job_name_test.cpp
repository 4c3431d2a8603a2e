// What a job is called in Slurm's queue.
#include "runtime/plan/job_name.hpp"

#include <catch2/catch.hpp>

namespace wfr {

TEST_CASE("a job is called after its workflow and its step") {
  CHECK(job_name("hippocampus", "02-split") == "hippocampus.split");
  CHECK(job_name("small", "002-sort-to-gather") == "small.sort-to-gather");
  CHECK(job_name("small", "02-sort.1") == "small.sort.1");
  CHECK(job_name("small", "02-sort.12.pass3") == "small.sort.12.pass3");
  CHECK(job_name("small", "07-verdict") == "small.verdict");
}

TEST_CASE("a job's name needs no quotes") {
  CHECK(job_name("Größe & %j 'x'", "01-a") == "Gr_e_j_x_-48d40c.a");
  CHECK(job_name("日本", "01-a") == "_-1a1bc0.a");
  CHECK(job_name("--wrap=x", "01-a") == "_-wrap_x.a");
  CHECK(job_name("wfc:1:2:3", "01-a") == "wfc_1_2_3.a");
}

TEST_CASE("workflows without an ASCII letter have different job names") {
  CHECK(job_name("日本", "01-a") != job_name("中国", "01-a"));
  CHECK(job_name("données", "01-a") != job_name("donnàes", "01-a"));
}

TEST_CASE("a job's name is cut, but for its chunk and pass") {
  const std::string long_name(300, 'n');
  CHECK(job_name(long_name, "01-" + long_name + ".3.pass2") ==
        std::string(30, 'n') + "." + std::string(50, 'n') + ".3.pass2");
}

}  // namespace wfr
