package import StatesLanguage
package import WallTime

/// What an execution's history does not say, and an explanation needs.
package struct Circumstances: Sendable {
    /// Whether the process that is asked carries out such a task by itself: no worker takes it, and the history does not
    /// tell when it was begun.
    package var isDoneHere: @Sendable (Resource) -> Bool
    /// The workflow that started the execution; nil when none did.
    package var workflow: String?
    /// How many seconds the definition lets the execution run, whatever its workflow does; nil for as long as it likes.
    package var timeoutSeconds: Int?
    /// The executions, as `MACHINE:NAME`, that tasks have started and wait for.
    package var children: [TaskID: String]
    /// The dead letter that redrives the execution by itself, and when.
    package var nextRedrive: (deadLetter: Int64, at: Instant)?

    package init(
        isDoneHere: @escaping @Sendable (Resource) -> Bool = { _ in false }, workflow: String? = nil,
        timeoutSeconds: Int? = nil, children: [TaskID: String] = [:],
        nextRedrive: (deadLetter: Int64, at: Instant)? = nil
    ) {
        self.isDoneHere = isDoneHere
        self.workflow = workflow
        self.timeoutSeconds = timeoutSeconds
        self.children = children
        self.nextRedrive = nextRedrive
    }
}

extension Circumstances {
    /// The deadline by which an execution was last told to end.
    struct Limit {
        var seconds: Int64
        /// The workflow whose deadline it is; nil for the state machine's own.
        var workflow: String?
    }

    /// - Returns: nil when the history sets no deadline.
    func limit(_ history: [HistoryEvent]) -> Limit? {
        for event in history.reversed() {
            guard case .executionDeadline(let instant) = event.kind else { continue }
            let seconds = (instant.milliseconds - event.at.milliseconds) / 1000
            let isOwn = timeoutSeconds.map { Int64($0) == seconds } ?? false
            return Limit(seconds: seconds, workflow: isOwn ? nil : workflow)
        }
        return nil
    }
}
