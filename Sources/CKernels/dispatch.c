#include "kernel_sets.h"

#include <stdlib.h>
#include <string.h>

size_t onepath_depthwise_scratch(const onepath_depthwise *s) {
    const size_t padded = (size_t)s->padded, border = 2 * (size_t)(s->kernel / 2), rows = (size_t)s->kernel;
    const size_t inputs = rows * ((size_t)s->width + border) * padded;
    const size_t gradients = rows * ((size_t)s->output_width + border) * padded;
    return inputs + gradients;
}

const onepath_kernels *onepath_kernels_named(const char *name) {
#if defined(__x86_64__)
    if (!strcmp(name, "avx512"))
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
                && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")
            ? &onepath_kernels_set_avx512 : NULL;
    if (!strcmp(name, "avx2"))
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &onepath_kernels_set_avx2 : NULL;
#endif
    return strcmp(name, onepath_kernels_set_portable.name) ? NULL : &onepath_kernels_set_portable;
}

const onepath_kernels *onepath_kernels_best(void) {
    const char *wanted = getenv("ONEPATH_KERNELS");
    const onepath_kernels *set = wanted ? onepath_kernels_named(wanted) : NULL;
    if (!set) set = onepath_kernels_named("avx512");
    if (!set) set = onepath_kernels_named("avx2");
    return set ? set : &onepath_kernels_set_portable;
}
