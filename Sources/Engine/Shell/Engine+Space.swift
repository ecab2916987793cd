/// Keeping what space is left for the executions that run.
extension Engine {
    /// From now on starts that clients ask for are refused with this reason; nil takes them again. Executions under
    /// way go on, and so does what they, schedules and events start: a suspension must not wait for space.
    package func refuseStarts(because reason: String?) { startRefusal.withLock { $0 = reason } }

    /// Why clients' starts are refused now; nil when they are taken.
    package var startRefusalReason: String? { startRefusal.withLock { $0 } }

    /// Called before a start on behalf of a client.
    /// - Throws: `EngineError.draining`, `EngineError.lowOnSpace`.
    package func admitStart() throws(EngineError) {
        if isDraining { throw .draining }
        if let reason = startRefusalReason { throw .lowOnSpace(reason) }
    }
}
