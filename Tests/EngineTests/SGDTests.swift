import Engine
import TestSupport
import Testing

@Suite("SGD")
struct SGDTests {
    @Test("has the usual constants")
    func constants() {
        let configuration = SGD.Configuration()
        #expect(configuration.momentum == 0.9 && configuration.isNesterov && configuration.weightDecay == 5e-4)
    }

    @Test(
        "is its formula over several steps, in every kernel set", arguments: KernelSet.all,
        [(1, true), (3, true), (1, false), (3, false)])
    func formula(set: KernelSet, run: (threads: Int, isNesterov: Bool)) {
        let context = ExecutionContext(threads: run.threads, kernelSet: set.name)
        var random = RandomSource(seed: 34)
        // Sizes below a vector, and above what one thread takes at a time; one kind decays, the other does not.
        let parameters = [1, 3, 16, 17, 1000, 5003].flatMap { count in
            [true, false].map { Parameter(name: "\(count)", shape: [count], decays: $0) }
        }
        for parameter in parameters { parameter.value.draw(&random) }
        var configuration = SGD.Configuration()
        (configuration.weightDecay, configuration.isNesterov) = (0.05, run.isNesterov)
        let optimizer = SGD(parameters: parameters, configuration: configuration, context: context)

        var values = parameters.map(\.value.doubles), velocities = values.map { $0.map { _ in 0.0 } }
        for step in 0..<8 {
            let rate = 0.1 / Double(step + 1)
            for (index, parameter) in parameters.enumerated() {
                parameter.gradient.draw(&random)
                for at in values[index].indices {
                    let gradient = Double(parameter.gradient[at]) + (parameter.decays ? 0.05 * values[index][at] : 0)
                    velocities[index][at] = 0.9 * velocities[index][at] + gradient
                    values[index][at] -= rate
                        * (run.isNesterov ? gradient + 0.9 * velocities[index][at] : velocities[index][at])
                }
            }
            optimizer.update(learningRate: Float(rate))
        }
        for (parameter, expected) in zip(parameters, values) {
            #expect(
                relativeDistance(parameter.value.doubles, expected) < 1e-5, "\(parameter.name), decays: \(parameter.decays)")
        }
    }

    @Test("two steps by hand, as PyTorch computes them")
    func byHand() {
        let parameter = Parameter(name: "weights", shape: [1], decays: true)
        var configuration = SGD.Configuration()
        configuration.weightDecay = 0.5
        let optimizer = SGD(parameters: [parameter], configuration: configuration, context: ExecutionContext(threads: 1))
        parameter.value.fill(2)
        // Gradient 3 + 0.5 · 2 = 4, velocity 4, movement 4 + 0.9 · 4 = 7.6.
        parameter.gradient.fill(3)
        optimizer.update(learningRate: 0.1)
        #expect(abs(parameter.value[0] - 1.24) < 1e-6)
        // Gradient −1 + 0.5 · 1.24 = −0.38, velocity 0.9 · 4 − 0.38 = 3.22, movement −0.38 + 0.9 · 3.22 = 2.518.
        parameter.gradient.fill(-1)
        optimizer.update(learningRate: 0.1)
        #expect(abs(parameter.value[0] - 0.9882) < 1e-6)
        #expect(optimizer.state.map(\.name) == ["velocity"] && abs(optimizer.state[0].tensors[0][0] - 3.22) < 1e-6)
    }

    @Test("moves a parameter by its own factor of the learning rate")
    func ownFactor() {
        let parameters = [1, 0.25].map { (factor: Float) in
            let parameter = Parameter(name: "\(factor)", shape: [20])
            parameter.learningRateFactor = factor
            parameter.gradient.fill(1)
            return parameter
        }
        var configuration = SGD.Configuration()
        configuration.momentum = 0
        configuration.weightDecay = 0
        let optimizer = SGD(parameters: parameters, configuration: configuration, context: ExecutionContext(threads: 1))
        for parameter in parameters { parameter.value.fill(0) }
        optimizer.update(learningRate: 1)
        #expect(parameters[0].value.values.allSatisfy { $0 == -1 })
        #expect(parameters[1].value.values.allSatisfy { $0 == -0.25 })
    }
}
