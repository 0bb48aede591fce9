import CScheduling
import Glibc
import Synchronization

/// Threads that wait for work. Each always gets the same share: what thread 3 of 4 does depends only on the sizes, so
/// sums over the threads have the same bits every time.
///
/// Where a machine has fewer cores than there are threads, each core computes several of them in turn. So a run that began
/// with eight threads comes to the same bits on two cores, as fast as two threads are there: threads that wait for each
/// other, more of them than cores, would spend nearly all of the time waiting.
///
///     let pool = ThreadPool(threads: 2)
///     pool.run { thread in scale(rows[pool.share(of: rowCount, for: thread)]) }
///
/// Work that recurs is created once, as `SharedWork`: running that allocates nothing.
public final class ThreadPool: @unchecked Sendable {
    /// The number of threads, including the caller.
    public let threads: Int

    private let exchange: Exchange
    private var workers: [pthread_t] = []

    /// The number of cores of this machine that the calling thread may run on: fewer than there are in a container or
    /// below `taskset`.
    public static var availableCores: Int {
        var cores = cpu_set_t()
        guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &cores) == 0 else {
            return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        }
        return withUnsafeBytes(of: cores) { $0.reduce(0) { $0 + $1.nonzeroBitCount } }
    }

    /// - Parameters:
    ///   - threads: into how many shares work is split.
    ///   - cores: how many of them are computed at the same time, at most; the result is the same for any number.
    public init(threads: Int, cores: Int = ThreadPool.availableCores) {
        require(threads >= 1, "ThreadPool: at least one thread is needed, got \(threads)")
        require(cores >= 1, "ThreadPool: at least one core is needed, got \(cores)")
        self.threads = threads
        exchange = Exchange(threads: threads, cores: min(threads, cores))
        for index in 1..<exchange.cores {
            let start = Unmanaged.passRetained(WorkerStart(exchange: exchange, index: index))
            var thread = pthread_t()
            let status = pthread_create(&thread, nil, { argument in
                let start = Unmanaged<WorkerStart>.fromOpaque(argument!).takeRetainedValue()
                start.exchange.serve(start.index)
                return nil
            }, start.toOpaque())
            require(status == 0, "ThreadPool: the system refused a thread (error \(status))")
            workers.append(thread)
        }
    }

    /// The argument of a worker thread.
    private final class WorkerStart {
        let exchange: Exchange
        let index: Int
        init(exchange: Exchange, index: Int) {
            self.exchange = exchange
            self.index = index
        }
    }

    deinit {
        exchange.post(nil, stopping: true)
        for worker in workers { pthread_join(worker, nil) }
    }

    /// Runs `body(thread)` once for each thread and returns when all are done. Not to be called from `body`.
    public func run(_ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { run(SharedWork($0)) }
    }

    /// Runs work once on each thread and returns when all are done. Not to be called from the work.
    public func run(_ work: SharedWork) {
        guard exchange.cores > 1 else { return exchange.compute(work, on: 0) }
        exchange.finished.store(0, ordering: .relaxed)
        exchange.post(work, stopping: false)
        exchange.compute(work, on: 0)
        exchange.waitUntilFinished(workers: exchange.cores - 1)
        exchange.work = nil
    }

    /// One thread's share of 0..<count: contiguous, in thread order, a multiple of `grain` except for the last.
    public func share(of count: Int, for thread: Int, grain: Int = 1) -> Range<Int> {
        let grains = (count + grain - 1) / grain
        let start = grains * thread / threads * grain
        let end = grains * (thread + 1) / threads * grain
        return min(start, count)..<min(end, count)
    }

    /// Passes work from the pool to its workers. The workers hold this and not the pool; else the pool would never be
    /// freed.
    private final class Exchange {
        private let threads: Int
        /// How many system threads there are, including the caller.
        let cores: Int
        let generation = Atomic<Int>(0)
        let finished = Atomic<Int>(0)
        /// Whether the caller sleeps until the last worker wakes it.
        private let isCallerAsleep = Atomic<Bool>(false)
        private var callersPatience = Patience()
        var work: SharedWork?
        private var stopping = false
        private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        /// Signals of new work to the workers, and of finished work to the caller.
        private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

        init(threads: Int, cores: Int) {
            (self.threads, self.cores) = (threads, cores)
            pthread_mutex_init(mutex, nil)
            pthread_cond_init(wake, nil)
            pthread_cond_init(done, nil)
        }

        deinit {
            pthread_cond_destroy(wake)
            pthread_cond_destroy(done)
            pthread_mutex_destroy(mutex)
            wake.deallocate()
            done.deallocate()
            mutex.deallocate()
        }

        /// Runs work for the threads that a core has: as many as any other has, or one more.
        func compute(_ work: SharedWork, on core: Int) {
            for thread in threads * core / cores..<threads * (core + 1) / cores { work.body(thread) }
        }

        /// Wakes the workers, to work or to stop.
        func post(_ work: SharedWork?, stopping: Bool) {
            pthread_mutex_lock(mutex)
            self.work = work
            self.stopping = stopping
            generation.wrappingAdd(1, ordering: .sequentiallyConsistent)
            pthread_cond_broadcast(wake)
            pthread_mutex_unlock(mutex)
        }

        /// Returns when so many workers have finished.
        func waitUntilFinished(workers: Int) {
            func isFinished() -> Bool { finished.load(ordering: .sequentiallyConsistent) == workers }
            if callersPatience.poll(isFinished) { return }
            pthread_mutex_lock(mutex)
            // Said before the last look: a worker that finishes after that look sees it.
            isCallerAsleep.store(true, ordering: .sequentiallyConsistent)
            while !isFinished() { pthread_cond_wait(done, mutex) }
            isCallerAsleep.store(false, ordering: .sequentiallyConsistent)
            pthread_mutex_unlock(mutex)
        }

        /// The loop of a worker until the pool stops it.
        func serve(_ index: Int) {
            var seen = 0
            var patience = Patience()
            while true {
                func isPosted() -> Bool { generation.load(ordering: .acquiring) != seen }
                if !patience.poll(isPosted) {
                    pthread_mutex_lock(mutex)
                    while !isPosted() { pthread_cond_wait(wake, mutex) }
                    pthread_mutex_unlock(mutex)
                }
                seen += 1
                if stopping { return }
                if let work { compute(work, on: index) }
                finished.wrappingAdd(1, ordering: .sequentiallyConsistent)
                if isCallerAsleep.load(ordering: .sequentiallyConsistent) {
                    pthread_mutex_lock(mutex)
                    pthread_cond_signal(done)
                    pthread_mutex_unlock(mutex)
                }
            }
        }
    }
}
