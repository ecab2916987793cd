import Engine
import GRDB

extension Doctor {
    static func text(_ error: any Error, at path: String) -> String {
        // What to do about it is advised apart.
        if let error = error as? DatabaseError, case .damaged = StoreError(error, at: path) {
            return "\(path) is damaged (\(error.reason))"
        }
        let error = StoreError.translating(error, at: path)
        return (error as? StoreError)?.explanation ?? "\(error)"
    }

    /// What helps against `error`. A backup does only where data is damaged: over data that merely can't be reached, it throws
    /// away all that came after it.
    static func advice(against error: any Error, at path: String) -> String {
        if case .newerSchema = error as? StoreError { return Advice.newer }
        guard let error = error as? DatabaseError, let meaning = StoreError(error, at: path) else {
            return Advice.restore
        }
        switch meaning {
        case .damaged: return Advice.restore
        case .full, .unavailable, .locked, .newerSchema: return Advice.reach
        }
    }
}

/// What is repeated in several checks.
enum Advice {
    static let restore =
        "stop the daemon, keep a copy of the directory, and restore a backup with `workflowctl restore`"
    static let reach = "see to that, then examine it again: this says nothing against the data, so restore nothing"
    static let disk =
        "look at the disk and its file system, mend or replace them, or copy what can be read, then examine it again: this"
        + " says nothing against the data, so restore nothing yet"
    static let newer = "install that version; a backup from before the upgrade lacks all that came since"
}

extension DoctorReport {
    /// Nothing is known of the data as long as they can't be read.
    mutating func blameTheDisk(_ failure: String) {
        for index in checks.indices where checks[index].advice == Advice.restore {
            checks[index].message += "; but not all can be read"
            checks[index].advice = Advice.reach
        }
        add("reading", .problem, failure, Advice.disk)
    }

    mutating func add(_ name: String, failing error: any Error, at path: String) {
        add(name, .problem, Doctor.text(error, at: path), Doctor.advice(against: error, at: path))
    }
}
