#include <limits>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "include/ctflite.h"
#include "model_generated.h"
#include "options.h"

using namespace tflite_model;

namespace {

template <class T>
using Vector = flatbuffers::Offset<flatbuffers::Vector<T>>;

Vector<int32_t> written(flatbuffers::FlatBufferBuilder &builder, const CTFLNumbers &numbers) {
  return builder.CreateVector(numbers.values, numbers.count);
}

/// Bytes of tables besides those of buffers: far more than a network of ten thousand operators needs.
constexpr size_t kTablesLimit = size_t(1) << 28;

/// An upper bound of what a model takes, so that the builder's own limit is never reached.
bool fits(const CTFLModel &model) {
  size_t bytes = kTablesLimit;
  for (size_t i = 0; i < model.buffer_count; ++i) {
    if (model.buffers[i].count > FLATBUFFERS_MAX_BUFFER_SIZE - bytes) return false;
    bytes += model.buffers[i].count + 64;
  }
  return bytes < FLATBUFFERS_MAX_BUFFER_SIZE;
}

/// A list of named tensors, of the graph's inputs or outputs.
Vector<flatbuffers::Offset<NamedTensor>> named(
    flatbuffers::FlatBufferBuilder &builder, const CTFLModel &model, const CTFLNumbers &indices) {
  std::vector<flatbuffers::Offset<NamedTensor>> list;
  for (size_t i = 0; i < indices.count; ++i) {
    const auto name = builder.CreateString(model.tensors[indices.values[i]].name);
    list.push_back(CreateNamedTensor(builder, name, static_cast<uint32_t>(indices.values[i])));
  }
  return builder.CreateVector(list);
}

}  // namespace

extern "C" int ctfl_write(const CTFLModel *model, CTFLTake take, void *context) {
  if (!fits(*model)) return 0;
  flatbuffers::FlatBufferBuilder builder(1 << 16);

  std::vector<flatbuffers::Offset<tflite_model::Buffer>> buffers;
  for (size_t i = 0; i < model->buffer_count; ++i) {
    const CTFLBuffer &buffer = model->buffers[i];
    Vector<uint8_t> data = 0;
    if (buffer.count > 0) {
      builder.ForceVectorAlignment(buffer.count, 1, 16);
      data = builder.CreateVector(buffer.bytes, buffer.count);
    }
    buffers.push_back(CreateBuffer(builder, data));
  }

  std::vector<flatbuffers::Offset<Tensor>> tensors;
  for (size_t i = 0; i < model->tensor_count; ++i) {
    const CTFLTensor &tensor = model->tensors[i];
    flatbuffers::Offset<Quantization> quantization = 0;
    if (tensor.scale_count > 0) {
      const auto scales = builder.CreateVector(tensor.scales, tensor.scale_count);
      const auto zeros = builder.CreateVector(tensor.zero_points, tensor.zero_point_count);
      quantization = CreateQuantization(builder, 0, 0, scales, zeros, 0, tensor.quantized_dimension);
    }
    const auto shape = written(builder, tensor.shape);
    const auto name = builder.CreateString(tensor.name);
    Vector<int32_t> signature = 0;
    if (tensor.signature.count > 0) signature = written(builder, tensor.signature);
    tensors.push_back(CreateTensor(
        builder, shape, static_cast<int8_t>(tensor.type), tensor.buffer, name, quantization, tensor.is_variable != 0, 0,
        signature));
  }

  // An operator with its version is listed once.
  std::map<std::tuple<int32_t, int32_t, std::string>, uint32_t> places;
  std::vector<flatbuffers::Offset<OperatorCode>> codes;
  std::vector<flatbuffers::Offset<Operator>> operators;
  for (size_t i = 0; i < model->operator_count; ++i) {
    const CTFLOperator &op = model->operators[i];
    const std::string custom = op.custom ? op.custom : "";
    const auto [place, isNew] =
        places.emplace(std::make_tuple(op.code, op.version, custom), static_cast<uint32_t>(codes.size()));
    if (isNew) {
      flatbuffers::Offset<flatbuffers::String> name = 0;
      if (op.custom) name = builder.CreateString(custom);
      // Numbers from 127 on do not fit the older field, which then says so by 127.
      codes.push_back(CreateOperatorCode(builder, static_cast<int8_t>(op.code < 127 ? op.code : 127), name, op.version, op.code));
    }
    const Options kind = ctflite::kind_of_options(op.code);
    const auto options = ctflite::written(builder, kind, op);
    const auto inputs = written(builder, op.inputs), outputs = written(builder, op.outputs);
    operators.push_back(CreateOperator(builder, place->second, inputs, outputs, kind, options));
  }

  const auto graph = CreateSubgraph(
      builder, builder.CreateVector(tensors), written(builder, model->inputs), written(builder, model->outputs),
      builder.CreateVector(operators), builder.CreateString(model->name));
  std::vector<flatbuffers::Offset<Metadata>> metadata;
  for (size_t i = 0; i < model->metadata_count; ++i) {
    const auto name = builder.CreateString(model->metadata[i].name);
    metadata.push_back(CreateMetadata(builder, name, model->metadata[i].buffer));
  }
  const auto signature = CreateSignature(
      builder, named(builder, *model, model->inputs), named(builder, *model, model->outputs),
      builder.CreateString("serving_default"));
  const auto root = CreateModel(
      builder, 3, builder.CreateVector(codes), builder.CreateVector(&graph, 1), builder.CreateString(model->description),
      builder.CreateVector(buffers), 0, builder.CreateVector(metadata), builder.CreateVector(&signature, 1));
  FinishModelBuffer(builder, root);
  take(context, builder.GetBufferPointer(), builder.GetSize());
  return 1;
}

struct CTFLFile {
  struct Part {
    CTFLModel model = {};
    std::vector<CTFLTensor> tensors;
    std::vector<CTFLOperator> operators;
  };

  std::vector<Part> graphs;
  std::vector<CTFLBuffer> buffers;
  std::vector<CTFLMetadata> metadata;
  std::vector<CTFLSignature> signatures;
};

namespace {

const char *text(const flatbuffers::String *string) { return string ? string->c_str() : ""; }

CTFLNumbers numbers(const flatbuffers::Vector<int32_t> *vector) {
  if (!vector) return {nullptr, 0};
  return {vector->data(), vector->size()};
}

/// Lists of tables may hold no nulls, but a list may be missing.
template <class T, class Body>
void for_each(const flatbuffers::Vector<flatbuffers::Offset<T>> *vector, Body body) {
  if (!vector) return;
  for (flatbuffers::uoffset_t i = 0; i < vector->size(); ++i) body(*vector->Get(i));
}

/// The bytes of a buffer, in its table or behind all tables; none where they do not lie in the file.
CTFLBuffer bytes_of(const tflite_model::Buffer &buffer, const uint8_t *bytes, size_t count) {
  const auto data = buffer.data();
  if (data && data->size() > 0) return {data->data(), data->size()};
  if (buffer.offset() < 2 || buffer.offset() > count || buffer.size() > count - buffer.offset()) return {nullptr, 0};
  return {bytes + buffer.offset(), static_cast<size_t>(buffer.size())};
}

void fill_tensors(CTFLFile::Part &part, const Subgraph &graph) {
  for_each(graph.tensors(), [&](const Tensor &tensor) {
    CTFLTensor read = {};
    read.name = text(tensor.name());
    read.shape = numbers(tensor.shape());
    read.signature = numbers(tensor.signature());
    read.type = tensor.type();
    read.buffer = tensor.buffer();
    read.is_variable = tensor.is_variable();
    read.is_sparse = tensor.sparsity() != nullptr;
    if (const auto quantization = tensor.quantization()) {
      if (const auto scales = quantization->scales()) {
        read.scales = scales->data();
        read.scale_count = scales->size();
      }
      if (const auto zeros = quantization->zero_points()) {
        read.zero_points = zeros->data();
        read.zero_point_count = zeros->size();
      }
      read.quantized_dimension = quantization->dimension();
    }
    part.tensors.push_back(read);
  });
}

const char *fill(CTFLFile::Part &part, const Subgraph &graph, const Model &model) {
  fill_tensors(part, graph);
  const auto codes = model.codes();
  const char *problem = nullptr;
  for_each(graph.operators(), [&](const Operator &op) {
    if (!codes || op.code_index() >= codes->size()) {
      problem = "an operator whose kind is not in the list of kinds";
      return;
    }
    const OperatorCode &code = *codes->Get(op.code_index());
    CTFLOperator read = {};
    // Older files have the short field alone, newer ones the greater of both.
    read.code = code.code() > code.short_code() ? code.code() : code.short_code();
    read.custom = code.custom() ? code.custom()->c_str() : nullptr;
    read.version = code.version();
    read.inputs = numbers(op.inputs());
    read.outputs = numbers(op.outputs());
    ctflite::read(op, read);
    part.operators.push_back(read);
  });
  part.model.name = text(graph.name());
  part.model.inputs = numbers(graph.inputs());
  part.model.outputs = numbers(graph.outputs());
  return problem;
}

const char *fill(CTFLFile &file, const Model &model, const uint8_t *bytes, size_t count) {
  const auto graphs = model.subgraphs();
  if (!graphs || graphs->size() == 0) return "expected a graph, found none";
  if (graphs->size() > 4096) return "expected at most 4096 graphs, found more";
  for_each(model.buffers(), [&](const tflite_model::Buffer &buffer) {
    file.buffers.push_back(bytes_of(buffer, bytes, count));
  });
  for_each(model.metadata(), [&](const Metadata &entry) {
    file.metadata.push_back({text(entry.name()), entry.buffer()});
  });
  for_each(model.signatures(), [&](const Signature &entry) {
    file.signatures.push_back({text(entry.key()), entry.subgraph()});
  });
  file.graphs.resize(graphs->size());
  for (size_t i = 0; i < file.graphs.size(); ++i) {
    CTFLFile::Part &part = file.graphs[i];
    if (const char *problem = fill(part, *graphs->Get(static_cast<flatbuffers::uoffset_t>(i)), model)) return problem;
    part.model.description = text(model.description());
    part.model.tensors = part.tensors.data();
    part.model.tensor_count = part.tensors.size();
    part.model.operators = part.operators.data();
    part.model.operator_count = part.operators.size();
    part.model.buffers = file.buffers.data();
    part.model.buffer_count = file.buffers.size();
    part.model.metadata = file.metadata.data();
    part.model.metadata_count = file.metadata.size();
    part.model.graph_count = file.graphs.size();
    part.model.signatures = file.signatures.data();
    part.model.signature_count = file.signatures.size();
  }
  return nullptr;
}

}  // namespace

extern "C" CTFLFile *ctfl_read(const uint8_t *bytes, size_t count, const char **problem) {
  if (count < 8 || !ModelBufferHasIdentifier(bytes)) {
    *problem = "expected the letters TFL3 at byte 4, found others";
    return nullptr;
  }
  // The limit of tables bounds time and memory, because lists may name one table many times. Honest tables take more bytes.
  flatbuffers::Verifier verifier(bytes, count, 64, 150000 + count / 64);
  if (!VerifyModelBuffer(verifier)) {
    *problem = "expected offsets that lie in the file, found others: it is damaged or cut off";
    return nullptr;
  }
  const Model &model = *GetModel(bytes);
  if (model.version() != 3) {
    *problem = "expected version 3 of the format, found another";
    return nullptr;
  }
  auto file = new CTFLFile;
  *problem = fill(*file, model, bytes, count);
  if (*problem) {
    delete file;
    return nullptr;
  }
  return file;
}

extern "C" const CTFLModel *ctfl_model(const CTFLFile *file, size_t graph) { return &file->graphs[graph].model; }

extern "C" void ctfl_free(CTFLFile *file) { delete file; }
