// Times every kernel of every set that this CPU runs, one line each: nanoseconds a call, what it computes, and how much
// memory goes by, at 72 channels of a small image, which the second-level cache holds, and of a large one.
//
//     make benchmark-kernels
//
// The list of kernels is Sources/CKernels/kernels.def: one that is timed nowhere here does not compile.

#include "onepath_kernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define COUNT(array) (int)(sizeof(array) / sizeof *(array))

enum {
    CHANNELS = 72,
    // Floats of 72 channels in whole vectors; the period at which their coefficients repeat is 144.
    PADDED = 80,
    PERIOD = 144,
    LARGEST_SIDE = 56,
    PRODUCT_CHANNELS = 24,
    KERNEL_SIDE = 5,
    TENSORS = 4,
};

// What a call works on: an image of side × side pixels.
typedef struct {
    int side;
    size_t rows, count;
    float *tensor[TENSORS];
    float *inverse, *negative, *scale, *offset, *gate, *sum, *second, *third;
    float *weights, *weight_gradient, *scratch;
    int32_t *starts, *weights_of_two;
    onepath_normalization n;
} data;

// What a call comes to: operations, a multiplication with its addition being two, and floats read or written.
typedef struct {
    double operations, floats;
} work;

static float *filled(size_t count, float least, float most) {
    static unsigned state = 1;
    // Room for whole vectors after the last float, as every tensor of the product has.
    const size_t bytes = ((count + 2 * ONEPATH_LANES) * sizeof(float) + 63) / 64 * 64;
    float *values = aligned_alloc(64, bytes);
    if (!values) abort();
    for (size_t i = 0; i < bytes / sizeof(float); ++i) {
        state = state * 1664525 + 1013904223;
        values[i] = least + (most - least) * (float)(state >> 8) / (1 << 24);
    }
    return values;
}

// ---- one function a kernel -----------------------------------------------------------------------------

static work time_affine(const onepath_kernels *k, const data *d) {
    k->affine(d->count, PERIOD, d->tensor[0], d->scale, d->offset, 1, INFINITY, d->tensor[1]);
    return (work){2.0 * d->count, 2.0 * d->count};
}

static work time_affine_add(const onepath_kernels *k, const data *d) {
    k->affine_add(d->count, PERIOD, d->tensor[0], d->scale, d->offset, d->tensor[1], d->tensor[2]);
    return (work){3.0 * d->count, 3.0 * d->count};
}

static work time_combine(const onepath_kernels *k, const data *d) {
    k->combine(d->count, PERIOD, d->tensor[0], d->tensor[1], d->scale, d->offset, d->negative, d->tensor[2]);
    return (work){4.0 * d->count, 3.0 * d->count};
}

static work time_gradient_moments(const onepath_kernels *k, const data *d) {
    k->gradient_moments(d->count, PERIOD, d->tensor[0], d->tensor[1], d->inverse, d->negative, d->sum, d->second);
    return (work){5.0 * d->count, 2.0 * d->count};
}

static work time_relu_backward(const onepath_kernels *k, const data *d) {
    k->relu_backward(d->count, PERIOD, d->tensor[0], d->tensor[1], &d->n, d->tensor[2], d->sum, d->second, d->third);
    return (work){11.0 * d->count, 3.0 * d->count};
}

// rows × 24 inputs, 24 × 72 weights.
static onepath_product product_of(const data *d) {
    return (onepath_product){
        .rows = d->rows, .columns = CHANNELS, .inner = PRODUCT_CHANNELS, .a = d->tensor[0], .a_row = PRODUCT_CHANNELS,
        .a_inner = 1, .b = d->weights, .b_row = CHANNELS, .c = d->tensor[1], .c_row = CHANNELS,
    };
}

static work work_of_product(const data *d, double tensors) {
    return (work){2.0 * d->count * PRODUCT_CHANNELS, d->rows * (PRODUCT_CHANNELS + tensors * CHANNELS)};
}

static work time_product(const onepath_kernels *k, const data *d) {
    const onepath_product p = product_of(d);
    k->product(&p);
    return work_of_product(d, 1);
}

static work time_product_moments(const onepath_kernels *k, const data *d) {
    const onepath_product p = product_of(d);
    k->product_moments(&p, d->offset, d->sum, d->second);
    return work_of_product(d, 1);
}

static work time_product_relu_backward(const onepath_kernels *k, const data *d) {
    const onepath_product p = product_of(d);
    k->product_relu_backward(&p, d->tensor[2], &d->n, d->sum, d->second, d->third);
    return work_of_product(d, 2);
}

// All channels are one group.
static onepath_depthwise depthwise_of(const data *d) {
    return (onepath_depthwise){
        .height = d->side, .width = d->side, .output_height = d->side, .output_width = d->side, .kernel = KERNEL_SIDE,
        .stride = 1, .channels = CHANNELS, .padded = PADDED, .channel_stride = CHANNELS,
    };
}

static work time_depthwise_forward(const onepath_kernels *k, const data *d) {
    const onepath_depthwise shape = depthwise_of(d);
    k->depthwise_forward(&shape, d->tensor[0], d->scale, d->offset, INFINITY, d->weights, d->tensor[1], d->offset,
                         d->sum, d->second, d->scratch);
    return (work){2.0 * d->count * KERNEL_SIDE * KERNEL_SIDE, 2.0 * d->count};
}

static work time_depthwise_backward(const onepath_kernels *k, const data *d) {
    const onepath_depthwise shape = depthwise_of(d);
    k->depthwise_backward(&shape, d->tensor[0], &d->n, d->scale, d->offset, d->tensor[1], d->tensor[2], d->inverse,
                          d->negative, d->offset, d->weights, d->weight_gradient, d->tensor[3], 0, d->sum, d->second,
                          d->scratch);
    return (work){4.0 * d->count * KERNEL_SIDE * KERNEL_SIDE, 4.0 * d->count};
}

static work time_rmsprop(const onepath_kernels *k, const data *d) {
    k->rmsprop(d->count, d->tensor[0], d->tensor[1], d->tensor[2], d->tensor[3], 1e-9f, 0.9f, 0.9f, 1e-3f, 1e-5f);
    return (work){13.0 * d->count, 7.0 * d->count};
}

static work time_sgd(const onepath_kernels *k, const data *d) {
    k->sgd(d->count, d->tensor[0], d->tensor[1], d->tensor[3], 1e-9f, 0.9f, 1, 5e-4f);
    return (work){8.0 * d->count, 5.0 * d->count};
}

// The tensors' bytes as images: rows of side * CHANNELS / 3 pixels of three channels, each pixel or row from two others.
static const int32_t halves[] = {1 << (ONEPATH_WEIGHT_BITS - 1), 1 << (ONEPATH_WEIGHT_BITS - 1)};

static work time_resample_row(const onepath_kernels *k, const data *d) {
    const size_t pixels = (size_t)(d->side * CHANNELS) / 3;
    const onepath_resampling r = {pixels, 3, 2, d->starts, d->weights_of_two};
    const uint8_t *input = (const uint8_t *)d->tensor[0];
    uint8_t *output = (uint8_t *)d->tensor[3];
    for (int row = 0; row < d->side; ++row)
        k->resample_row(&r, input + (size_t)row * 3 * pixels, output + (size_t)row * 3 * pixels);
    return (work){4.0 * d->count, 0.5 * d->count};
}

static work time_resample_rows(const onepath_kernels *k, const data *d) {
    const size_t row = (size_t)(d->side * CHANNELS);
    const uint8_t *input = (const uint8_t *)d->tensor[0];
    uint8_t *output = (uint8_t *)d->tensor[3];
    for (int i = 0; i < d->side; ++i) k->resample_rows(row, 2, halves, input + (size_t)i * row, row, output + (size_t)i * row);
    return (work){4.0 * d->count, 0.5 * d->count};
}

static work time_blend(const onepath_kernels *k, const data *d) {
    k->blend(d->count, 1.1f, 100, (uint8_t *)d->tensor[3]);
    return (work){2.0 * d->count, 0.5 * d->count};
}

static work time_blend_with_grey(const onepath_kernels *k, const data *d) {
    k->blend_with_grey(d->count / 3, 1.1f, (uint8_t *)d->tensor[3]);
    return (work){4.0 * d->count, 0.5 * d->count};
}

static work time_grey_sum(const onepath_kernels *k, const data *d) {
    uint64_t sum;
    k->grey_sum(d->count / 3, (const uint8_t *)d->tensor[3], &sum);
    return (work){2.0 * d->count, 0.25 * d->count};
}

// ---- timing ------------------------------------------------------------------------------------------

static const struct {
    const char *name;
    work (*time)(const onepath_kernels *k, const data *d);
} kernels[] = {
#define KERNEL(kernel, parameters) {#kernel, time_##kernel},
#include "kernels.def"
#undef KERNEL
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static data make(int side) {
    data d = {.side = side, .rows = (size_t)(side * side), .count = (size_t)(side * side) * CHANNELS};
    // Positive, as the squares of the optimiser must be; a call that is repeated does not let values grow.
    for (int i = 0; i < TENSORS; ++i) d.tensor[i] = filled(d.count, 0.1f, 1);
    d.inverse = filled(PERIOD, 0.5f, 1);
    d.negative = filled(PERIOD, -1, 0);
    d.scale = filled(PERIOD, 0.5f, 1);
    d.offset = filled(PERIOD, -0.5f, 0.5f);
    d.gate = filled(PERIOD, 1, 1);
    d.sum = filled(PERIOD, 0, 1);
    d.second = filled(PERIOD, 0, 1);
    d.third = filled(PERIOD, 0, 1);
    d.weights = filled(KERNEL_SIDE * KERNEL_SIDE * PADDED, -0.1f, 0.1f);
    d.weight_gradient = filled(KERNEL_SIDE * KERNEL_SIDE * PADDED, 0, 1);
    const onepath_depthwise shape = depthwise_of(&d);
    d.scratch = filled(onepath_depthwise_scratch(&shape), 0, 0);
    const size_t pixels = (size_t)(side * CHANNELS) / 3;
    d.starts = (int32_t *)filled(pixels, 0, 0);
    d.weights_of_two = (int32_t *)filled(2 * pixels, 0, 0);
    for (size_t i = 0; i < pixels; ++i) {
        d.starts[i] = (int32_t)(i / 2);
        d.weights_of_two[2 * i] = d.weights_of_two[2 * i + 1] = halves[0];
    }
    d.n = (onepath_normalization){d.inverse, d.negative, d.scale, d.offset, d.gate, INFINITY};
    return d;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// The median of several readings of some milliseconds each, in nanoseconds a call.
static double nanoseconds(int kernel, const onepath_kernels *set, const data *d, work *w) {
    double readings[9];
    long calls = 1;
    for (double spent = 0; spent < 2e6; calls *= 2) {
        const double start = now();
        for (long i = 0; i < calls; ++i) *w = kernels[kernel].time(set, d);
        spent = now() - start;
    }
    for (int r = 0; r < COUNT(readings); ++r) {
        const double start = now();
        for (long i = 0; i < calls; ++i) *w = kernels[kernel].time(set, d);
        readings[r] = (now() - start) / (double)calls;
    }
    qsort(readings, COUNT(readings), sizeof *readings, ascending);
    return readings[COUNT(readings) / 2];
}

int main(void) {
    const int sides[] = {14, LARGEST_SIDE};
    printf("%-22s %-9s %-9s %12s %9s %9s\n", "kernel", "pixels", "set", "ns", "GFLOP/s", "GB/s");
    for (int s = 0; s < COUNT(sides); ++s) {
        const data d = make(sides[s]);
        for (int k = 0; k < COUNT(kernels); ++k) {
            const onepath_kernels *set;
            for (size_t i = 0; (set = onepath_kernels_at(i)); ++i) {
                work w;
                const double time = nanoseconds(k, set, &d, &w);
                printf("%-22s %2d×%-6d %-9s %12.0f %9.1f %9.1f\n", kernels[k].name, d.side, d.side, set->name, time,
                       w.operations / time, w.floats * sizeof(float) / time);
            }
        }
    }
    return EXIT_SUCCESS;
}
