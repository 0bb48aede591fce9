/// The images of a data set, converted on demand to floats of zero mean and unit variance.
struct NormalizedImages: Sendable {
    let dataset: ImageDataset
    /// [channels, 256]: the normalised value of each stored value.
    private let table: [Float]

    init(_ dataset: ImageDataset, statistics: ChannelStatistics) {
        precondition(
            statistics.mean.count == dataset.shape.channels
                && statistics.standardDeviation.count == dataset.shape.channels,
            "statistics of \(statistics.mean.count) means and \(statistics.standardDeviation.count) deviations "
                + "do not fit the \(dataset.shape.channels) channels of \(dataset.name)")
        precondition(
            statistics.standardDeviation.allSatisfy { $0 > 0 && $0.isFinite },
            "a standard deviation of \(dataset.name) is not positive: \(statistics.standardDeviation)")
        self.dataset = dataset
        table = zip(statistics.mean, statistics.standardDeviation).flatMap { mean, deviation in
            (0..<256).map { (Float($0) / 255 - mean) / deviation }
        }
    }

    /// Writes one frame of 8-bit values, [height, width, channels].
    func write(
        _ pixels: UnsafePointer<UInt8>, placed placement: Placement, to frame: UnsafeMutablePointer<Float>
    ) {
        let (height, width, channels) = (dataset.shape.height, dataset.shape.width, dataset.shape.channels)
        // The columns of the frame that the image covers; the others, and rows outside of it, have the raw value 0.
        let firstColumn = min(max(placement.columnShift, 0), width)
        let endColumn = max(min(width + placement.columnShift, width), firstColumn)
        // The first pixel that is read of a row, and the step to the next.
        let first = placement.isMirrored ? width - 1 - (firstColumn - placement.columnShift) : firstColumn - placement.columnShift
        let step = placement.isMirrored ? -channels : channels
        table.withUnsafeBufferPointer { table in
            for row in 0..<height {
                let target = frame + row * width * channels
                let sourceRow = row - placement.rowShift
                guard (0..<height).contains(sourceRow) else {
                    writeOutside(columns: 0..<width, of: target)
                    continue
                }
                let source = pixels + sourceRow * width * channels
                writeOutside(columns: 0..<firstColumn, of: target)
                // Channel by channel: the loop over the columns then has nothing to compute but addresses.
                for channel in 0..<channels {
                    let values = table.baseAddress! + channel * 256
                    var from = source + (first * channels + channel), to = target + (firstColumn * channels + channel)
                    for _ in firstColumn..<endColumn {
                        to.pointee = values[Int(from.pointee)]
                        from += step
                        to += channels
                    }
                }
                writeOutside(columns: endColumn..<width, of: target)
            }
        }
        for row in placement.erasedRows {
            // The mean, once normalised, is 0.
            (frame + (row * width + placement.erasedColumns.lowerBound) * channels)
                .update(repeating: 0, count: placement.erasedColumns.count * channels)
        }
    }

    private func writeOutside(columns: Range<Int>, of row: UnsafeMutablePointer<Float>) {
        let channels = dataset.shape.channels
        for column in columns {
            for channel in 0..<channels {
                row[column * channels + channel] = table[channel * 256]
            }
        }
    }
}
