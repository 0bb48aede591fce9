import Datasets
import Testing

@Suite("Image data sets")
struct ImageDatasetTests {
    /// Three images of 1×2 pixels with two channels.
    private let dataset = ImageDataset(
        name: "sample", shape: ImageShape(height: 1, width: 2, channels: 2), classes: 5,
        pixels: [0, 7, 255, 7, 0, 7, 255, 7, 51, 7, 204, 7], labels: [4, 0, 1])

    @Test("the first images are those stored first")
    func prefix() throws {
        let two = try dataset.prefix(2)
        #expect(two.count == 2)
        #expect(try two.pixels == [0, 7, 255, 7, 0, 7, 255, 7])
        #expect(two.labels == [4, 0])
        #expect((two.name, two.classes) == ("sample", 5))
        #expect(try dataset.prefix(3).pixels == dataset.pixels)
    }

    @Test("a number of first images out of range is refused", arguments: [-1, 0, 4, .max])
    func prefixOutOfRange(length: Int) throws {
        let error = try #require(#expect(throws: DatasetError.self) { try dataset.prefix(length) })
        #expect(
            error.description == "cannot take the first \(length) images of sample: expected a number from 1 to 3")
    }

    @Test("statistics are those of each channel, and a constant channel divides by 1")
    func statistics() throws {
        let statistics = try dataset.channelStatistics
        #expect(statistics.mean == [0.5, Float(7.0 / 255)])
        // Deviations from one half: four of 0.5 and two of 0.3.
        #expect(statistics.standardDeviation == [Float((1.18 / 6).squareRoot()), 1])
    }

    @Test("Fashion-MNIST has its well-known mean and deviation")
    func fashionMNIST() throws {
        let statistics = try FashionMNIST.source.get().training.channelStatistics
        #expect(abs(statistics.mean[0] - 0.2860) < 5e-5)
        #expect(abs(statistics.standardDeviation[0] - 0.3530) < 5e-5)
    }
}
