// `wfr worker` and nothing else, so that the tests of workers need no whole wfr.
#include "runtime/run/worker.hpp"

int main() {
  return wfr::worker_main(wfr::kWorkerSocket);
}
