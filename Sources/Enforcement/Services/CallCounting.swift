import Budgets
import Engine
import WallTime

extension Desk {
    /// Counts the calls that CloudTrail tells of, by what and from where they came, each once however often it is
    /// delivered. Calls of somebody who is not known, which are failed ones, are left out: nobody has to be known for
    /// having been refused.
    func count(_ events: [PrincipalEvent]) throws {
        var rollup = CallRollup()
        var known: [PrincipalID: Bool] = [:]
        for event in events {
            guard case .called(let call) = event.occurrence else { continue }
            let id = event.principal.id
            let isKnown = try known[id] ?? (transaction.principal(id) != nil)
            known[id] = isKnown
            guard isKnown, try transaction.insertCall(event.id, at: event.at) else { continue }
            let address = settings.trail.keepsAddresses ? call.address ?? CallSlot.unknown : CallSlot.notKept
            let slot = CallSlot(
                hour: event.at.hour, principal: id, agent: call.agent ?? CallSlot.unknown, address: address,
                operation: call.operation)
            rollup.add(slot, at: event.at, isFailed: call.errorCode != nil)
        }
        try transaction.addCalls(rollup.hours)
    }
}
