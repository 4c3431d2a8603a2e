/* The C interface between wfr and a kernel library (libwfr_kernel_NAME.so), plugins included.
 * Paths are bytes, not text: any byte but NUL. All pointers are valid during the call only. */
#ifndef WFR_KERNELS_ABI_H
#define WFR_KERNELS_ABI_H

/* This header is C: NOLINTBEGIN(modernize-deprecated-headers, modernize-use-using) */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WFR_KERNEL_ABI 1u

typedef struct wfr_kernel_output {
  const char* path; /* write here; wfr renames it in after success; its directory exists */
  const char* name; /* the output's name in the workflow, "" if it has none */
  const char* const*
      names; /* for a kernel that makes levels: this output's directory names, coarse to fine */
  size_t name_count;
} wfr_kernel_output;

typedef struct wfr_kernel_task {
  uint32_t abi; /* WFR_KERNEL_ABI */
  const char* kernel;
  const char* params_json; /* complete and checked */
  const char* const* inputs;
  size_t input_count;
  const wfr_kernel_output* outputs;
  size_t output_count;
  uint32_t cpus;
  uint64_t memory_bytes;       /* 0: no limit given; otherwise stay well below it */
  const char* scratch;         /* a directory for temporary files, emptied by wfr afterwards */
  const char* provenance_json; /* deterministic facts to store with the result: workflow, step,
                                  kernel, version */
  void* host;
  void (*warn)(void* host, const char* text);         /* goes to the task's log */
  void (*progress)(void* host, double done_fraction); /* 0 to 1 */
  int (*cancelled)(void* host);                       /* non-zero: stop soon and fail */
} wfr_kernel_task;

/* 0: done. Anything else: failed, and a NUL-terminated reason is in message[0, size). Never throws
 * or exits. */
typedef int (*wfr_kernel_run_function)(const wfr_kernel_task* task, char* message, size_t size);

/* Each library exports this one symbol. */
int wfr_kernel_run(const wfr_kernel_task* task, char* message, size_t size);

#ifdef __cplusplus
}
#endif

/* NOLINTEND(modernize-deprecated-headers, modernize-use-using) */
#endif
