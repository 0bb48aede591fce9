#include "kernel_sets.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define SET(name) name##_avx2
#define SET_NAME "avx2"
#define COLUMNS 4
#define PRODUCT_ROWS 6
#define PRODUCT_VECTORS 1
#include "kernels.inc"
#pragma clang attribute pop
#endif
