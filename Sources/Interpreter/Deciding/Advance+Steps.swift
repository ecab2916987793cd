import JSONModel
import StatesLanguage
import WallTime

/// How a branch moves from state to state.
extension Advance {
    /// One step of a branch that is ready: into its first state, or on with the one it is in.
    mutating func step(_ frame: FrameID) throws(InterpreterError) {
        guard let visit = state.frames[frame]?.visit else { return try begin(frame) }
        let definition = try definition(of: visit.name, in: frame)
        do {
            switch definition.kind {
            case .pass(let result): try pass(frame, definition, visit, result)
            case .task(let task): try schedule(frame, definition, visit, task)
            case .choice(let choice): try choose(frame, definition, visit, choice)
            case .wait(let wait): try self.wait(frame, definition, visit, wait)
            case .succeed: try succeed(frame, definition, visit)
            case .fail(let error, let cause): try fail(frame, definition, visit, error: error, cause: cause)
            case .parallel(let branches): try startParallel(frame, definition, visit, branches)
            case .map(let map): try startMap(frame, definition, visit, map)
            }
        } catch {
            handle(error, in: frame, definition)
        }
    }

    /// Into the first state of a branch that has only been announced.
    private mutating func begin(_ frame: FrameID) throws(InterpreterError) {
        guard let parent = state.frames[frame]?.parent else {
            return enter(machine.scope.startAt, in: frame, input: state.input)
        }
        guard let visit = state.frames[parent]?.visit else { return }
        let definition = try definition(of: visit.name, in: parent)
        let scope = try state.scope(of: frame, in: machine)
        do {
            let input = try branchInput(frame, definition, visit, parent: parent)
            if case .map(let map) = definition.kind, map.itemSelector != nil || map.itemReader != nil {
                count(made: try evaluation(parent, definition, visit).size(of: input))
            }
            enter(scope.startAt, in: frame, input: input)
        } catch {
            handle(error, in: parent, definition)
        }
    }

    mutating func enter(_ name: String, in frame: FrameID, input: JSONValue) {
        do {
            let definition = try definition(of: name, in: frame)
            record(.stateEntered(definition.kind.type, name: name, input: input), in: frame)
            remember(definition, of: frame)
        } catch {
            // The linter lets no transition to a missing state pass; a definition built by hand fails like AWS's.
            fail(frame, .runtime("The state '\(name)' does not exist."))
        }
    }

    /// Records the exit and goes where the transition leads; nil ends the branch.
    mutating func leave(
        _ frame: FrameID, _ visit: StateVisit, _ exit: StateExit, to next: String?
    ) {
        record(
            .stateExited(visit.type, name: visit.name, output: exit.output, assigned: exit.assigned), in: frame)
        // An exit for which a full history had no room leads nowhere.
        guard state.frames[frame]?.visit == nil else { return }
        count(made: exit.made)
        if let next {
            enter(next, in: frame, input: exit.output)
        } else {
            finish(frame, output: exit.output)
        }
    }

    /// A branch has ended well.
    private mutating func finish(_ frame: FrameID, output: JSONValue) {
        guard let parent = state.frames[frame]?.parent else { return end(.executionSucceeded(output: output)) }
        joined(frame, parent: parent)
    }

    // MARK: Definitions

    func definition(of name: String, in frame: FrameID) throws(InterpreterError) -> State {
        try state.definition(of: name, in: frame, of: machine)
    }

    /// What a state's fields can see.
    func evaluation(
        _ frame: FrameID, _ definition: State, _ visit: StateVisit, at instant: Instant? = nil
    ) -> StateEvaluation {
        var context = ContextObject(
            identity: identity, input: state.input, redriveCount: state.redriveCount, redrivenAt: state.redrivenAt)
        if let child = state.frames[frame]?.child { context.child = state.child(child) }
        // Items that aren't in memory are computed for it, and are the Map's.
        let item = item(of: frame)
        effort.beginState()
        return StateEvaluation(
            definition: definition, visit: visit, variables: state.frames[frame]?.variables ?? [:],
            stored: state.frames.storedVariables(of: frame), contextObject: context, item: item,
            now: instant ?? now, seed: state.seed, effort: effort)
    }
}
