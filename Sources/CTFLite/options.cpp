#include "options.h"

using namespace tflite_model;

namespace ctflite {

/// The code of an operator that stands for a graph.
constexpr int32_t kComposite = 206;

Options kind_of_options(int32_t code) {
  switch (code) {
    case 0: return Options::Addition;
    case 1: case 17: return Options::Pool2D;
    case 2: return Options::Concatenation;
    case 3: return Options::Conv2D;
    case 4: return Options::DepthwiseConv2D;
    case 6: return Options::Dequantization;
    case 9: return Options::FullyConnected;
    case 18: return Options::Multiplication;
    case 22: return Options::Reshape;
    case 25: return Options::Softmax;
    case 34: return Options::Pad;
    // MEAN, SUM, REDUCE_PROD, REDUCE_MAX, REDUCE_MIN
    case 40: case 74: case 81: case 82: case 89: return Options::Reduction;
    case 41: return Options::Subtraction;
    case 42: return Options::Division;
    case 53: return Options::Cast;
    case 67: return Options::TransposedConv;
    case 98: return Options::LeakyRelu;
    case 114: return Options::Quantization_;
    case 117: return Options::HardSwish;
    case 118: return Options::Branch;
    case 126: return Options::BatchedProduct;
    default: return Options::NONE;
  }
}

flatbuffers::Offset<void> written(flatbuffers::FlatBufferBuilder &builder, Options kind, const CTFLOperator &op) {
  const CTFLOptions &o = op.options;
  const auto padding = static_cast<int8_t>(o.padding), activation = static_cast<int8_t>(o.activation);
  switch (kind) {
    case Options::NONE: return 0;
    case Options::Conv2D:
      return CreateConv2D(builder, padding, o.stride_w, o.stride_h, activation, o.dilation_w, o.dilation_h).Union();
    case Options::DepthwiseConv2D:
      return CreateDepthwiseConv2D(
          builder, padding, o.stride_w, o.stride_h, o.multiplier, activation, o.dilation_w, o.dilation_h).Union();
    case Options::Pool2D:
      return CreatePool2D(builder, padding, o.stride_w, o.stride_h, o.filter_w, o.filter_h, activation).Union();
    case Options::FullyConnected: return CreateFullyConnected(builder, activation, 0, o.keeps_sides != 0).Union();
    case Options::Softmax: return CreateSoftmax(builder, o.beta).Union();
    case Options::Concatenation: return CreateConcatenation(builder, o.axis, activation).Union();
    case Options::Addition:
    case Options::Subtraction:
    case Options::Multiplication:
    case Options::Division: return CreateArithmetic(builder, activation).Union();
    case Options::Reshape: {
      const auto shape = builder.CreateVector(op.shape.values, op.shape.count);
      return CreateReshape(builder, shape).Union();
    }
    case Options::Reduction: return CreateReduction(builder, o.keeps_sides != 0).Union();
    case Options::TransposedConv:
      return CreateTransposedConv(builder, padding, o.stride_w, o.stride_h, activation).Union();
    case Options::LeakyRelu: return CreateLeakyRelu(builder, o.slope).Union();
    case Options::BatchedProduct:
      return CreateBatchedProduct(builder, o.transposes_left != 0, o.transposes_right != 0).Union();
    case Options::Branch: return CreateBranch(builder, op.first_graph, op.second_graph).Union();
    case Options::Pad:
    case Options::Cast:
    case Options::Dequantization:
    case Options::Quantization_:
    case Options::HardSwish: return CreateEmpty(builder).Union();
  }
  return 0;
}

void read(const Operator &table, CTFLOperator &op) {
  op.first_graph = op.second_graph = -1;
  const auto composite = table.further_as_Composite();
  if (op.code == kComposite && composite) {
    op.composite = composite->name() ? composite->name()->c_str() : "";
    op.first_graph = composite->graph();
  }
  const Options kind = table.options_type();
  if (kind == Options::NONE || kind != kind_of_options(op.code) || !table.options()) return;
  const void *const any = table.options();
  CTFLOptions &o = op.options;
  op.has_options = 1;
  switch (kind) {
    case Options::Conv2D: {
      const auto found = static_cast<const Conv2D *>(any);
      o.padding = found->padding();
      o.stride_w = found->stride_w();
      o.stride_h = found->stride_h();
      o.activation = found->activation();
      o.dilation_w = found->dilation_w();
      o.dilation_h = found->dilation_h();
      break;
    }
    case Options::DepthwiseConv2D: {
      const auto found = static_cast<const DepthwiseConv2D *>(any);
      o.padding = found->padding();
      o.stride_w = found->stride_w();
      o.stride_h = found->stride_h();
      o.multiplier = found->multiplier();
      o.activation = found->activation();
      o.dilation_w = found->dilation_w();
      o.dilation_h = found->dilation_h();
      break;
    }
    case Options::Pool2D: {
      const auto found = static_cast<const Pool2D *>(any);
      o.padding = found->padding();
      o.stride_w = found->stride_w();
      o.stride_h = found->stride_h();
      o.filter_w = found->filter_w();
      o.filter_h = found->filter_h();
      o.activation = found->activation();
      break;
    }
    case Options::FullyConnected: {
      const auto found = static_cast<const FullyConnected *>(any);
      o.activation = found->activation();
      o.keeps_sides = found->keeps_sides();
      break;
    }
    case Options::Softmax: o.beta = static_cast<const Softmax *>(any)->beta(); break;
    case Options::Concatenation: {
      const auto found = static_cast<const Concatenation *>(any);
      o.axis = found->axis();
      o.activation = found->activation();
      break;
    }
    case Options::Addition:
    case Options::Subtraction:
    case Options::Multiplication:
    case Options::Division: o.activation = static_cast<const Arithmetic *>(any)->activation(); break;
    case Options::Reshape:
      if (const auto shape = static_cast<const Reshape *>(any)->shape()) op.shape = {shape->data(), shape->size()};
      break;
    case Options::Reduction: o.keeps_sides = static_cast<const Reduction *>(any)->keeps_sides(); break;
    case Options::TransposedConv: {
      const auto found = static_cast<const TransposedConv *>(any);
      o.padding = found->padding();
      o.stride_w = found->stride_w();
      o.stride_h = found->stride_h();
      o.activation = found->activation();
      break;
    }
    case Options::LeakyRelu: o.slope = static_cast<const LeakyRelu *>(any)->slope(); break;
    case Options::BatchedProduct: {
      const auto found = static_cast<const BatchedProduct *>(any);
      o.transposes_left = found->transposes_left();
      o.transposes_right = found->transposes_right();
      break;
    }
    case Options::Branch: {
      const auto found = static_cast<const Branch *>(any);
      op.first_graph = found->then_graph();
      op.second_graph = found->else_graph();
      break;
    }
    case Options::NONE:
    case Options::Pad:
    case Options::Cast:
    case Options::Dequantization:
    case Options::Quantization_:
    case Options::HardSwish: break;
  }
}

}  // namespace ctflite
