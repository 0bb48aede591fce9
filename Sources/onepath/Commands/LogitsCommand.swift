import Architectures
import ArgumentParser
import Engine
import Exporter
import Files
import Quantization
import Training

struct LogitsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logits", abstract: "Computes the logits of images, to compare with other programs.",
        discussion: """
            Reads the tensor "images", float32 [count, height, width, channels], already normalised, from a \
            safetensors file, and writes the tensor "logits", [count, classes], into another. With --int8, the logits are \
            those of the network that onepath export --int8 writes with the same options.
            """)

    @OptionGroup var network: NetworkOptions

    @Option(help: "The safetensors file with the images.", completion: .file(extensions: ["safetensors"]))
    var images: String

    @Option(help: "The safetensors file to write.", completion: .file())
    var output: String

    @OptionGroup var threads: ThreadsOption
    @OptionGroup var quantization: QuantizationOptions

    @Option(help: "The images that --int8 calibrates with (default: those of the run).", completion: .dataSets)
    var data: String?

    @OptionGroup var photos: PhotoOptions

    func validate() throws {
        try network.check()
        if !quantization.int8, let given = data != nil ? "--data" : photos.given {
            throw ValidationError("\(given): expected --int8, which it is for, found none")
        }
    }

    func run() throws {
        try AtomicFile.checkWritable(output)
        let threads = threads.announced()
        let files = try network.files
        let weights = try files.trained()
        let architecture = weights.weights.architecture.resized(to: quantization.resolution)
        try ConvNet.check(architecture)
        let values: (images: [Float], count: Int), logits: [Float]
        if quantization.int8 {
            let quantized = try quantization.quantize(
                weights, of: files, data: data, photos: photos, threads: threads
            ).int8
            values = try read(for: quantized.input)
            logits = NetworkEvaluation(quantized, context: ExecutionContext(threads: threads)).logits(of: values.images)
        } else {
            values = try read(for: architecture.input)
            logits = try compute(
                values.images, count: values.count, weights.weights.adopted(by: architecture), threads: threads)
        }
        try SafetensorsFile.write(
            [NamedTensor(name: "logits", shape: [values.count, architecture.classes], values: logits)], to: output)
        print("The logits of \(values.count) images are in \(output).")
    }

    /// Reads the images of a network.
    ///
    /// - Throws: `FileError`, also where they have other sides.
    private func read(for input: FeatureShape) throws -> (images: [Float], count: Int) {
        let file = try SafetensorsFile(path: images, what: "images")
        guard let found = try file.tensor("images") else { throw file.problem(of: "images", "there is none") }
        guard found.shape.count == 4, Array(found.shape[1...]) == [input.height, input.width, input.channels],
            found.shape[0] > 0
        else {
            throw file.problem(
                of: "images",
                "expected shape [count, \(input.height), \(input.width), \(input.channels)], found \(found.shape)")
        }
        return (found.values, found.shape[0])
    }

    private func compute(_ images: [Float], count: Int, _ weights: TrainedWeights, threads: Int) throws -> [Float] {
        let batch = min(count, 16), input = weights.architecture.input
        let trained = try ConvNet(evaluating: weights, resolution: nil, batch: batch, threads: threads)
        var logits: [Float] = []
        for start in stride(from: 0, to: count, by: batch) {
            let rows = min(batch, count - start)
            images.withUnsafeBufferPointer { values in
                trained.images.values.pointer.update(
                    from: values.baseAddress! + start * input.count, count: rows * input.count)
            }
            trained.forward(training: false)
            logits += trained.logits.values.values.prefix(rows * weights.architecture.classes)
        }
        return logits
    }
}
