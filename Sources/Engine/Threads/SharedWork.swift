/// Work that the threads of a pool share; each thread gets its number, from 0.
///
/// A closure that is passed to a pool is copied for the other threads, each time. Work that recurs in every step is
/// created once instead:
///
///     private lazy var forwardPass = SharedWork { [unowned self] in passForward($0) }
///     public func forward(training: Bool) { context.pool.run(forwardPass) }
///
/// Inner loops of a pass belong into a method as here: a closure counts references to `self` at each use, and threads
/// that count the same object wait for each other.
public struct SharedWork {
    let body: (Int) -> Void

    public init(_ body: @escaping (Int) -> Void) { self.body = body }
}
