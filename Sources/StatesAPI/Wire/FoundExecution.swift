import Engine
import Interpreter
import JSONModel
import WallTime

/// An execution that an ARN names: one of the engine's own, or a child of a distributed Map, which lives inside its
/// parent's history.
struct FoundExecution {
    struct Child {
        let mapRun: MapRun
        let run: MapRunHistory.Child
    }

    let record: ExecutionRecord
    var child: Child?
}

extension WireAPI {
    /// - Throws: `ExecutionDoesNotExist`, `InvalidArn`.
    func execution(_ arn: WireARN, in transaction: Store.Transaction) throws -> FoundExecution {
        guard case .execution(let machine, let name) = arn.resource else { throw arn.misplaced() }
        guard isLocal(arn) else { throw WireError.noExecution(arn.text) }
        if let record = try transaction.execution(named: name, of: machine) { return FoundExecution(record: record) }
        if let found = try engine.core.iteration(named: name, labelled: machine, in: transaction) {
            return FoundExecution(
                record: found.parent, child: FoundExecution.Child(mapRun: found.run.mapRun, run: found.child))
        }
        throw WireError.noExecution(arn.text)
    }

    /// When an execution was last redriven; nil if it never was. Of its journal no more is decoded than what it has done
    /// since.
    func lastRedrive(of record: ExecutionRecord, in transaction: Store.Transaction) throws -> Instant? {
        guard record.redriveCount > 0 else { return nil }
        for bytes in try transaction.journal(record.id).reversed() {
            for event in try HistoryCodec.decode(bytes).reversed() {
                if case .executionRedriven = event.kind { return event.at }
            }
        }
        return nil
    }
}
