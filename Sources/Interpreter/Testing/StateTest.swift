package import JSONModel
package import StatesLanguage
package import WallTime

/// One state tried out by itself (AWS, `TestState`): what it makes of its input, and of a result that a mock or the
/// world gives it, with every step of the data on the way.
package struct StateTest: Sendable {
    /// What the state is told besides its definition.
    package struct Setting: Sendable {
        package var input: JSONValue
        package var variables: [String: JSONValue] = [:]
        /// In place of the context object that an execution would show.
        package var context: JSONValue?
        /// Retries that the retrier of the error has behind it.
        package var retries = 0
        /// Iterations of a Map that failed.
        package var failedIterations: Int?
        /// What a Map's `ItemReader` has read.
        package var itemReaderData: [JSONValue]?

        package init(input: JSONValue) { self.input = input }
    }

    package enum Status: String, Sendable {
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        case retriable = "RETRIABLE"
        case caught = "CAUGHT_ERROR"
    }

    package struct Report: Sendable {
        package var status = Status.succeeded
        package var output: JSONValue?
        package var failure: TaskFailure?
        package var nextState: String?
        /// Variables once the state has ended.
        package var variables: [String: JSONValue]
        /// The steps of the data, in the names of the API; those that were not reached are missing.
        package var inspection: JSONObject
    }

    let state: State
    let setting: Setting
    let evaluation: StateEvaluation
    private let now: Instant

    /// - Parameter identity: of the execution that the context object shows.
    package init(_ state: State, setting: Setting, identity: ExecutionIdentity, now: Instant, seed: UInt64) {
        self.state = state
        self.setting = setting
        self.now = now
        var visit = StateVisit(
            type: state.kind.type, name: state.name, input: setting.input, enteredID: 2, previousID: 0,
            enteredAt: now, entry: 1)
        visit.retryCount = setting.retries
        var context = ContextObject(identity: identity, input: setting.input, redriveCount: 0)
        context.given = setting.context ?? context.withoutRedrives(for: visit)
        evaluation = StateEvaluation(
            definition: state, visit: visit, variables: setting.variables, contextObject: context, now: now,
            seed: seed)
    }

    /// What a Task's resource is called with.
    /// - Throws: the report, when that cannot be computed.
    package func arguments() -> Result<JSONValue, Failed> {
        do {
            return .success(try evaluation.arguments())
        } catch {
            return .failure(Failed(report: run(result: nil)))
        }
    }

    /// A test that ended before the task.
    package struct Failed: Error { package let report: Report }

    /// Runs the state to its end.
    /// - Parameter result: of the task, the branches or the iterations; nil for a state that has none.
    package func run(result: Result<JSONValue, TaskFailure>?) -> Report {
        var run = Run(test: self)
        do throws(StateFailure) {
            try run.enter()
            switch result {
            case .failure(let failure): throw StateFailure(failure)
            case .success(let value): try run.finish(result: value)
            case nil: try run.finish(now: now)
            }
        } catch {
            run.fail(error)
        }
        return run.report
    }
}

extension ContextObject {
    /// A test's execution is never redriven, and its context does not speak of it.
    fileprivate func withoutRedrives(for visit: StateVisit) -> JSONValue {
        guard var object = value(for: visit).objectValue, var execution = object["Execution"]?.objectValue else {
            return [:]
        }
        execution["RedriveCount"] = nil
        object["Execution"] = .object(execution)
        return .object(object)
    }
}
