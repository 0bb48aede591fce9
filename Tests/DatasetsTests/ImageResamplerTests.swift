import Datasets
import Engine
import TestSupport
import Testing

@Suite("Resampling of images")
struct ImageResamplerTests {
    /// What Pillow's `resize` with `BILINEAR` makes of an image of `patterned`.
    struct Vector: Decodable {
        var size: [Int]
        /// Left, top, right, bottom.
        var box: [Double]
        var output: [Int]
        var values: String

        var crop: CropRectangle {
            CropRectangle(top: box[1], left: box[0], height: box[3] - box[1], width: box[2] - box[0])
        }
    }

    /// With memory behind the output that must stay.
    private func resampled(
        _ pixels: [UInt8], size: [Int], crop: CropRectangle, to output: (height: Int, width: Int), mirrored: Bool = false,
        by resampler: ImageResampler = ImageResampler()
    ) -> [UInt8] {
        // Exactly as much memory as the image and the output have.
        let image = UnsafeMutablePointer<UInt8>.allocate(capacity: pixels.count)
        defer { image.deallocate() }
        image.initialize(from: pixels, count: pixels.count)
        let count = output.height * output.width * size[2]
        var result = [UInt8](repeating: 77, count: count + 1000)
        result.withUnsafeMutableBufferPointer {
            resampler.resample(
                ImagePixels(image, height: size[0], width: size[1], channels: size[2]), crop: crop, height: output.height,
                width: output.width, mirrored: mirrored, into: $0.baseAddress!)
        }
        #expect(result[count...].allSatisfy { $0 == 77 })
        return Array(result.prefix(count))
    }

    @Test("is that of Pillow, bit for bit, with every instruction set and in memory that was used before")
    func vectors() throws {
        let vectors = try ByteVectors.cases("resampling", as: Vector.self)
        #expect(vectors.count >= 24)
        for set in ExecutionContext.kernelSets {
            let resampler = ImageResampler(kernelSet: set)
            for vector in vectors {
                let pixels = patterned(height: vector.size[0], width: vector.size[1], channels: vector.size[2])
                let made = resampled(
                    pixels, size: vector.size, crop: vector.crop, to: (vector.output[0], vector.output[1]), by: resampler)
                #expect(made == ByteVectors.bytes(vector.values), "\(set), \(vector.size), \(vector.box), \(vector.output)")
            }
        }
    }

    @Test("mirrors what it makes otherwise")
    func mirrored() throws {
        for vector in try ByteVectors.cases("resampling", as: Vector.self) {
            let pixels = patterned(height: vector.size[0], width: vector.size[1], channels: vector.size[2])
            let made = resampled(
                pixels, size: vector.size, crop: vector.crop, to: (vector.output[0], vector.output[1]), mirrored: true)
            let (width, channels) = (vector.output[1], vector.size[2])
            let upright = ByteVectors.bytes(vector.values)
            let expected = (0..<upright.count).map { index in
                let (row, column, channel) = (index / (width * channels), index / channels % width, index % channels)
                return upright[(row * width + width - 1 - column) * channels + channel]
            }
            #expect(made == expected, "\(vector.size), \(vector.box), \(vector.output)")
        }
    }

    @Test("is within one of a triangle filter in double precision, for parts at any place")
    func anyPlace() {
        var random = SeededRandom(seed: 3)
        let resampler = ImageResampler()
        for round in 0..<200 {
            let size = [random.integer(in: 1...40), random.integer(in: 1...40), random.element(of: [1, 3])]
            let output = (height: random.integer(in: 1...30), width: random.integer(in: 1...30))
            let height = Double(size[0]) * (0.01 + 0.99 * random.unit()), width = Double(size[1]) * (0.01 + 0.99 * random.unit())
            let crop = CropRectangle(
                top: (Double(size[0]) - height) * random.unit(), left: (Double(size[1]) - width) * random.unit(),
                height: height, width: width)
            let pixels = (0..<size[0] * size[1] * size[2]).map { _ in random.byte(in: 0...255) }
            let made = resampled(pixels, size: size, crop: crop, to: output, by: resampler)
            var error = 0.0
            for y in 0..<output.height {
                let rows = triangle(y, of: output.height, from: crop.top, length: crop.height, size: size[0])
                for x in 0..<output.width {
                    let columns = triangle(x, of: output.width, from: crop.left, length: crop.width, size: size[1])
                    for c in 0..<size[2] {
                        var value = 0.0
                        for (row, a) in rows {
                            for (column, b) in columns {
                                let pixel = pixels[(row * size[1] + column) * size[2] + c]
                                value += a * b * Double(pixel)
                            }
                        }
                        let found = made[(y * output.width + x) * size[2] + c]
                        error = max(error, abs(Double(found) - value))
                    }
                }
            }
            // Half a unit for each of two roundings, and a little for the weights.
            #expect(error <= 1.01, "round \(round), \(size), \(crop), \(output)")
        }
    }

    /// The pixels of an axis with their weights, from the definition.
    private func triangle(
        _ index: Int, of count: Int, from start: Double, length: Double, size: Int
    ) -> [(Int, Double)] {
        let scale = length / Double(count), reach = max(1, scale), center = start + (Double(index) + 0.5) * scale
        let weights: [Double] = (0..<size).map { pixel in
            let distance = abs(Double(pixel) + 0.5 - center)
            return max(0, 1 - distance / reach)
        }
        let sum = weights.reduce(0, +)
        return (0..<size).filter { weights[$0] > 0 }.map { ($0, weights[$0] / sum) }
    }

    @Test("copies pixels where nothing is resized, in either direction")
    func copies() {
        let pixels = patterned(height: 20, width: 30, channels: 3)
        let crop = CropRectangle(top: 3, left: 4, height: 10, width: 12)
        let made = resampled(pixels, size: [20, 30, 3], crop: crop, to: (10, 12))
        #expect(made == part(of: pixels, width: 30, columns: 4..<16))
        // In one direction alone: columns of the image when it is made half as wide.
        let narrow = resampled(pixels, size: [20, 30, 3], crop: crop, to: (10, 6))
        let whole = resampled(pixels, size: [20, 30, 3], crop: CropRectangle(wholeOf: 20, by: 30), to: (20, 15))
        #expect(narrow == part(of: whole, width: 15, columns: 2..<8))
    }

    /// Columns of the rows 3 to 12 of an RGB image.
    private func part(of pixels: [UInt8], width: Int, columns: Range<Int>) -> [UInt8] {
        var part: [UInt8] = []
        for row in 3..<13 {
            let start = row * width * 3
            part += pixels[start + columns.lowerBound * 3..<start + columns.upperBound * 3]
        }
        return part
    }

    @Test("allocates nothing once its memory has grown")
    func memory() throws {
        let vectors = try ByteVectors.cases("resampling", as: Vector.self)
        let resampler = ImageResampler()
        func all() {
            for vector in vectors {
                let pixels = patterned(height: vector.size[0], width: vector.size[1], channels: vector.size[2])
                _ = resampled(
                    pixels, size: vector.size, crop: vector.crop, to: (vector.output[0], vector.output[1]), by: resampler)
            }
        }
        all()
        let held = resampler.heldBytes
        all()
        #expect(held > 0 && resampler.heldBytes == held)
    }
}
