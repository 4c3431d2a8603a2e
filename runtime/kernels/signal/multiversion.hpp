// WFR_MULTIVERSION: compile a hot function for the baseline and for AVX2; the loader takes the
// best. Both versions give the same bits, since this room is compiled without fused multiply-add
// and every sum has a fixed order.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): an attribute has no other spelling.
#define WFR_MULTIVERSION __attribute__((target_clones("default", "avx2")))
#else
// The resolvers of the versions run before a sanitizer has set itself up.
#define WFR_MULTIVERSION
#endif
