import Engine
import TestSupport
import Testing

@Suite("The gradients of a network in one piece of memory")
struct FlatGradientsTests {
    @Test("are those of the parameters, one after the other, each from a cache line on, with zeros between them")
    func concatenation() {
        let context = ExecutionContext(threads: 2)
        let network = SmallNetwork(context: context)
        let parameters = network.parameters
        var random = RandomSource(seed: 51)
        for parameter in parameters { parameter.gradient.draw(&random) }
        let before = parameters.map(\.gradient.bits)
        let gradients = FlatGradients(of: parameters)
        #expect(parameters.map(\.gradient.bits) == before, "moved as they were")

        network.train(steps: 3, context)
        expectConcatenation(gradients, of: parameters)
        #expect(parameters.map(\.gradient.bits) != before)
    }

    /// What is in the memory, and what is written there from outside.
    private func expectConcatenation(_ gradients: FlatGradients, of parameters: [Parameter]) {
        let values = gradients.storage.values
        var concatenation: [Float] = []
        for (parameter, range) in zip(parameters, gradients.ranges) {
            #expect(range.lowerBound == concatenation.count && range.count == parameter.value.count)
            #expect(Int(bitPattern: parameter.gradient.pointer) % 64 == 0)
            #expect(parameter.gradient.pointer == gradients.storage.pointer + range.lowerBound)
            concatenation += parameter.gradient.values
            concatenation += [Float](repeating: 0, count: (16 - concatenation.count % 16) % 16)
        }
        #expect(values == concatenation)
        #expect(gradients.ranges.count == parameters.count && values.contains { $0 != 0 })
        let unpadded = parameters.reduce(0) { $0 + $1.value.count }
        #expect(gradients.storage.count < unpadded + 16 * parameters.count, "no more memory than the padding")
    }

    @Test("what is written to them all is read by every parameter")
    func sums() {
        let parameters = [1, 16, 17, 0, 5].map { Parameter(name: "\($0)", shape: [$0]) }
        let gradients = FlatGradients(of: parameters)
        gradients.storage.write((0..<gradients.storage.count).map(Float.init))
        let places: [Range<Int>] = [0..<1, 16..<32, 32..<49, 64..<64, 64..<69]
        for (parameter, place) in zip(parameters, places) {
            #expect(parameter.gradient.values == place.map { Float($0) })
        }
        #expect(gradients.storage.count == 80)
        // The memory lives as long as a gradient in it does.
        weak var storage: Storage?
        let parameter = Parameter(name: "kept", shape: [3])
        do {
            let gradients = FlatGradients(of: [parameter])
            storage = gradients.storage
            gradients.storage[1] = 4
        }
        #expect(storage != nil && parameter.gradient.values == [0, 4, 0])
    }

    @Test("train to the same bits as gradients that lie apart", arguments: [1, 2])
    func sameBits(threads: Int) {
        let context = ExecutionContext(threads: threads)
        let flat = SmallNetwork(context: context)
        let gradients = FlatGradients(of: flat.parameters)
        let apart = SmallNetwork(context: context)
        flat.train(steps: 5, context)
        apart.train(steps: 5, context)
        #expect(flat.parameters.map(\.value.bits) == apart.parameters.map(\.value.bits))
        #expect(flat.parameters.map(\.gradient.bits) == apart.parameters.map(\.gradient.bits))
        #expect(gradients.storage.isFinite)
    }
}

extension SmallNetwork {
    fileprivate func train(steps: Int, _ context: ExecutionContext) {
        let optimizer = RMSProp(parameters: parameters, context: context)
        for _ in 0..<steps {
            _ = step()
            optimizer.update(learningRate: 0.01)
        }
    }
}
