/* Work, counted without a clock: each edge that is run, and each 16 bytes that are copied, compared or filled, which
 * the library does unseen by the compiler's counters. In C, which is not instrumented: in Rust it would count itself.
 * The linker puts these in the place of the functions (build.rs). */
#include <stddef.h>
#include <stdint.h>

/* What asking for memory takes, in edges: about as many instructions as some 30 of them. */
enum { ASKED = 30 };

static _Thread_local uint64_t work;

uint64_t mesigate_work(void) { return work; }

void __wrap___sanitizer_cov_trace_pc(void) { work++; }

#define MOVES(result, name, from)                                          \
    result __real_##name(void *, from, size_t);                            \
    result __wrap_##name(void *to, from with, size_t length) {             \
        work += length / 16;                                               \
        return __real_##name(to, with, length);                            \
    }

MOVES(void *, memcpy, const void *)
MOVES(void *, memmove, const void *)
MOVES(void *, memset, int)
MOVES(int, memcmp, const void *)
MOVES(int, bcmp, const void *)

void *__real_malloc(size_t);
void *__wrap_malloc(size_t size) {
    work += ASKED;
    return __real_malloc(size);
}

/* It may copy all of it. */
void *__real_realloc(void *, size_t);
void *__wrap_realloc(void *old, size_t size) {
    work += ASKED + size / 16;
    return __real_realloc(old, size);
}

void *__real_calloc(size_t, size_t);
void *__wrap_calloc(size_t count, size_t size) {
    work += ASKED + count * size / 16;
    return __real_calloc(count, size);
}
