import Engine
import Files
import Glibc

/// Finds the images of a folder whose files have the same bytes.
///
/// Only files of the same size can, and in a large set many have the same size by chance. So those that share their size are
/// compared by a small piece first, and only those that share it too are digested.
struct DuplicateSearch {
    /// An image, by its place in the order in which training images come first, and what it shares with its copies.
    private struct Candidate<Key: Comparable & Sendable>: Sendable {
        let key: Key
        let index: UInt32
    }

    private let folder: ImageFolder
    private var bySize: [Candidate<Int64>]
    private var bySample: [Candidate<UInt64>] = []
    private var byDigest: [Candidate<String>] = []
    private var done = 0
    private var isDigesting = false
    /// Images with the same bytes, each at least two, in order; complete when `compareSome` gives nil.
    private(set) var groups: [DuplicateImages] = []

    /// How many files a thread compares between two events.
    private static let comparedAtOnce = 128
    /// The size of the piece that is compared first, in bytes. It is taken from the middle, since images of one camera begin
    /// with the same tables.
    private static let piece = 4096

    /// - Parameter broken: images that are not compared, since they are of no use anyhow.
    init(_ folder: ImageFolder, leavingOut broken: [ImagePlace]) {
        self.folder = folder
        let total = folder.training.count + folder.validation.count
        var isBroken = [Bool](repeating: false, count: total)
        for place in broken { isBroken[folder.index(of: place)] = true }
        var candidates: [Candidate<Int64>] = []
        for index in 0..<total where !isBroken[index] {
            let place = folder.place(index)
            let size = Int64(folder[place.part].size(at: place.index))
            candidates.append(Candidate(key: size, index: UInt32(index)))
        }
        bySize = Self.shared(candidates)
    }

    /// Compares some files.
    ///
    /// - Returns: how many of how many were compared in this phase; nil after the last.
    mutating func compareSome(_ pool: ThreadPool) -> (images: Int, total: Int)? {
        if !isDigesting, done == bySize.count {
            bySample = Self.shared(bySample)
            (isDigesting, done) = (true, 0)
        }
        let total = isDigesting ? bySample.count : bySize.count
        if done == total {
            makeGroups()
            return nil
        }
        let range = done..<min(total, done + Self.comparedAtOnce * pool.threads)
        if isDigesting {
            byDigest += pool.results(range.count) { offset -> Candidate<String>? in
                let index = bySample[range.lowerBound + offset].index
                // A file that is gone meanwhile is no copy.
                return (try? FileDigest.sha256(of: path(index))).map { Candidate(key: $0, index: index) }
            }.compactMap(\.self)
        } else {
            bySample += pool.results(range.count) { offset -> Candidate<UInt64>? in
                let candidate = bySize[range.lowerBound + offset]
                return Self.sample(path(candidate.index), size: candidate.key).map {
                    Candidate(key: $0, index: candidate.index)
                }
            }.compactMap(\.self)
        }
        done = range.upperBound
        return (done, total)
    }

    private func path(_ index: UInt32) -> String {
        let place = folder.place(Int(index))
        return folder[place.part].path(at: place.index)
    }

    private mutating func makeGroups() {
        groups = []
        for copy in Self.shared(byDigest) {
            let place = folder.place(Int(copy.index))
            if groups.last?.sha256 == copy.key {
                groups[groups.count - 1].places.append(place)
            } else {
                groups.append(DuplicateImages(sha256: copy.key, places: [place]))
            }
        }
        groups.sort { $0.places[0] < $1.places[0] }
    }

    /// The candidates that share their key with others, by key and then in their order.
    private static func shared<Key>(_ candidates: [Candidate<Key>]) -> [Candidate<Key>] {
        let sorted = candidates.sorted { ($0.key, $0.index) < ($1.key, $1.index) }
        return sorted.indices.filter { index in
            (index > 0 && sorted[index - 1].key == sorted[index].key)
                || (index + 1 < sorted.count && sorted[index + 1].key == sorted[index].key)
        }.map { sorted[$0] }
    }

    /// A hash of the size and of a piece from the middle of the file; nil where it cannot be read.
    private static func sample(_ path: String, size: Int64) -> UInt64? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: piece, alignment: 8) { bytes in
            let count = pread(descriptor, bytes.baseAddress, bytes.count, off_t(max(0, (size - Int64(piece)) / 2)))
            guard count >= 0 else { return nil }
            var hash = PathHash()
            withUnsafeBytes(of: size.littleEndian) { size in for byte in size { hash.add(byte) } }
            for byte in bytes[..<count] { hash.add(byte) }
            return hash.value
        }
    }
}
