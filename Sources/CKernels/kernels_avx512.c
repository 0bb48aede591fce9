#include "kernel_sets.h"

#if defined(__x86_64__)
#include <immintrin.h>
COMPILE_FOR("avx512f,avx512vl,avx512dq,avx512bw,fma")
#define SET(name) name##_avx512
#define SET_NAME "avx512"
#define SET_HAS_MASKS
#define VECTOR_LANES 16
#define COLUMNS 7
#define PRODUCT_ROWS 8
#define PRODUCT_VECTORS 3
#include "kernels.inc"
COMPILED
#endif
