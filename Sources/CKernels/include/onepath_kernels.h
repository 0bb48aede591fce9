#ifndef ONEPATH_KERNELS_H
#define ONEPATH_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// Vector kernels that no library offers: everything around a convolution that is not a matrix product, and the resizing
// of images.
//
// Every tensor but an image is channels-last float32. A vector of channels is always ONEPATH_LANES floats, however many a register
// of the CPU holds, so that buffers have one layout on every machine.
//
// Flat kernels see a tensor of `count` = rows * channels floats as a stream whose per-channel coefficients
// repeat: coefficient arrays hold `period` = lcm(channels, ONEPATH_LANES) floats, and the stream must start
// at channel 0. That keeps narrow tensors (12, 24, 40 channels) in whole vectors.
#define ONEPATH_LANES 16

// Per-channel coefficients of a batch-normalised, gated tensor, each `period` floats for the flat kernels and as many
// as there are channels, rounded up to whole vectors, for the others:
//   normalised = value * inverse_deviation + negative_mean     (negative_mean = -mean * inverse_deviation)
//   output     = min(relu(normalised * scale + offset), ceiling)     (ceiling: infinity in ReLU, 6 in ReLU6)
//   read as    = output * gate
typedef struct {
    const float *inverse_deviation;
    const float *negative_mean;
    const float *scale;
    const float *offset;
    const float *gate;
    float ceiling;
} onepath_normalization;

// A depthwise convolution over one image and one group of channels.
// `stride` is 1 or 2, `kernel` odd, padding kernel / 2 on every side; the output side is ceil(side / stride).
// The group has `channels` channels; `padded` rounds them up to whole vectors.
// `channel_stride` is the number of floats between two pixels of the tensors. Per-channel arrays have `padded` floats;
// beyond the channels, sums are unchanged and the weights' gradient is undefined.
// `next_input` and `next_output` are the distances in floats to the maps that are convolved next, which are prefetched
// meanwhile; 0 where there are none.
typedef struct {
    int height, width, output_height, output_width;
    int kernel, stride;
    int channels, padded;
    int channel_stride;
    ptrdiff_t next_input, next_output;
} onepath_depthwise;

// c = a · b, or c + a · b: `a` is rows × inner, its rows and its columns any number of floats apart; `b` is
// inner × columns and `c` rows × columns, their rows b_row and c_row floats apart; inner is not 0. Up to
// ONEPATH_LANES - 1 floats after a row of b are read; their values do not matter. `ahead_count` floats from `ahead` on
// are prefetched meanwhile into the second-level cache for the next reader, because memory is idle during a product.
typedef struct {
    size_t rows, columns, inner;
    const float *a;
    size_t a_row, a_inner;
    const float *b;
    size_t b_row;
    float *c;
    size_t c_row;
    int accumulate;
    const float *ahead;
    size_t ahead_count;
} onepath_product;

// How each pixel of a row follows from neighbouring pixels of another row, 8-bit, of 1 or 3 channels: pixel i is the sum
// of `taps` pixels from starts[i] on times the weights from weights[i * taps] on. Weights are not negative, in units of
// 2^-ONEPATH_WEIGHT_BITS, and sum to one within taps / 2 units. Sums are rounded to nearest; what exceeds 255 is 255.
#define ONEPATH_WEIGHT_BITS 22
typedef struct {
    size_t count, channels, taps;
    const int32_t *starts;
    const int32_t *weights;
} onepath_resampling;

// Floats of scratch that the two depthwise kernels need for a shape.
size_t onepath_depthwise_scratch(const onepath_depthwise *shape);

// The kernels for one instruction set.
typedef struct {
    const char *name;
#define KERNEL(kernel, parameters) void (*kernel) parameters;
#include "../kernels.def"
#undef KERNEL
} onepath_kernels;

// The sets that this CPU runs, the fastest first: portable, avx2 and avx512 on x86-64, neon on AArch64, portable on
// others. Null beyond the last.
const onepath_kernels *onepath_kernels_at(size_t index);

// The set with this name, null if this CPU does not run it.
const onepath_kernels *onepath_kernels_named(const char *name);

// The set that the environment variable ONEPATH_KERNELS names, null if this CPU does not run it; the fastest if it is
// not set.
const onepath_kernels *onepath_kernels_chosen(void);

#endif
