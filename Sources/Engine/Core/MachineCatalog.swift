package import StatesLanguage

/// Definitions that have been read, by version. A version never changes, so what is read once stays true; one that is
/// undone leaves an entry that nobody asks for, as its id is not given again (`ExecutionTransaction.saveStateMachine`).
package final class MachineCatalog: Sendable {
    /// Definitions are small; this many are more than a busy installation has in use.
    private static let limit = 1000

    private let machines = LockedBox<[StateMachineVersionID: (StateMachine, MachineSettings)]>([:])

    /// The version's definition.
    /// - Throws: `EngineError.invalidDefinition` when the stored text is no longer accepted, the store's errors.
    package func machine(
        _ id: StateMachineVersionID, in transaction: some ExecutionTransaction
    ) throws -> StateMachine {
        try revision(id, in: transaction).machine
    }

    /// The version's definition and settings.
    package func revision(
        _ id: StateMachineVersionID, in transaction: some ExecutionTransaction
    ) throws -> (machine: StateMachine, settings: MachineSettings) {
        if let machine = machines.withLock({ $0[id] }) { return machine }
        guard let version = try transaction.stateMachineVersion(id) else {
            throw EngineError.noSuchStateMachine("version \(id.rawValue)")
        }
        let machine = try Self.read(
            version.definition.source, file: version.definition.file, type: version.settings.type)
        machines.withLock { known in
            if known.count >= Self.limit { known.removeAll() }
            known[id] = (machine, version.settings)
        }
        return (machine, version.settings)
    }

    /// - Throws: `EngineError.invalidDefinition` with everything that is wrong.
    package static func read(
        _ source: String, file: String?, type: StateMachineType = .standard
    ) throws(EngineError) -> StateMachine {
        let reading = StateMachineReader.read(source, file: file, type: type)
        guard let machine = reading.machine else { throw .invalidDefinition(reading.diagnostics) }
        return machine
    }
}
