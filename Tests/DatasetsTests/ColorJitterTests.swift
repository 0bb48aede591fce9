import Datasets
import Testing

@Suite("Changes of colour")
struct ColorJitterTests {
    /// What torchvision's `adjust_brightness`, `adjust_contrast` or `adjust_saturation` makes of a PIL image.
    struct Vector: Decodable {
        var change: String
        var factor: Double
        var values: String
    }

    private func changed(_ pixels: [UInt8], _ change: String, by factor: Double) throws -> [UInt8] {
        var pixels = pixels
        let count = pixels.count / 3
        switch change {
        case "brightness": ColorJitter.adjustBrightness(&pixels, count: count, factor: factor)
        case "contrast": ColorJitter.adjustContrast(&pixels, count: count, factor: factor)
        default:
            try #require(change == "saturation")
            ColorJitter.adjustSaturation(&pixels, count: count, factor: factor)
        }
        return pixels
    }

    @Test("are those of torchvision, bit for bit")
    func vectors() throws {
        let vectors = try ByteVectors.cases("colours", as: Vector.self)
        #expect(vectors.count == 27)
        let image = patterned(height: 9, width: 11, channels: 3)
        for vector in vectors {
            let made = try changed(image, vector.change, by: vector.factor), expected = ByteVectors.bytes(vector.values)
            #expect(made == expected, "\(vector.change) \(vector.factor): \(largestDifference(made, expected))")
        }
    }

    @Test("with a factor of one change nothing", arguments: ["brightness", "contrast", "saturation"])
    func identity(change: String) throws {
        let image = patterned(height: 20, width: 20, channels: 3)
        #expect(try changed(image, change, by: 1) == image)
    }
}
