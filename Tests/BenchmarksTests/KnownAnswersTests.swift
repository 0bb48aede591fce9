import Architectures
import Benchmarks
import Files
import Testing
import TestSupport

@Suite("Networks whose accuracy is known")
struct KnownAnswersTests {
    private static let path = ShippedFiles.root + "/benchmarks/nas-bench-macro.csv"
    private let space: SearchSpace
    private let known: KnownAnswers

    init() throws {
        space = try SearchSpace(contentsOf: ShippedFiles.space("nas-bench-macro"))
        known = try KnownAnswers(contentsOf: Self.path, space: space)
    }

    @Test("of NAS-Bench-Macro are all networks of the space, with the multiply-accumulates and parameters that we count")
    func counts() throws {
        #expect(known.networks.count == 1944 && Set(known.networks.map(\.choices)).count == 1944)
        for network in known.networks {
            let architecture = try space.architecture(name: "x", choices: network.choices)
            let layers = architecture.network.layers
            #expect(layers.reduce(0) { $0 + $1.macs } == network.macs, "\(architecture.choices)")
            #expect(layers.reduce(0) { $0 + $1.parameters } == network.parameters, "\(architecture.choices)")
            #expect(network.accuracies.count == 3 && known.network(with: network.choices) == network)
        }
    }

    @Test("of NAS-Bench-Macro have the accuracy of the network in the form that a search knows")
    func equalNetworks() throws {
        let order = SkipOrder(space.searchableLayers)
        var forms: Set<[LayerChoice]> = []
        for network in known.networks {
            let form = try #require(known.network(with: order.ordered(network.choices)))
            #expect((form.macs, form.parameters) == (network.macs, network.parameters))
            // Those who trained them trained each once, and knew equal ones.
            #expect(form.accuracies == network.accuracies, "\(network.choices)")
            forms.insert(form.choices)
        }
        // Of two layers with two blocks each, two of nine forms are another's.
        #expect(forms.count == 2 * 3 * 2 * 7 * 2 * 7)
    }

    @Test("have the published spread in each budget", arguments: [
        (50e6, 22, 91.71, 92.15, 92.17), (60e6, 151, 91.98, 92.44, 92.55), (70e6, 53, 92.33, 92.72, 92.94),
        (80e6, 100, 92.51, 92.78, 93.08),
    ])
    func budgets(macs: Double, count: Int, mean: Double, high: Double, best: Double) throws {
        let budget = try #require(known.budget(macs: macs))
        #expect(budget.networks.count == count)
        #expect(abs(budget.mean - mean) < 0.006 && abs(budget.best - best) < 0.006)
        #expect(abs(budget.accuracy(atPercentile: 0.95) - high) < 0.02, "\(budget.accuracy(atPercentile: 0.95))")
        #expect(budget.percentile(of: 0) == 0 && budget.percentile(of: 100) == 1)
        #expect(abs(budget.percentile(of: budget.best) - (1 - 0.5 / Double(count))) < 0.03)
        #expect(budget.networks.allSatisfy { $0.parameters >= budget.fewestParameters.parameters && $0.macs <= budget.mostMACs.macs })
        #expect(budget.networks.allSatisfy { $0.activations <= budget.mostActivations.activations })
    }

    @Test("may have lines as Windows ends them")
    func windows() throws {
        let directory = try TemporaryDirectory(), path = directory.file("table.csv")
        try AtomicFile.write(Array("# a comment\r\nlayers,macs,parameters,accuracy_1\r\n11111111,1,2,50.5\r\n".utf8), to: path)
        let networks = try KnownAnswers(contentsOf: path, space: space).networks
        #expect(networks.map(\.macs) == [1] && networks.map(\.parameters) == [2] && networks.map(\.accuracy) == [50.5])
    }

    @Test("are refused where a row is no network of the space", arguments: [
        ("0000000,1,1,50", "expected 8 digits"), ("01111111,1,1,50", "expected a choice of layer stage1.1, found 0"),
        ("11111113,1,1,50", "expected a choice of layer stage3.3, found 3"), ("11111111,1,1", "expected multiply-accumulates"),
        ("11111111,1,x,50", "expected multiply-accumulates"),
    ])
    func refused(row: String, problem: String) throws {
        let directory = try TemporaryDirectory(), path = directory.file("table.csv")
        try AtomicFile.write(Array("# a comment\nlayers,macs,parameters,accuracy_1\n11111111,1,1,50\n\(row)\n".utf8), to: path)
        #expect {
            _ = try KnownAnswers(contentsOf: path, space: space)
        } throws: {
            let sentence = ($0 as? FileError)?.description ?? ""
            return sentence.contains("table.csv") && sentence.contains("line 4") && sentence.contains(problem)
        }
    }
}
