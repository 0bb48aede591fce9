// Compares every kernel of every set that this CPU runs with plain loops in double precision, on shapes that are not of
// whole vectors, tiles or blocks. It needs nothing but a C library, so it runs where the rest of the product is not
// built: cross-compiled, under an emulator.
//
// Every buffer ends where the header says that it does, at a page that cannot be accessed, and begins after values that
// must stay; what lies between the rows of a tensor is NaN, which must neither be read nor written.

#include "onepath_kernels.h"

#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define COUNT(array) (int)(sizeof(array) / sizeof *(array))

// ---- what was found ----------------------------------------------------------------------------------

static onepath_kernels kernels;
static char call[200], sets[100];
static long calls, values, deviations;
static double nearest;

__attribute__((format(printf, 1, 2))) static void begin(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(call, sizeof call, format, arguments);
    va_end(arguments);
    ++calls;
}

__attribute__((format(printf, 1, 2))) static void deviates(const char *format, ...) {
    if (++deviations > 20) return;
    fprintf(stderr, "%s, %s: ", kernels.name, call);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

static void test_kernel(const char *name, void (*test)(void)) {
    const long before = values;
    test();
    snprintf(call, sizeof call, "%s", name);
    if (values == before) deviates("the test compares nothing");
}

static void accessed_outside(int signal) {
    deviates("accessed what is outside of its buffers, or called another kernel (signal %d)", signal);
    _exit(EXIT_FAILURE);
}

// ---- random numbers ----------------------------------------------------------------------------------

// SplitMix64 (Steele, Lea and Flood, 2014, "Fast Splittable Pseudorandom Number Generators").
static uint64_t state;

static uint32_t below(uint32_t n) {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (uint32_t)((z ^ z >> 31) >> 32) % n;
}

static float uniform(void) { return (float)below(1u << 24) / (1 << 23) - 1; }

// In these units float32 computes scale * normalised + offset exactly, an odd multiple of 1/64: whether it is positive
// is never a matter of rounding.
static float multiple(float unit, int steps) { return unit * (float)((int)below(2 * (uint32_t)steps + 1) - steps); }
static float draw_value(void) { return multiple(0x1p-3f, 16); }
static float draw_inverse(void) { return (float[]){0.5f, 1, 2}[below(3)]; }
static float draw_negative(void) { return multiple(0x1p-4f, 16); }
static float draw_scale(void) { return (float[]){-1, 0.5f, 1, 2}[below(4)]; }
static float draw_offset(void) { return multiple(0x1p-5f, 32) + 0x1p-6f; }
static float draw_gate(void) { return (float[]){0, 0.5f, 1}[below(3)]; }

// ---- buffers -----------------------------------------------------------------------------------------

#define BUFFERS 32
#define BUFFER_FLOATS (1u << 19)
#define FLOATS_BEFORE 32

static float *ends[BUFFERS], *starts[BUFFERS];
static int used;

static void make_buffers(void) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = BUFFER_FLOATS * sizeof(float);
    for (int i = 0; i < BUFFERS; ++i) {
        char *memory = mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED || mprotect(memory + bytes, page, PROT_NONE)) {
            perror("making a buffer");
            exit(EXIT_FAILURE);
        }
        ends[i] = (float *)(memory + bytes);
    }
}

// The next buffer, filled with NaN.
static float *buffer(size_t count) {
    if (used == BUFFERS || count + FLOATS_BEFORE > BUFFER_FLOATS) {
        fprintf(stderr, "%s needs more or larger buffers\n", call);
        exit(EXIT_FAILURE);
    }
    float *start = ends[used] - count;
    for (float *p = start - FLOATS_BEFORE; p < ends[used]; ++p) *p = NAN;
    starts[used++] = start;
    return start;
}

static float *drawn(size_t count, float draw(void)) {
    float *to = buffer(count);
    for (size_t i = 0; i < count; ++i) to[i] = draw();
    return to;
}

static float *copied(size_t count, const float *from) {
    return memcpy(buffer(count), from, count * sizeof(float));
}

// Rows that lie `stride` floats apart, with NaN between them.
static float *drawn_rows(size_t rows, size_t row, size_t stride, float draw(void)) {
    float *to = buffer(rows ? (rows - 1) * stride + row : 0);
    for (size_t i = 0; i < rows * row; ++i) to[i / row * stride + i % row] = draw();
    return to;
}

static void expect_kept_rows(const float *at, size_t rows, size_t row, size_t stride, const char *what) {
    for (size_t i = 0; rows && i < (rows - 1) * stride; ++i)
        if (i % stride >= row && !isnan(at[i])) {
            deviates("wrote %g beside a row of %s", (double)at[i], what);
            return;
        }
}

// After a call: nothing before a buffer has been written, and the next call begins with the first one.
static void release_buffers(void) {
    for (int i = 0; i < used; ++i)
        for (const float *p = starts[i] - FLOATS_BEFORE; p < starts[i]; ++p)
            if (!isnan(*p)) deviates("wrote %g, %td floats before buffer %d", (double)*p, starts[i] - p, i);
    used = 0;
}

// ---- bounded numbers ---------------------------------------------------------------------------------

// A number in double precision with its magnitude, the same expression on the absolute values of all that goes into it.
// Float32 evaluates the expression, in any order, fused or not, to within `roundings` * 2^-24 * magnitude, where
// `roundings` is how many an input passes through at most (Higham, 2002, "Accuracy and Stability of Numerical
// Algorithms", section 3.1).
typedef struct {
    double value, magnitude;
} bounded;

static bounded of(float x) { return (bounded){x, fabs((double)x)}; }
static bounded sum_of(bounded a, bounded b) { return (bounded){a.value + b.value, a.magnitude + b.magnitude}; }
static bounded times(bounded a, bounded b) { return (bounded){a.value * b.value, a.magnitude * b.magnitude}; }
static bounded positive_part(bounded a) { return a.value > 0 ? a : (bounded){0, 0}; }
static bounded at_most(bounded a, float ceiling) { return a.value > (double)ceiling ? of(ceiling) : a; }
static void add(bounded *to, bounded a) { *to = sum_of(*to, a); }

static void expect_within(float actual, double expected, double bound, const char *what, size_t index) {
    ++values;
    const double error = fabs(actual - expected);
    if (!(error <= bound && bound < INFINITY))
        deviates("%s[%zu] is %.9g instead of %.9g ± %.3g", what, index, (double)actual, expected, bound);
    else if (bound > 0)
        nearest = fmax(nearest, error / bound);
}

static void expect(float actual, bounded expected, size_t roundings, const char *what, size_t index) {
    // One per cent covers the second order of the bound.
    expect_within(actual, expected.value, 1.01 * (double)roundings * 0x1p-24 * expected.magnitude, what, index);
}

static bounded *zeros(size_t count) {
    bounded *p = calloc(count + 1, sizeof *p);
    if (!p) abort();
    return p;
}

static bounded *bounded_copy(const float *from, size_t count) {
    bounded *p = zeros(count);
    for (size_t i = 0; i < count; ++i) p[i] = of(from[i]);
    return p;
}

// ---- normalisation -----------------------------------------------------------------------------------

static onepath_normalization draw_normalization(size_t channels, size_t count) {
    float *by_channel[] = {
        drawn(count, draw_inverse), drawn(count, draw_negative), drawn(count, draw_scale), drawn(count, draw_offset),
        drawn(count, draw_gate),
    };
    for (int k = 0; k < COUNT(by_channel); ++k)
        for (size_t i = channels; i < count; ++i) by_channel[k][i] = by_channel[k][i - channels];
    // No output is equal to the finite ceiling, which is no odd multiple of 1/64.
    const float ceiling = below(2) ? INFINITY : 1;
    return (onepath_normalization){by_channel[0], by_channel[1], by_channel[2], by_channel[3], by_channel[4], ceiling};
}

static bounded normalised(const onepath_normalization *n, float value, size_t channel) {
    return sum_of(times(of(value), of(n->inverse_deviation[channel])), of(n->negative_mean[channel]));
}

static bounded output_of(const onepath_normalization *n, float value, size_t channel) {
    return sum_of(times(normalised(n, value, channel), of(n->scale[channel])), of(n->offset[channel]));
}

// The gradient behind gate and relu.
static bounded behind_relu(const onepath_normalization *n, float value, size_t channel, bounded incoming) {
    const double output = output_of(n, value, channel).value;
    return output > 0 && output < (double)n->ceiling ? times(incoming, of(n->gate[channel])) : (bounded){0, 0};
}

// ---- flat kernels ------------------------------------------------------------------------------------

// Calls a test with tensors that are no whole vectors, periods or groups of them.
static void for_each_stream(void (*test)(size_t rows, size_t channels, size_t period)) {
    static const size_t row_counts[] = {0, 1, 2, 3, 5, 16, 17, 33, 70};
    static const size_t channel_counts[] = {1, 2, 3, 4, 7, 12, 15, 16, 17, 24, 40, 72, 128};
    for (int r = 0; r < COUNT(row_counts); ++r)
        for (int c = 0; c < COUNT(channel_counts); ++c) {
            size_t period = channel_counts[c];
            while (period % ONEPATH_LANES) period += channel_counts[c];
            test(row_counts[r], channel_counts[c], period);
        }
}

// A place of the period takes every period-th value.
static size_t terms(size_t count, size_t period) { return count / period + 1; }

static void affine_of_stream(size_t rows, size_t channels, size_t period) {
    const size_t count = rows * channels;
    for (int relu = 0; relu < 2; ++relu) {
        const onepath_normalization n = draw_normalization(channels, period);
        begin("affine, %zu×%zu, relu %d, ceiling %g", rows, channels, relu, (double)n.ceiling);
        const float *x = drawn(count, draw_value);
        float *out = buffer(count);
        kernels.affine(count, period, x, n.scale, n.offset, relu, n.ceiling, out);
        for (size_t i = 0; i < count; ++i) {
            const bounded value = sum_of(times(of(x[i]), of(n.scale[i % channels])), of(n.offset[i % channels]));
            expect(out[i], relu ? at_most(positive_part(value), n.ceiling) : value, 2, "out", i);
        }
        release_buffers();
    }
}

static void affine_add_of_stream(size_t rows, size_t channels, size_t period) {
    const size_t count = rows * channels;
    begin("affine_add, %zu×%zu", rows, channels);
    const float *x = drawn(count, uniform), *y = drawn(count, uniform);
    const onepath_normalization n = draw_normalization(channels, period);
    float *out = buffer(count);
    kernels.affine_add(count, period, x, n.scale, n.offset, y, out);
    for (size_t i = 0; i < count; ++i) {
        const bounded affine = sum_of(times(of(x[i]), of(n.scale[i % channels])), of(n.offset[i % channels]));
        expect(out[i], sum_of(of(y[i]), affine), 3, "out", i);
    }
    release_buffers();
}

static void test_affine_add(void) { for_each_stream(affine_add_of_stream); }

static void combine_stream(size_t rows, size_t channels, size_t period) {
    const size_t count = rows * channels;
    begin("combine, %zu×%zu", rows, channels);
    const float *x = drawn(count, uniform), *y = drawn(count, uniform);
    const onepath_normalization n = draw_normalization(channels, period);
    float *out = buffer(count);
    kernels.combine(count, period, x, y, n.scale, n.negative_mean, n.offset, out);
    for (size_t i = 0; i < count; ++i) {
        const size_t channel = i % channels;
        const bounded rest = sum_of(times(of(y[i]), of(n.negative_mean[channel])), of(n.offset[channel]));
        expect(out[i], sum_of(times(of(x[i]), of(n.scale[channel])), rest), 4, "out", i);
    }
    release_buffers();
}

static void test_combine(void) { for_each_stream(combine_stream); }

static void gradient_moments_of_stream(size_t rows, size_t channels, size_t period) {
    const size_t count = rows * channels;
    begin("gradient_moments, %zu×%zu", rows, channels);
    const float *x = drawn(count, uniform), *y = drawn(count, draw_value);
    const onepath_normalization n = draw_normalization(channels, period);
    float *sum = drawn(period, uniform), *product = drawn(period, uniform);
    bounded *sums = bounded_copy(sum, period), *products = bounded_copy(product, period);
    kernels.gradient_moments(count, period, x, y, n.inverse_deviation, n.negative_mean, sum, product);
    for (size_t i = 0; i < count; ++i) {
        add(&sums[i % period], of(x[i]));
        add(&products[i % period], times(of(x[i]), normalised(&n, y[i], i % channels)));
    }
    for (size_t i = 0; i < period; ++i) {
        expect(sum[i], sums[i], terms(count, period), "sum", i);
        expect(product[i], products[i], terms(count, period) + 3, "product", i);
    }
    release_buffers();
    free(sums);
    free(products);
}

static void test_gradient_moments(void) { for_each_stream(gradient_moments_of_stream); }

static void relu_backward_of_stream(size_t rows, size_t channels, size_t period) {
    const size_t count = rows * channels;
    begin("relu_backward, %zu×%zu", rows, channels);
    const float *x = drawn(count, uniform), *y = drawn(count, draw_value);
    const onepath_normalization n = draw_normalization(channels, period);
    float *out = buffer(count);
    float *sum = drawn(period, uniform), *product = drawn(period, uniform), *gate = drawn(period, uniform);
    bounded *sums = bounded_copy(sum, period), *products = bounded_copy(product, period);
    bounded *gates = bounded_copy(gate, period);
    kernels.relu_backward(count, period, x, y, &n, out, sum, product, gate);
    for (size_t i = 0; i < count; ++i) {
        const size_t channel = i % channels;
        const bounded gradient = behind_relu(&n, y[i], channel, of(x[i]));
        expect(out[i], gradient, 1, "gradient", i);
        add(&sums[i % period], gradient);
        add(&products[i % period], times(gradient, normalised(&n, y[i], channel)));
        add(&gates[i % period], times(of(x[i]), positive_part(output_of(&n, y[i], channel))));
    }
    for (size_t i = 0; i < period; ++i) {
        expect(sum[i], sums[i], terms(count, period) + 1, "sum", i);
        expect(product[i], products[i], terms(count, period) + 4, "product", i);
        if (isinf(n.ceiling)) expect(gate[i], gates[i], terms(count, period) + 5, "gate gradient", i);
    }
    release_buffers();
    free(sums);
    free(products);
    free(gates);
}

static void test_relu_backward(void) { for_each_stream(relu_backward_of_stream); }

// What is not a positive number becomes +0, in every lane.
static void relu_of_special_values(void) {
    const float special[] = {NAN, -NAN, -0.0f, 0, -INFINITY, INFINITY, -0x1p-149f, 0x1p-149f};
    begin("affine of special values");
    float *x = buffer(37), *scale = buffer(16), *offset = buffer(16), *out = buffer(37);
    for (int i = 0; i < 16; ++i) {
        scale[i] = 1;
        offset[i] = -0.0f;
    }
    for (int i = 0; i < 37; ++i) x[i] = special[i % COUNT(special)];
    const float ceilings[] = {INFINITY, 6};
    for (int k = 0; k < COUNT(ceilings); ++k) {
        kernels.affine(37, 16, x, scale, offset, 1, ceilings[k], out);
        for (int i = 0; i < 37; ++i) {
            ++values;
            const float expected = x[i] > 0 ? fminf(x[i], ceilings[k]) : 0;
            if (memcmp(&out[i], &expected, sizeof expected))
                deviates("out[%d] is %g instead of %g", i, (double)out[i], (double)expected);
        }
    }
    release_buffers();
}

static void test_affine(void) {
    for_each_stream(affine_of_stream);
    relu_of_special_values();
}

// ---- optimiser ---------------------------------------------------------------------------------------

// A float32 result as it is known from running error analysis (Higham, section 3.3), for expressions that are evaluated
// in one order only.
typedef struct {
    double value, error;
} estimate;

static estimate rounded(double value, double error) {
    return (estimate){value, error + 0x1p-24 * (fabs(value) + error)};
}
static estimate exactly(float x) { return (estimate){x, 0}; }
static estimate plus(estimate a, estimate b) { return rounded(a.value + b.value, a.error + b.error); }
static estimate minus(estimate a, estimate b) { return rounded(a.value - b.value, a.error + b.error); }
static estimate product_of(estimate a, estimate b) {
    return rounded(a.value * b.value, fabs(a.value) * b.error + fabs(b.value) * a.error + a.error * b.error);
}
static estimate root_of(estimate a) {
    const double root = sqrt(a.value);
    return rounded(root, root - sqrt(a.value - a.error));
}
static estimate quotient(estimate a, estimate b) {
    const double value = a.value / b.value;
    return rounded(value, (fabs(a.value) + a.error) / (b.value - b.error) - fabs(value));
}

static float draw_square(void) { return (uniform() + 1) * 2; }

static void rmsprop_of(size_t count) {
    const float rate = 0.0123f, decay = 0.9f, momentum_decay = 0.8f, epsilon = 1e-3f, weight_decay = 0.05f;
    begin("rmsprop, %zu", count);
    float *weights = drawn(count, uniform), *square = drawn(count, draw_square), *momentum = drawn(count, uniform);
    const float *gradient = drawn(count, uniform);
    const float *w = copied(count, weights), *q = copied(count, square), *m = copied(count, momentum);
    kernels.rmsprop(count, weights, gradient, square, momentum, rate, decay, momentum_decay, epsilon, weight_decay);
    for (size_t i = 0; i < count; ++i) {
        const estimate g = plus(exactly(gradient[i]), product_of(exactly(w[i]), exactly(weight_decay)));
        const estimate change = product_of(minus(product_of(g, g), exactly(q[i])), minus(exactly(1), exactly(decay)));
        const estimate next = plus(exactly(q[i]), change);
        const estimate step = quotient(product_of(exactly(rate), g), root_of(plus(next, exactly(epsilon))));
        const estimate velocity = plus(product_of(exactly(m[i]), exactly(momentum_decay)), step);
        const estimate weight = minus(exactly(w[i]), velocity);
        expect_within(square[i], next.value, next.error, "square", i);
        expect_within(momentum[i], velocity.value, velocity.error, "momentum", i);
        expect_within(weights[i], weight.value, weight.error, "weights", i);
    }
    release_buffers();
}

static void test_rmsprop(void) {
    for (size_t count = 0; count < 40; ++count) rmsprop_of(count);
    rmsprop_of(1003);
}

static void sgd_of(size_t count, int nesterov) {
    const float rate = 0.0123f, momentum = 0.8f, weight_decay = 0.05f;
    begin("sgd, %zu, nesterov %d", count, nesterov);
    float *weights = drawn(count, uniform), *velocity = drawn(count, uniform);
    const float *gradient = drawn(count, uniform);
    const float *w = copied(count, weights), *v = copied(count, velocity);
    kernels.sgd(count, weights, gradient, velocity, rate, momentum, nesterov, weight_decay);
    for (size_t i = 0; i < count; ++i) {
        const estimate g = plus(exactly(gradient[i]), product_of(exactly(w[i]), exactly(weight_decay)));
        const estimate next = plus(product_of(exactly(v[i]), exactly(momentum)), g);
        const estimate step = nesterov ? plus(g, product_of(next, exactly(momentum))) : next;
        const estimate weight = minus(exactly(w[i]), product_of(step, exactly(rate)));
        expect_within(velocity[i], next.value, next.error, "velocity", i);
        expect_within(weights[i], weight.value, weight.error, "weights", i);
    }
    release_buffers();
}

static void test_sgd(void) {
    for (int nesterov = 0; nesterov < 2; ++nesterov) {
        for (size_t count = 0; count < 40; ++count) sgd_of(count, nesterov);
        sgd_of(1003, nesterov);
    }
}

// ---- matrix products ---------------------------------------------------------------------------------

enum finish { PLAIN, MOMENTS, RELU_BACKWARD };

static void product_of_shape(size_t rows, size_t columns, size_t inner, int transposed, int accumulate,
                             enum finish finish) {
    static const char *const names[] = {"product", "product_moments", "product_relu_backward"};
    begin("%s, %zu×%zu×%zu, transposed %d, accumulate %d", names[finish], rows, columns, inner, transposed,
          accumulate);
    const size_t b_row = columns + 2, c_row = columns + 3;
    const size_t whole = (columns + ONEPATH_LANES - 1) / ONEPATH_LANES * ONEPATH_LANES;

    // Rows of `a`, or its columns, are a float further apart than they need to be.
    const size_t a_line = (transposed ? rows : inner) + 1;
    float *a = transposed ? drawn_rows(inner, rows, a_line, uniform) : drawn_rows(rows, inner, a_line, uniform);
    // What may be read after the last row of b.
    const size_t b_count = (inner - 1) * b_row + columns;
    float *b = buffer(b_count + ONEPATH_LANES - 1);
    for (size_t i = 0; i < b_count; ++i)
        if (i % b_row < columns) b[i] = uniform();
    float *c = accumulate ? drawn_rows(rows, columns, c_row, uniform) : buffer(rows ? (rows - 1) * c_row + columns : 0);
    const float *values_before = drawn_rows(rows, columns, c_row, draw_value);
    const onepath_normalization n = draw_normalization(whole, whole);
    const float *shift = drawn(whole, uniform);
    float *sum = drawn(columns, uniform), *second = drawn(columns, uniform), *gate = drawn(columns, uniform);

    bounded *result = zeros(rows * columns);
    for (size_t i = 0; i < rows * columns; ++i) {
        const size_t row = i / columns, column = i % columns;
        if (accumulate) result[i] = of(c[row * c_row + column]);
        for (size_t k = 0; k < inner; ++k) {
            const float left = transposed ? a[k * a_line + row] : a[row * a_line + k];
            add(&result[i], times(of(left), of(b[k * b_row + column])));
        }
    }
    bounded *sums = bounded_copy(sum, columns), *seconds = bounded_copy(second, columns);
    bounded *gates = bounded_copy(gate, columns);
    for (size_t i = 0; i < rows * columns; ++i) {
        const size_t column = i % columns;
        const float value = values_before[i / columns * c_row + column];
        if (finish == MOMENTS) {
            const bounded distance = sum_of(result[i], of(-shift[column]));
            add(&sums[column], distance);
            add(&seconds[column], times(distance, distance));
        } else if (finish == RELU_BACKWARD) {
            add(&gates[column], times(result[i], positive_part(output_of(&n, value, column))));
            result[i] = behind_relu(&n, value, column, result[i]);
            add(&sums[column], result[i]);
            add(&seconds[column], times(result[i], normalised(&n, value, column)));
        }
    }

    const onepath_product p = {
        .rows = rows, .columns = columns, .inner = inner, .a = a, .a_row = transposed ? 1 : a_line,
        .a_inner = transposed ? a_line : 1, .b = b, .b_row = b_row, .c = c, .c_row = c_row, .accumulate = accumulate,
    };
    if (finish == PLAIN) kernels.product(&p);
    else if (finish == MOMENTS) kernels.product_moments(&p, shift, sum, second);
    else kernels.product_relu_backward(&p, values_before, &n, sum, second, gate);

    // Each product is rounded once and added at most once for each step of the inner dimension, and to what was there.
    const size_t roundings = inner + 2;
    for (size_t i = 0; i < rows * columns; ++i)
        expect(c[i / columns * c_row + i % columns], result[i], roundings + 1, "c", i);
    for (size_t j = 0; j < columns; ++j) {
        expect(sum[j], sums[j], roundings + 2 + rows, "sum", j);
        expect(second[j], seconds[j], (finish == MOMENTS ? 2 * roundings + 2 : roundings + 4) + 1 + rows, "second sum", j);
        if (isinf(n.ceiling)) expect(gate[j], gates[j], roundings + 5 + rows, "gate gradient", j);
    }
    expect_kept_rows(c, rows, columns, c_row, "c");
    release_buffers();
    free(result);
    free(sums);
    free(seconds);
    free(gates);
}

static void products(enum finish finish) {
    // Around the tiles of every set and around the block of the inner dimension.
    static const size_t shapes[][3] = {
        {0, 7, 3}, {1, 1, 1}, {2, 3, 5}, {3, 4, 2}, {3, 16, 1}, {4, 12, 7}, {5, 17, 4}, {5, 13, 6}, {6, 8, 2},
        {7, 24, 7}, {8, 48, 16}, {9, 49, 3}, {9, 36, 5}, {10, 9, 11}, {13, 40, 24}, {16, 31, 9}, {20, 100, 33},
        {11, 15, 255}, {4, 33, 256}, {9, 47, 257}, {3, 5, 600},
    };
    for (int i = 0; i < COUNT(shapes); ++i)
        for (int k = 0; k < 4; ++k)
            product_of_shape(shapes[i][0], shapes[i][1], shapes[i][2], k & 1, k >> 1, finish);
}

static void test_product(void) { products(PLAIN); }
static void test_product_moments(void) { products(MOMENTS); }
static void test_product_relu_backward(void) { products(RELU_BACKWARD); }

// ---- depthwise convolution ---------------------------------------------------------------------------

// What becomes of the input, of the gradients and of the sums in one call.
enum reading {
    // The input as it is; its gradient replaces what was there; the output's gradient is given.
    GIVEN,
    // As given, but the input's gradient is added; the output's gradient comes from its normalisation.
    ACCUMULATED,
    // The input through normalisation, relu and gate; the output normalised too.
    NORMALISED,
    READINGS,
};

enum pass { FORWARD, BACKWARD };

static void depthwise_of_shape(int kernel, int stride, int height, int width, int channels, enum reading reading,
                               enum pass pass) {
    const int output_height = (height + stride - 1) / stride, output_width = (width + stride - 1) / stride;
    const size_t group = (size_t)channels, apart = group + 5;
    const size_t padded = (group + ONEPATH_LANES - 1) / ONEPATH_LANES * ONEPATH_LANES;
    const size_t pixels = (size_t)(height * width), output_pixels = (size_t)(output_height * output_width);
    const size_t taps = (size_t)(kernel * kernel);
    const onepath_depthwise shape = {
        .height = height, .width = width, .output_height = output_height, .output_width = output_width,
        .kernel = kernel, .stride = stride, .channels = channels, .padded = (int)padded,
        .channel_stride = (int)apart,
    };
    begin("depthwise %s, %d×%d, stride %d, of %d×%d×%d, reading %d", pass == FORWARD ? "forward" : "backward", kernel,
          kernel, stride, height, width, channels, reading);

    // The group lies among channels that are NaN, but for the last pixel, after which nothing is.
    float *input = drawn_rows(pixels, group, apart, draw_value);
    float *weights = drawn(taps * padded, uniform);
    for (size_t i = 0; i < taps * padded; ++i)
        if (i % padded >= group) weights[i] = 0;
    const onepath_normalization n = draw_normalization(padded, padded);
    float *read_scale = buffer(padded), *read_offset = buffer(padded);
    for (size_t i = 0; i < padded; ++i) {
        read_scale[i] = n.gate[i] * n.scale[i] * n.inverse_deviation[i];
        read_offset[i] = n.gate[i] * (n.scale[i] * n.negative_mean[i] + n.offset[i]);
    }
    float *gradient = drawn_rows(output_pixels, group, apart, uniform);
    float *output = drawn_rows(output_pixels, group, apart, uniform);
    float *a = drawn(padded, uniform), *b = drawn(padded, uniform), *c = drawn(padded, uniform);
    float *made = buffer((output_pixels - 1) * apart + group);
    float *shift = drawn(padded, uniform);
    for (size_t ch = group; ch < padded; ++ch) shift[ch] = 0;
    float *sum = drawn(padded, uniform), *squares = drawn(padded, uniform);
    float *weight_gradient = drawn(taps * padded, uniform);
    float *input_gradient = drawn_rows(pixels, group, apart, uniform);
    float *gradient_sum = drawn(padded, uniform), *product = drawn(padded, uniform);
    const size_t scratch_floats = onepath_depthwise_scratch(&shape);
    float *scratch = buffer(scratch_floats);
    const int is_normalised = reading == NORMALISED;

    // The plain loops.
    bounded *read = zeros(pixels * group), *output_gradient = zeros(output_pixels * group);
    bounded *outputs = zeros(output_pixels * group), *input_gradients = zeros(pixels * group);
    bounded *weight_gradients = bounded_copy(weight_gradient, taps * padded);
    bounded *sums = bounded_copy(sum, padded), *second = bounded_copy(squares, padded);
    bounded *gradient_sums = bounded_copy(gradient_sum, padded), *products = bounded_copy(product, padded);
    for (size_t i = 0; i < pixels * group; ++i) {
        const size_t ch = i % group;
        const bounded x = of(input[i / group * apart + ch]);
        read[i] = is_normalised
            ? at_most(positive_part(sum_of(times(x, of(read_scale[ch])), of(read_offset[ch]))), n.ceiling) : x;
    }
    for (size_t i = 0; i < output_pixels * group; ++i) {
        const size_t ch = i % group, at = i / group * apart + ch;
        output_gradient[i] = reading == GIVEN ? of(gradient[at])
            : sum_of(times(of(gradient[at]), of(a[ch])), sum_of(times(of(output[at]), of(b[ch])), of(c[ch])));
    }
    for (int oy = 0; oy < output_height; ++oy)
        for (int ox = 0; ox < output_width; ++ox)
            for (int ky = 0; ky < kernel; ++ky)
                for (int kx = 0; kx < kernel; ++kx) {
                    const int y = oy * stride + ky - kernel / 2, x = ox * stride + kx - kernel / 2;
                    if (y < 0 || y >= height || x < 0 || x >= width) continue;
                    const size_t to = (size_t)(oy * output_width + ox) * group, from = (size_t)(y * width + x) * group;
                    const size_t tap = (size_t)(ky * kernel + kx) * padded;
                    for (size_t ch = 0; ch < group; ++ch) {
                        add(&outputs[to + ch], times(of(weights[tap + ch]), read[from + ch]));
                        add(&weight_gradients[tap + ch], times(output_gradient[to + ch], read[from + ch]));
                        add(&input_gradients[from + ch], times(output_gradient[to + ch], of(weights[tap + ch])));
                    }
                }
    for (size_t i = 0; is_normalised && i < output_pixels * group; ++i) {
        const bounded distance = sum_of(outputs[i], of(-shift[i % group]));
        add(&sums[i % group], distance);
        add(&second[i % group], times(distance, distance));
    }
    for (size_t i = 0; i < pixels * group; ++i) {
        const size_t ch = i % group, at = i / group * apart + ch;
        if (reading == ACCUMULATED) add(&input_gradients[i], of(input_gradient[at]));
        if (!is_normalised) continue;
        input_gradients[i] = behind_relu(&n, input[at], ch, input_gradients[i]);
        add(&gradient_sums[ch], input_gradients[i]);
        add(&products[ch], times(input_gradients[i], normalised(&n, input[at], ch)));
    }

    if (pass == FORWARD)
        kernels.depthwise_forward(&shape, input, is_normalised ? read_scale : NULL, is_normalised ? read_offset : NULL,
                                  n.ceiling, weights, made, is_normalised ? shift : NULL, is_normalised ? sum : NULL,
                                  is_normalised ? squares : NULL, scratch);
    else
        kernels.depthwise_backward(&shape, input, is_normalised ? &n : NULL, is_normalised ? read_scale : NULL,
                                   is_normalised ? read_offset : NULL, gradient, output, reading == GIVEN ? NULL : a,
                                   reading == GIVEN ? NULL : b, reading == GIVEN ? NULL : c, weights, weight_gradient,
                                   input_gradient, reading == ACCUMULATED, gradient_sum, product, scratch);

    // An input meets every tap at most once; reading it rounds twice, combining the output's gradient four times. Beyond
    // the channels nothing is added.
    for (size_t i = 0; pass == FORWARD && i < output_pixels * group; ++i)
        expect(made[i / group * apart + i % group], outputs[i], taps + 3, "output", i);
    for (size_t ch = 0; pass == FORWARD && ch < padded; ++ch) {
        const size_t one = ch < group;
        expect(sum[ch], sums[ch], one * (taps + 4 + output_pixels), "sum", ch);
        expect(squares[ch], second[ch], one * (2 * (taps + 4) + 1 + output_pixels), "squares", ch);
    }
    for (size_t i = 0; pass == BACKWARD && i < pixels * group; ++i)
        expect(input_gradient[i / group * apart + i % group], input_gradients[i], taps + 6, "input gradient", i);
    for (size_t i = 0; pass == BACKWARD && i < taps * padded; ++i)
        if (i % padded < group)
            expect(weight_gradient[i], weight_gradients[i], output_pixels + 8, "weight gradient", i);
    for (size_t ch = 0; pass == BACKWARD && ch < padded; ++ch) {
        const size_t one = ch < group;
        expect(gradient_sum[ch], gradient_sums[ch], one * (taps + 6 + pixels), "gradient sum", ch);
        expect(product[ch], products[ch], one * (taps + 9 + pixels), "product", ch);
    }
    expect_kept_rows(made, output_pixels, group, apart, "the output");
    expect_kept_rows(input_gradient, pixels, group, apart, "the input's gradient");
    release_buffers();
    bounded *const all[] = {
        read, output_gradient, outputs, input_gradients, weight_gradients, sums, second, gradient_sums, products,
    };
    for (int i = 0; i < COUNT(all); ++i) free(all[i]);
}

static void depthwise(enum pass pass) {
    // One pixel, one row, one column, fewer pixels than a kernel, odd sides, several blocks of columns and what is left
    // of them; one channel, fewer than a vector, whole vectors, a vector and a part.
    static const int kernel_sides[] = {1, 3, 5, 7, 9}, heights[] = {1, 2, 3, 5, 8};
    static const int widths[] = {1, 2, 3, 4, 5, 6, 9, 14, 23}, groups[] = {1, 3, 4, 16, 18, 40};
    int next = 0;
    for (int k = 0; k < COUNT(kernel_sides); ++k)
        for (int stride = 1; stride <= 2; ++stride)
            for (int h = 0; h < COUNT(heights); ++h)
                for (int w = 0; w < COUNT(widths); ++w)
                    for (int g = 0; g < COUNT(groups); ++g, ++next)
                        // Every reading with every shape but the largest ones, which take them in turn.
                        for (int reading = 0; reading < READINGS; ++reading)
                            if (heights[h] * widths[w] * groups[g] <= 200 || reading == next % READINGS)
                                depthwise_of_shape(kernel_sides[k], stride, heights[h], widths[w], groups[g],
                                                   (enum reading)reading, pass);
    for (int reading = 0; reading < READINGS; ++reading)
        for (int stride = 1; stride <= 2; ++stride)
            depthwise_of_shape(31, stride, 5, 19, 5, (enum reading)reading, pass);
}

static void test_depthwise_forward(void) { depthwise(FORWARD); }
static void test_depthwise_backward(void) { depthwise(BACKWARD); }

// ---- images ------------------------------------------------------------------------------------------

// Bytes at the end of a buffer: in front of them are at most three that belong to nobody, and then NaN.
static uint8_t *byte_buffer(size_t count) {
    return (uint8_t *)(buffer((count + 3) / 4) + (count + 3) / 4) - count;
}

static uint8_t *drawn_bytes(size_t count) {
    uint8_t *to = byte_buffer(count);
    // Some of them extreme, so that sums reach both ends.
    for (size_t i = 0; i < count; ++i) to[i] = (uint8_t)(below(4) ? below(256) : 255 * below(2));
    return to;
}

// Weights that sum to one, or that exceed it by as much as the header allows.
static int32_t *drawn_weights(size_t rows, size_t taps, int exceed) {
    int32_t *to = (int32_t *)buffer(rows * taps);
    for (size_t i = 0; i < rows; ++i) {
        int32_t left = (1 << ONEPATH_WEIGHT_BITS) + (exceed ? (int32_t)(taps / 2) : 0);
        for (size_t k = 0; k < taps; ++k) {
            const int32_t weight = k + 1 == taps ? left : (int32_t)below((uint32_t)left + 1);
            to[i * taps + k] = weight;
            left -= weight;
        }
    }
    return to;
}

static uint8_t weighted(const uint8_t *from, size_t step, size_t taps, const int32_t *weights) {
    double sum = 0;
    for (size_t k = 0; k < taps; ++k) sum += (double)from[k * step] * weights[k];
    return (uint8_t)fmin(255, floor(sum / (1 << ONEPATH_WEIGHT_BITS) + 0.5));
}

static void resample_row_of(size_t count, size_t channels, size_t taps, size_t pixels) {
    begin("resample_row, %zu of %zu pixels, %zu channels, %zu taps", count, pixels, channels, taps);
    const uint8_t *input = drawn_bytes(pixels * channels + (channels == 3));
    const int32_t *weights = drawn_weights(count, taps, below(2) != 0);
    int32_t *starts = (int32_t *)buffer(count);
    for (size_t i = 0; i < count; ++i) starts[i] = (int32_t)below((uint32_t)(pixels - taps) + 1);
    uint8_t *output = byte_buffer(count * channels);
    const onepath_resampling r = {count, channels, taps, starts, weights};
    kernels.resample_row(&r, input, output);
    for (size_t i = 0; i < count * channels; ++i) {
        const size_t pixel = i / channels, channel = i % channels;
        const uint8_t expected = weighted(input + (size_t)starts[pixel] * channels + channel, channels, taps,
                                          weights + pixel * taps);
        expect_within(output[i], expected, 0, "output", i);
    }
    release_buffers();
}

static void test_resample_row(void) {
    for (size_t channels = 1; channels <= 3; channels += 2)
        for (size_t taps = 1; taps <= 9; ++taps)
            for (size_t count = 1; count < 20; ++count) resample_row_of(count, channels, taps, taps + count % 5);
    resample_row_of(224, 3, 3, 300);
    resample_row_of(2, 3, 3001, 3001);
}

static void resample_rows_of(size_t count, size_t taps, size_t apart) {
    begin("resample_rows, %zu values, %zu taps", count, taps);
    const uint8_t *input = drawn_bytes((taps - 1) * (count + apart) + count);
    const int32_t *weights = drawn_weights(1, taps, below(2) != 0);
    uint8_t *output = byte_buffer(count);
    kernels.resample_rows(count, taps, weights, input, count + apart, output);
    for (size_t i = 0; i < count; ++i)
        expect_within(output[i], weighted(input + i, count + apart, taps, weights), 0, "output", i);
    release_buffers();
}

static void test_resample_rows(void) {
    for (size_t taps = 1; taps <= 6; ++taps)
        for (size_t count = 1; count < 140; ++count) resample_rows_of(count, taps, count % 3);
    resample_rows_of(672, 3, 0);
    resample_rows_of(21, 3001, 5);
}

static uint8_t blended(uint8_t value, float degenerate, float factor) {
    // Written to memory, so that no compiler fuses it with the addition.
    volatile float product = factor * (value - degenerate);
    const float sum = degenerate + product;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : floor(sum));
}

static const float factors[] = {0, 0.8f, 1, 1.2f, 0.93217f, 64};

static void blend_of(size_t count, float factor) {
    const float degenerate = (float)(below(3) ? below(256) : 0);
    begin("blend, %zu values, factor %g", count, (double)factor);
    uint8_t *values = drawn_bytes(count);
    uint8_t *before = byte_buffer(count);
    memcpy(before, values, count);
    kernels.blend(count, factor, degenerate, values);
    for (size_t i = 0; i < count; ++i)
        expect_within(values[i], blended(before[i], degenerate, factor), 0, "value", i);
    release_buffers();
}

static void test_blend(void) {
    for (size_t f = 0; f < sizeof factors / sizeof *factors; ++f) {
        for (size_t count = 1; count < 40; ++count) blend_of(count, factors[f]);
        blend_of(3001, factors[f]);
    }
}

static double grey(const uint8_t *pixel) {
    return floor((19595.0 * pixel[0] + 38470.0 * pixel[1] + 7471.0 * pixel[2]) / 65536 + 0.5);
}

static void blend_with_grey_of(size_t count, float factor) {
    begin("blend_with_grey, %zu pixels, factor %g", count, (double)factor);
    uint8_t *pixels = drawn_bytes(3 * count);
    uint8_t *before = byte_buffer(3 * count);
    memcpy(before, pixels, 3 * count);
    kernels.blend_with_grey(count, factor, pixels);
    for (size_t i = 0; i < 3 * count; ++i)
        expect_within(pixels[i], blended(before[i], (float)grey(before + i / 3 * 3), factor), 0, "value", i);
    release_buffers();
}

static void test_blend_with_grey(void) {
    for (size_t f = 0; f < sizeof factors / sizeof *factors; ++f) {
        for (size_t count = 1; count < 40; ++count) blend_with_grey_of(count, factors[f]);
        blend_with_grey_of(1000, factors[f]);
    }
}

static void grey_sum_of(size_t count) {
    begin("grey_sum, %zu pixels", count);
    const uint8_t *pixels = drawn_bytes(3 * count);
    uint64_t sum = 0;
    kernels.grey_sum(count, pixels, &sum);
    double expected = 0;
    for (size_t i = 0; i < count; ++i) expected += grey(pixels + 3 * i);
    expect_within((double)sum, expected, 0, "sum", 0);
    release_buffers();
}

static void test_grey_sum(void) {
    for (size_t count = 1; count < 80; ++count) grey_sum_of(count);
    grey_sum_of(40001);
}

// ---- the list ----------------------------------------------------------------------------------------

// While a kernel is tested there is no other, so that a test which calls something else, or nothing, is found.
static void test_set(const onepath_kernels *set) {
#define KERNEL(kernel, parameters) \
    kernels = (onepath_kernels){.name = set->name, .kernel = set->kernel}; \
    test_kernel(#kernel, test_##kernel);
#include "kernels.def"
#undef KERNEL
}

int main(void) {
    signal(SIGSEGV, accessed_outside);
    signal(SIGBUS, accessed_outside);
    make_buffers();
    const onepath_kernels *set;
    for (size_t i = 0; (set = onepath_kernels_at(i)); ++i) {
        snprintf(sets + strlen(sets), sizeof sets - strlen(sets), " %s", set->name);
        state = 1;
        test_set(set);
    }
    if (!calls) {
        fprintf(stderr, "there is no kernel set that this CPU runs\n");
        return EXIT_FAILURE;
    }
    printf("kernels%s: %ld calls, %ld values, %ld deviations from plain loops; largest error %.2f of its bound\n", sets,
           calls, values, deviations, nearest);
    return deviations ? EXIT_FAILURE : EXIT_SUCCESS;
}
