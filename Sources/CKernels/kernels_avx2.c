#include "kernel_sets.h"

#if defined(__x86_64__)
#include <immintrin.h>
COMPILE_FOR("avx2,fma")
#define SET(name) name##_avx2
#define SET_NAME "avx2"
#define VECTOR_LANES 16
#define COLUMNS 4
#define PRODUCT_ROWS 6
#define PRODUCT_VECTORS 1
#include "kernels.inc"
COMPILED
#endif
