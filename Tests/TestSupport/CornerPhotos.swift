import Datasets
import Files

/// Grey images of any size that are asked: a bright quarter in the corner that their label says, and noise.
public struct CornerPhotos: ImageSource {
    public let name = "corners"
    public let count: Int
    public let classes = 4
    public let storedShape: ImageShape? = nil
    public let isOrderedByClass = false
    public var digest: String { FileDigest.sha256(ofText: "corners \(count)") }

    /// The side of an image before it is resized, in pixels.
    private static let side = 48

    public init(_ count: Int) { self.count = count }

    public func label(of image: Int) -> Int { image * 7 % 11 % 4 }

    public func makeReader(shape: ImageShape) -> any ImageReader { Reader(source: self, shape: shape) }

    /// All of them, as frames of the side of `SmallRuns.space`.
    public var dataset: ImageDataset { ImageDataset(self, shape: ImageShape(height: 8, width: 8, channels: 1)) }

    private final class Reader: ImageReader {
        private let source: CornerPhotos
        private let shape: ImageShape
        private let frame: UnsafeMutablePointer<UInt8>

        init(source: CornerPhotos, shape: ImageShape) {
            self.source = source
            self.shape = shape
            frame = .allocate(capacity: shape.count)
        }

        deinit { frame.deallocate() }

        func size(of image: Int) throws(FileError) -> ImageSize { ImageSize(height: side, width: side) }

        func frame(of image: Int, crop: CropRectangle) throws(FileError) -> UnsafeMutablePointer<UInt8> {
            let label = source.label(of: image)
            for row in 0..<shape.height {
                for column in 0..<shape.width {
                    let y = crop.top + crop.height * (Double(row) + 0.5) / Double(shape.height)
                    let x = crop.left + crop.width * (Double(column) + 0.5) / Double(shape.width)
                    let corner = (y < Double(side) / 2 ? 0 : 2) + (x < Double(side) / 2 ? 0 : 1)
                    let noise = (Int(y) * 31 + Int(x) * 17 + image * 101) % 97
                    frame[row * shape.width + column] = UInt8(noise + (corner == label ? 120 : 0))
                }
            }
            return frame
        }
    }
}
