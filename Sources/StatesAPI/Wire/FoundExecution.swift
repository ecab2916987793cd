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
        if let child = try child(named: name, labelled: machine, in: transaction) { return child }
        throw WireError.noExecution(arn.text)
    }

    /// A child's name follows from its Map Run and its index.
    private func child(
        named name: String, labelled label: String, in transaction: Store.Transaction
    ) throws -> FoundExecution? {
        guard label.contains("/") else { return nil }
        for run in try transaction.mapRuns(labelled: label) {
            guard let record = try transaction.execution(run.execution) else { continue }
            let mapRun = MapRun(arn: run.arn)
            guard let history = try MapRunHistory(mapRun, in: engine.core.history(of: record, in: transaction)),
                let child = history.children.values.first(where: { mapRun.childName($0.index) == name })
            else { continue }
            return FoundExecution(record: record, child: FoundExecution.Child(mapRun: mapRun, run: child))
        }
        return nil
    }
}
