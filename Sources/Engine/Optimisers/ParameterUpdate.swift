/// The update of all parameters by an optimiser's kernel, each thread its share of every parameter.
final class ParameterUpdate {
    private let pool: ThreadPool
    private let work: SharedWork

    /// - Parameter update: updates a range of the values of the parameter at an index.
    init(
        of parameters: [Parameter], context: ExecutionContext,
        _ update: @escaping (_ index: Int, _ range: Range<Int>) -> Void
    ) {
        let pool = context.pool
        self.pool = pool
        work = SharedWork { thread in
            for index in parameters.indices {
                update(index, pool.share(of: parameters[index].value.count, for: thread, grain: 1024))
            }
        }
    }

    func run() { pool.run(work) }
}
