import Datasets
import Files

/// A reader of images for each thread, and what kept each from reading.
///
///     let readers = ThreadReaders(threads: pool.threads, make: sampler.makeReader)
///     pool.run { thread in readers.run(thread) { reader throws(FileError) in … } }
///     try readers.check()
package final class ThreadReaders {
    private let readers: [DatasetReader]
    private let failures: UnsafeMutableBufferPointer<FileError?>

    package init(threads: Int, make: () -> DatasetReader) {
        readers = (0..<threads).map { _ in make() }
        failures = .allocate(capacity: threads)
        failures.initialize(repeating: nil)
    }

    deinit {
        failures.deinitialize()
        failures.deallocate()
    }

    /// Runs `body` with the reader of a thread, on that thread.
    package func run(_ thread: Int, _ body: (DatasetReader) throws(FileError) -> Void) {
        do throws(FileError) {
            try body(readers[thread])
        } catch {
            failures[thread] = error
        }
    }

    /// - Throws: the error of the first thread that had one since the last check.
    package func check() throws(FileError) {
        let failure = failures.lazy.compactMap(\.self).first
        failures.update(repeating: nil)
        if let failure { throw failure }
    }
}
