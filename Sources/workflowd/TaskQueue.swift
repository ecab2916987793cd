/// Work that begins only once all that was asked for before has ended: of two who read the same files at once, the one who
/// read first would else put in force last what it read.
struct TaskQueue {
    private var last: Task<Void, Never>?

    mutating func add<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) -> Task<Value, any Error> {
        let before = last
        let task = Task {
            await before?.value
            return try await work()
        }
        last = Task { _ = await task.result }
        return task
    }
}
