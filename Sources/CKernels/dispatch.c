#include "kernel_sets.h"

#include <stdlib.h>
#include <string.h>

size_t onepath_depthwise_scratch(const onepath_depthwise *s) {
    const size_t padded = (size_t)s->padded, border = 2 * (size_t)(s->kernel / 2), rows = (size_t)s->kernel;
    const size_t inputs = rows * ((size_t)s->width + border) * padded;
    const size_t gradients = rows * ((size_t)s->output_width + border) * padded;
    return inputs + gradients;
}

#if defined(__x86_64__)
static int has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512bw");
}
static int has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#endif

const onepath_kernels *onepath_kernels_at(size_t index) {
#if defined(__x86_64__)
    if (has_avx512() && index-- == 0) return &onepath_kernels_set_avx512;
    if (has_avx2() && index-- == 0) return &onepath_kernels_set_avx2;
#endif
    return index == 0 ? &onepath_kernels_set_portable : NULL;
}

const onepath_kernels *onepath_kernels_named(const char *name) {
    const onepath_kernels *set;
    for (size_t i = 0; (set = onepath_kernels_at(i)); ++i)
        if (!strcmp(name, set->name)) return set;
    return NULL;
}

const onepath_kernels *onepath_kernels_chosen(void) {
    const char *name = getenv("ONEPATH_KERNELS");
    return name && *name ? onepath_kernels_named(name) : onepath_kernels_at(0);
}
