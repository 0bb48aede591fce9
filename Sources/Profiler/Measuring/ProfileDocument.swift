import Architectures
import Files
import HardwareProfiles

/// A device profile of measured latencies, with the hardware of the machine and the cost model fitted to the latencies.
public struct ProfileDocument: Sendable {
    /// The whole document, as a profile's file holds it.
    public let json: JSON
    /// How well the cost model fits.
    public let calibration: Calibration

    /// - Parameters:
    ///   - measurements: of blocks, operators and sequences of operators; sequences have no place in a table.
    ///   - name: of the profile.
    ///   - description: of the profile, for people.
    ///   - source: who measured and how, for people.
    ///   - hardware: as a profile holds it: an object, or the path of a file relative to `path`.
    ///   - runtime: that was measured with.
    ///   - threads: that the runtime computed with.
    ///   - cluster: of the hardware's cores that the threads ran on.
    ///   - machine: how the machine stood while it measured; nil for an imported table.
    ///   - provenance: how the document came about.
    ///   - path: of the file that the document is for, in errors.
    /// - Throws: `FileError.invalid` where what was measured makes no profile.
    public init(
        measurements: [Measurement], name: String, description: String, source: String, hardware: JSON,
        runtime: Runtime.Name, threads: Int, cluster: String, machine: JSON?, provenance: Provenance, path: String
    ) throws {
        var blocks: [JSON] = [], operators: [JSON] = []
        for measurement in Self.merged(measurements) {
            guard case .object(let members) = measurement.json else { continue }
            switch measurement.subject {
            case .block: blocks.append(.object([.init(key: "layer", value: nil)] + members))
            case .operator: operators.append(measurement.json)
            case .sequence: continue
            }
        }
        func document(parameters: JSON) -> JSON {
            let members: [JSON.Member] = [
                .init(key: "schema", value: .string(DeviceProfile.schema)), .init(key: "name", value: .string(name)),
                .init(key: "description", value: .string(description)), .init(key: "hardware", value: hardware),
                .init(
                    key: "runtime",
                    value: [
                        "name": .string(runtime.rawValue), "data_type": "float32", "threads": .integer(threads),
                        "cluster": .string(cluster),
                    ]),
                .init(key: "parameters", value: parameters),
                .init(
                    key: "tables",
                    value: [
                        [
                            "space": nil, "source": .string(source), "entries": .array(blocks),
                            "operators": .array(operators), "groups": [],
                        ]
                    ]),
                .init(key: "networks", value: []),
            ]
            return .object(
                members + (machine.map { [.init(key: "machine", value: $0)] } ?? [])
                    + [.init(key: "provenance", value: provenance.json)])
        }
        let device = try DeviceProfile(json: JSONNode(document(parameters: nil), path: path))
        calibration = try device.calibrated { name in
            throw FileError.missing(path: name, what: "architecture")
        }
        json = document(parameters: calibration.json)
    }

    /// Each subject once, with the mean of its latencies, in the order of their first.
    private static func merged(_ measurements: [Measurement]) -> [Measurement] {
        var places: [String: Int] = [:]
        var groups: [[Measurement]] = []
        for measurement in measurements {
            if let place = places[measurement.subject.key] {
                groups[place].append(measurement)
            } else {
                places[measurement.subject.key] = groups.count
                groups.append([measurement])
            }
        }
        return groups.map { group in
            guard group.count > 1 else { return group[0] }
            let mean = group.reduce(0) { $0 + $1.latencyMs } / Double(group.count)
            return Measurement(subject: group[0].subject, latencyMs: mean)
        }
    }
}
