import Engine
import StatesLanguage

/// What the ARN of a state machine, of one of its versions or of one of its Maps stands for.
struct DescribedMachine {
    var record: StateMachineRecord
    var revision: StateMachineVersion
    var published: PublishedVersion?
    var isDeleting = false
}

extension WireAPI {
    /// - Throws: `StateMachineDoesNotExist`, `InvalidArn`.
    func described(_ arn: WireARN, in transaction: Store.Transaction) throws -> DescribedMachine {
        if case .mapState(let machine, let label) = arn.resource {
            return try described(arn, machine, label, in: transaction)
        }
        guard let name = arn.machine else { throw arn.misplaced() }
        guard isLocal(arn) else { throw WireError.noStateMachine(arn.text) }
        guard let record = try transaction.stateMachine(named: name) else {
            guard case .stateMachine = arn.resource, let record = try transaction.deletingStateMachine(named: name)
            else { throw WireError.noStateMachine(arn.text) }
            return DescribedMachine(record: record, revision: record.current, isDeleting: true)
        }
        switch arn.resource {
        case .stateMachine: return DescribedMachine(record: record, revision: record.current)
        case .version(_, let number):
            guard let published = try transaction.publishedVersion(number, of: name),
                let revision = try transaction.stateMachineVersion(published.revision)
            else { break }
            return DescribedMachine(record: record, revision: revision, published: published)
        default: break
        }
        throw WireError.noStateMachine(arn.text)
    }

    /// The machine of a distributed Map, which its child executions name as theirs. A Map without a label gets another
    /// one for each Map Run; then the machine is as that run has it.
    private func described(
        _ arn: WireARN, _ machine: String, _ label: String, in transaction: Store.Transaction
    ) throws -> DescribedMachine {
        let active = try transaction.stateMachine(named: machine)
        guard isLocal(arn), let record = try active ?? transaction.deletingStateMachine(named: machine) else {
            throw WireError.noStateMachine(arn.text)
        }
        var described = DescribedMachine(record: record, revision: record.current, isDeleting: active == nil)
        let maps = try engine.core.machines.machine(record.current.id, in: transaction).scope.maps
        if maps.contains(where: { $0.definition.label == label }) { return described }
        for run in try transaction.mapRuns(labelled: "\(machine)/\(label)") {
            guard let execution = try transaction.execution(run.execution),
                let revision = try transaction.stateMachineVersion(execution.version)
            else { continue }
            described.revision = revision
            return described
        }
        throw WireError.noStateMachine(arn.text)
    }
}

extension StateScope {
    /// The Maps here and further in, with the names of their states, which are unique in a state machine.
    var maps: [(name: String, definition: MapDefinition)] {
        states.values.flatMap { state -> [(name: String, definition: MapDefinition)] in
            switch state.kind {
            case .map(let map): [(state.name, map)] + map.processor.maps
            case .parallel(let branches): branches.flatMap(\.maps)
            case .pass, .task, .choice, .wait, .succeed, .fail: []
            }
        }
    }
}
