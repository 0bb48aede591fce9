import CKernels
import Engine

/// Resizes parts of images, 8-bit, with an antialiased triangle filter.
///
/// The result is Pillow's `Image.resize((width, height), BILINEAR, box=…)`, bit for bit where the box is representable in
/// float32: first along rows, then along columns, rounded to 8 bits after each. (Pillow 13 begins with the columns of some
/// tall images, and differs there by 1 of 255.) Pixels beside the part, within the image, count where the filter reaches
/// them. Sums are of integers, so the result does not depend on the instruction set.
///
/// One for every thread; it keeps its memory, and allocates none once that has grown.
public final class ImageResampler {
    private let kernels: onepath_kernels
    private var rows = ResamplingAxis()
    private var columns = ResamplingAxis()
    /// What the pass along rows made.
    private let narrowed = ByteBuffer()
    /// The last row of an image, behind which a kernel reads one byte.
    private let lastRow = ByteBuffer()

    /// - Parameter kernelSet: as of `ExecutionContext`.
    public init(kernelSet: String? = nil) {
        kernels = vectorKernels(kernelSet)
    }

    /// The memory that is held, in bytes.
    public var heldBytes: Int { rows.capacity + columns.capacity + narrowed.capacity + lastRow.capacity }

    /// Resizes a part of an image.
    ///
    /// - Parameters:
    ///   - image: of 1 or 3 channels.
    ///   - crop: the part, within the image.
    ///   - height: rows of the output, at least 1.
    ///   - width: columns of the output, at least 1.
    ///   - mirrored: whether left and right are exchanged.
    ///   - output: [height, width, channels]; none of the image's memory.
    public func resample(
        _ image: ImagePixels, crop: CropRectangle, height: Int, width: Int, mirrored: Bool = false,
        into output: UnsafeMutablePointer<UInt8>
    ) {
        precondition(
            crop.lies(within: image.height, by: image.width),
            "\(crop) is not within an image of \(image.height)×\(image.width) pixels")
        precondition(height > 0 && width > 0, "an image of \(height)×\(width) pixels has none")
        rows.set(from: crop.top, length: crop.height, of: image.height, to: height, mirrored: false)
        columns.set(from: crop.left, length: crop.width, of: image.width, to: width, mirrored: mirrored)
        let read = rows.range, channels = image.channels, values = width * channels
        // Rows that are the image's own, at a distance, or those that the first pass makes.
        var source = UnsafePointer(image.pixels + read.lowerBound * image.width * channels)
        var stride = image.width * channels
        if columns.isCopy {
            source += columns.range.lowerBound * channels
        } else {
            if !rows.isCopy { narrowed.reserve(read.count * values) }
            let target = rows.isCopy ? output : narrowed.pointer
            narrow(image, rows: read, into: target)
            if rows.isCopy { return }
            source = UnsafePointer(target)
            stride = values
        }
        for row in 0..<height {
            let target = output + row * values
            if rows.isCopy {
                target.update(from: source + row * stride, count: values)
                continue
            }
            let from = source + (Int(rows.starts[row]) - read.lowerBound) * stride
            rows.weights.withUnsafeBufferPointer {
                kernels.resample_rows(values, rows.taps, $0.baseAddress! + row * rows.taps, from, stride, target)
            }
        }
    }

    /// The pass along rows.
    private func narrow(_ image: ImagePixels, rows: Range<Int>, into output: UnsafeMutablePointer<UInt8>) {
        let (channels, stride) = (image.channels, image.width * image.channels)
        columns.starts.withUnsafeBufferPointer { starts in
            columns.weights.withUnsafeBufferPointer { weights in
                var resampling = onepath_resampling(
                    count: columns.count, channels: channels, taps: columns.taps, starts: starts.baseAddress,
                    weights: weights.baseAddress)
                for row in rows {
                    var from = image.pixels + row * stride
                    if row == image.height - 1 {
                        lastRow.reserve(stride + 1)
                        lastRow.pointer.update(from: from, count: stride)
                        from = UnsafePointer(lastRow.pointer)
                    }
                    kernels.resample_row(&resampling, from, output + (row - rows.lowerBound) * columns.count * channels)
                }
            }
        }
    }
}
