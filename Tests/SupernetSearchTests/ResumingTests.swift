import Architectures
import Engine
import Files
import Foundation
import HardwareProfiles
import SupernetSearch
import Testing
import TestSupport

@Suite("Going on from a checkpoint")
struct ResumingTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// The bytes of the checkpoint of a run as it stands: all of its state.
    private func bytes(_ run: some ResumableRun) throws -> [UInt8] {
        try run.checkpoint().write(to: directory.file("state"))
        return try BinaryFile.read(directory.file("state"), what: "checkpoint")
    }

    /// Runs without a stop, and with a stop after each of some steps, each time in a new run that goes on from a file.
    private func compare<Run: ResumableRun>(stops: [Int], _ make: () throws -> Run) throws {
        var lines: [JSON] = [], resumed: [JSON] = []
        let whole = try make()
        try whole.run { lines.append(whole.line(of: $0).without("images_per_second")) }
        var run = try make()
        for stop in stops {
            try SmallRuns.run(run, upTo: stop) { resumed.append(run.line(of: $0).without("images_per_second")) }
            try run.checkpoint().write(to: directory.file("checkpoint"))
            run = try make()
            try run.restore(Checkpoint(contentsOf: directory.file("checkpoint")))
            #expect(run.step == stop)
        }
        try run.run { resumed.append(run.line(of: $0).without("images_per_second")) }
        #expect(lines.count == whole.steps && lines == resumed)
        #expect(try bytes(whole) == bytes(run))
    }

    @Test("a search comes to the same bits, wherever it stops")
    func search() throws {
        // At the start, within and at the ends of epochs and phases, and when all is done.
        try compare(stops: [0, 1, 7, 10, 24, 25, 26, 30, 33, 34, 35, 36, 39, 40]) { try SmallRuns.search() }
    }

    @Test("runs are gone when nobody holds them")
    func released() throws {
        weak var supernet: Supernet?
        weak var network: ConvNet?
        var blocks: [() -> InvertedBottleneck?] = []
        do {
            let search = try SmallRuns.search(), training = try SmallRuns.training()
            try search.run { _ in }
            try training.run { _ in }
            (supernet, network) = (search.supernet, training.network)
            blocks = (search.supernet.network.blocks + training.network.blocks).map { block in { [weak block] in block } }
            #expect(supernet != nil && network != nil && blocks.allSatisfy { $0() != nil })
        }
        #expect(supernet == nil && network == nil && blocks.allSatisfy { $0() == nil })
    }

    @Test("a training comes to the same bits, wherever it stops")
    func training() throws {
        try compare(stops: [0, 1, 9, 10, 11, 20, 29, 30]) { try SmallRuns.training() }
    }

    @Test("a search that is interrupted while it compares and tries networks comes to the same bits")
    func comparing() throws {
        struct Interrupted: Error {}
        // With so many layers there are many networks in the middle that cost the same to a percent.
        let range = CostModel(device: try DeviceProfile(contentsOf: ShippedFiles.device("pixel1")))
            .latencies(of: try SmallRuns.space(layers: 4)).range
        var configuration = SmallRuns.searchConfiguration()
        configuration.targets = [CostTarget(.latency, atMost: (range.lowerBound + range.upperBound) / 2)]
        let whole = try SmallRuns.search(configuration, layers: 4)
        var search = try SmallRuns.search(configuration, layers: 4)
        var compared: [Int] = [], tried: [Double] = []
        whole.comparing = { done, count in
            #expect(count == 6)
            compared.append(done)
        }
        whole.trying = { done, count in
            #expect(count == 6)
            tried.append(done)
        }
        try whole.run { _ in }
        #expect(compared == [0, 1, 2, 3, 4, 5, 6])
        // All steps of the first trial and, unless they are ahead, half of the others'; then the end.
        #expect(tried.first == 0 && tried.last == 6 && tried == tried.sorted())
        let steps = (0..<6).map { trial in tried.dropLast().count { Int($0) == trial } }
        #expect(6 * steps[0] == search.trialSteps)
        #expect(steps.dropFirst().allSatisfy { [steps[0] / 2, steps[0]].contains($0) }, "\(steps)")
        #expect(steps.contains(steps[0] / 2), "some network is behind another")
        // How many networks are compared, and how far the trials are, when it stops; and which trial it then begins with.
        for (limit, trial, next) in [(0, 0.0, nil), (4, 0, nil), (9, 0, 0.0), (9, 2.2, 0), (9, 5, 2), (9, 9, 5)] {
            var first: Double?
            search.comparing = { done, _ in if done >= limit { throw Interrupted() } }
            search.trying = { done, _ in
                first = first ?? done
                if done >= trial { throw Interrupted() }
            }
            if trial < 9 {
                #expect(throws: Interrupted.self) { try search.run { _ in } }
                #expect(search.step == search.decidedSteps)
                try search.checkpoint().write(to: directory.file("comparing"))
                search = try SmallRuns.search(configuration, layers: 4)
                try search.restore(Checkpoint(contentsOf: directory.file("comparing")))
            } else {
                try search.run { _ in }
            }
            #expect(first == next)
        }
        #expect(try bytes(whole) == bytes(search))
    }

    @Test("a search's checkpoint has weights, optimiser, averages, statistics, random state and decisions")
    func complete() throws {
        let search = try SmallRuns.search()
        try SmallRuns.run(search, upTo: 32)
        let lines = try bytes(search).split(separator: UInt8(ascii: "\n"), maxSplits: 2)
        let header = try JSON(parsing: Array(lines[1]), path: "header")
        guard case .object(let state)? = header["state"], case .array(let tensors)? = header["tensors"] else {
            Issue.record("no state")
            return
        }
        #expect(
            state.map(\.key) == [
                "averaged_steps", "dropout", "warm_up_drops", "majority_count", "majority_sums", "stability_steps",
                "stability_changes",
            ])
        let supernet = search.supernet
        let averaged = supernet.parameters.map(\.value.count) + supernet.network.runningStatistics.map(\.count)
        let trained = supernet.parameters.map(\.value.count)
        // Values and averages, squares and velocities, and the averages of the warm-up.
        let expected = (averaged + trained).flatMap { [$0, $0] } + averaged
        let isAsExpected = tensors.map { $0["count"] } == expected.map(JSON.integer)
        #expect(isAsExpected)
    }

    @Test("searches of several λ branch from one warm-up, each as if it had warmed up itself")
    func branches() throws {
        let trunk = try SmallRuns.search()
        try SmallRuns.run(trunk, upTo: trunk.warmUpSteps)
        let checkpoint = try trunk.checkpoint()
        #expect(checkpoint.step == 25)
        for lambda in [0, 0.3, 3] {
            var configuration = SmallRuns.searchConfiguration()
            configuration.lambda = lambda
            let alone = try SmallRuns.search(configuration), branch = try SmallRuns.search(configuration)
            try alone.run { _ in }
            try branch.branch(from: checkpoint)
            try branch.run { _ in }
            #expect(try bytes(alone) == bytes(branch))
        }
    }

    @Test("is refused where the checkpoint is of another run, with the setting that differs")
    func otherRuns() throws {
        let search = try SmallRuns.search()
        try SmallRuns.run(search, upTo: 26)
        let late = try search.checkpoint()
        func refusal(_ change: (inout SearchConfiguration) -> Void, _ take: (Search) throws -> Void) throws -> String? {
            var configuration = SmallRuns.searchConfiguration()
            change(&configuration)
            let other = try SmallRuns.search(configuration)
            return invalidPlace { try take(other) }?.place
        }
        #expect(try refusal({ _ in }) { try $0.restore(late) } == nil)
        #expect(try refusal({ $0.lambda = 1 }) { try $0.restore(late) } == "/settings/configuration/lambda")
        #expect(try refusal({ $0.seed = 1 }) { try $0.restore(late) } == "/settings/configuration/seed")
        #expect(try refusal({ $0.lambda = 1 }) { try $0.branch(from: late) } == "/step")
        let early = try SmallRuns.search().checkpoint()
        #expect(try refusal({ $0.lambda = 1 }) { try $0.branch(from: early) } == nil)
        #expect(try refusal({ $0.keepProbability = 1 }) { try $0.branch(from: early) }
            == "/settings/configuration/keep_probability")
        #expect(try refusal({ $0.epochs = 8 }) { try $0.branch(from: early) } == "/settings/configuration/epochs")
        let training = try SmallRuns.training()
        #expect(invalidPlace { try training.restore(early) }?.place == "/kind")
    }
}
