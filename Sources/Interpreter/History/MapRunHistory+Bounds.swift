package import StatesLanguage

extension MapRunHistory {
    /// The bounds in force: what a person has set, else what the definition says, computed as it was when the Map Run
    /// started.
    /// - Parameters:
    ///   - events: the history that this was read out of.
    ///   - machine: the definition that the execution started with.
    /// - Throws: `InterpreterError` when history and definition do not fit together.
    package func bounds(
        after events: [HistoryEvent], of machine: StateMachine, identity: ExecutionIdentity
    ) throws -> MapRunBounds {
        guard let start = events.firstIndex(where: { $0.kind == .mapRunStarted(mapRun: mapRun.arn) }) else {
            throw InterpreterError.mapRunNotOpen(mapRun.arn)
        }
        let state = try ExecutionState.fold(events[...start])
        guard let frame = state.frames[events[start].frame], let visit = frame.visit else {
            throw InterpreterError.mapRunNotOpen(mapRun.arn)
        }
        let advance = Advance(machine: machine, state: state, now: events[start].at, identity: identity)
        let definition = try advance.definition(of: visit.name, in: frame.id)
        guard case .map(let map) = definition.kind else { throw InterpreterError.mapRunNotOpen(mapRun.arn) }
        var inForce = try advance.evaluation(frame.id, definition, visit).bounds(of: map)
        inForce.replace(by: bounds)
        return inForce
    }
}

extension StateEvaluation {
    /// As the fields say it: no more than that many iterations run at once, however large the number is.
    fileprivate func bounds(of map: MapDefinition) throws(StateFailure) -> MapRunBounds {
        let tolerance = try tolerance(of: map)
        let concurrency = try map.maxConcurrency.map { template throws(StateFailure) in
            try number(template, "MaxConcurrency", kind: "integer")
        }
        return MapRunBounds(
            maxConcurrency: concurrency.flatMap { Int(exactly: $0) },
            toleratedFailureCount: tolerance.count.flatMap { Int(exactly: $0.rounded(.down)) },
            toleratedFailurePercentage: tolerance.percentage)
    }
}
