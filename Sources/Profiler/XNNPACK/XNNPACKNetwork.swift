import Architectures
import CXNNPACK

/// A network, a block or an operator that XNNPACK has prepared, with its memory.
package final class XNNPACKNetwork<Kernels: XNNPACKKernels>: PreparedNetwork {
    package typealias Value = Kernels.Value

    private let operators: [Kernels]
    private let memory: PaddedValues<Value>
    private let pool: ThreadPoolHandle?
    private let input: UnsafeMutableBufferPointer<Value>
    private let result: UnsafeMutableBufferPointer<Value>

    /// - Parameters:
    ///   - weights: returns the weights of the operator at an index in the network.
    ///   - pool: nil for one thread, which is the caller.
    /// - Throws: `ProfilingError.rejected`.
    init(_ network: Network, weights: (Int, Operator) -> Kernels.Constants, pool: ThreadPoolHandle?) throws {
        let wiring = Wiring(network, scratchCount: Kernels.scratchCount)
        let size = MemoryLayout<Value>.stride, extra = Int(XNN_EXTRA_BYTES) / size
        let arena = ActivationArena(
            wiring.maps.map { ActivationArena.Map(size: $0.size + extra, steps: $0.steps) }, alignment: 64 / size)
        memory = PaddedValues(count: arena.size)
        self.pool = pool
        let base = memory.pointer
        operators = try wiring.steps.enumerated().map { index, step in
            let made = try Kernels(step.step, weights: weights(index, step.step))
            try made.setUp(
                input: base + arena.offsets[step.input],
                second: step.second.map { UnsafePointer(base + arena.offsets[$0]) },
                scratch: step.scratch.map { base + arena.offsets[$0] },
                output: base + arena.offsets[step.output], threads: pool?.pointer)
            return made
        }
        input = UnsafeMutableBufferPointer(start: base + arena.offsets[0], count: network.input.count)
        let last = wiring.result
        result = UnsafeMutableBufferPointer(start: base + arena.offsets[last], count: wiring.maps[last].size)
        for index in input.indices { input[index] = Kernels.sample(index) }
    }

    package func run(mark: () -> Void) throws {
        for step in operators {
            try step.run(threads: pool?.pointer)
            mark()
        }
    }

    /// The network's output for an image.
    package func output(for values: [Value]) throws -> [Value] {
        precondition(values.count == input.count, "the network reads \(input.count) values, given \(values.count)")
        for index in input.indices { input[index] = values[index] }
        try run {}
        return Array(result)
    }
}

/// Which map every operator of a network reads and writes.
private struct Wiring {
    struct Step {
        let step: Operator
        let input: Int
        let second: Int?
        /// Scratch memory for the operator's activation.
        let scratch: Int?
        let output: Int
    }

    private(set) var steps: [Step] = []
    /// The network's input, then for each operator its scratch memory and its output.
    private(set) var maps: [ActivationArena.Map]
    /// The map that the last operator writes.
    var result: Int { steps.last?.output ?? 0 }

    init(_ network: Network, scratchCount: (Operator) -> Int) {
        let count = network.layers.reduce(0) { $0 + $1.operators.count }
        // The image must not be overwritten: every run reads it again.
        maps = [ActivationArena.Map(size: network.input.count, steps: 0...count)]
        var current = 0
        func read(_ map: Int, at step: Int) {
            maps[map] = ActivationArena.Map(
                size: maps[map].size, steps: maps[map].steps.lowerBound...max(maps[map].steps.upperBound, step))
        }
        for layer in network.layers {
            let layerInput = current
            // A squeeze-excite pools the same map that its factors multiply.
            var pooled: Int?
            for step in layer.operators {
                let index = steps.count
                var input = current
                var second: Int?
                switch step.kind {
                case .add: second = layerInput
                case .multiply: (input, second) = (pooled ?? layerInput, current)
                case .globalAveragePool: pooled = current
                default: break
                }
                read(input, at: index)
                if let second { read(second, at: index) }
                var scratch: Int?
                let room = scratchCount(step)
                if room > 0 {
                    scratch = maps.count
                    maps.append(ActivationArena.Map(size: room, steps: index...index))
                }
                let isLast = index == count - 1
                maps.append(ActivationArena.Map(size: step.output.count, steps: index...(isLast ? count : index)))
                current = maps.count - 1
                steps.append(Step(step: step, input: input, second: second, scratch: scratch, output: current))
            }
        }
    }
}
