import Interpreter
import JSONModel

extension EngineCore {
    /// Tries a letter again that is not an execution's; one of those is redriven by delivery to its execution.
    /// - Parameter actor: whom the audit log names; nil when nobody asked for it.
    /// - Throws: why it cannot be tried again, or failed again; then the letter stays open.
    ///   `EngineError.deadLetterNotOpen` when somebody has seen to it since it was read.
    package func redrive(_ letter: DeadLetter, by actor: String?, in work: Work<Transaction>) throws {
        let letter = try openLetter(letter.id, in: work.transaction)
        try work.atomically {
            if let redriver = redrivers[letter.letter.kind] {
                try redriver(work, letter)
            } else if letter.letter.kind == .event {
                try republish(letter, in: work)
            } else {
                throw EngineError.deadLetterNotRedrivable(letter.id.rawValue, kind: letter.letter.kind)
            }
            try work.transaction.setDeadLetter(
                letter.id, status: .redriven, attempts: letter.attempts + 1, nextRedrive: nil, at: work.now)
            guard let actor else { return }
            try work.audit(
                "deadLetter.redriven", by: actor, subject: letter.letter.subject,
                ["deadLetter": .int(letter.id.rawValue), "kind": .string(letter.letter.kind.rawValue)])
        }
    }

    /// A letter whose own redrive came to nothing waits for a person from now on, unless somebody has seen to it since
    /// it was read.
    /// - Returns: whether it waits.
    package func leaveToPeople(_ letter: DeadLetter, in work: Work<Transaction>) throws -> Bool {
        guard let found = try work.transaction.deadLetter(letter.id), found.status == .open else { return false }
        try work.transaction.setDeadLetter(
            found.id, status: .open, attempts: found.attempts + 1, nextRedrive: nil, at: work.now)
        return true
    }

    /// - Throws: `EngineError.noSuchDeadLetter`, `EngineError.deadLetterNotOpen`.
    package func openLetter(_ id: DeadLetterID, in transaction: Transaction) throws -> DeadLetter {
        guard let letter = try transaction.deadLetter(id) else { throw EngineError.noSuchDeadLetter(id.rawValue) }
        guard letter.status == .open else {
            throw EngineError.deadLetterNotOpen(id.rawValue, status: letter.status)
        }
        return letter
    }

    package func discard(_ id: DeadLetterID, reason: String, by actor: String, in work: Work<Transaction>) throws {
        let letter = try openLetter(id, in: work.transaction)
        try work.transaction.setDeadLetter(
            id, status: .discarded, attempts: letter.attempts, nextRedrive: nil, at: work.now)
        try work.audit(
            "deadLetter.discarded", by: actor, subject: letter.letter.subject,
            ["deadLetter": .int(id.rawValue), "reason": .string(reason)])
    }
}
