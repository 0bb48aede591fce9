#ifndef ONEPATH_KERNEL_SETS_H
#define ONEPATH_KERNEL_SETS_H

#include "onepath_kernels.h"

// The largest kernel side any search space may ask for.
#define ONEPATH_LARGEST_KERNEL 31

extern const onepath_kernels onepath_kernels_set_portable;
#if defined(__x86_64__)
extern const onepath_kernels onepath_kernels_set_avx2;
extern const onepath_kernels onepath_kernels_set_avx512;
#endif

#endif
