#ifndef ONEPATH_KERNELS_H
#define ONEPATH_KERNELS_H

#include <stddef.h>

// Vector kernels that no library offers: everything around a convolution that is not a matrix product.
//
// Every tensor is channels-last float32. A vector of channels is always ONEPATH_LANES floats, however many a register
// of the CPU holds, so that buffers have one layout on every machine.
//
// Flat kernels see a tensor of `count` = rows * channels floats as a stream whose per-channel coefficients
// repeat: coefficient arrays hold `period` = lcm(channels, ONEPATH_LANES) floats, and the stream must start
// at channel 0. That keeps narrow tensors (12, 24, 40 channels) in whole vectors.
#define ONEPATH_LANES 16

// Per-channel coefficients of a batch-normalised, gated tensor, each `period` floats for the flat kernels and as many
// as there are channels, rounded up to whole vectors, for the others:
//   normalised = value * inverse_deviation + negative_mean     (negative_mean = -mean * inverse_deviation)
//   output     = relu(normalised * scale + offset)
//   read as    = output * gate
typedef struct {
    const float *inverse_deviation;
    const float *negative_mean;
    const float *scale;
    const float *offset;
    const float *gate;
} onepath_normalization;

// A depthwise convolution over one image and one group of channels.
// `stride` is 1 or 2, `kernel` odd, padding kernel / 2 on every side; the output side is ceil(side / stride).
// `channels` of the group are real; `padded` rounds them up to whole vectors.
// `channel_stride` is the number of floats between two pixels of the tensors. What is by channel has `padded` floats;
// beyond the channels, sums stay as they are and the weights' gradient is left with any value.
// `next_input` and `next_output` are how many floats after these maps those begin that are convolved next, which are asked
// for meanwhile; 0 where there are none.
typedef struct {
    int height, width, output_height, output_width;
    int kernel, stride;
    int channels, padded;
    int channel_stride;
    ptrdiff_t next_input, next_output;
} onepath_depthwise;

// c = a · b, or c + a · b: `a` is rows × inner, its rows and its columns any number of floats apart; `b` is
// inner × columns and `c` rows × columns, their rows b_row and c_row floats apart; inner is not 0. Up to
// ONEPATH_LANES - 1 floats after a row of b are read, whatever they are. `ahead_count` floats from `ahead` on are asked for
// meanwhile, so that they are in the second-level cache when what comes next reads them: a product leaves the memory
// idle.
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

// Floats of scratch that the two depthwise kernels need for a shape.
size_t onepath_depthwise_scratch(const onepath_depthwise *shape);

typedef struct {
    const char *name;

    // out = in * scale + offset, with relu if asked for.
    void (*affine)(size_t count, size_t period, const float *in, const float *scale, const float *offset,
                   int relu, float *out);

    // out = shortcut + in * scale + offset.
    void (*affine_add)(size_t count, size_t period, const float *in, const float *scale, const float *offset,
                       const float *shortcut, float *out);

    // out = gradient * a + values * b + c : what batch normalisation's backward comes to, given its sums.
    void (*combine)(size_t count, size_t period, const float *gradient, const float *values, const float *a,
                    const float *b, const float *c, float *out);

    // sum[i] += gradient, product[i] += gradient * normalised.
    void (*gradient_moments)(size_t count, size_t period, const float *gradient, const float *values,
                             const float *inverse_deviation, const float *negative_mean, float *sum,
                             float *product);

    // Backward through gate and relu: gate_gradient[i] += incoming * output; the stored gradient is
    // incoming * gate where output > 0, else 0; sum and product as in gradient_moments.
    void (*relu_backward)(size_t count, size_t period, const float *incoming, const float *values,
                          const onepath_normalization *n, float *gradient, float *sum, float *product,
                          float *gate_gradient);

    // The product, as it is.
    void (*product)(const onepath_product *p);

    // And the moments of its columns: sum[j] += c, squares[j] += c^2, `columns` floats each.
    void (*product_moments)(const onepath_product *p, float *sum, float *squares);

    // The product as `incoming` of relu_backward; values' rows are c_row floats apart, and the sums have `columns`
    // floats.
    void (*product_relu_backward)(const onepath_product *p, const float *values, const onepath_normalization *n,
                                  float *sum, float *product, float *gate_gradient);

    // output = depthwise(relu(input * scale + offset)), or depthwise(input) where scale is null;
    // weights are kernel * kernel * padded floats (padding lanes zero). Adds the output's sums and squares
    // (padded floats each) unless sum is null.
    void (*depthwise_forward)(const onepath_depthwise *shape, const float *input, const float *scale,
                              const float *offset, const float *weights, float *output, float *sum,
                              float *squares, float *scratch);

    // Both gradients in one pass. The gradient of the convolution's output is
    // gradient * a + output * b + c (see combine), or `gradient` itself where a is null. weight_gradient is
    // added to. Where n is null the input is plain and input_gradient receives (or, with `accumulate`, is
    // added) the input's gradient; otherwise relu_backward follows, and sum and product are added to.
    void (*depthwise_backward)(const onepath_depthwise *shape, const float *input,
                               const onepath_normalization *n, const float *input_scale,
                               const float *input_offset, const float *gradient, const float *output,
                               const float *a, const float *b, const float *c, const float *weights,
                               float *weight_gradient, float *input_gradient, int accumulate, float *sum,
                               float *product, float *scratch);

    // RMSProp as in TensorFlow 1, with coupled weight decay.
    void (*rmsprop)(size_t count, float *weights, const float *gradient, float *square, float *momentum,
                    float learning_rate, float decay, float momentum_decay, float epsilon, float weight_decay);
} onepath_kernels;

// The sets that this CPU runs, the fastest first: of portable, avx2 and avx512 on x86-64, neon on AArch64, portable on
// any other. Null beyond the last.
const onepath_kernels *onepath_kernels_at(size_t index);

// The set with this name, null if this CPU does not run it.
const onepath_kernels *onepath_kernels_named(const char *name);

// The set that ONEPATH_KERNELS=NAME in the environment asks for, null if this CPU does not run it; the fastest if it asks
// for none.
const onepath_kernels *onepath_kernels_chosen(void);

#endif
