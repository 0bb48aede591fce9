import Architectures
import Profiler
import TestSupport
import Testing

@Suite("A plan")
struct ProfilingPlanTests {
    @Test("lists every distinct block and operator once", arguments: ["fashion-mnist", "single-path-mobile"])
    func distinct(name: String) throws {
        let space = try SearchSpace(contentsOf: ShippedFiles.space(name))
        let plan = ProfilingPlan(space: space)
        #expect(Set(plan.subjects.map(\.key)).count == plan.subjects.count)
        #expect(plan.blocks.count + plan.operators.count == plan.subjects.count)
        // Of every stage that is searched, the first layer and the rest, four choices each; and the fixed blocks.
        let searched = Set(space.searchableLayers.map { "\($0.input) \($0.output) \($0.stride)" }).count
        #expect(plan.blocks.count == 4 * searched + 2)
        let keys = Set(plan.subjects.map(\.key))
        for architecture in space.randomArchitectures(50, seed: 1) {
            for layer in architecture.network.layers {
                if case .block = layer.content { #expect(keys.contains(layer.key)) }
                #expect(layer.operators.allSatisfy { keys.contains($0.key) })
            }
        }
    }

    @Test("of architectures lists what they need and no more")
    func architectures() throws {
        let architectures = Array(try SearchSpace.small().randomArchitectures(2, seed: 3))
        let plan = ProfilingPlan(architectures: architectures)
        let needed = Set(architectures.flatMap { $0.network.layers.flatMap { $0.operators.map(\.key) } })
        #expect(Set(plan.operators.map(\.key)) == needed)
    }
}
