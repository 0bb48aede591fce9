// The options of operators between structs and tables.
#ifndef OPTIONS_H
#define OPTIONS_H

#include "include/ctflite.h"
#include "model_generated.h"

namespace ctflite {

/// The kind of options that an operator has; NONE where it has none that are read.
tflite_model::Options kind_of_options(int32_t code);

flatbuffers::Offset<void> written(
    flatbuffers::FlatBufferBuilder &builder, tflite_model::Options kind, const CTFLOperator &op);

/// Reads the options of an operator, which are of the kind that belongs to it.
void read(const tflite_model::Operator &table, CTFLOperator &op);

}  // namespace ctflite

#endif
