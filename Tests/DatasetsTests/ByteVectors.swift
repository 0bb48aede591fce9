import Datasets
import Foundation
import TestSupport

/// A file of `Vectors/`: a list of cases, of which Pillow or torchvision made the bytes.
enum ByteVectors {
    static func cases<Case: Decodable>(_ name: String, as type: Case.Type) throws -> [Case] {
        let path = "\(ShippedFiles.root)/Tests/DatasetsTests/Vectors/\(name).json"
        return try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// The bytes that are written in hexadecimal.
    static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.utf8.map { UInt8($0 < 58 ? $0 - 48 : $0 - 87) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

/// An image that a formula makes, with hard edges; `formula` of make_vectors.py.
func patterned(height: Int, width: Int, channels: Int) -> [UInt8] {
    var pixels: [UInt8] = []
    for y in 0..<height {
        for x in 0..<width {
            for c in 0..<channels {
                let blocks = x / 3 + y / 3
                let value = 37 * x + 91 * y + 7 * x * y + 53 * c + x * x * y % 61
                pixels.append(blocks % 7 == 0 ? 0 : blocks % 5 == 0 ? 255 : UInt8(value % 256))
            }
        }
    }
    return pixels
}

/// An image without edges, different at every place and in every channel.
func smooth(height: Int, width: Int, channels: Int) -> [UInt8] {
    (0..<height * width * channels).map { index in
        let (c, x, y) = (Double(index % channels), Double(index / channels % width), Double(index / channels / width))
        return UInt8(255 * (0.5 + 0.3 * sin(0.06 * x + 1.7 * c + 0.1) + 0.2 * cos(0.07 * y + 0.005 * x * (c + 1))))
    }
}

/// A part of an image, resized by a new resampler.
func resampled(
    _ pixels: [UInt8], height: Int, width: Int, channels: Int = 3, crop: CropRectangle, to output: (height: Int, width: Int),
    mirrored: Bool = false
) -> [UInt8] {
    var result = [UInt8](repeating: 77, count: output.height * output.width * channels)
    pixels.withUnsafeBufferPointer { pixels in
        result.withUnsafeMutableBufferPointer {
            ImageResampler().resample(
                ImagePixels(pixels.baseAddress!, height: height, width: width, channels: channels), crop: crop,
                height: output.height, width: output.width, mirrored: mirrored, into: $0.baseAddress!)
        }
    }
    return result
}

/// The largest difference of two values at the same place; more than any where the counts differ.
func largestDifference(_ a: [UInt8], _ b: [UInt8]) -> Int {
    a.count == b.count && !a.isEmpty ? zip(a, b).map { abs(Int($0) - Int($1)) }.max()! : 256
}
