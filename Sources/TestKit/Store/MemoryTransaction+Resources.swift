package import Engine
package import WallTime

/// The rows of published versions, aliases, tags, activities and Map Runs.
struct ResourceRows {
    struct Key: Hashable {
        var stateMachine: String
        var name: String
    }

    struct TaskKey: Hashable {
        var execution: ExecutionID
        var task: Int
    }

    /// What is kept of deleted machines: how far their numbers went.
    var lastNumber: [String: Int] = [:]
    var lastPublished: [String: Int] = [:]
    var published: [Key: PublishedVersion] = [:]
    var aliases: [Key: StateMachineAlias] = [:]
    var tags: [String: [ResourceTag]] = [:]
    var activities: [String: ActivityRecord] = [:]
    var offers: [TaskKey: OfferedTask] = [:]
    var deleted: [String: StateMachineRecord] = [:]
    var mapRuns: [MapRunRecord] = []
    var inputTexts: [ExecutionID: String] = [:]
    var nested: [ExecutionID: NestedExecution] = [:]
}

extension MemoryTransaction {
    /// Changes the rows; undone with the transaction.
    private func change(_ body: (inout ResourceRows) -> Void) throws {
        try requireWriting()
        var rows = tables.resources
        body(&rows)
        tables.set(\.resources, rows)
    }

    package func deleteStateMachine(named name: String, at: Instant) throws {
        guard tables.machines[name] != nil else { throw MissingRow(description: "state machine \(name)") }
        try change { rows in
            rows.published = rows.published.filter { $0.key.stateMachine != name }
            rows.aliases = rows.aliases.filter { $0.key.stateMachine != name }
        }
        let deleted = tables.machines[name]
        try change { $0.deleted[name] = deleted }
        tables.set(\.machines[name], nil)
    }

    package func deletingStateMachine(named name: String) throws -> StateMachineRecord? {
        guard tables.machines[name] == nil, let record = tables.resources.deleted[name] else { return nil }
        let isRunning = tables.executions.values.contains {
            $0.record.stateMachine == name && $0.record.status == .running
        }
        return isRunning ? record : nil
    }

    package func stateMachineCount() throws -> Int { tables.machines.count }

    package func publishVersion(
        of stateMachine: String, revision: StateMachineVersionID, description: String?, at: Instant
    ) throws -> PublishedVersion {
        guard tables.machines[stateMachine] != nil else {
            throw MissingRow(description: "state machine \(stateMachine)")
        }
        let number = tables.resources.lastPublished[stateMachine, default: 0] + 1
        let version = PublishedVersion(
            stateMachine: stateMachine, number: number, revision: revision, description: description, createdAt: at)
        try change { rows in
            rows.lastPublished[stateMachine] = number
            rows.published[ResourceRows.Key(stateMachine: stateMachine, name: "\(number)")] = version
        }
        return version
    }

    package func publishedVersion(_ number: Int, of stateMachine: String) throws -> PublishedVersion? {
        tables.resources.published[ResourceRows.Key(stateMachine: stateMachine, name: "\(number)")]
    }

    package func publishedVersions(of stateMachine: String) throws -> [PublishedVersion] {
        tables.resources.published.values.filter { $0.stateMachine == stateMachine }.sorted { $0.number > $1.number }
    }

    package func deletePublishedVersion(_ number: Int, of stateMachine: String) throws {
        try change { $0.published[ResourceRows.Key(stateMachine: stateMachine, name: "\(number)")] = nil }
    }

    package func alias(named name: String, of stateMachine: String) throws -> StateMachineAlias? {
        tables.resources.aliases[ResourceRows.Key(stateMachine: stateMachine, name: name)]
    }

    package func aliases(of stateMachine: String) throws -> [StateMachineAlias] {
        tables.resources.aliases.values.filter { $0.stateMachine == stateMachine }.sorted { $0.name < $1.name }
    }

    package func saveAlias(_ alias: StateMachineAlias) throws {
        guard tables.machines[alias.stateMachine] != nil else {
            throw MissingRow(description: "state machine \(alias.stateMachine)")
        }
        let key = ResourceRows.Key(stateMachine: alias.stateMachine, name: alias.name)
        var saved = alias
        saved.createdAt = tables.resources.aliases[key]?.createdAt ?? alias.createdAt
        try change { [saved] in $0.aliases[key] = saved }
    }

    package func deleteAlias(named name: String, of stateMachine: String) throws {
        try change { $0.aliases[ResourceRows.Key(stateMachine: stateMachine, name: name)] = nil }
    }

    package func tags(of resource: String) throws -> [ResourceTag] { tables.resources.tags[resource] ?? [] }

    package func saveTags(_ tags: [ResourceTag], of resource: String) throws {
        try change { $0.tags[resource] = tags.isEmpty ? nil : tags }
    }
}

extension MemoryTransaction {
    package func activity(named name: String) throws -> ActivityRecord? { tables.resources.activities[name] }

    package func activityCount() throws -> Int { tables.resources.activities.count }

    package func activities() throws -> [ActivityRecord] {
        tables.resources.activities.values.sorted { $0.name < $1.name }
    }

    package func insertActivity(_ activity: ActivityRecord) throws {
        guard tables.resources.activities[activity.name] == nil else {
            throw StoreError.unavailable("activity \(activity.name) exists")
        }
        try change { $0.activities[activity.name] = activity }
    }

    package func deleteActivity(named name: String) throws { try change { $0.activities[name] = nil } }

    package func offerTask(_ task: OfferedTask) throws {
        let key = ResourceRows.TaskKey(execution: task.execution, task: task.task)
        guard tables.resources.offers[key] == nil else { return }
        try change { $0.offers[key] = task }
    }

    package func withdrawTask(_ place: OfferedTask.Place) throws {
        let key = ResourceRows.TaskKey(execution: place.execution, task: place.task)
        // As strict as a store that finds a task by its place.
        guard tables.resources.offers[key]?.place == place else { return }
        try change { $0.offers[key] = nil }
    }

    package func offeredTasks(of activity: String, limit: Int) throws -> [OfferedTask] {
        let order = { (task: OfferedTask) in (task.place.since, task.execution, task.task) }
        let offers = tables.resources.offers.values.filter { $0.activity == activity }
        return Array(offers.sorted { order($0) < order($1) }.prefix(limit))
    }

    package func saveInputText(_ text: String, of execution: ExecutionID) throws {
        try change { $0.inputTexts[execution] = text }
    }

    package func inputText(of execution: ExecutionID) throws -> String? { tables.resources.inputTexts[execution] }

    package func insertNested(_ nested: NestedExecution) throws {
        guard tables.resources.nested[nested.child] == nil else {
            throw RepeatedRow(description: "nested execution \(nested.child.rawValue)")
        }
        try change { $0.nested[nested.child] = nested }
    }

    package func nested(_ child: ExecutionID) throws -> NestedExecution? { tables.resources.nested[child] }

    package func nested(of parent: ExecutionID) throws -> [NestedExecution] {
        tables.resources.nested.values.filter { $0.parent == parent }.sorted { $0.child < $1.child }
    }

    package func endedNested() throws -> [NestedExecution] {
        tables.resources.nested.values.filter { tables.executions[$0.child]?.record.status != .running }
            .sorted { $0.child < $1.child }
    }

    package func awaitedNested() throws -> [NestedExecution] {
        runningNested { $0.isAwaited && tables.executions[$0.parent]?.record.status == .running }
    }

    package func orphanedNested() throws -> [NestedExecution] {
        runningNested { !$0.isAwaited || tables.executions[$0.parent]?.record.status != .running }
    }

    private func runningNested(where matches: (NestedExecution) -> Bool) -> [NestedExecution] {
        tables.resources.nested.values.filter {
            tables.executions[$0.child]?.record.status == .running && matches($0)
        }.sorted { $0.child < $1.child }
    }

    package func removeNested(_ child: ExecutionID) throws { try change { $0.nested[child] = nil } }

    package func insertMapRun(_ run: MapRunRecord) throws {
        guard !tables.resources.mapRuns.contains(where: { $0.arn == run.arn }) else { return }
        try change { $0.mapRuns.append(run) }
    }

    package func mapRun(_ arn: String) throws -> MapRunRecord? {
        tables.resources.mapRuns.first { $0.arn == arn }
    }

    package func mapRuns(labelled label: String) throws -> [MapRunRecord] {
        tables.resources.mapRuns.reversed().filter { $0.label == label }
    }

    package func mapRuns(of execution: ExecutionID) throws -> [MapRunRecord] {
        tables.resources.mapRuns.reversed().filter { $0.execution == execution }
    }
}
