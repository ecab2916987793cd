/// One entry of `Retry` (ASL, "Retrying after error"), with the specification's defaults filled in.
package struct Retrier: Sendable {
    package enum Jitter: String, Sendable { case none = "NONE", full = "FULL" }

    package var errorEquals: [String]
    package var intervalSeconds: Int
    package var maxAttempts: Int
    package var backoffRate: Double
    package var maxDelaySeconds: Int?
    package var jitter: Jitter

    package init(
        errorEquals: [String], intervalSeconds: Int = 1, maxAttempts: Int = 3, backoffRate: Double = 2,
        maxDelaySeconds: Int? = nil, jitter: Jitter = .none
    ) {
        self.errorEquals = errorEquals
        self.intervalSeconds = intervalSeconds
        self.maxAttempts = maxAttempts
        self.backoffRate = backoffRate
        self.maxDelaySeconds = maxDelaySeconds
        self.jitter = jitter
    }
}

/// One entry of `Catch` (ASL, "Fallback states").
package struct Catcher: Sendable {
    package var errorEquals: [String]
    package var next: String
    package var resultPath: ResultPath
    package var assign: [(name: String, value: Template)]
    /// JSONata's `Output`.
    package var output: Template?

    package init(
        errorEquals: [String], next: String, resultPath: ResultPath = .root,
        assign: [(name: String, value: Template)] = [], output: Template? = nil
    ) {
        self.errorEquals = errorEquals
        self.next = next
        self.resultPath = resultPath
        self.assign = assign
        self.output = output
    }
}
