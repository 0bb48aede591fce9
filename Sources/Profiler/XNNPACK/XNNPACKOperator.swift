import Architectures
import CXNNPACK

/// An operator that XNNPACK has prepared, in float32.
///
/// Maps are channels-last of one image; windows are padded by half a kernel on every side.
package final class XNNPACKOperator: XNNPACKKernels {
    private let step: Operator
    private let handles: XNNPACKHandles

    package init(_ step: Operator, weights: OperatorWeights) throws {
        handles = try XNNPACKHandles(step)
        self.step = step
        let (weights, limits) = try fused(weights)
        try handles.create("create") { Self.create(step, weights, limits, &$0) }
        let channels = step.output.channels
        switch step.activation {
        case .none, .relu, .relu6, .hardSigmoid: break
        case .sigmoid, .swish:
            try handles.create("create sigmoid") { xnn_create_sigmoid_nc_f32(channels, channels, channels, 0, &$0) }
            if step.activation == .swish {
                try handles.create("create multiply") { xnn_create_multiply_nd_f32(-.infinity, .infinity, 0, &$0) }
            }
        case .hardSwish:
            try handles.create("create hard swish") { xnn_create_hardswish_nc_f32(channels, channels, channels, 0, &$0) }
        }
    }

    /// The constants and the output limits that implement the activation, as far as XNNPACK can fuse it.
    ///
    /// There is no hard sigmoid in XNNPACK: relu6(x + 3) / 6 is x / 6 + 1/2 clamped to 0...1, and the affine part goes
    /// into the weights.
    private func fused(_ weights: OperatorWeights) throws -> (OperatorWeights, ClosedRange<Float>) {
        switch step.activation {
        case .none, .swish, .hardSwish, .sigmoid: return (weights, -.infinity ... .infinity)
        case .relu: return (weights, 0 ... .infinity)
        case .relu6: return (weights, 0...6)
        case .hardSigmoid:
            guard !weights.bias.isEmpty else {
                throw handles.rejection("it has no hard sigmoid, and there are no weights before this one")
            }
            return (
                OperatorWeights(kernel: weights.kernel.map { $0 / 6 }, bias: weights.bias.map { $0 / 6 + 0.5 }), 0...1
            )
        }
    }

    package static func sample(_ index: Int) -> Float { Float(index % 255) / 127 - 1 }

    private static func create(
        _ step: Operator, _ weights: OperatorWeights, _ limits: ClosedRange<Float>, _ handle: inout OpaquePointer?
    ) -> xnn_status {
        let low = limits.lowerBound, high = limits.upperBound
        let padding = UInt32(step.kernel / 2), side = UInt32(step.kernel), stride = UInt32(step.stride)
        let inputs = step.input.channels, outputs = step.output.channels
        switch step.kind {
        case .convolution:
            return xnn_create_convolution2d_nhwc_f32(
                padding, padding, padding, padding, side, side, stride, stride, 1, 1, 1, inputs, outputs, inputs,
                outputs, weights.kernel.transposed(columns: outputs), weights.bias, low, high, 0, &handle)
        case .depthwiseConvolution:
            return xnn_create_convolution2d_nhwc_f32(
                padding, padding, padding, padding, side, side, stride, stride, 1, 1, UInt32(inputs), 1, 1, inputs,
                outputs, weights.kernel, weights.bias, low, high, UInt32(XNN_FLAG_DEPTHWISE_CONVOLUTION), &handle)
        case .fullyConnected:
            return xnn_create_fully_connected_nc_f32(
                inputs, outputs, inputs, outputs, weights.kernel, weights.bias, low, high,
                UInt32(XNN_FLAG_TRANSPOSE_WEIGHTS), &handle)
        case .globalAveragePool:
            return xnn_create_global_average_pooling_nwc_f32(inputs, inputs, outputs, low, high, 0, &handle)
        case .add:
            return xnn_create_add_nd_f32(low, high, 0, &handle)
        case .multiply:
            return xnn_create_multiply_nd_f32(low, high, 0, &handle)
        case .groupedConvolution, .maxPool, .averagePool, .concatenate, .normalize, .activate, .elementwise, .memoryMove,
            .transposedConvolution, .batchedProduct, .softmax, .layerNormalization, .reduce, .resize, .function, .convert:
            return xnn_status_unsupported_parameter
        }
    }

    package func setUp(
        input: UnsafePointer<Float>, second: UnsafePointer<Float>?, scratch: UnsafeMutablePointer<Float>?,
        output: UnsafeMutablePointer<Float>, threads: pthreadpool_t?
    ) throws {
        let handle = handles[0], map = step.input
        let shape = [map.height, map.width, map.channels]
        let status =
            switch step.kind {
            case .convolution, .depthwiseConvolution:
                xnn_setup_convolution2d_nhwc_f32(handle, 1, map.height, map.width, input, output, threads)
            case .fullyConnected:
                xnn_setup_fully_connected_nc_f32(handle, 1, input, output, threads)
            case .globalAveragePool:
                xnn_setup_global_average_pooling_nwc_f32(handle, 1, map.height * map.width, input, output, threads)
            case .add:
                xnn_setup_add_nd_f32(handle, 3, shape, 3, shape, input, second, output, threads)
            case .multiply:
                xnn_setup_multiply_nd_f32(
                    handle, 3, shape, 3, [1, 1, map.channels], input, second, output, threads)
            default: xnn_status_unsupported_parameter
            }
        try handles.check(status, "set up")
        let pixels = step.output.height * step.output.width
        switch step.activation {
        case .none, .relu, .relu6, .hardSigmoid: break
        case .sigmoid:
            try handles.check(xnn_setup_sigmoid_nc_f32(handles[1], pixels, output, output, threads), "set up sigmoid")
        case .swish:
            try handles.check(xnn_setup_sigmoid_nc_f32(handles[1], pixels, output, scratch, threads), "set up sigmoid")
            let count = [step.output.count]
            try handles.check(
                xnn_setup_multiply_nd_f32(handles[2], 1, count, 1, count, output, scratch, output, threads),
                "set up multiply")
        case .hardSwish:
            try handles.check(xnn_setup_hardswish_nc_f32(handles[1], pixels, output, output, threads), "set up hard swish")
        }
    }

    package func run(threads: pthreadpool_t?) throws { try handles.run(threads: threads) }
}
