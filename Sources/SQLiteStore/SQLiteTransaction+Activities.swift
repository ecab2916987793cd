package import Engine
import JSONModel
import WallTime

// Activities with the tasks on offer, and Map Runs.

extension SQLiteTransaction {
    package func activity(named name: String) throws -> ActivityRecord? {
        try first(
            "SELECT name, encryption, createdAt FROM activity WHERE name = ?", .text(name),
            read: ActivityRecord.init(columns:))
    }

    package func activityCount() throws -> Int {
        try first("SELECT count(*) FROM activity") { Int($0.integer(0)) } ?? 0
    }

    package func activities() throws -> [ActivityRecord] {
        try all("SELECT name, encryption, createdAt FROM activity ORDER BY name", read: ActivityRecord.init(columns:))
    }

    package func insertActivity(_ activity: ActivityRecord) throws {
        try change(
            "INSERT INTO activity (name, encryption, createdAt) VALUES (?, ?, ?)", .text(activity.name),
            SQLValue(activity.encryption?.jsonString), .integer(activity.createdAt.milliseconds))
    }

    package func deleteActivity(named name: String) throws {
        try change("DELETE FROM activity WHERE name = ?", .text(name))
    }

    package func offerTask(_ task: OfferedTask) throws {
        try change(
            """
            INSERT INTO offeredTask (activity, since, execution, task, input) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            .text(task.activity), .integer(task.place.since.milliseconds), .integer(task.execution.rawValue),
            SQLValue(task.task), .text(task.input.jsonString))
    }

    package func withdrawTask(_ place: OfferedTask.Place) throws {
        let removed = try change(
            "DELETE FROM offeredTask WHERE activity = ? AND since = ? AND execution = ? AND task = ?",
            .text(place.activity), .integer(place.since.milliseconds), .integer(place.execution.rawValue),
            SQLValue(place.task))
        guard removed == 0 else { return }
        try change(
            "DELETE FROM offeredTask WHERE activity = ? AND since < ? AND execution = ? AND task = ?",
            .text(place.activity), .integer(OfferSchema.firstInstant), .integer(place.execution.rawValue),
            SQLValue(place.task))
    }

    package func offeredTasks(of activity: String, limit: Int) throws -> [OfferedTask] {
        try all(
            Self.offersOfActivity, .text(activity), SQLValue(max(0, limit)), read: OfferedTask.init(columns:))
    }

    static let offersOfActivity: StaticString = """
        SELECT activity, since, execution, task, input FROM offeredTask
        WHERE activity = ? ORDER BY since, execution, task LIMIT ?
        """
}

extension SQLiteTransaction {
    package func insertMapRun(_ run: MapRunRecord) throws {
        try change(
            "INSERT INTO mapRun (arn, label, execution) VALUES (?, ?, ?) ON CONFLICT (arn) DO NOTHING",
            .text(run.arn), .text(run.label), .integer(run.execution.rawValue))
    }

    package func mapRun(_ arn: String) throws -> MapRunRecord? {
        try first(
            "SELECT arn, label, execution FROM mapRun WHERE arn = ?", .text(arn), read: MapRunRecord.init(columns:))
    }

    package func mapRuns(labelled label: String) throws -> [MapRunRecord] {
        try all(
            "SELECT arn, label, execution FROM mapRun WHERE label = ? ORDER BY id DESC", .text(label),
            read: MapRunRecord.init(columns:))
    }

    package func mapRuns(of execution: ExecutionID) throws -> [MapRunRecord] {
        try all(
            "SELECT arn, label, execution FROM mapRun WHERE execution = ? ORDER BY id DESC",
            .integer(execution.rawValue), read: MapRunRecord.init(columns:))
    }
}

extension SQLiteTransaction {
    package func saveInputText(_ text: String, of execution: ExecutionID) throws {
        noteWritten(text.utf8.count)
        try change("INSERT INTO inputText (execution, text) VALUES (?, ?)", .integer(execution.rawValue), .text(text))
    }

    package func inputText(of execution: ExecutionID) throws -> String? {
        try first("SELECT text FROM inputText WHERE execution = ?", .integer(execution.rawValue)) { $0.text(0) }
    }
}

extension SQLiteTransaction {
    package func insertNested(_ nested: NestedExecution) throws {
        try change(
            "INSERT INTO nestedExecution (child, parent, task) VALUES (?, ?, ?)", .integer(nested.child.rawValue),
            .integer(nested.parent.rawValue), SQLValue(nested.task))
    }

    package func nested(_ child: ExecutionID) throws -> NestedExecution? {
        try first(
            "SELECT child, parent, task FROM nestedExecution WHERE child = ?", .integer(child.rawValue),
            read: NestedExecution.init(columns:))
    }

    package func nested(of parent: ExecutionID) throws -> [NestedExecution] {
        try all(
            "SELECT child, parent, task FROM nestedExecution WHERE parent = ? ORDER BY child",
            .integer(parent.rawValue), read: NestedExecution.init(columns:))
    }

    package func endedNested() throws -> [NestedExecution] {
        try all(Self.nestedThatEnded, read: NestedExecution.init(columns:))
    }

    package func orphanedNested() throws -> [NestedExecution] {
        try all(
            Self.nestedToEnd, SQLValue(NestedExecution.unwanted), SQLValue(NestedExecution.superseded),
            read: NestedExecution.init(columns:))
    }

    package func awaitedNested() throws -> [NestedExecution] {
        try all(
            Self.nestedAwaited, SQLValue(NestedExecution.unwanted), SQLValue(NestedExecution.superseded),
            read: NestedExecution.init(columns:))
    }

    // In this order: SQLite itself would look through all executions that run, of which there may be a million.

    static let nestedThatEnded: StaticString = """
        SELECT n.child, n.parent, n.task FROM nestedExecution n CROSS JOIN execution e ON e.id = n.child
        WHERE e.status <> 0 ORDER BY n.child
        """
    static let nestedToEnd: StaticString = """
        SELECT n.child, n.parent, n.task FROM nestedExecution n CROSS JOIN execution e ON e.id = n.child
            CROSS JOIN execution p ON p.id = n.parent
        WHERE e.status = 0 AND (p.status <> 0 OR n.task IN (?, ?)) ORDER BY n.child
        """
    static let nestedAwaited: StaticString = """
        SELECT n.child, n.parent, n.task FROM nestedExecution n CROSS JOIN execution e ON e.id = n.child
            CROSS JOIN execution p ON p.id = n.parent
        WHERE e.status = 0 AND p.status = 0 AND n.task NOT IN (?, ?) ORDER BY n.child
        """

    package func removeNested(_ child: ExecutionID) throws {
        try change("DELETE FROM nestedExecution WHERE child = ?", .integer(child.rawValue))
    }
}

extension NestedExecution {
    fileprivate init(columns: PersistentStatement) throws {
        self.init(
            child: ExecutionID(rawValue: columns.integer(0)), parent: ExecutionID(rawValue: columns.integer(1)),
            task: Int(columns.integer(2)))
    }
}

extension ActivityRecord {
    fileprivate init(columns: PersistentStatement) throws {
        let name = columns.text(0)
        self.init(
            name: name,
            encryption: try columns.optionalText(1).map { try JSONValue(stored: $0, in: "activity \(name)") },
            createdAt: Instant(milliseconds: columns.integer(2)))
    }
}

extension OfferedTask {
    fileprivate init(columns: PersistentStatement) throws {
        self.init(
            place: Place(
                activity: columns.text(0), since: Instant(milliseconds: columns.integer(1)),
                execution: ExecutionID(rawValue: columns.integer(2)), task: Int(columns.integer(3))),
            input: try JSONValue(stored: columns.text(4), in: "offeredTask of execution \(columns.integer(2))"))
    }
}

extension MapRunRecord {
    fileprivate init(columns: PersistentStatement) throws {
        self.init(
            arn: columns.text(0), label: columns.text(1), execution: ExecutionID(rawValue: columns.integer(2)))
    }
}
