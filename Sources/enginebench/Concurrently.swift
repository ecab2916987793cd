/// Calls `body` with the numbers below `count`, so many at a time.
func concurrently(_ count: Int, _ inFlight: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<inFlight {
            group.addTask {
                for number in stride(from: worker, to: count, by: inFlight) { try await body(number) }
            }
        }
        try await group.waitForAll()
    }
}
