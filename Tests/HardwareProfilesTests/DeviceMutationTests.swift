import Architectures
import Files
import Foundation
import HardwareProfiles
import Testing
import TestSupport

/// Whatever stands in a file, reading ends with a device that answers, or with a sentence.
@Suite("Mutated device profiles")
struct DeviceMutationTests {
    private static let rounds = 10_000

    /// Reads copies of `document` that are changed somewhere in the part at `keys`, which `write` brings where it is read.
    ///
    /// A sentence names the profile, or what it refers to by a name that may have changed.
    private func survive(
        _ document: JSON, from names: [String] = ["\(ShippedFiles.root)/devices/"], changing keys: [String],
        _ write: (JSON) throws -> JSON = { $0 }
    ) throws {
        var random = SeededRandom(seed: 2)
        let network = try Architecture.reference("mobilenet-v3-small").network
        let space = try SearchSpace.shipped("single-path-mobile")
        var refused = 0
        for round in 0..<Self.rounds {
            do {
                var failure: (any Error)?
                let changed = document.changing(keys[...]) { part in
                    do {
                        return try write(part.mutated(&random))
                    } catch {
                        failure = error
                        return part
                    }
                }
                if let failure { throw failure }
                let device = try DeviceProfile(copy: changed)
                let estimate = CostModel(device: device).estimate(network)
                #expect(estimate.latencyMs >= 0 && (estimate.energyMj ?? 0) >= 0)
                #expect(estimate.memory.peakBytes > 0 && !device.basisOfModel.isEmpty)
                _ = device.groupsNearlyIn(network)
                try device.checkTables(of: space)
            } catch let error as FileError {
                refused += 1
                let isNamed = names.contains { error.description.contains($0) }
                // A file that another refers to is named by where it was looked for.
                if case .invalid = error, !isNamed { Issue.record("round \(round): \(error)") }
            }
        }
        #expect(refused > Self.rounds / 4 && refused < Self.rounds)
    }

    private func short(_ name: String) throws -> JSON {
        try DeviceProfile.document(name).changing(["tables", "0", "entries"]) { [$0.elements[0], $0.elements[4]] }
    }

    @Test("are read or refused", arguments: ["pixel1", "pixel3a"])
    func devices(name: String) throws {
        try survive(short(name), changing: [])
    }

    @Test("are read or refused, their hardware changed")
    func hardware() throws {
        try survive(short("pixel4"), changing: ["hardware"])
    }

    @Test("are read or refused, their tables changed")
    func tables() throws {
        try survive(short("pixel1"), changing: ["tables"])
    }

    @Test("are read or refused, their energies changed")
    func energies() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("energy.json")
        let energies = try JSON(contentsOf: ShippedFiles.device("hardware/energy"), what: "table of energies")
        let document = try short("pixel1").changing(["hardware", "energy"]) { _ in energies }
        try survive(document, from: [path, "\(ShippedFiles.root)/devices/"], changing: ["hardware", "energy"]) { changed in
            try changed.text(pretty: false).write(toFile: path, atomically: false, encoding: .utf8)
            return .string(path)
        }
    }
}
