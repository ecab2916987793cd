/// Parked executions that something happened to lately: what arrives for one of them next needs no fold of its journal.
/// Bounded; the one that has been here longest leaves first.
struct WarmExecutions {
    private var executions: [ExecutionID: (execution: LoadedExecution, stamp: Int)] = [:]
    /// Arrivals in order. One that was taken out since is passed over when its turn comes.
    private var arrivals: [(id: ExecutionID, stamp: Int)] = []
    private var head = 0
    private var stamp = 0
    var limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func insert(_ execution: LoadedExecution) {
        guard limit > 0 else { return }
        stamp += 1
        executions[execution.id] = (execution, stamp)
        arrivals.append((execution.id, stamp))
        while executions.count > limit { dropOldest() }
        if arrivals.count > 4 * limit { forgetThePast() }
    }

    subscript(_ id: ExecutionID) -> LoadedExecution? { executions[id]?.execution }

    mutating func remove(_ id: ExecutionID) -> LoadedExecution? { executions.removeValue(forKey: id)?.execution }

    private mutating func dropOldest() {
        let oldest = arrivals[head]
        head += 1
        if executions[oldest.id]?.stamp == oldest.stamp { executions[oldest.id] = nil }
    }

    private mutating func forgetThePast() {
        arrivals = arrivals[head...].filter { executions[$0.id]?.stamp == $0.stamp }
        head = 0
    }
}
