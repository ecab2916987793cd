import StatesLanguage
import WallTime

extension Explanation.Wait {
    /// The same with its sentence.
    func worded(_ now: Instant) -> Explanation.Wait {
        var worded = self
        worded.words = "\(type.rawValue) state '\(state)' \(what(now))".sentence
        return worded
    }

    private func what(_ now: Instant) -> String {
        switch reason {
        case .time(let until): "waits until \(until.iso8601) (\(until.distance(from: now)))"
        case .task(let resource, let scheduledAt, let startedAt, let attempt):
            "waits for the task \(resource), "
                + (startedAt.map { "under way since \($0.iso8601)" }
                    ?? "scheduled at \(scheduledAt.iso8601), which no worker has taken")
                + "\(attempt.words)\(timeout(now))"
        case .callback(let resource, let child, let since, let attempt):
            "waits since \(since.iso8601) for "
                + (child.map { "the end of the execution \($0)" } ?? "the answer to \(resource)")
                + "\(attempt.words)\(timeout(now))"
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

    /// Which iterations and which step failed, where something else has told of it.
    fileprivate var innerWords: [String] {
        guard let step else { return iterations.map { [$0.words] } ?? [] }
        let resource = step.resource.map { " (\($0))" } ?? ""
        let tries = step.tries == 1 ? "" : " after \(step.tries) tries"
        let own = Explanation.Failure(state: nil, error: step.failure.error, cause: step.failure.cause)
        let isTold = own.error == error && own.cause == cause
        let what = "The step that failed is '\(step.state)'\(resource), at \(step.at.iso8601)\(tries)"
        return [(what + (isTold ? ", with that error" : own.words)).sentence]
            + [iterations, step.iterations].compactMap {
                $0?.words
            }
    }
}

extension FailedIterations {
    fileprivate var words: String {
        let own = Explanation.Failure(state: nil, error: failure.error, cause: failure.cause)
        let which = count == 1 ? "that of item \(item)" : "first that of item \(item)"
        let verb = count == 1 ? "One of its iterations has failed" : "\(count) of its iterations have failed"
        return "\(verb), \(which) in the state '\(state)' at \(at.iso8601)\(own.words)".sentence
    }
}

extension Explanation {
    /// What follows the sentence about the end: what failed further in, and what to do.
    func furtherWords(_ now: Instant) -> [String] {
        var words = failure?.innerWords ?? []
        if let advice { words.append(advice) }
        if let deadLetter, let nextDue {
            words.append(
                "Dead letter \(deadLetter) redrives it by itself at \(nextDue.iso8601) (\(nextDue.distance(from: now)))."
            )
        }
        return words
    }

    private var advice: String? {
        let mended = "Once what the cause names is mended, "
        switch redrive {
        case .endsAgain(let state, .fail):
            return mended + "start another execution: a redrive would end in the Fail state '\(state)' again."
        case .endsAgain(let state, let type):
            return mended
                + "start another execution: a redrive has the same data, and would fail in the \(type.rawValue) state "
                + "'\(state)' again."
        case .refused(let reason): return "Start another execution: this one cannot be redriven, \(reason)."
        case .goesOn:
            guard let step = failure?.step else { return nil }
            return mended + "a redrive goes on from the state '\(failure?.state ?? step.state)'."
        case nil: return nil
        }
    }
}

extension String {
    /// With a full stop, unless it ends in one already, as many causes do.
    var sentence: String {
        let end = lastIndex { !$0.isWhitespace }.map(index(after:)) ?? endIndex
        let text = self[..<end]
        return text.last.map { ".!?…".contains($0) } == true ? String(text) : text + "."
    }
}

extension Instant {
    /// How far away the instant is, such as `in 3 h 12 min`, or `overdue`.
    fileprivate func distance(from now: Instant) -> String {
        let (left, overflows) = milliseconds.subtractingReportingOverflow(now.milliseconds)
        guard !overflows, left > 0 else { return overflows ? "never" : "overdue" }
        return "in " + ((left - 1) / 1000 + 1).inUnits
    }
}

extension Int64 {
    /// So many seconds in their two largest units, such as `3 h 12 min`.
    var inUnits: String {
        let parts = [(self / 86_400, "d"), (self / 3600 % 24, "h"), (self / 60 % 60, "min"), (self % 60, "s")]
        let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
        return shown.isEmpty ? "0 s" : shown.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
