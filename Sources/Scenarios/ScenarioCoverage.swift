import Interpreter
import StatesLanguage

/// Which parts of a state machine a run has reached: states, and the ways out of them.
struct ScenarioReach: Sendable {
    private(set) var parts: Set<String> = []

    init(_ history: [HistoryEvent], _ machine: StateMachine) {
        let states = machine.scope.allStates
        var open: [FrameID: String] = [:]
        var failing: [FrameID: TaskFailure] = [:]
        for event in history {
            switch event.kind {
            case .stateEntered(_, let name, _):
                parts.insert(name)
                if let before = open[event.frame], let state = states[before] {
                    noteWay(from: state, to: name, failing[event.frame])
                }
                open[event.frame] = name
                failing[event.frame] = nil
            case .taskFailed(_, let failure), .taskTimedOut(_, let failure), .mapFailed(let failure),
                .parallelFailed(let failure), .evaluationFailed(let failure, _, _):
                failing[event.frame] = failure
                if let name = open[event.frame], let state = states[name] { noteRefusal(of: state, failure) }
            case .taskScheduled: failing[event.frame] = nil
            case .retryPlanned(_, let retrier):
                if let name = open[event.frame] { parts.insert("\(name) Retry[\(retrier)]") }
            default: break
            }
        }
    }

    private mutating func noteWay(from state: State, to target: String, _ failure: TaskFailure?) {
        if let failure, let index = state.catchers.firstIndex(where: { $0.errorEquals.contains(failure) }),
            state.catchers[index].next == target
        {
            parts.insert("\(state.name) Catch[\(index)]")
        }
        guard case .choice(let choice) = state.kind else { return }
        // The history does not say by which of several ways to one state it went: these count as one.
        for (index, rule) in choice.rules.enumerated() where rule.next == target {
            parts.insert("\(state.name) Choices[\(index)]")
        }
        if choice.defaultNext == target { parts.insert("\(state.name) Default") }
    }

    /// A retrier with no attempts is reached when it keeps an error from those behind it.
    private mutating func noteRefusal(of state: State, _ failure: TaskFailure) {
        guard let index = state.retriers.firstIndex(where: { $0.errorEquals.contains(failure) }),
            state.retriers[index].maxAttempts == 0
        else { return }
        parts.insert("\(state.name) Retry[\(index)]")
    }
}

extension [String] {
    /// Whether an `ErrorEquals` names the failure, as the interpreter matches it.
    fileprivate func contains(_ failure: TaskFailure) -> Bool {
        let isTimeout = ["States.Timeout", "States.HeartbeatTimeout"].contains(failure.error)
        return contains { name in
            switch name {
            case "States.ALL": true
            case "States.TaskFailed": !isTimeout
            case "States.HeartbeatTimeout": isTimeout
            default: name == failure.error
            }
        }
    }
}

/// Which parts of a state machine all scenarios of a file have reached together.
package struct ScenarioCoverage: Sendable {
    package let reached: [String]
    package let missed: [String]

    package var percent: Double {
        let all = reached.count + missed.count
        return all == 0 ? 100 : Double(reached.count) * 100 / Double(all)
    }

    package init(_ suite: ScenarioSuite, _ judgements: [ScenarioJudgement]) {
        let found = judgements.reduce(into: Set<String>()) { $0.formUnion($1.reached.parts) }
        let all = suite.machine.scope.allParts
        reached = all.filter(found.contains)
        missed = all.filter { !found.contains($0) }
    }
}

extension StateScope {
    /// All states by name, however deep.
    var allStates: [String: State] {
        states.values.reduce(into: states) { all, state in
            for scope in state.innerScopes { all.merge(scope.allStates) { first, _ in first } }
        }
    }

    /// States, choice rules, defaults, catchers and retriers, in the order of the definition.
    fileprivate var allParts: [String] {
        order.compactMap { states[$0] }.flatMap { state -> [String] in
            var parts = [state.name]
            parts += state.retriers.indices.map { "\(state.name) Retry[\($0)]" }
            parts += state.catchers.indices.map { "\(state.name) Catch[\($0)]" }
            if case .choice(let choice) = state.kind {
                parts += choice.rules.indices.map { "\(state.name) Choices[\($0)]" }
                if choice.defaultNext != nil { parts.append("\(state.name) Default") }
            }
            return parts + state.innerScopes.flatMap(\.allParts)
        }
    }
}
