import Engine
import WallTime

/// The SQL of one page of a list of executions.
///
/// A list is read from the index that fits its narrowest filter, once for each place in it that holds rows in the order
/// of the list: a status of one workflow, or of one machine, where those that are parked have a place of their own. The
/// few rows found at each place are merged: by the statement itself, or, where the list is of all machines, by whoever
/// asks for each in turn (`isOfAllMachines`). `INDEXED BY` makes it an error rather than a slow day when an index is ever
/// renamed.
struct ExecutionList {
    private let query: ExecutionQuery
    let limit: Int
    /// What every row has to meet besides its status.
    private var conditions: [String] = []
    private var conditionValues: [SQLValue] = []
    private var isReadByName = false

    init(_ query: ExecutionQuery, limit: Int) {
        self.query = query
        self.limit = limit
        if let machine = query.stateMachine {
            require("stateMachine = (SELECT id FROM stateMachine WHERE name = ?)", .text(machine))
        }
        if let workflow = query.workflow { require("workflow = ?", .text(workflow)) }
        if let version = query.version { require("published = ?", .integer(Int64(version))) }
        if let alias = query.alias { require("alias = ?", .text(alias)) }
        if let after = query.startedAfter { require("startedAt > ?", .integer(after.milliseconds)) }
        if let before = query.startedBefore { require("startedAt < ?", .integer(before.milliseconds)) }
    }

    /// Only rows that the list has after `last`.
    mutating func continues(after last: ExecutionRecord) {
        require("(startedAt, id) < (?, ?)", .integer(last.startedAt.milliseconds), .integer(last.id.rawValue))
    }

    /// Only these names; `few` when there are so few that they are best read first and sorted.
    mutating func isNamed(in names: NameRange, few: Bool) {
        require("name >= ? AND name < ?", .text(names.lower), names.bound)
        isReadByName = few
    }

    /// Whether there is no one statement for it, but one for each machine and place.
    var isOfAllMachines: Bool { query.workflow == nil && query.stateMachine == nil && !isReadByName }

    /// Where one machine's executions are of which the list may show some, newest first, as start and id; only those that
    /// come before the given ones. `values(machine:newerThan:)` are its parameters.
    func sql(at place: String) -> String {
        let all = (["stateMachine = ?", place] + conditions + ["(startedAt, id) > (?, ?)"]).joined(separator: " AND ")
        return """
            SELECT startedAt, id FROM execution INDEXED BY executionByMachine WHERE \(all)
            ORDER BY startedAt DESC, id DESC LIMIT ?
            """
    }

    func values(machine: Int64, newerThan last: ExecutionPlace) -> [SQLValue] {
        [.integer(machine)] + conditionValues + [.integer(last.startedAt), .integer(last.id), SQLValue(limit)]
    }

    /// Of a list that is not of all machines. Its columns are those that `ExecutionRecord.init(columns:)` reads.
    var sql: String {
        let found = isReadByName ? byName : places.map(inOrder).joined(separator: " UNION ALL ")
        return """
            SELECT e.id, m.name, e.version, e.name, e.workflow, e.status, e.startedAt, e.stoppedAt, e.error, e.cause,
                e.redriveCount, e.parked, e.wakeAt, e.published, e.alias, e.redrivenAt
            FROM (\(found)) AS found JOIN execution e ON e.id = found.id JOIN stateMachine m ON m.id = e.stateMachine
            ORDER BY e.startedAt DESC, e.id DESC LIMIT ?
            """
    }

    /// In the order of the parameters in `sql`.
    var values: [SQLValue] {
        let last = SQLValue(limit)
        if isReadByName { return conditionValues + [last] }
        return places.flatMap { _ in conditionValues + [last] } + [last]
    }

    private var statuses: [ExecutionStatus] {
        let wanted = query.statuses.isEmpty ? Set(ExecutionStatus.allCases) : query.statuses
        return wanted.sorted { $0.code < $1.code }
    }

    /// The beginnings of the index's keys, as conditions.
    var places: [String] {
        statuses.flatMap { status in
            let place = "status = \(status.code)"
            if query.workflow != nil { return [place] }
            return (status == .running ? [0, 1] : [0]).map { place + " AND parked = \($0)" }
        }
    }

    private func inOrder(at place: String) -> String {
        let index = query.workflow != nil ? "executionByWorkflow" : "executionByMachine"
        let all = ([place] + conditions).joined(separator: " AND ")
        return """
            SELECT id FROM (SELECT id FROM execution INDEXED BY \(index) WHERE \(all)
            ORDER BY startedAt DESC, id DESC LIMIT ?)
            """
    }

    /// Through the index that the UNIQUE constraint has: machine, then name.
    private var byName: String {
        var all = conditions + ["status IN (\(statuses.map { String($0.code) }.joined(separator: ", ")))"]
        if query.stateMachine == nil { all.append("stateMachine IN (SELECT id FROM stateMachine)") }
        return """
            SELECT id FROM execution INDEXED BY sqlite_autoindex_execution_1 WHERE \(all.joined(separator: " AND "))
            """
    }

    private mutating func require(_ condition: String, _ values: SQLValue...) {
        conditions.append(condition)
        conditionValues += values
    }
}

/// Where an execution stands in a list: newest first, by start, then by number.
struct ExecutionPlace: Comparable {
    let startedAt: Int64
    let id: Int64

    /// Before all others in time, and so the last of a list.
    static let oldest = ExecutionPlace(startedAt: .min, id: .min)

    static func < (one: ExecutionPlace, other: ExecutionPlace) -> Bool {
        (one.startedAt, one.id) < (other.startedAt, other.id)
    }
}

/// The names that begin with a prefix, as a range in the order of their bytes.
struct NameRange: Equatable {
    let lower: String
    /// The first name beyond; nil when there is none.
    let upper: String?

    /// `upper` for a comparison in SQL, where every blob is greater than every text.
    var bound: SQLValue { upper.map(SQLValue.text) ?? .blob([]) }

    /// Nil for the empty prefix, with which every name begins.
    init?(prefix: String) {
        guard !prefix.isEmpty else { return nil }
        lower = prefix
        var scalars = Array(prefix.unicodeScalars)
        var next: Unicode.Scalar?
        while next == nil, let last = scalars.popLast() { next = last.successor }
        guard let next else {
            upper = nil
            return
        }
        var text = String.UnicodeScalarView(scalars)
        text.append(next)
        upper = String(text)
    }
}

extension Unicode.Scalar {
    /// The next scalar value, past the surrogates, which are none; nil after the last.
    fileprivate var successor: Unicode.Scalar? { value == 0xD7FF ? "\u{E000}" : Unicode.Scalar(value + 1) }
}
