import Files
import Foundation
import TestSupport

/// A directory with a search space of colour images and a folder of small pictures of four classes.
struct PhotoTask: TaskDirectory {
    let directory: TemporaryDirectory
    /// In the order of the bytes of their names.
    static let classNames = ["Apfel rot", "größe", "it's \"quoted\"", "日本 語"]
    /// Of all classes.
    static let trainingImages = 96, validationImages = 24
    static let batch = 16
    private static let side = 18

    /// - Parameters:
    ///   - channels: of the space's input, 16×16 pixels.
    ///   - width: of the pictures, which are 18 pixels high.
    init(channels: Int = 3, width: Int = 24) throws {
        directory = try TemporaryDirectory()
        let space: JSON = [
            "schema": "onepath.space/1", "name": "small-photos", "description": "for a test",
            "input": ["height": 16, "width": 16, "channels": .integer(channels)],
            "stem": ["kernel": 3, "stride": 2, "output_channels": 8],
            "stages": [
                Self.stage("stage1", 8), Self.stage("stage2", 12),
            ], "head": ["output_channels": 24], "classes": 1000,
        ]
        try space.write(to: directory.file("space.json"))
        var random = SeededRandom(seed: 12)
        for (part, count) in [("train", Self.trainingImages), ("val", Self.validationImages)] {
            for (label, name) in Self.classNames.enumerated() {
                try makeFolder("photos/\(part)/\(name)")
                for image in 0..<count / Self.classNames.count {
                    // A class is a colour, on noise.
                    let pixels = (0..<3 * Self.side * width).map { index in
                        random.byte(in: 0...120) + ((label + 1) >> (index % 3) & 1 == 1 ? 100 : 0)
                    }
                    let isPNG = image % 2 == 0
                    let bytes = isPNG
                        ? try EncodedImages.png(pixels, height: Self.side, width: width)
                        : try EncodedImages.jpeg(pixels, height: Self.side, width: width)
                    try write(bytes, to: "photos/\(part)/\(name)/\(image).\(isPNG ? "PNG" : "jpeg")")
                }
            }
        }
    }

    private static func stage(_ name: String, _ channels: Int) -> JSON {
        [
            "name": .string(name), "layers": 2, "output_channels": .integer(channels), "stride": 2,
            "choices": ["kernels": [3, 5], "expansions": [3, 6], "skip": true],
        ]
    }

    private func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: directory.file(name), withIntermediateDirectories: true)
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: directory.file(name)))
    }

    func move(_ name: String, to other: String) throws {
        try FileManager.default.moveItem(atPath: directory.file(name), toPath: directory.file(other))
    }

    private func run(_ name: String, epochs: Int) -> [String] {
        [
            "--data", "photos", "--output", name, "--epochs", "\(epochs)", "--batch", "\(Self.batch)", "--threads", "2",
            "--seed", "5", "--checkpoint-every", "5", "--augmentation", "photo",
        ]
    }

    /// A search of six steps an epoch.
    func search(_ name: String, epochs: Int = 8) -> [String] {
        ["search", "--space", "./space.json", "--device", "pixel1", "--candidates", "3"] + run(name, epochs: epochs)
    }

    /// A training of six steps an epoch, of the network that a search has found.
    func train(_ name: String, of search: String, epochs: Int = 3) -> [String] {
        ["train", "--architecture", search] + run(name, epochs: epochs)
    }

    /// Runs the program in the directory, with a cache folder in it.
    func program(
        _ arguments: [String], cache: String = "cache", fileLimit: Int? = nil, interruptWhen condition: (() throws -> Bool)? = nil
    ) throws -> Program.Outcome {
        let folder = cache.hasPrefix("/") ? cache : directory.file(cache)
        return try Program.run(
            arguments, in: directory.path, fileLimit: fileLimit, environment: ["XDG_CACHE_HOME": folder],
            interruptWhen: condition)
    }

    func configuration(of run: String) throws -> JSON {
        try JSON(contentsOf: directory.file("\(run)/config.json"), what: "configuration")
    }
}
