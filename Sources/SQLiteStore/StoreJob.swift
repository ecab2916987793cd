/// One call of `write` or `read` on its way through a thread: what it does, and how its caller hears of it.
struct StoreJob: Sendable {
    typealias Resume = @Sendable () -> Void

    /// Runs the caller's closure. What it returns gives the caller its result, once the caller may have it.
    let perform: @Sendable (SQLiteTransaction) throws -> Resume
    /// Throws the error at the caller.
    let fail: @Sendable (any Error) -> Void

    init<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteTransaction) throws -> Result,
        _ caller: UnsafeContinuation<Result, any Error>
    ) {
        perform = { transaction in
            let result = try body(transaction)
            return { caller.resume(returning: result) }
        }
        fail = { caller.resume(throwing: $0) }
    }
}
