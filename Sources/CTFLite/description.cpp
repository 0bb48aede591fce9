#include "include/ctflite.h"
#include "metadata_generated.h"

using namespace tflite_metadata;

namespace {

/// The number by which a label file says that it names the values along an axis.
constexpr int8_t kAxisLabels = 2;

template <class T>
const T *first(const flatbuffers::Vector<flatbuffers::Offset<T>> *vector) {
  return vector && vector->size() > 0 ? vector->Get(0) : nullptr;
}

flatbuffers::Offset<flatbuffers::Vector<float>> list(
    flatbuffers::FlatBufferBuilder &builder, const float *values, size_t count) {
  return builder.CreateVector(values, count);
}

}  // namespace

extern "C" void ctfl_write_description(const CTFLDescription *d, CTFLTake take, void *context) {
  flatbuffers::FlatBufferBuilder builder;
  const auto image = CreateImage(builder, static_cast<int8_t>(d->color_space), CreateSize(builder, d->width, d->height));
  const auto input_content = CreateContent(builder, Properties::Image, image.Union());
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<ProcessUnit>>> units = 0;
  if (d->mean_count > 0) {
    const auto mean = list(builder, d->mean, d->mean_count), std = list(builder, d->std, d->std_count);
    const auto unit = CreateProcessUnit(
        builder, ProcessOptions::Normalization, CreateNormalization(builder, mean, std).Union());
    units = builder.CreateVector(&unit, 1);
  }
  const auto greatest = list(builder, d->greatest, d->greatest_count), least = list(builder, d->least, d->least_count);
  const auto range = CreateRange(builder, greatest, least);
  const auto input_name = builder.CreateString(d->input_name);
  const auto input_text = builder.CreateString(d->input_description);
  const auto input = CreateTensorMetadata(builder, input_name, input_text, 0, input_content, units, range);

  const auto output_content = CreateContent(builder, Properties::Features, CreateFeatures(builder).Union());
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<AssociatedFile>>> files = 0;
  if (d->label_file) {
    const auto name = builder.CreateString(d->label_file);
    const auto text = builder.CreateString("The names of the classes, one a line, in the order of the output.");
    const auto file = CreateAssociatedFile(builder, name, text, kAxisLabels);
    files = builder.CreateVector(&file, 1);
  }
  const auto output_name = builder.CreateString(d->output_name);
  const auto output_text = builder.CreateString(d->output_description);
  const auto output = CreateTensorMetadata(builder, output_name, output_text, 0, output_content, 0, 0, files);

  const auto inputs = builder.CreateVector(&input, 1), outputs = builder.CreateVector(&output, 1);
  const auto graph = CreateSubgraphMetadata(builder, 0, 0, inputs, outputs);
  const auto graphs = builder.CreateVector(&graph, 1);
  const auto name = builder.CreateString(d->name), text = builder.CreateString(d->description);
  const auto version = builder.CreateString(d->version), author = builder.CreateString(d->author);
  // The oldest parser that knows all of these fields.
  const auto parser = builder.CreateString("1.0.0");
  FinishModelMetadataBuffer(
      builder, CreateModelMetadata(builder, name, text, version, graphs, author, 0, 0, parser));
  take(context, builder.GetBufferPointer(), builder.GetSize());
}

extern "C" int ctfl_read_description(
    const uint8_t *bytes, size_t count, void (*take)(void *context, const CTFLDescription *description), void *context) {
  if (count < 8 || !ModelMetadataBufferHasIdentifier(bytes)) return 0;
  flatbuffers::Verifier verifier(bytes, count, 64, 100000);
  if (!VerifyModelMetadataBuffer(verifier)) return 0;
  const auto text = [](const flatbuffers::String *string) { return string ? string->c_str() : ""; };
  const ModelMetadata &model = *GetModelMetadata(bytes);
  CTFLDescription d = {};
  d.name = text(model.name());
  d.description = text(model.description());
  d.version = text(model.version());
  d.author = text(model.author());
  d.input_name = d.input_description = d.output_name = d.output_description = "";
  if (const auto graph = first(model.subgraphs())) {
    if (const auto input = first(graph->inputs())) {
      d.input_name = text(input->name());
      d.input_description = text(input->description());
      if (const auto content = input->content()) {
        if (const auto image = content->properties_as_Image()) {
          d.color_space = image->color_space();
          if (const auto size = image->size()) {
            d.width = size->width();
            d.height = size->height();
          }
        }
      }
      if (const auto units = input->process_units()) {
        for (flatbuffers::uoffset_t i = 0; i < units->size(); ++i) {
          const auto found = units->Get(i)->options_as_Normalization();
          if (!found || !found->mean() || !found->std()) continue;
          d.mean = found->mean()->data();
          d.mean_count = found->mean()->size();
          d.std = found->std()->data();
          d.std_count = found->std()->size();
        }
      }
      if (const auto range = input->range()) {
        if (range->min() && range->max()) {
          d.least = range->min()->data();
          d.least_count = range->min()->size();
          d.greatest = range->max()->data();
          d.greatest_count = range->max()->size();
        }
      }
    }
    if (const auto output = first(graph->outputs())) {
      d.output_name = text(output->name());
      d.output_description = text(output->description());
      if (const auto files = output->files()) {
        for (flatbuffers::uoffset_t i = 0; i < files->size() && !d.label_file; ++i) {
          const auto file = files->Get(i);
          if (file->type() == kAxisLabels && file->name()) d.label_file = file->name()->c_str();
        }
      }
    }
  }
  take(context, &d);
  return 1;
}
