import Datasets
import Testing

@Suite("Evaluation batches")
struct EvaluationBatchesTests {
    @Test("hold every image once, as stored, the last batch what is left")
    func storedOrder() throws {
        let dataset = numberedImages(count: 10)
        let batches = EvaluationBatches(dataset: dataset, batch: 4, statistics: sampleStatistics)
        #expect(batches.steps == 3)
        #expect((0..<3).map(batches.count(inStep:)) == [4, 4, 2])

        var images: [Float] = []
        var labels: [Int32] = []
        for step in 0..<batches.steps {
            let count = batches.count(inStep: step)
            var buffer = BatchBuffer(batch: 4, valuesPerImage: 70)
            try buffer.fill(from: batches, step: step, rows: 1..<count)
            #expect(buffer.labels[0] == -1)
            try buffer.fill(from: batches, step: step, rows: 0..<1)
            #expect(buffer.labels[count...].allSatisfy { $0 == -1 })
            #expect(buffer.images[(count * 70)...].allSatisfy { $0 == -1000 })
            images += buffer.images[..<(count * 70)]
            labels += buffer.labels[..<count]
        }
        #expect(labels == Array(0..<10))
        #expect(
            images == (try dataset.pixels).enumerated().map { place, raw in
                (Float(raw) / 255 - sampleStatistics.mean[place % 2]) / sampleStatistics.standardDeviation[place % 2]
            })
    }

    @Test("may be larger than the data set")
    func oneShortBatch() {
        let batches = EvaluationBatches(dataset: numberedImages(count: 3), batch: 100, statistics: sampleStatistics)
        #expect(batches.steps == 1)
        #expect(batches.count(inStep: 0) == 3)
    }
}
