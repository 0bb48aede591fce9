/// Work of which each thread of a pool does its share, told its number from 0.
///
/// A closure that is passed to a pool is copied for the other threads, each time. What a layer does in every step is
/// made once instead:
///
///     private lazy var forwardPass = SharedWork { [unowned self] in passForward($0) }
///     public func forward(training: Bool) { context.pool.run(forwardPass) }
///
/// What is done often in a pass belongs into a method as here: a closure counts `self` at each use, and threads that count
/// one object at the same time wait for each other.
public struct SharedWork {
    let body: (Int) -> Void

    public init(_ body: @escaping (Int) -> Void) { self.body = body }
}
