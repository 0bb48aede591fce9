import Datasets
import Testing

@Suite("Batch sampler")
struct BatchSamplerTests {
    private func sampler(
        count: Int = 50, batch: Int = 8, seed: UInt64 = 7, augmentation: Augmentation = .fashionMNIST
    ) throws -> BatchSampler {
        try BatchSampler(
            dataset: numberedImages(count: count), batch: batch, seed: seed, augmentation: augmentation,
            statistics: sampleStatistics)
    }

    /// All batches of the epoch that the sampler stands at.
    private func batches(of sampler: BatchSampler) throws -> [BatchBuffer] {
        try (0..<sampler.stepsPerEpoch).map { step in
            var buffer = BatchBuffer(batch: sampler.batch, valuesPerImage: 70)
            try buffer.fill(from: sampler, step: step, rows: 0..<sampler.batch)
            return buffer
        }
    }

    private func order(of sampler: BatchSampler) throws -> [Int32] { try batches(of: sampler).flatMap(\.labels) }

    @Test("an epoch shows every image once")
    func permutation() throws {
        var sampler = try sampler(batch: 10)
        for epoch in 0..<4 {
            sampler.startEpoch(epoch)
            #expect(try order(of: sampler).sorted() == Array(0..<50))
        }
    }

    @Test("an incomplete last batch is dropped")
    func incompleteBatch() throws {
        let sampler = try sampler(batch: 8)
        #expect(sampler.stepsPerEpoch == 6)
        #expect(try Set(order(of: sampler)).count == 48)
    }

    @Test("the order differs by epoch and by seed, and is the same for the same")
    func orders() throws {
        var orders: Set<[Int32]> = []
        for seed: UInt64 in 0..<5 {
            var sampler = try sampler(batch: 50, seed: seed)
            for epoch in 0..<5 {
                sampler.startEpoch(epoch)
                orders.insert(try order(of: sampler))
            }
        }
        #expect(orders.count == 25)
        #expect(try order(of: sampler(seed: 3)) == order(of: sampler(seed: 3)))
    }

    @Test("each image comes to each place about equally often")
    func evenness() throws {
        var sampler = try sampler(count: 5, batch: 5)
        var occurrences = [Int](repeating: 0, count: 25)
        for epoch in 0..<10_000 {
            sampler.startEpoch(epoch)
            for (place, image) in try order(of: sampler).enumerated() {
                occurrences[place * 5 + Int(image)] += 1
            }
        }
        // Five standard deviations of a binomial distribution about 2,000.
        #expect(occurrences.allSatisfy { abs($0 - 2000) < 200 }, "\(occurrences)")
    }

    @Test("an epoch started at once is the one reached by going through those before")
    func resuming() throws {
        var throughAll = try sampler()
        for epoch in 0...3 {
            throughAll.startEpoch(epoch)
            _ = try batches(of: throughAll)
        }
        var atOnce = try sampler()
        atOnce.startEpoch(3)
        #expect(atOnce.epoch == 3)
        #expect(try batches(of: atOnce) == batches(of: throughAll))

        let atStart = try batches(of: try sampler())
        throughAll.startEpoch(0)
        #expect(try batches(of: throughAll) == atStart)
    }

    @Test("filling in parts, in any order, gives the same bits as filling at once, and touches no other row")
    func parts() throws {
        let sampler = try sampler()
        let whole = try batches(of: sampler)[2]
        var inParts = BatchBuffer(batch: 8, valuesPerImage: 70)
        try inParts.fill(from: sampler, step: 2, rows: 5..<8)
        #expect(inParts.labels.prefix(5) == [-1, -1, -1, -1, -1])
        #expect(inParts.images.prefix(5 * 70).allSatisfy { $0 == -1000 })
        try inParts.fill(from: sampler, step: 2, rows: 0..<1)
        try inParts.fill(from: sampler, step: 2, rows: 3..<3)
        try inParts.fill(from: sampler, step: 2, rows: 1..<5)
        #expect(inParts == whole)
    }

    @Test("the order does not depend on the augmentation")
    func orderAndAugmentation() throws {
        #expect(try order(of: sampler(augmentation: .none)) == order(of: sampler(augmentation: .fashionMNIST)))
    }

    /// What a placement makes of an image, pixel by pixel.
    private func placed(
        _ image: Int, of pixels: [UInt8], down: Int, right: Int, mirrored: Bool
    ) -> [Float] {
        var frame: [Float] = []
        for row in 0..<5 {
            for column in 0..<7 {
                for channel in 0..<2 {
                    let (sourceRow, shifted) = (row - down, column - right)
                    let isInside = (0..<5).contains(sourceRow) && (0..<7).contains(shifted)
                    let sourceColumn = mirrored ? 6 - shifted : shifted
                    let raw = isInside ? pixels[((image * 5 + sourceRow) * 7 + sourceColumn) * 2 + channel] : 0
                    let (mean, deviation) = (
                        sampleStatistics.mean[channel], sampleStatistics.standardDeviation[channel]
                    )
                    frame.append((Float(raw) / 255 - mean) / deviation)
                }
            }
        }
        return frame
    }

    @Test(
        "images come in every shift and mirror image allowed, about equally often, and in no other",
        arguments: [(0, false), (0, true), (1, false), (2, true), (9, true)])
    func placements(maximumShift: Int, mirror: Bool) throws {
        let dataset = numberedImages(count: 4), pixels = try dataset.pixels
        var sampler = try BatchSampler(
            dataset: dataset, batch: 4, seed: 11,
            augmentation: Augmentation(maximumShift: maximumShift, mirror: mirror), statistics: sampleStatistics)
        let shifts = -maximumShift...maximumShift
        // How many placements make each frame: those that move an image out of its frame all make the same.
        var weights: [[[Float]: Int]] = Array(repeating: [:], count: 4)
        for image in 0..<4 {
            for down in shifts {
                for right in shifts {
                    for mirrored in mirror ? [false, true] : [false] {
                        weights[image][
                            placed(image, of: pixels, down: down, right: right, mirrored: mirrored), default: 0] += 1
                    }
                }
            }
        }
        let possible = shifts.count * shifts.count * (mirror ? 2 : 1)
        let epochs = 100 * possible
        var occurrences = weights.map { $0.mapValues { _ in 0 } }
        for epoch in 0..<epochs {
            sampler.startEpoch(epoch)
            let buffer = try batches(of: sampler)[0]
            for row in 0..<4 {
                let frame = Array(buffer.images[(row * 70)..<((row + 1) * 70)])
                let image = Int(buffer.labels[row])
                try #require(occurrences[image][frame] != nil, "no placement makes this frame")
                occurrences[image][frame]! += 1
            }
        }
        for image in 0..<4 {
            for (frame, weight) in weights[image] {
                let share = Double(weight) / Double(possible)
                let expected = share * Double(epochs)
                let deviation = (expected * (1 - share)).squareRoot()
                #expect(abs(Double(occurrences[image][frame]!) - expected) <= 5 * deviation)
            }
        }
    }

    @Test("an epoch of Fashion-MNIST has zero mean and unit variance")
    func normalization() throws {
        let training = try FashionMNIST.source.get().training
        let sampler = try BatchSampler(
            dataset: training, batch: 1000, seed: 1, augmentation: .none, statistics: training.channelStatistics)
        var buffer = BatchBuffer(batch: 1000, valuesPerImage: 784)
        var (sum, squares) = (0.0, 0.0)
        for step in 0..<sampler.stepsPerEpoch {
            try buffer.fill(from: sampler, step: step, rows: 0..<1000)
            for value in buffer.images {
                sum += Double(value)
                squares += Double(value) * Double(value)
            }
        }
        let count = Double(training.count * training.shape.count)
        #expect(abs(sum / count) < 1e-5)
        #expect(abs(squares / count - 1) < 1e-5)
    }

    @Test("a batch that the images cannot fill is refused", arguments: [-1, 0, 51])
    func batchOutOfRange(batch: Int) throws {
        let error = try #require(#expect(throws: DatasetError.self) { try sampler(batch: batch) })
        #expect(
            error.description
                == "cannot make batches of \(batch) images of numbered: expected a batch of 1 to 50, the images that there are")
    }

    @Test("a square around any pixel is set to the mean, as far as it lies within", arguments: [0, 1, 2, 3, 20])
    func erased(side: Int) throws {
        let dataset = numberedImages(count: 4)
        func sampler(_ side: Int) throws -> BatchSampler {
            try BatchSampler(
                dataset: dataset, batch: 4, seed: 5,
                augmentation: Augmentation(maximumShift: 1, mirror: true, erasedSide: side),
                statistics: sampleStatistics)
        }
        var erasing = try sampler(side), plain = try sampler(0)
        var middles: Set<[Int]> = []
        for epoch in 0..<200 {
            erasing.startEpoch(epoch)
            plain.startEpoch(epoch)
            let found = try batches(of: erasing)[0].images, expected = try batches(of: plain)[0].images
            for row in 0..<4 {
                // Every place whose square leaves what is found; at least one must be there.
                var fitting: [[Int]] = []
                for middleRow in 0..<5 {
                    for middleColumn in 0..<7 {
                        let rows = (middleRow - side / 2)..<(middleRow - side / 2 + side)
                        let columns = (middleColumn - side / 2)..<(middleColumn - side / 2 + side)
                        let isSame = (0..<70).allSatisfy { index in
                            let isErased = rows.contains(index / 14) && columns.contains(index / 2 % 7)
                            return found[row * 70 + index] == (isErased ? 0 : expected[row * 70 + index])
                        }
                        if isSame { fitting.append([middleRow, middleColumn]) }
                    }
                }
                #expect(!fitting.isEmpty)
                middles.formUnion(fitting)
            }
        }
        #expect(middles.count == 35)
    }

    /// A batch of a sampler, before and after its pairs are mixed.
    private func mixed(
        by sampler: BatchSampler, step: Int, pairs: [Range<Int>]
    ) throws -> (before: BatchBuffer, after: BatchBuffer, others: [Int32], shares: [Float]) {
        var buffer = BatchBuffer(batch: sampler.batch, valuesPerImage: 70)
        try buffer.fill(from: sampler, step: step, rows: 0..<sampler.batch)
        let before = buffer
        var others = [Int32](repeating: -7, count: sampler.batch), shares = [Float](repeating: -7, count: sampler.batch)
        for pairs in pairs {
            sampler.mix(
                step: step, pairs: pairs, images: &buffer.images, labels: before.labels, others: &others, shares: &shares)
        }
        return (before, buffer, others, shares)
    }

    @Test("two images exchange a rectangle, and that part of their classes")
    func cutMix() throws {
        var sampler = try sampler(batch: 9, augmentation: Augmentation(maximumShift: 1, mirror: true, cutMix: 1))
        #expect(sampler.pairs == 4)
        var rectangles: Set<[Int]> = [], total = 0.0
        for epoch in 0..<100 {
            sampler.startEpoch(epoch)
            for step in 0..<sampler.stepsPerEpoch {
                let (before, after, others, shares) = try mixed(by: sampler, step: step, pairs: [0..<4])
                #expect(after.labels == before.labels)
                // The last of an odd batch has no partner.
                #expect(after.images[560..<630] == before.images[560..<630] && others[8] == -7 && shares[8] == -7)
                for pair in 0..<4 {
                    func pixel(_ buffer: BatchBuffer, row: Int, _ index: Int) -> [Float] {
                        Array(buffer.images[(row * 70 + index * 2)..<(row * 70 + index * 2 + 2)])
                    }
                    // Pixels outside of a shifted image are alike in both, so the rectangle may be larger than what shows.
                    let changed = (0..<35).filter { pixel(after, row: pair, $0) != pixel(before, row: pair, $0) }
                    for index in changed {
                        #expect(pixel(after, row: pair, index) == pixel(before, row: pair + 4, index))
                        #expect(pixel(after, row: pair + 4, index) == pixel(before, row: pair, index))
                    }
                    #expect(others[pair] == before.labels[pair + 4] && others[pair + 4] == before.labels[pair])
                    #expect(shares[pair] == shares[pair + 4])
                    let area = Int((shares[pair] * 35).rounded())
                    #expect(shares[pair] == Float(area) / 35 && area >= changed.count)
                    total += Double(shares[pair])
                    guard let first = changed.map({ $0 / 7 }).min(), let last = changed.map({ $0 / 7 }).max(),
                        let left = changed.map({ $0 % 7 }).min(), let right = changed.map({ $0 % 7 }).max()
                    else { continue }
                    #expect(area >= (last - first + 1) * (right - left + 1))
                    // Every pixel within that the two do not have in common was exchanged.
                    for index in 0..<35 where (first...last).contains(index / 7) && (left...right).contains(index % 7) {
                        let isAlike = pixel(before, row: pair, index) == pixel(before, row: pair + 4, index)
                        #expect(changed.contains(index) || isAlike)
                    }
                    rectangles.insert([first, last, left, right])
                }
            }
        }
        #expect(rectangles.count > 100)
        #expect(abs(total / 2000 - Self.meanShare) < 0.02, "\(total / 2000)")
    }

    /// The mean part of a frame of 5x7 pixels that is exchanged.
    private static let meanShare: Double = {
        let areas = (0..<10_000).map { (Double($0) + 0.5) / 10_000 }
        func covered(_ middle: Int, _ size: Int, _ side: Int) -> Int {
            (0..<size).filter { $0 >= middle - side / 2 && $0 < middle - side / 2 + side }.count
        }
        func mean(_ size: Int, _ side: Int) -> Double {
            Double((0..<size).map { covered($0, size, side) }.reduce(0, +)) / Double(size * size)
        }
        return areas.map { area in
            mean(5, Int(5 * area.squareRoot())) * mean(7, Int(7 * area.squareRoot()))
        }.reduce(0, +) / 10_000
    }()

    @Test("mixing in parts gives the same bits as at once, and CutMix changes neither order nor placement")
    func mixingInParts() throws {
        let augmentation = Augmentation(maximumShift: 2, mirror: true, cutMix: 0.7)
        let sampler = try sampler(augmentation: augmentation)
        let whole = try mixed(by: sampler, step: 3, pairs: [0..<4])
        let inParts = try mixed(by: sampler, step: 3, pairs: [2..<4, 0..<1, 1..<1, 1..<2])
        #expect(whole.after == inParts.after && whole.others == inParts.others && whole.shares == inParts.shares)
        #expect(whole.after.images != whole.before.images)
        #expect(try self.sampler().pairs == 0)
        #expect(try batches(of: sampler) == batches(of: self.sampler()))
    }

    @Test("as many pairs as asked exchange something")
    func cutMixProbability() throws {
        func exchanges(_ probability: Double) throws -> Int {
            var sampler = try sampler(batch: 50, augmentation: Augmentation(maximumShift: 0, mirror: false, cutMix: probability))
            var count = 0
            for epoch in 0..<100 {
                sampler.startEpoch(epoch)
                count += try mixed(by: sampler, step: 0, pairs: [0..<25]).shares.prefix(25).filter { $0 > 0 }.count
            }
            return count
        }
        let always = try exchanges(1), sometimes = try exchanges(0.4)
        // A rectangle that is drawn too small has no pixel.
        #expect(always > 2000)
        let expected = 0.4 * Double(always)
        #expect(abs(Double(sometimes) - expected) < 5 * expected.squareRoot(), "\(sometimes) of \(always)")
    }
}
