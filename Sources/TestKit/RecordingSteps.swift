package import Engine
package import JSONModel

/// Steps that remember how often, and with which keys, they were carried out.
package final class RecordingSteps: Sendable {
    package struct Call: Sendable, Equatable {
        package var step: String
        package var key: String
        package var input: JSONValue
        package var retryCount: Int
    }

    private let state = Guarded<[Call]>([])

    package init() {}

    package var calls: [Call] { state.withLock { $0 } }

    package func calls(of step: String) -> [Call] { calls.filter { $0.step == step } }

    package func note(_ step: String, _ context: TaskContext, _ input: JSONValue) {
        let call = Call(step: step, key: context.idempotencyKey, input: input, retryCount: context.retryCount)
        state.withLock { $0.append(call) }
    }

    /// A step that touches the world: it is noted here, in memory, which no roll-back reaches.
    package func external(
        _ name: String, _ body: @escaping @Sendable (TaskContext, JSONValue) async throws -> JSONValue = { $1 }
    ) -> Step<MemoryTransaction> {
        Step(perform: { context, input in
            self.note(name, context, input)
            return try await body(context, input)
        })
    }

    /// A step that touches only the store: it counts itself there.
    package static func transactional(
        _ name: String,
        _ body: @escaping @Sendable (Work<MemoryTransaction>, JSONValue) throws -> JSONValue = { $1 }
    ) -> Step<MemoryTransaction> {
        Step(record: { work, _, input, _ in
            try work.transaction.count(name)
            return try body(work, input)
        })
    }
}
