// TensorFlow Lite models as plain structs, read from and written to FlatBuffers. Numbers of types, operators, activations
// and paddings are those of LiteRT's schema.
#ifndef CTFLITE_H
#define CTFLITE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const int32_t *values;
  size_t count;
} CTFLNumbers;

typedef struct {
  const char *name;
  CTFLNumbers shape;
  /// The shape with -1 for free sides; empty where all sides are fixed.
  CTFLNumbers signature;
  int32_t type;
  /// Buffer 0 is empty.
  uint32_t buffer;
  int32_t is_variable;
  /// Whether its zeros are left out; only read.
  int32_t is_sparse;
  const float *scales;
  size_t scale_count;
  const int64_t *zero_points;
  size_t zero_point_count;
  int32_t quantized_dimension;
} CTFLTensor;

/// Fields that an operator does not have are 0.
typedef struct {
  int32_t padding;
  int32_t stride_w, stride_h;
  int32_t dilation_w, dilation_h;
  int32_t filter_w, filter_h;
  int32_t multiplier;
  int32_t activation;
  int32_t axis;
  int32_t keeps_sides;
  int32_t transposes_left, transposes_right;
  float beta;
  float slope;
} CTFLOptions;

typedef struct {
  int32_t code;
  /// NULL for an operator that is not custom.
  const char *custom;
  int32_t version;
  CTFLNumbers inputs;
  CTFLNumbers outputs;
  /// Whether the file has the options that belong to the operator; only read.
  int32_t has_options;
  CTFLOptions options;
  /// The shape that a reshape is told.
  CTFLNumbers shape;
  /// The places in the file of the graphs that it calls: the branches of a condition, the one for true first, or what a
  /// composite operator stands for. -1 for none.
  int32_t first_graph, second_graph;
  /// The name of a composite operator; only read, NULL for others.
  const char *composite;
} CTFLOperator;

typedef struct {
  const uint8_t *bytes;
  size_t count;
} CTFLBuffer;

typedef struct {
  const char *name;
  uint32_t buffer;
} CTFLMetadata;

/// The name by which programs call a graph.
typedef struct {
  const char *name;
  uint32_t graph;
} CTFLSignature;

/// One graph of a model with all that it reads.
typedef struct {
  const char *name;
  const char *description;
  const CTFLTensor *tensors;
  size_t tensor_count;
  const CTFLOperator *operators;
  size_t operator_count;
  const CTFLBuffer *buffers;
  size_t buffer_count;
  const CTFLMetadata *metadata;
  size_t metadata_count;
  CTFLNumbers inputs;
  CTFLNumbers outputs;
  /// Of the whole file; only read.
  size_t graph_count;
  const CTFLSignature *signatures;
  size_t signature_count;
} CTFLModel;

typedef void (*CTFLTake)(void *context, const uint8_t *bytes, size_t count);

/// Writes a model, and gives its bytes to `take`. Every index must be in its list. Returns 0 if they are 2 GiB or more.
int ctfl_write(const CTFLModel *model, CTFLTake take, void *context);

typedef struct CTFLFile CTFLFile;

/// Reads a model after a check of every offset in it; it points into `bytes`, which must stay. Indices of tensors and
/// buffers are as in the file, unchecked. Returns NULL and sets `problem`, a part of a sentence, for bytes that are no model.
CTFLFile *ctfl_read(const uint8_t *bytes, size_t count, const char **problem);
/// The graph at a place below `graph_count`; that at 0 is the one that runs.
const CTFLModel *ctfl_model(const CTFLFile *file, size_t graph);
void ctfl_free(CTFLFile *file);

/// What metadata say of a model with one image as its input and the values of classes as its output.
typedef struct {
  const char *name;
  const char *description;
  const char *version;
  const char *author;
  const char *input_name;
  const char *input_description;
  const char *output_name;
  const char *output_description;
  /// 0 unknown, 1 RGB, 2 grey.
  int32_t color_space;
  uint32_t width, height;
  /// One number a channel, or one for all; count 0 where images are not normalised.
  const float *mean, *std;
  size_t mean_count, std_count;
  /// The least and the greatest value of the input.
  const float *least, *greatest;
  size_t least_count, greatest_count;
  /// The file of the labels; NULL where there is none.
  const char *label_file;
} CTFLDescription;

/// Writes metadata, and gives their bytes to `take`.
void ctfl_write_description(const CTFLDescription *description, CTFLTake take, void *context);

/// Reads metadata after a check of every offset in them; calls `take` with a description that points into `bytes` and lives
/// for the call. Returns 0 for bytes that are no metadata.
int ctfl_read_description(
    const uint8_t *bytes, size_t count, void (*take)(void *context, const CTFLDescription *description), void *context);

#ifdef __cplusplus
}
#endif

#endif
