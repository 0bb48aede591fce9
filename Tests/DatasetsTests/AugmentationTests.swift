import Datasets
import Engine
import Files
import Foundation
import TestSupport
import Testing

@Suite("Augmentation")
struct AugmentationTests {
    private static let frame = ImageShape(height: 224, width: 224, channels: 3)

    /// Checks that values of [0, 1) fall into ten equal parts about equally often: χ² of nine degrees of freedom within five
    /// standard deviations of its mean.
    private func expectUniform(_ values: [Double], _ what: String, sourceLocation: SourceLocation = #_sourceLocation) {
        var counts = [Int](repeating: 0, count: 10)
        for value in values {
            guard value >= 0, value < 1 else {
                Issue.record("\(what): \(value) is not in 0..<1", sourceLocation: sourceLocation)
                return
            }
            counts[Int(10 * value)] += 1
        }
        let expected = Double(values.count) / 10
        let chiSquare = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        #expect(chiSquare < 9 + 5 * 18.0.squareRoot(), "\(what): \(counts)", sourceLocation: sourceLocation)
    }

    @Test("crops parts of uniform area, of uniform proportions on a logarithmic scale, at uniform places")
    func crops() {
        let augmentation = Augmentation(maximumShift: 0, mirror: false, cropArea: 0.05...0.3)
        var random = RandomSource(seed: 5)
        let size = ImageSize(height: 3000, width: 3000), widest = log(16.0 / 9)
        var areas: [Double] = [], proportions: [Double] = [], rows: [Double] = [], columns: [Double] = []
        for _ in 0..<20_000 {
            let crop = augmentation.crop(of: size, for: Self.frame, from: &random)
            // Sides are rounded to whole pixels: a little outside is within.
            areas.append(min(max((crop.height * crop.width / 9e6 - 0.05) / 0.25, 0), 0.999_999))
            proportions.append(min(max((log(crop.width / crop.height) + widest / 2) / widest, 0), 0.999_999))
            rows.append((crop.top + 0.5) / (3001 - crop.height))
            columns.append((crop.left + 0.5) / (3001 - crop.width))
        }
        expectUniform(areas, "area")
        expectUniform(proportions, "proportions")
        expectUniform(rows, "top")
        expectUniform(columns, "left")
    }

    @Test("crops a part that lies within the image, of the allowed area and proportions where they fit", arguments: [
        (500, 375), (375, 500), (224, 224), (40, 1000), (3, 2), (1, 1), (20_000, 1), (1, 20_000), (64, 65),
    ])
    func bounds(height: Int, width: Int) {
        var random = RandomSource(seed: UInt64(height * 7 + width))
        let size = ImageSize(height: height, width: width)
        var distinct: Set<CropRectangle> = []
        for _ in 0..<3000 {
            let crop = Augmentation.photo.crop(of: size, for: Self.frame, from: &random)
            distinct.insert(crop)
            #expect(crop.top >= 0 && crop.left >= 0 && crop.height > 0 && crop.width > 0)
            #expect(crop.top + crop.height <= Double(height) + 1e-6 && crop.left + crop.width <= Double(width) + 1e-6)
            guard min(height, width) >= 224 else { continue }
            let proportions = crop.width / crop.height, share = crop.height * crop.width / Double(height * width)
            #expect(proportions > 0.74 && proportions < 1.35)
            #expect(share > 0.248 && share <= 1)
        }
        #expect(min(height, width) < 64 || distinct.count > 2900)
    }

    @Test("crops what an evaluation sees where no part is to be cropped, and draws nothing for it")
    func noCrop() {
        var random = RandomSource(seed: 1), other = random
        let size = ImageSize(height: 300, width: 400)
        #expect(Augmentation.none.crop(of: size, for: Self.frame, from: &random) == CropRectangle(middleOf: size, for: Self.frame))
        #expect(random.next() == other.next())
    }

    @Test("sees the middle 224/256 of an image in an evaluation, and the whole of one that is not larger than the frame")
    func middle() {
        func crop(_ height: Int, _ width: Int) -> CropRectangle {
            CropRectangle(middleOf: ImageSize(height: height, width: width), for: Self.frame)
        }
        #expect(crop(256, 256) == CropRectangle(top: 16, left: 16, height: 224, width: 224))
        #expect(crop(512, 1024) == CropRectangle(top: 32, left: 288, height: 448, width: 448))
        #expect(crop(224, 224) == CropRectangle(wholeOf: 224, by: 224))
        #expect(crop(100, 200) == CropRectangle(wholeOf: 100, by: 200))
        let wide = CropRectangle(middleOf: ImageSize(height: 256, width: 512), for: ImageShape(height: 112, width: 224, channels: 3))
        #expect(wide == CropRectangle(top: 16, left: 32, height: 224, width: 448))
    }

    @Test("multiplies brightness by a uniform factor within 1 − jitter and 1 + jitter")
    func brightness() {
        let augmentation = Augmentation(maximumShift: 0, mirror: false, jitter: 0.2)
        let shape = ImageShape(height: 2, width: 2, channels: 3)
        var random = RandomSource(seed: 8)
        var factors: [Double] = []
        for _ in 0..<20_000 {
            // Of one grey: contrast and saturation leave it alone.
            var pixels = [UInt8](repeating: 100, count: 12)
            augmentation.changeColours(&pixels, of: shape, from: &random)
            #expect(Set(pixels).count == 1)
            // The value is rounded down.
            factors.append((Double(pixels[0]) + 0.5 - 80) / 40)
        }
        expectUniform(factors, "brightness")
    }

    @Test("keeps contrast and saturation within their bounds, and changes them")
    func contrastAndSaturation() {
        let augmentation = Augmentation(maximumShift: 0, mirror: false, jitter: 0.2)
        let shape = ImageShape(height: 1, width: 2, channels: 3)
        var random = RandomSource(seed: 9)
        var distances: Set<Int> = [], spreads: Set<Int> = []
        for _ in 0..<5000 {
            var pixels: [UInt8] = [80, 80, 80, 120, 120, 120]
            augmentation.changeColours(&pixels, of: shape, from: &random)
            // Of greys: the product of the factors of brightness and contrast, from 0.64 to 1.44.
            distances.insert(Int(pixels[3]) - Int(pixels[0]))
            var colours: [UInt8] = [120, 100, 80, 120, 100, 80]
            augmentation.changeColours(&colours, of: shape, from: &random)
            // Two pixels of one colour: all three factors, from 0.512 to 1.728.
            spreads.insert(Int(colours[0]) - Int(colours[2]))
        }
        #expect(distances.min()! >= 24 && distances.max()! <= 59 && distances.count > 25, "\(distances.sorted())")
        #expect(spreads.min()! >= 18 && spreads.max()! <= 71 && spreads.count > 30, "\(spreads.sorted())")
    }

    @Test("leaves colours alone without jitter, and grey images always")
    func noJitter() {
        var random = RandomSource(seed: 1)
        let image = patterned(height: 4, width: 4, channels: 3)
        var pixels = image
        Augmentation(maximumShift: 0, mirror: true, cropArea: 0.5...1)
            .changeColours(&pixels, of: ImageShape(height: 4, width: 4, channels: 3), from: &random)
        Augmentation.photo.changeColours(&pixels, of: ImageShape(height: 6, width: 8, channels: 1), from: &random)
        #expect(pixels == image)
    }

    @Test("of images of one size is what it was before photos: crops and colours draw nothing for them")
    func fixedSizes() throws {
        func bytes(_ augmentation: Augmentation) throws -> BatchBuffer {
            var sampler = try BatchSampler(
                dataset: numberedImages(count: 50), batch: 50, seed: 7, augmentation: augmentation, statistics: sampleStatistics)
            sampler.startEpoch(2)
            return try filled(sampler, step: 0, threads: 1)
        }
        let plain = try bytes(.fashionMNIST)
        #expect(try bytes(Augmentation(maximumShift: 2, mirror: true, cropArea: 0.1...0.2, jitter: 0.9)) == plain)
        // As it was made before there were crops and colours.
        let words = plain.images.map { UInt64($0.bitPattern) } + plain.labels.map { UInt64($0) }
        #expect(words.reduce(14_695_981_039_346_656_037) { ($0 ^ $1) &* 1_099_511_628_211 } == 17_315_330_984_691_598_469)
    }
}
