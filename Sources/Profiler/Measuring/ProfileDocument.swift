import Architectures
import Files
import HardwareProfiles

/// A device profile of measured latencies, with the hardware of the machine and the cost model fitted to the latencies.
public struct ProfileDocument: Sendable {
    /// The whole document of the profile's file.
    public let json: JSON
    /// How well the cost model fits.
    public let calibration: Calibration

    /// The content of a profile besides its latencies.
    public struct Description: Sendable {
        let name: String
        let text: String
        /// Who measured and how, for people.
        let source: String
        /// The field's value: an object, or the path of a file.
        let hardware: JSON
        let runtime: Runtime
        /// The machine that measured; nil where others measured.
        let machine: JSON?

        public init(
            name: String, text: String, source: String, hardware: JSON, runtime: Runtime, machine: JSON? = nil
        ) {
            self.name = name
            self.text = text
            self.source = source
            self.hardware = hardware
            self.runtime = runtime
            self.machine = machine
        }
    }

    /// - Parameters:
    ///   - measurements: of blocks, operators and sequences of operators; a sequence is a group of one layer.
    ///   - description: the other content.
    ///   - provenance: how the document came about.
    ///   - path: of the document's file, for references relative to it, and for errors.
    /// - Throws: `FileError.invalid` where the measurements make no valid profile.
    public init(
        _ measurements: [Measurement], _ description: Description, provenance: Provenance, path: String
    ) throws {
        var blocks: [JSON] = [], operators: [JSON] = [], groups: [JSON] = []
        for measurement in Self.merged(measurements) {
            guard case .object(let members) = measurement.json else { continue }
            switch measurement.subject {
            case .block: blocks.append(.object([.init(key: "layer", value: nil)] + members))
            case .operator: operators.append(measurement.json)
            case .sequence:
                groups.append(["keys": [.string(measurement.subject.key)], "latency_ms": .number(measurement.latencyMs)])
            }
        }
        func document(parameters: JSON) -> JSON {
            description.document(
                (blocks, operators, groups), parameters: parameters, provenance: provenance.json)
        }
        let device = try DeviceProfile(json: JSONNode(document(parameters: nil), path: path), toCalibrate: true)
        calibration = try device.calibrated { name in
            throw FileError.missing(path: name, what: "architecture")
        }
        json = document(parameters: calibration.json)
        // Impossible latencies may lead to parameters outside the range of a profile.
        _ = try DeviceProfile(json: JSONNode(json, path: path))
    }

    /// Checks, before anything is measured, that a profile with this content is valid.
    ///
    /// - Throws: `FileError.invalid`.
    public static func check(_ description: Description, path: String) throws {
        let provenance = Provenance(command: "", seed: nil, inputs: [])
        let document = description.document(([], [], []), parameters: nil, provenance: provenance.json)
        _ = try DeviceProfile(json: JSONNode(document, path: path), toCalibrate: true)
    }

    /// Each subject once, with the mean of its latencies, in the order of first occurrence.
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

extension ProfileDocument.Description {
    /// A profile with these latencies of blocks, of operators and of layers of several operators.
    fileprivate func document(
        _ latencies: (blocks: [JSON], operators: [JSON], groups: [JSON]), parameters: JSON, provenance: JSON
    ) -> JSON {
        let dataType = JSON.string(runtime.dataType.rawValue)
        let members: [JSON.Member] = [
            .init(key: "schema", value: .string(DeviceProfile.schema)), .init(key: "name", value: .string(name)),
            .init(key: "description", value: .string(text)), .init(key: "hardware", value: hardware),
            .init(
                key: "runtime",
                value: [
                    "name": .string(runtime.name.rawValue), "data_type": dataType,
                    "threads": .integer(runtime.threads), "cluster": .string(runtime.cluster),
                ]),
            .init(key: "parameters", value: parameters),
            .init(
                key: "tables",
                value: [
                    [
                        "space": nil, "source": .string(source), "data_type": dataType, "entries": .array(latencies.blocks),
                        "operators": .array(latencies.operators), "groups": .array(latencies.groups),
                    ]
                ]),
            .init(key: "networks", value: []),
        ]
        return .object(
            members + (machine.map { [.init(key: "machine", value: $0)] } ?? [])
                + [.init(key: "provenance", value: provenance)])
    }
}
