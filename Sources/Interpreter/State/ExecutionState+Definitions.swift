import StatesLanguage

/// Where a branch is in the definition.
extension ExecutionState {
    /// The definition of a state in the scope of a branch.
    func definition(
        of name: String, in frame: FrameID, of machine: StateMachine
    ) throws(InterpreterError) -> State {
        if let known = frames[frame]?.visit?.definition, known.name == name { return known }
        guard let definition = try scope(of: frame, in: machine).states[name] else { throw .unknownState(name) }
        return definition
    }

    /// The states among which a branch moves.
    func scope(of frame: FrameID, in machine: StateMachine) throws(InterpreterError) -> StateScope {
        guard let branch = frames[frame], let parent = branch.parent else { return machine.scope }
        guard let visit = frames[parent]?.visit else { throw .unknownState("branch \(frame)") }
        switch try definition(of: visit.name, in: parent, of: machine).kind {
        case .parallel(let branches) where branches.indices.contains(branch.index): return branches[branch.index]
        case .map(let map): return map.processor
        default: throw .unknownState(visit.name)
        }
    }
}
