import Architectures
import CXNNPACK

/// An operator that XNNPACK has prepared: weights packed, activation fused where possible.
///
/// Maps are channels-last float32 of one image; windows are padded by half a kernel on every side.
package final class XNNPACKOperator {
    package let step: Operator
    /// The operator itself, followed by the operators of an activation that XNNPACK does not fuse.
    private var handles: [OpaquePointer] = []

    /// - Throws: `ProfilingError.rejected`, and `.unavailable` where the library does not run at all.
    package init(_ step: Operator, weights: OperatorWeights) throws {
        try XNNPACKRuntime.initialize()
        self.step = step
        let (weights, limits) = try Self.fused(step, weights)
        try create("create") { Self.create(step, weights, limits, &$0) }
        let channels = step.output.channels
        switch step.activation {
        case .none, .relu, .relu6, .hardSigmoid: break
        case .sigmoid, .swish:
            try create("create sigmoid") { xnn_create_sigmoid_nc_f32(channels, channels, channels, 0, &$0) }
            if step.activation == .swish {
                try create("create multiply") { xnn_create_multiply_nd_f32(-.infinity, .infinity, 0, &$0) }
            }
        case .hardSwish:
            try create("create hard swish") { xnn_create_hardswish_nc_f32(channels, channels, channels, 0, &$0) }
        }
    }

    /// The constants and the output limits that implement the activation, as far as XNNPACK can fuse it.
    ///
    /// There is no hard sigmoid in XNNPACK: relu6(x + 3) / 6 is x / 6 + 1/2 clamped to 0...1, and the affine part goes
    /// into the weights.
    private static func fused(
        _ step: Operator, _ weights: OperatorWeights
    ) throws -> (OperatorWeights, ClosedRange<Float>) {
        switch step.activation {
        case .none, .swish, .hardSwish, .sigmoid: return (weights, -.infinity ... .infinity)
        case .relu: return (weights, 0 ... .infinity)
        case .relu6: return (weights, 0...6)
        case .hardSigmoid:
            guard !weights.bias.isEmpty else {
                throw ProfilingError.rejected(
                    operator: step.key, runtime: XNNPACKRuntime.name,
                    reason: "it has no hard sigmoid, and there are no weights before this one")
            }
            return (
                OperatorWeights(kernel: weights.kernel.map { $0 / 6 }, bias: weights.bias.map { $0 / 6 + 0.5 }), 0...1
            )
        }
    }

    /// The number of scratch values that the activation needs.
    package static func scratchCount(of step: Operator) -> Int { step.activation == .swish ? step.output.count : 0 }

    deinit { for handle in handles { xnn_delete_operator(handle) } }

    private func create(_ call: String, _ body: (inout OpaquePointer?) -> xnn_status) throws {
        var handle: OpaquePointer?
        try check(body(&handle), call)
        if let handle { handles.append(handle) }
    }

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
                outputs, transposed(weights.kernel, columns: outputs), weights.bias, low, high, 0, &handle)
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

    /// Binds the operator to the memory it reads and writes; `second` is the other summand of `add`, or the factors of
    /// `multiply`, one for each channel, and `scratch` has room for `scratchCount(of:)` values.
    ///
    /// All memory must be readable for `XNN_EXTRA_BYTES` more.
    ///
    /// - Throws: `ProfilingError.rejected`.
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
        try check(status, "set up")
        let pixels = step.output.height * step.output.width
        switch step.activation {
        case .none, .relu, .relu6, .hardSigmoid: break
        case .sigmoid:
            try check(xnn_setup_sigmoid_nc_f32(handles[1], pixels, output, output, threads), "set up sigmoid")
        case .swish:
            try check(xnn_setup_sigmoid_nc_f32(handles[1], pixels, output, scratch, threads), "set up sigmoid")
            let count = [step.output.count]
            try check(
                xnn_setup_multiply_nd_f32(handles[2], 1, count, 1, count, output, scratch, output, threads),
                "set up multiply")
        case .hardSwish:
            try check(xnn_setup_hardswish_nc_f32(handles[1], pixels, output, output, threads), "set up hard swish")
        }
    }

    /// Computes the output.
    ///
    /// - Throws: `ProfilingError.rejected`.
    package func run(threads: pthreadpool_t?) throws {
        for handle in handles { try check(xnn_run_operator(handle, threads), "run") }
    }

    private func check(_ status: xnn_status, _ call: String) throws {
        if status == xnn_status_success { return }
        throw ProfilingError.rejected(
            operator: step.key, runtime: XNNPACKRuntime.name, reason: "\(call): \(XNNPACKRuntime.words(for: status))")
    }

    /// Turns a matrix of so many columns, row by row, into its transpose.
    private static func transposed(_ values: [Float], columns: Int) -> [Float] {
        let rows = values.count / columns
        return [Float](unsafeUninitializedCapacity: values.count) { result, written in
            for column in 0..<columns {
                for row in 0..<rows { result[column * rows + row] = values[row * columns + column] }
            }
            written = values.count
        }
    }
}
