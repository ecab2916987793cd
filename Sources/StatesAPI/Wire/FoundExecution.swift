import Engine
import Interpreter
import JSONModel

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
}
