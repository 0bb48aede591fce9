import Architectures
import Exporter
import Files
import Foundation
import TestSupport

/// A directory with a search space, images and an architecture so small that a run takes seconds.
struct SmallTask: TaskDirectory {
    let directory: TemporaryDirectory
    private static let images = 320
    private static let batch = 16
    /// Of a search of `epochs`, which holds a tenth of the images out.
    static let steps = epochs * (images - images / 10) / batch
    static let epochs = 20

    init() throws {
        directory = try TemporaryDirectory()
        var random = SeededRandom(seed: 8)
        for (prefix, count) in [("train", Self.images), ("t10k", 40)] {
            let labels = (0..<count).map { _ in random.byte(in: 0...3) }
            let pixels = labels.flatMap { label in
                (0..<144).map { pixel in
                    random.byte(in: 0...150) + (pixel / 36 == Int(label) ? 100 : 0)
                }
            }
            try write(pixels, sides: [count, 12, 12], to: "images/\(prefix)-images-idx3-ubyte")
            try write(labels, sides: [count], to: "images/\(prefix)-labels-idx1-ubyte")
        }
        func stage(_ name: String, _ channels: Int) -> JSON {
            [
                "name": .string(name), "layers": 2, "output_channels": .integer(channels), "stride": 2,
                "choices": ["kernels": [3, 5], "expansions": [3, 6], "skip": true],
            ]
        }
        let space: JSON = [
            "schema": "onepath.space/1", "name": "small", "description": "for a test",
            "input": ["height": 12, "width": 12, "channels": 1],
            "stem": ["kernel": 3, "stride": 1, "output_channels": 6],
            "stages": [stage("stage1", 8), stage("stage2", 12)], "head": ["output_channels": 24], "classes": 4,
        ]
        try space.write(to: directory.file("space.json"))
        let largest = try SearchSpace(contentsOf: directory.file("space.json")).largest
        try ArchitectureDocument(largest, provenance: nil).write(to: directory.file("network.json"))
    }

    private func write(_ values: [UInt8], sides: [Int], to name: String) throws {
        try FileManager.default.createDirectory(
            atPath: directory.file("images"), withIntermediateDirectories: true)
        _ = try directory.write(idx(dimensions: sides.map(UInt32.init), values: values), to: name)
    }

    private func run(_ name: String, epochs: Int) -> [String] {
        [
            "--data", "images", "--output", name, "--epochs", "\(epochs)", "--batch", "\(Self.batch)", "--threads", "2",
            "--seed", "5", "--checkpoint-every", "10",
        ]
    }

    /// A search of eighteen steps an epoch.
    func search(_ name: String, epochs: Int = epochs) -> [String] {
        ["search", "--space", "./space.json", "--device", "pixel1", "--candidates", "5"] + run(name, epochs: epochs)
    }

    /// A training of twenty steps an epoch.
    func train(_ name: String, epochs: Int = epochs) -> [String] {
        ["train", "--architecture", "./network.json"] + run(name, epochs: epochs)
    }

    /// Runs the program in the directory.
    func program(
        _ arguments: [String], fileLimit: Int? = nil, signal: Int32 = SIGINT,
        interruptWhen condition: (() throws -> Bool)? = nil
    ) throws -> Program.Outcome {
        try Program.run(
            arguments, in: directory.path, fileLimit: fileLimit, signal: signal, interruptWhen: condition)
    }
}
