#include "kernel_sets.h"

#define SET(name) name##_portable
#define SET_NAME "portable"
#define COLUMNS 4
#include "kernels.inc"
