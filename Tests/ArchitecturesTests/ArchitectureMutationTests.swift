import Architectures
import Files
import Testing
import TestSupport

/// Whatever stands in a file, reading ends with a value that can be computed with, or with a sentence.
@Suite("Mutated spaces and architectures")
struct ArchitectureMutationTests {
    private static let rounds = 10_000

    private func survive(_ documents: [JSON], _ read: (JSONNode) throws -> Void) throws {
        var random = SeededRandom(seed: 1)
        var refused = 0
        for round in 0..<Self.rounds {
            do {
                try read(JSONNode(documents[round % documents.count].mutated(&random), path: "copy.json"))
            } catch let error as FileError {
                refused += 1
                if !error.description.hasPrefix("copy.json: ") { Issue.record("round \(round): \(error)") }
            }
        }
        #expect(refused > Self.rounds / 4 && refused < Self.rounds)
    }

    @Test("of spaces are read or refused")
    func spaces() throws {
        let documents = try ShippedFiles.spaces().map { try JSON(contentsOf: $0, what: "search space") }
        try survive(documents) { node in
            let space = try SearchSpace(json: node)
            for network in [space.largest, space.smallest].map(\.network) {
                #expect(network.macs > 0 && network.parameters > 0)
                #expect(network.layers.allSatisfy { !$0.key.isEmpty })
            }
            #expect(space.searchableLayers.allSatisfy { !$0.choices.isEmpty })
        }
    }

    @Test("of architectures are read or refused")
    func architectures() throws {
        let documents = try ShippedFiles.references().map { try JSON(contentsOf: $0, what: "architecture") }
        try survive(documents) { node in
            let architecture = try Architecture(json: node)
            let network = architecture.network
            #expect(network.macs > 0 && network.parameters > 0)
            #expect(architecture.weightTensors.allSatisfy { $0.count > 0 })
            for layer in network.layers { #expect(Network.Layer(key: layer.key)?.key == layer.key) }
        }
    }
}
