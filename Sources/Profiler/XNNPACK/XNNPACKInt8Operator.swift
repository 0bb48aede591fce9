import Architectures
import CXNNPACK

/// An operator that XNNPACK has prepared, in int8: its qc8 convolutions, whose weights have a scale for every output
/// channel, and its qs8 operators.
///
/// Maps are channels-last of one image; windows are padded by half a kernel on every side.
package final class XNNPACKInt8Operator: XNNPACKKernels {
    private let step: Operator
    private let handles: XNNPACKHandles

    package init(_ step: Operator, weights: Int8OperatorWeights) throws {
        handles = try XNNPACKHandles(step)
        self.step = step
        let limits = try limits(in: weights.output)
        try handles.create("create") { Self.create(step, weights, limits, &$0) }
        let channels = step.output.channels, map = weights.output
        switch step.activation {
        case .none, .relu, .relu6, .hardSwish, .hardSigmoid: break
        case .sigmoid, .swish:
            // A sigmoid is between 0 and 1, which is the only encoding that this operator writes.
            try handles.create("create sigmoid") {
                xnn_create_sigmoid_nc_qs8(
                    channels, channels, channels, map.zeroPoint, map.scale, Self.gate.zeroPoint, Self.gate.scale, -128, 127, 0,
                    &$0)
            }
            if step.activation == .swish {
                try handles.create("create multiply") {
                    xnn_create_multiply_nd_qs8(
                        map.zeroPoint, map.scale, Self.gate.zeroPoint, Self.gate.scale, map.zeroPoint, map.scale, -128, 127, 0,
                        &$0)
                }
            }
        }
    }

    private static let gate = Int8OperatorWeights.Encoding(scale: 1 / 256, zeroPoint: -128)

    /// The output's limits, which implement the activation as far as XNNPACK can fuse it.
    private func limits(in encoding: Int8OperatorWeights.Encoding) throws -> ClosedRange<Int8> {
        switch step.activation {
        case .none, .swish, .sigmoid: return -128...127
        case .relu: return encoding.zeroPoint...127
        case .relu6:
            let most = Int((6 / encoding.scale).rounded(.toNearestOrEven)) + Int(encoding.zeroPoint)
            return encoding.zeroPoint...max(encoding.zeroPoint, Int8(clamping: most))
        case .hardSwish, .hardSigmoid:
            throw handles.rejection("it has no \(step.activation.rawValue.replacing("_", with: " ")) in int8")
        }
    }

    package static func sample(_ index: Int) -> Int8 { Int8(index % 255 - 127) }

    private static func create(
        _ step: Operator, _ weights: Int8OperatorWeights, _ limits: ClosedRange<Int8>, _ handle: inout OpaquePointer?
    ) -> xnn_status {
        let low = limits.lowerBound, high = limits.upperBound
        let padding = UInt32(step.kernel / 2), side = UInt32(step.kernel), stride = UInt32(step.stride)
        let inputs = step.input.channels, outputs = step.output.channels
        let from = weights.input, second = weights.second, to = weights.output
        switch step.kind {
        case .convolution:
            return xnn_create_convolution2d_nhwc_qc8(
                padding, padding, padding, padding, side, side, stride, stride, 1, 1, 1, inputs, outputs, inputs,
                outputs, from.zeroPoint, from.scale, weights.scales, weights.kernel.transposed(columns: outputs),
                weights.bias, to.zeroPoint, to.scale, low, high, 0, &handle)
        case .depthwiseConvolution:
            return xnn_create_convolution2d_nhwc_qc8(
                padding, padding, padding, padding, side, side, stride, stride, 1, 1, UInt32(inputs), 1, 1, inputs,
                outputs, from.zeroPoint, from.scale, weights.scales, weights.kernel, weights.bias, to.zeroPoint, to.scale,
                low, high, UInt32(XNN_FLAG_DEPTHWISE_CONVOLUTION), &handle)
        case .fullyConnected:
            return xnn_create_fully_connected_nc_qs8(
                inputs, outputs, inputs, outputs, from.zeroPoint, from.scale, weights.scales[0],
                weights.kernel.transposed(columns: outputs), weights.bias, to.zeroPoint, to.scale, low, high, 0, &handle)
        case .globalAveragePool:
            return xnn_create_global_average_pooling_nwc_qs8(
                inputs, inputs, outputs, from.zeroPoint, from.scale, to.zeroPoint, to.scale, low, high, 0, &handle)
        case .add:
            return xnn_create_add_nd_qs8(
                from.zeroPoint, from.scale, second.zeroPoint, second.scale, to.zeroPoint, to.scale, low, high, 0, &handle)
        case .multiply:
            return xnn_create_multiply_nd_qs8(
                from.zeroPoint, from.scale, second.zeroPoint, second.scale, to.zeroPoint, to.scale, low, high, 0, &handle)
        case .groupedConvolution, .maxPool, .averagePool, .concatenate, .normalize, .activate, .elementwise, .memoryMove,
            .transposedConvolution, .batchedProduct, .softmax, .layerNormalization, .reduce, .resize, .function, .convert:
            return xnn_status_unsupported_parameter
        }
    }

    package func setUp(
        input: UnsafePointer<Int8>, second: UnsafePointer<Int8>?, scratch: UnsafeMutablePointer<Int8>?,
        output: UnsafeMutablePointer<Int8>, threads: pthreadpool_t?
    ) throws {
        let handle = handles[0], map = step.input
        let shape = [map.height, map.width, map.channels]
        let status =
            switch step.kind {
            case .convolution, .depthwiseConvolution:
                xnn_setup_convolution2d_nhwc_qc8(handle, 1, map.height, map.width, input, output, threads)
            case .fullyConnected:
                xnn_setup_fully_connected_nc_qs8(handle, 1, input, output, threads)
            case .globalAveragePool:
                xnn_setup_global_average_pooling_nwc_qs8(handle, 1, map.height * map.width, input, output, threads)
            case .add:
                xnn_setup_add_nd_qs8(handle, 3, shape, 3, shape, input, second, output, threads)
            case .multiply:
                xnn_setup_multiply_nd_qs8(handle, 3, shape, 3, [1, 1, map.channels], input, second, output, threads)
            default: xnn_status_unsupported_parameter
            }
        try handles.check(status, "set up")
        let pixels = step.output.height * step.output.width
        switch step.activation {
        case .none, .relu, .relu6, .hardSwish, .hardSigmoid: break
        case .sigmoid:
            try handles.check(xnn_setup_sigmoid_nc_qs8(handles[1], pixels, output, output, threads), "set up sigmoid")
        case .swish:
            try handles.check(xnn_setup_sigmoid_nc_qs8(handles[1], pixels, output, scratch, threads), "set up sigmoid")
            let count = [step.output.count]
            try handles.check(
                xnn_setup_multiply_nd_qs8(handles[2], 1, count, 1, count, output, scratch, output, threads),
                "set up multiply")
        }
    }

    package func run(threads: pthreadpool_t?) throws { try handles.run(threads: threads) }
}
