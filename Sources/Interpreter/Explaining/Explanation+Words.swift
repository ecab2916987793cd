import StatesLanguage
import WallTime

extension Explanation.Wait {
    /// The same with its sentence.
    func worded(_ now: Instant) -> Explanation.Wait {
        var worded = self
        worded.words = "\(type.rawValue) state '\(state)' \(sentence(now))."
        return worded
    }

    private func sentence(_ now: Instant) -> String {
        switch reason {
        case .time(let until): "waits until \(until.iso8601) (\(until.distance(from: now)))"
        case .task(let resource, let scheduledAt, let startedAt, let attempt):
            "waits for the task \(resource), "
                + (startedAt.map { "under way since \($0.iso8601)" }
                    ?? "scheduled at \(scheduledAt.iso8601), which no worker has taken")
                + "\(attempt.words)\(timeout(now))"
        case .callback(let resource, let since, let attempt):
            "waits since \(since.iso8601) for the answer to \(resource)\(attempt.words)\(timeout(now))"
        case .retry(let at, let attempt, let failure):
            "is tried again at \(at.iso8601) (\(at.distance(from: now)))\(attempt.words), because of "
                + (failure.error.isEmpty ? "an error without a name" : failure.error)
                + (failure.cause.isEmpty ? "" : ": \(failure.cause)")
        case .branches(let ended, let failed, let count):
            "waits for its branches: \(ended) of \(count) have ended" + (failed == 0 ? "" : ", \(failed) have failed")
        case .engine: "is about to go on"
        }
    }

    private func timeout(_ now: Instant) -> String {
        due.map { "; it times out at \($0.iso8601) (\($0.distance(from: now)))" } ?? ""
    }
}

extension Explanation.Attempt {
    fileprivate var words: String { most == 1 ? "" : ", attempt \(number) of \(most)" }
}

extension Explanation.Failure {
    /// What follows "failed".
    var words: String {
        switch (error, cause) {
        case (nil, nil): ""
        case (let error?, nil): ": \(error)"
        case (nil, let cause?): ": \(cause)"
        case (let error?, let cause?): ": \(error): \(cause)"
        }
    }

    /// Which step failed, and what to do, where another state has told of it.
    var stepWords: [String] {
        guard let step else { return [] }
        let resource = step.resource.map { " (\($0))" } ?? ""
        let tries = step.tries == 1 ? "" : " after \(step.tries) tries"
        let own = Explanation.Failure(
            error: step.failure.error.isEmpty ? nil : step.failure.error,
            cause: step.failure.cause.isEmpty ? nil : step.failure.cause)
        let isTold = own.error == error && own.cause == cause
        let what = "The step that failed is '\(step.state)'\(resource), at \(step.at.iso8601)\(tries)"
        let end = state ?? step.state
        let advice =
            step.isFinal
            ? "start another execution: a redrive would end in the Fail state '\(end)' again."
            : "a redrive goes on from the state '\(end)'."
        return [
            what + (isTold ? ", with that error." : "\(own.words)."), "Once what the cause names is mended, \(advice)",
        ]
    }
}

extension Instant {
    /// How far away the instant is, such as `in 3 h 12 min`, or `overdue`.
    fileprivate func distance(from now: Instant) -> String {
        let (left, overflows) = milliseconds.subtractingReportingOverflow(now.milliseconds)
        guard !overflows, left > 0 else { return overflows ? "never" : "overdue" }
        let seconds = (left - 1) / 1000 + 1
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s"),
        ]
        let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
        return "in " + shown.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
