import Architectures
import Glibc

/// The ideal times of an operator's parts on a machine, milliseconds.
///
/// The kernels are those that ncnn and XNNPACK choose by layer: products on packed channels, for dense windows Winograd's
/// form (ncnn, 3×3 at stride 1) or a product over the window's inputs (XNNPACK; Dukhan, 2019, "The Indirect Convolution
/// Algorithm", arXiv:1907.02129), direct depthwise windows, separate passes for what is not fused. No part falls when a
/// layer grows or a machine gets slower.
enum PartTimes {
    /// Calls `add` with the parts of an operator, and of the separate activation after it where it has one.
    @inline(__always)
    static func visit(_ step: Operator, on machine: TransferMachine, _ add: (KernelPart, Double) -> Void) {
        if step.timeSteps > 1 { visitRecurrence(step, machine, add) } else { visitKernel(step, machine, add) }
        guard step.kind != .activate, step.activation.isOperator else { return }
        visitActivation(step.activation, values: Double(step.output.count), machine, add)
        visitLaunch(machine, add)
    }

    @inline(__always)
    private static func visitKernel(_ step: Operator, _ machine: TransferMachine, _ add: (KernelPart, Double) -> Void) {
        let bytes = machine.valueBytes, threads = Double(machine.threads), cycles = machine.cyclesPerMs
        let inputBytes = Double(step.input.count) * bytes, outputBytes = Double(step.output.count) * bytes
        let second = machine.l2BytesPerCycle * cycles
        let rate = machine.multiplyAdds * cycles
        let pack = bytes == 2 ? 8 : 4
        let pixels = step.output.height * step.output.width
        let window = step.window.count
        var weights = 0.0
        switch step.kind {
        case .convolution:
            let inputs = step.input.channels, outputs = step.output.channels
            let share = share(of: blocks(outputs, pack) * blocks(pixels, 8), machine.threads)
            weights = Double(outputs * inputs * window) * bytes
            // Whole tiles, so that a thread that gets one more never has less to do.
            let macs = Double(pixels.roundedUp(to: 8) * outputs.roundedUp(to: pack) * inputs * window)
            let product: KernelPart = pixels <= 64 ? .smallGemm : .gemm
            if window == 1 {
                add(product, macs / rate * share)
            } else if machine.hasWinograd, step.window == Window(side: 3) {
                // Tiles of 4×4 outputs from 6×6 inputs: 36 products for 16 outputs.
                let tiles = Double(step.output.height.roundedUp(to: 4) * step.output.width.roundedUp(to: 4)) / 16 * 36
                let columns = blocks(outputs, pack)
                let own = self.share(of: columns, machine.threads)
                add(.winograd, tiles * Double(columns * pack * inputs) / rate * own)
                add(.map, tiles * Double(inputs + outputs) * bytes / second / threads)
                weights *= machine.isInt8 ? 2 : 4
            } else if inputs <= 4 {
                add(.stem, macs / (machine.multiplyAddsF32 * cycles) * share)
            } else if machine.hasWinograd {
                add(.convolution, macs / rate * share)
            } else {
                // Four inputs count as those of a first convolution, so that a fifth never makes it cheaper.
                let four = macs / Double(inputs) * 4
                add(.stem, four / (machine.multiplyAddsF32 * cycles) * share)
                add(product, (macs - four) / rate * share)
            }
            add(.map, (inputBytes + outputBytes) / second / threads)
        case .depthwiseConvolution:
            let channels = step.output.channels, share = share(of: blocks(channels, pack), machine.threads)
            let part: KernelPart = window > 25 ? .largeDepthwise : step.stride == 1 ? .depthwise : .stridedDepthwise
            add(part, Double(pixels * channels.roundedUp(to: pack) * window) / rate * share)
            add(.map, (inputBytes + outputBytes) / second * share)
            weights = Double(channels * window) * bytes
        case .groupedConvolution:
            let macs = Double(step.macs)
            weights = Double(step.output.channels * (step.input.channels / step.groups) * window) * bytes
            add(.grouped, macs / rate / threads)
            add(.map, 2 * (inputBytes + outputBytes) / second / threads)
            // Every group is a small convolution of its own.
            if machine.threads == 1 {
                add(.launch, 1e-3 * Double(step.groups))
            } else {
                add(.join, machine.launchMs * Double(step.groups))
            }
        case .fullyConnected:
            weights = Double(step.macs) * bytes
            let columns = blocks(step.output.channels, pack)
            add(
                .fullyConnected,
                Double(step.input.channels * columns * pack) / rate * share(of: columns, machine.threads))
        case .activate where step.activation.isOperator:
            visitActivation(step.activation, values: Double(step.output.count), machine, add)
            visitLaunch(machine, add)
            return
        case .batchedProduct:
            // The right matrices are packed before each product.
            add(.gemm, Double(step.macs) / rate / threads)
            add(.map, (inputBytes + 2 * Double(step.otherCount) * bytes + outputBytes) / second / threads)
        case .transposedConvolution:
            weights = Double(window * step.output.channels * (step.input.channels / step.groups)) * bytes
            add(.convolution, Double(step.macs) / rate / threads)
            add(.map, (inputBytes + outputBytes) / second / threads)
        case .softmax, .layerNormalization, .reduce, .resize, .function, .convert:
            let passes = RuntimeKernels.passes(of: step.kind)
            // A function of a value is such as swish.
            let values = Double(max(step.input.count, step.output.count)) * passes.steps
            add(.swish, values / RuntimeKernels.passes(of: .function).steps / rate / threads)
            add(.move, (inputBytes * passes.reads + outputBytes * passes.writes) / second / threads)
        case .add, .multiply, .elementwise:
            add(.binary, (2 * inputBytes + outputBytes) / second / threads)
        case .concatenate:
            add(.move, 2 * outputBytes / second / threads)
        case .globalAveragePool, .maxPool, .averagePool, .normalize, .activate, .memoryMove:
            add(.move, (inputBytes + outputBytes) / second / threads)
        }
        visitMemory(inputBytes, machine, add)
        visitMemory(outputBytes, machine, add)
        if weights > 0 {
            add(.weights, weights / machine.memoryBytesPerMs)
            if machine.isInt8 {
                add(.requantise, Double(step.input.count + step.output.count) / 16 / cycles / threads)
            }
        }
        visitLaunch(machine, add)
    }

    /// The product of a recurrent layer, time step after time step, in one launch. The weights come from memory in the first
    /// step; later ones read them from the second level, and what no cache keeps from memory again.
    private static func visitRecurrence(_ step: Operator, _ machine: TransferMachine, _ add: (KernelPart, Double) -> Void) {
        let one = step.oneTimeStep, later = Double(step.timeSteps - 1)
        let second = machine.l2BytesPerCycle * machine.cyclesPerMs
        // Blocks of as many columns as a fully connected layer has.
        let pack = machine.valueBytes == 2 ? 8 : 4, columns = blocks(one.output.channels, pack)
        let padded = Double(columns * pack) / Double(one.output.channels)
        add(
            .fullyConnected,
            (later + 1) * Double(one.macs) * padded / (machine.multiplyAdds * machine.cyclesPerMs)
                * share(of: columns, machine.threads))
        let weights = Double(one.macs / max(1, one.output.height * one.output.width)) * machine.valueBytes
        add(.weights, weights / machine.memoryBytesPerMs)
        add(.map, later * weights / second / Double(machine.threads))
        if weights > machine.lastLevelBytes {
            add(.weights, later * (weights - machine.lastLevelBytes) / machine.memoryBytesPerMs)
        }
        visitLaunch(machine, add)
        if machine.threads > 1 { add(.join, later * machine.launchMs * (1 + log2(Double(machine.threads)))) }
    }

    /// A pass over a map that applies a function to every value.
    @inline(__always)
    private static func visitActivation(
        _ activation: Activation, values: Double, _ machine: TransferMachine, _ add: (KernelPart, Double) -> Void
    ) {
        let threads = Double(machine.threads), bytes = values * machine.valueBytes
        let part: KernelPart = activation == .swish || activation == .sigmoid ? .swish : .hardSwish
        add(part, values / (machine.multiplyAdds * machine.cyclesPerMs) / threads)
        add(.map, 2 * bytes / (machine.l2BytesPerCycle * machine.cyclesPerMs) / threads)
        visitMemory(bytes, machine, add)
        visitMemory(bytes, machine, add)
    }

    /// A stream of which a cache keeps a part.
    @inline(__always)
    private static func visitMemory(_ bytes: Double, _ machine: TransferMachine, _ add: (KernelPart, Double) -> Void) {
        if bytes > machine.lastLevelBytes { add(.memory, (bytes - machine.lastLevelBytes) / machine.memoryBytesPerMs) }
    }

    @inline(__always)
    private static func visitLaunch(_ machine: TransferMachine, _ add: (KernelPart, Double) -> Void) {
        add(.launch, machine.launchMs)
        if machine.threads > 1 { add(.join, machine.launchMs * (1 + log2(Double(machine.threads)))) }
    }

    private static func blocks(_ count: Int, _ size: Int) -> Int { max(1, (count + size - 1) / size) }

    /// The share of a layer's blocks that the busiest of the threads has.
    @inline(__always)
    private static func share(of blocks: Int, _ threads: Int) -> Double {
        threads == 1 ? 1 : Double((blocks + threads - 1) / threads) / Double(blocks)
    }

    /// The sums over a list of operators, in the order of `KernelPart.allCases`.
    static func sums(_ operators: some Sequence<Operator>, on machine: TransferMachine) -> [Double] {
        var sums = [Double](repeating: 0, count: KernelPart.allCases.count)
        for step in operators { visit(step, on: machine) { sums[$0.rawValue] += $1 } }
        return sums
    }
}
