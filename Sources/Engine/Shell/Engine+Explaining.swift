package import Interpreter
import StatesLanguage
import WallTime

extension Engine {
    /// Says in words what an execution waits for, or why it failed.
    /// - Throws: `EngineError.noSuchExecution`, `EngineError.unreadableHistory`.
    package func explain(_ id: ExecutionID) async throws -> Explanation {
        let (core, now) = (core, clock.now())
        return try await store.read { transaction in
            guard let record = try transaction.execution(id) else {
                throw EngineError.noSuchExecution(String(id.rawValue))
            }
            let execution = try core.load(id, in: transaction)
            return execution.state.explanation(
                execution.facts.machine, now: now, history: try core.history(of: record, in: transaction),
                circumstances: try core.circumstances(of: record, execution.facts.identity, in: transaction))
        }
    }
}

extension EngineCore {
    fileprivate func circumstances(
        of record: ExecutionRecord, _ identity: ExecutionIdentity, in transaction: Transaction
    ) throws -> Circumstances {
        var circumstances = Circumstances(isDoneHere: identity.isDoneHere, workflow: record.workflow)
        let (machine, settings) = try machines.revision(record.version, in: transaction)
        circumstances.timeoutSeconds =
            settings.type == .express
            ? machine.limited(toSeconds: Self.expressSeconds).timeoutSeconds : machine.timeoutSeconds
        for nested in try transaction.nested(of: record.id) where nested.isAwaited {
            guard let child = try transaction.execution(nested.child) else { continue }
            circumstances.children[nested.task] = "\(child.stateMachine):\(child.name)"
        }
        circumstances.nextRedrive = try openLetters(of: record.id, in: transaction)
            .compactMap { letter in letter.letter.nextRedrive.map { (letter.id.rawValue, $0) } }.min { $0.1 < $1.1 }
        return circumstances
    }
}
