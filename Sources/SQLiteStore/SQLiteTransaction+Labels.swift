/// Texts that repeat are numbers into `usageLabel`. Most of its rows stay for ever, since sums name them that do. Those of
/// sessions, error codes and sources are named by single uses only, and callers make as many of them as they like: their
/// rows go with the last use that names them.
///
/// How long that is they say by a use's number, which no clock moves: `keptTo` is never lower than the number of a use
/// that names the row, so the row may go when all uses up to it are gone. It is set some way ahead, so that a label that
/// is named again and again is not written for each use.
extension SQLiteTransaction {
    /// The number of a label that stays.
    func label(_ text: String) throws -> Int64 {
        if let known = known.labels[text] { return known }
        let found = try first("SELECT id, keptTo FROM usageLabel WHERE text = ?", .text(text)) {
            (number: $0.integer(0), isPassing: $0.optionalInteger(1) != nil)
        }
        if let found, found.isPassing {
            try change("UPDATE usageLabel SET keptTo = NULL WHERE id = ?", .integer(found.number))
            known.note(PassingLabel(text: text, number: found.number, keptTo: .max))
        }
        if found == nil { try change("INSERT INTO usageLabel (text) VALUES (?)", .text(text)) }
        let number = found?.number ?? lastInsertedID
        known.note(label: text, number)
        return number
    }

    /// A label that may go again. Whoever names it in a use has it kept for that (`keep`).
    func passingLabel(_ text: String) throws -> PassingLabel {
        if let known = known.passing(text) { return known }
        let found = try first("SELECT id, keptTo FROM usageLabel WHERE text = ?", .text(text)) {
            PassingLabel(text: text, number: $0.integer(0), keptTo: $0.optionalInteger(1) ?? .max)
        }
        let label = try found ?? newPassingLabel(text)
        known.note(label)
        return label
    }

    private func newPassingLabel(_ text: String) throws -> PassingLabel {
        let newest = try first("SELECT max(id) FROM usage") { $0.integer(0) } ?? 0
        let keptTo = newest + labelSpan
        try change("INSERT INTO usageLabel (text, keptTo) VALUES (?, ?)", .text(text), .integer(keptTo))
        return PassingLabel(text: text, number: lastInsertedID, keptTo: keptTo)
    }

    /// Keeps the row of a label at least as long as the use of that number.
    func keep(_ label: PassingLabel, for use: Int64) throws {
        let keptTo = use + labelSpan
        let changed = try change(
            "UPDATE usageLabel SET keptTo = ? WHERE id = ? AND keptTo IS NOT NULL", .integer(keptTo),
            .integer(label.number))
        // One that was made to stay meanwhile does.
        known.note(PassingLabel(text: label.text, number: label.number, keptTo: changed == 1 ? keptTo : .max))
    }
}
