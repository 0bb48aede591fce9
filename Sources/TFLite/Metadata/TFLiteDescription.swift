import CTFLite

/// What the metadata of a model say of its input, one image, and of its output, a value for every class: what the
/// TensorFlow Lite Task Library and Android Studio read (schema 1.1.0 of the TensorFlow Lite Support library).
public struct TFLiteDescription: Hashable, Sendable {
    /// The name of the blob that holds it.
    public static let metadataName = "TFLITE_METADATA"
    /// The name of the file of the classes in the archive.
    public static let labelFile = "labels.txt"

    public var name: String
    public var description: String
    /// Of the network, such as a digest.
    public var version = ""
    public var author = ""
    public var input = Tensor(name: "image")
    public var output = Tensor(name: "logits")
    /// The width and height of an image.
    public var width: Int
    public var height: Int
    /// 1 for grey images, 3 for red, green and blue; other numbers are not told.
    public var channels: Int
    /// What is subtracted from each channel of an image of bytes, and what it is then divided by: one number a channel,
    /// for bytes of 0 to 255, not of 0 to 1. Empty where the graph takes bytes.
    public var mean: [Float] = []
    public var std: [Float] = []
    /// The least and greatest value of the input, one a channel, or one for all.
    public var least: [Float] = []
    public var greatest: [Float] = []
    /// The file of the archive that names the classes, one a line; nil where there is none.
    public var labelFile: String?

    /// A tensor for people.
    public struct Tensor: Hashable, Sendable {
        public var name: String
        public var description: String

        public init(name: String, description: String = "") {
            self.name = name
            self.description = description
        }
    }

    public init(name: String, description: String, width: Int, height: Int, channels: Int) {
        self.name = name
        self.description = description
        self.width = width
        self.height = height
        self.channels = channels
    }

    /// The bytes of the blob.
    var bytes: [UInt8] {
        let memory = CTFLMemory()
        var written = CTFLDescription()
        written.name = memory.text(name)
        written.description = memory.text(description)
        written.version = memory.text(version)
        written.author = memory.text(author)
        written.input_name = memory.text(input.name)
        written.input_description = memory.text(input.description)
        written.output_name = memory.text(output.name)
        written.output_description = memory.text(output.description)
        written.color_space = channels == 3 ? 1 : channels == 1 ? 2 : 0
        written.width = UInt32(width)
        written.height = UInt32(height)
        written.mean = memory.copy(mean[...])
        written.mean_count = mean.count
        written.std = memory.copy(std[...])
        written.std_count = std.count
        written.least = memory.copy(least[...])
        written.least_count = least.count
        written.greatest = memory.copy(greatest[...])
        written.greatest_count = greatest.count
        written.label_file = labelFile.flatMap { memory.text($0) }
        var bytes: [UInt8] = []
        withUnsafeMutablePointer(to: &bytes) { ctfl_write_description(&written, takeBytes, $0) }
        return bytes
    }

    /// Reads the blob of a model; nil for bytes that are none.
    init?(_ bytes: ArraySlice<UInt8>) {
        var found: TFLiteDescription?
        let isRead = bytes.withUnsafeBufferPointer { bytes in
            withUnsafeMutablePointer(to: &found) { found in
                ctfl_read_description(
                    bytes.baseAddress, bytes.count,
                    { context, description in
                        guard let context, let description else { return }
                        context.assumingMemoryBound(to: TFLiteDescription?.self).pointee =
                            TFLiteDescription(description.pointee)
                    }, found)
            }
        }
        guard isRead == 1, let found else { return nil }
        self = found
    }

    private init(_ read: CTFLDescription) {
        func numbers(_ pointer: UnsafePointer<Float>?, _ count: Int) -> [Float] {
            Array(UnsafeBufferPointer(start: pointer, count: count))
        }
        self.init(
            name: String(cString: read.name), description: String(cString: read.description),
            width: Int(read.width), height: Int(read.height),
            channels: read.color_space == 1 ? 3 : read.color_space == 2 ? 1 : 0)
        version = String(cString: read.version)
        author = String(cString: read.author)
        input = Tensor(name: String(cString: read.input_name), description: String(cString: read.input_description))
        output = Tensor(name: String(cString: read.output_name), description: String(cString: read.output_description))
        mean = numbers(read.mean, read.mean_count)
        std = numbers(read.std, read.std_count)
        least = numbers(read.least, read.least_count)
        greatest = numbers(read.greatest, read.greatest_count)
        labelFile = read.label_file.map { String(cString: $0) }
    }
}

extension TFLiteModel {
    /// Adds or replaces what the metadata say, and the file of the classes' names that they speak of.
    ///
    /// - Parameter classNames: in the order of the output; nil where they are not known. A line break in a name is a space.
    public mutating func describe(_ description: TFLiteDescription, classNames: [String]?) {
        var description = description
        description.labelFile = classNames.map { _ in TFLiteDescription.labelFile }
        metadata.removeAll { $0.name == TFLiteDescription.metadataName }
        metadata.append(TFLiteMetadata(name: TFLiteDescription.metadataName, bytes: description.bytes[...]))
        files.removeAll { $0.name == TFLiteDescription.labelFile }
        if let classNames {
            let lines = classNames.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") + "\n" }
            files.append(ArchivedFile(name: TFLiteDescription.labelFile, bytes: Array(lines.joined().utf8)[...]))
        }
    }

    /// What the metadata say; nil where there are none, or they cannot be read.
    public var described: TFLiteDescription? {
        metadata.first { $0.name == TFLiteDescription.metadataName }.flatMap { TFLiteDescription($0.bytes) }
    }

    /// The names of the classes in the file that the metadata speak of; nil where there is none.
    public var classNames: [String]? {
        guard let name = described?.labelFile, let file = files.first(where: { $0.name == name }) else { return nil }
        var lines = String(decoding: file.bytes, as: UTF8.self)
            .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
