import Engine
import TestSupport
import Testing

@Suite("Gradients of a whole network")
struct NetworkGradientTests {
    @Test("are the central differences of its loss, in every kernel set", arguments: KernelSet.all, [1, 3])
    func gradients(set: KernelSet, threads: Int) {
        let network = SmallNetwork(context: ExecutionContext(threads: threads, kernelSet: set.name))
        let loss = network.step()
        let parameters = network.parameters.map { Variable($0) }
        let gate = SmallNetwork.gate.map(Double.init)
        let variables = parameters
            + [Variable("gate", gate, gradient: network.blocks[1].hidden.gateGradient!.doubles)]
        #expect(abs(Double(loss) - network.plainLoss(parameters.map(\.values), gate: gate)) < 1e-5)
        #expect(deviationsFromCentralDifferences(
            of: { network.plainLoss($0.dropLast(), gate: $0.last!) }, by: variables, entries: 40) == [])
    }
}
