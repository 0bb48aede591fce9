import Datasets
import Testing

// example: Datasets
func firstBatch(of dataset: ImageDataset, size: Int) throws -> (images: [Float], labels: [Int32]) {
    var sampler = try BatchSampler(
        dataset: dataset, batch: size, seed: 7, augmentation: .fashionMNIST, statistics: dataset.channelStatistics)
    let reader = sampler.makeReader()
    sampler.startEpoch(0)
    var images = [Float](repeating: 0, count: size * dataset.shape.count)
    var labels = [Int32](repeating: 0, count: size)
    try images.withUnsafeMutableBufferPointer { images in
        try labels.withUnsafeMutableBufferPointer { labels in
            try sampler.fill(
                step: 0, rows: 0..<size, by: reader, images: images.baseAddress!, labels: labels.baseAddress!)
        }
    }
    return (images, labels)
}
// end of example

@Suite("The example of Datasets")
struct DatasetsExample {
    @Test("fills a batch with normalised images and their labels")
    func batch() throws {
        let dataset = ImageDataset(
            name: "grey", shape: ImageShape(height: 8, width: 8, channels: 1), classes: 4,
            pixels: (0..<32 * 64).map { UInt8($0 * 37 % 256) }, labels: (0..<32).map { UInt8($0 % 4) })
        let batch = try firstBatch(of: dataset, size: 16)
        #expect(batch.images.count == 16 * 64 && batch.labels.count == 16)
        #expect(batch.images.allSatisfy { $0.isFinite })
        #expect(batch.images.contains { $0 < 0 } && batch.images.contains { $0 > 0 })
        #expect(Set(batch.labels).isSubset(of: [0, 1, 2, 3]))
    }
}
