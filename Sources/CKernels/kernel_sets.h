#ifndef ONEPATH_KERNEL_SETS_H
#define ONEPATH_KERNEL_SETS_H

#include "onepath_kernels.h"

// Between COMPILE_FOR("feature,feature") and COMPILED, functions may use instructions that the rest of the program may
// not.
#define PRAGMA(text) _Pragma(#text)
#ifdef __clang__
#define COMPILE_FOR(features) PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define COMPILED PRAGMA(clang attribute pop)
#else
#define COMPILE_FOR(features) PRAGMA(GCC push_options) PRAGMA(GCC target features)
#define COMPILED PRAGMA(GCC pop_options)
#endif

// The largest kernel side of any search space.
#define ONEPATH_LARGEST_KERNEL 31

extern const onepath_kernels onepath_kernels_set_portable;
#if defined(__x86_64__)
extern const onepath_kernels onepath_kernels_set_avx2;
extern const onepath_kernels onepath_kernels_set_avx512;
#endif

#endif
