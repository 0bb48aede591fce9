#include "kernel_sets.h"

// What every CPU of an architecture runs: SSE2 on x86-64, with 16 registers of four floats, or NEON on AArch64, with
// twice as many.
#define SET(name) name##_portable
#define VECTOR_LANES 4
#ifdef __aarch64__
#define SET_NAME "neon"
#define COLUMNS 7
#define PRODUCT_ROWS 6
#define PRODUCT_VECTORS 4
#else
#define SET_NAME "portable"
#define COLUMNS 4
#define PRODUCT_ROWS 3
#define PRODUCT_VECTORS 3
#endif
#include "kernels.inc"
