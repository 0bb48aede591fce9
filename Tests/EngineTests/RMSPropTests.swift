import Engine
import TestSupport
import Testing

@Suite("RMSProp")
struct RMSPropTests {
    @Test("has the published constants")
    func constants() {
        let configuration = RMSProp.Configuration()
        #expect(configuration.decay == 0.9 && configuration.momentum == 0.9)
        #expect(configuration.epsilon == 1e-3 && configuration.weightDecay == 1e-5)
    }

    @Test("is its formula over several steps, in every kernel set", arguments: KernelSet.all, [1, 3])
    func formula(set: KernelSet, threads: Int) {
        let context = ExecutionContext(threads: threads, kernelSet: set.name)
        var random = RandomSource(seed: 33)
        // Sizes below a vector, and above what one thread takes at a time; one kind decays, the other does not.
        let parameters = [1, 3, 16, 17, 1000, 5003].flatMap { count in
            [true, false].map { Parameter(name: "\(count)", shape: [count], decays: $0) }
        }
        for parameter in parameters { parameter.value.draw(&random) }
        var configuration = RMSProp.Configuration()
        configuration.weightDecay = 0.05
        let optimizer = RMSProp(parameters: parameters, configuration: configuration, context: context)

        var values = parameters.map(\.value.doubles)
        var squares = values.map { $0.map { _ in 1.0 } }, velocities = values.map { $0.map { _ in 0.0 } }
        for step in 0..<8 {
            let rate = 0.1 / Double(step + 1)
            for (index, parameter) in parameters.enumerated() {
                // Some gradients far larger than others.
                parameter.gradient.draw(&random, deviation: index % 3 == 0 ? 30 : 0.3)
                for at in values[index].indices {
                    let gradient = Double(parameter.gradient[at]) + (parameter.decays ? 0.05 * values[index][at] : 0)
                    squares[index][at] = 0.9 * squares[index][at] + 0.1 * gradient * gradient
                    velocities[index][at] = 0.9 * velocities[index][at] + rate * gradient / (squares[index][at] + 1e-3).squareRoot()
                    values[index][at] -= velocities[index][at]
                }
            }
            optimizer.update(learningRate: Float(rate))
        }
        for (parameter, expected) in zip(parameters, values) {
            #expect(relativeDistance(parameter.value.doubles, expected) < 1e-5, "\(parameter.name), decays: \(parameter.decays)")
        }
    }

    @Test(
        "and SGD go on from their state as if they had never stopped, and forget it when they are reset",
        arguments: [(OptimizerConfiguration.Kind.rmsprop, ["square", "velocity"]), (.sgd, ["velocity"])])
    func state(kind: OptimizerConfiguration.Kind, names: [String]) {
        let context = ExecutionContext(threads: 1)
        func train(_ optimizer: any Optimizer, steps: Range<Int>) {
            for step in steps {
                for (index, parameter) in optimizer.parameters.enumerated() {
                    var random = RandomSource(seed: UInt64(step), stream: UInt64(index))
                    parameter.gradient.draw(&random)
                }
                optimizer.update(learningRate: 0.1)
            }
        }
        func parameters() -> [Parameter] { [3, 20].map { Parameter(name: "\($0)", shape: [$0]) } }
        func optimizer() -> any Optimizer {
            OptimizerConfiguration(kind).optimizer(of: parameters(), context: context)
        }
        let whole = optimizer()
        let fresh = whole.state.map { $0.tensors.map(\.bits) }
        train(whole, steps: 0..<4)
        let first = optimizer()
        train(first, steps: 0..<2)
        let second = optimizer()
        for (to, from) in zip(second.parameters, first.parameters) { to.value.copy(from: from.value) }
        #expect(second.state.map(\.name) == names)
        for (to, from) in zip(second.state, first.state) {
            #expect(to.name == from.name && to.tensors.map(\.count) == [3, 20])
            for (to, from) in zip(to.tensors, from.tensors) { to.copy(from: from) }
        }
        train(second, steps: 2..<4)
        #expect(second.parameters.map(\.value.bits) == whole.parameters.map(\.value.bits))
        #expect(whole.state.map { $0.tensors.map(\.bits) } != fresh)
        whole.reset()
        #expect(whole.state.map { $0.tensors.map(\.bits) } == fresh)
    }

    @Test("weight decay alone shrinks what decays and leaves the rest")
    func weightDecay() {
        let context = ExecutionContext(threads: 1)
        let parameters = [true, false].map { Parameter(name: "weights", shape: [20], decays: $0) }
        for parameter in parameters { parameter.value.fill(2) }
        RMSProp(parameters: parameters, context: context).update(learningRate: 1)
        #expect(parameters[0].value.values.allSatisfy { $0 < 2 && $0 > 1.9999 })
        #expect(parameters[1].value.values.allSatisfy { $0 == 2 })
    }
}
