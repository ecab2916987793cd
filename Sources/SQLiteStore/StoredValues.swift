import Engine
import JSONModel
import WallTime

// How the engine's values stand in columns. What can't be read back was damaged outside of Steward.

extension ExecutionStatus {
    /// Never renumbered: databases hold it.
    var code: Int64 {
        switch self {
        case .running: 0
        case .succeeded: 1
        case .failed: 2
        case .timedOut: 3
        case .aborted: 4
        }
    }

    init(code: Int64) throws {
        guard let status = Self.allCases.first(where: { $0.code == code }) else {
            throw StoreError.damaged("an execution has the status \(code), which no version of Steward has written")
        }
        self = status
    }
}

extension JSONValue {
    init(stored text: String, in row: String) throws {
        do {
            try self.init(parsing: text)
        } catch {
            throw StoreError.damaged("\(row) holds what can't be read: \(error)")
        }
    }
}

extension RawRepresentable where RawValue == String {
    init(stored text: String, in column: String) throws {
        guard let value = Self(rawValue: text) else {
            throw StoreError.damaged("\(column) holds \"\(text)\", which this version of Steward doesn't know")
        }
        self = value
    }
}

extension Instant {
    init?(_ milliseconds: Int64?) {
        guard let milliseconds else { return nil }
        self.init(milliseconds: milliseconds)
    }
}
