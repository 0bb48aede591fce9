#include "kernel_sets.h"

#define SET(name) name##_portable
#define SET_NAME "portable"
#define COLUMNS 4
// Of the vectors of a narrow CPU, four make one of ours; AArch64 has twice the registers of x86-64.
#ifdef __aarch64__
#define PRODUCT_ROWS 6
#else
#define PRODUCT_ROWS 2
#endif
#define PRODUCT_VECTORS 1
#include "kernels.inc"
