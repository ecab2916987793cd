import Engine
import JSONModel
import StatesLanguage
import WallTime

/// Published versions, aliases, tags, activities, Map Runs.
extension ExecutionStoreConformance {
    static var resources: [Case] {
        revisions + publishing + aliasing + tagging + activities + mapRuns + nesting + inputs
    }

    private static var revisions: [Case] {
        [
            Case("settings make a version of their own, and are kept when they are not named") { store in
                let settings = MachineSettings(
                    type: .express, roleARN: "arn:aws:iam::1:role/r", logging: ["level": "OFF"],
                    tracing: ["enabled": true], encryption: ["type": "AWS_OWNED_KEY"])
                try await store.write { transaction in
                    let plain = try transaction.saveStateMachine(name: "m", definition: definition("a"), at: start)
                    let set = try transaction.saveStateMachine(
                        name: "m", definition: definition("a"), settings: settings, at: start)
                    let again = try transaction.saveStateMachine(
                        name: "m", definition: definition("a"), settings: settings, at: start)
                    let kept = try transaction.saveStateMachine(name: "m", definition: definition("b"), at: start)

                    try requireEqual(plain.settings, .standard, "settings of a machine that was given none")
                    try requireEqual([plain.number, set.number, kept.number], [1, 2, 3], "numbers")
                    try requireEqual(again, set, "the same again")
                    try requireEqual(kept.settings, settings, "settings that are not named")
                }
                let read = try await store.read { try $0.stateMachine(named: "m")?.current }
                try requireEqual(read?.settings, settings, "read back")
            },
            Case("a deleted machine is not found, its executions are; made anew it counts on") { store in
                let id = try await store.write { transaction in
                    let id = try seedExecution(transaction)
                    try transaction.deleteStateMachine(named: "machine", at: start)
                    return id
                }
                try await store.write { transaction in
                    try require(try transaction.stateMachine(named: "machine") == nil, "by name")
                    try requireEqual(try transaction.stateMachines(), [], "all machines")
                    try requireEqual(try transaction.stateMachineCount(), 0, "how many there are")
                    try requireEqual(
                        try transaction.deletingStateMachine(named: "machine")?.name, "machine", "while one runs")
                    try requireEqual(
                        try transaction.execution(named: "run", of: "machine")?.id, id, "its execution")
                    try requireThrows("deleting again") {
                        try transaction.deleteStateMachine(named: "machine", at: start)
                    }
                    let anew = try transaction.saveStateMachine(
                        name: "machine", definition: definition("h"), at: start + .seconds(9))
                    try requireEqual(anew.number, 2, "its next version")
                    try requireEqual(try transaction.stateMachineCount(), 1, "how many there are now")
                    try require(try transaction.deletingStateMachine(named: "machine") == nil, "made anew")
                    let record = try transaction.stateMachine(named: "machine")
                    try requireEqual(record?.firstNumber, 2, "its first version")
                    try requireEqual(record?.createdAt, start + .seconds(9), "its creation")
                    try requireEqual(anew.settings, .standard, "its settings")
                }
            },
            Case("an execution keeps how its version was named, and lists look for that") { store in
                try await store.write { transaction in
                    let version = try transaction.saveStateMachine(name: "m", definition: definition("a"), at: start)
                    for (name, qualifier) in [
                        ("plain", ExecutionQualifier()), ("one", ExecutionQualifier(version: 1)),
                        ("live", ExecutionQualifier(version: 2, alias: "live")),
                    ] {
                        _ = try transaction.insertExecution(
                            NewExecution(
                                stateMachine: "m", version: version.id, name: name, workflow: nil, startedAt: start,
                                qualifier: qualifier))
                    }
                    let found = { (query: ExecutionQuery) in try transaction.executions(query).executions.map(\.name) }
                    try requireEqual(try found(ExecutionQuery(stateMachine: "m", version: 1)), ["one"], "version")
                    try requireEqual(try found(ExecutionQuery(stateMachine: "m", alias: "live")), ["live"], "alias")
                    try requireEqual(
                        try transaction.execution(named: "live", of: "m")?.qualifier,
                        ExecutionQualifier(version: 2, alias: "live"), "qualifier")
                }
            },
        ]
    }

    private static var publishing: [Case] {
        [
            Case("published numbers are not given twice") { store in
                try await store.write { transaction in
                    let revision = try transaction.saveStateMachine(name: "m", definition: definition("a"), at: start)
                    let first = try transaction.publishVersion(
                        of: "m", revision: revision.id, description: "erste", at: start)
                    let second = try transaction.publishVersion(
                        of: "m", revision: revision.id, description: nil, at: start + .seconds(1))
                    try requireEqual([first.number, second.number], [1, 2], "numbers")
                    try requireEqual(try transaction.publishedVersions(of: "m"), [second, first], "newest first")
                    try requireEqual(try transaction.publishedVersion(1, of: "m"), first, "by number")
                    try transaction.deletePublishedVersion(2, of: "m")
                    try require(try transaction.publishedVersion(2, of: "m") == nil, "deleted")
                    let third = try transaction.publishVersion(
                        of: "m", revision: revision.id, description: nil, at: start)
                    try requireEqual(third.number, 3, "after a deletion")
                    try transaction.deleteStateMachine(named: "m", at: start)
                    try requireEqual(try transaction.publishedVersions(of: "m"), [], "of a deleted machine")
                    try requireThrows("publishing a deleted machine") {
                        _ = try transaction.publishVersion(of: "m", revision: revision.id, description: nil, at: start)
                    }
                }
            }
        ]
    }

    private static var aliasing: [Case] {
        [
            Case("aliases are kept by machine and name, and replaced") { store in
                let alias = { @Sendable (name: String) in
                    StateMachineAlias(
                        stateMachine: "m", name: name, description: "d", routes: [.init(version: 1, weight: 100)],
                        createdAt: start, updatedAt: start)
                }
                try await store.write { transaction in
                    try requireThrows("an alias of no machine") { try transaction.saveAlias(alias("a")) }
                    _ = try transaction.saveStateMachine(name: "m", definition: definition("a"), at: start)
                    try transaction.saveAlias(alias("b"))
                    try transaction.saveAlias(alias("a"))
                    try requireEqual(try transaction.aliases(of: "m"), [alias("a"), alias("b")], "by name")
                    var changed = alias("a")
                    changed.routes = [.init(version: 1, weight: 30), .init(version: 2, weight: 70)]
                    changed.description = nil
                    changed.updatedAt = start + .seconds(1)
                    try transaction.saveAlias(changed)
                    try requireEqual(try transaction.alias(named: "a", of: "m"), changed, "replaced")
                    try transaction.deleteAlias(named: "a", of: "m")
                    try require(try transaction.alias(named: "a", of: "m") == nil, "deleted")
                    try transaction.deleteStateMachine(named: "m", at: start)
                    try requireEqual(try transaction.aliases(of: "m"), [], "of a deleted machine")
                }
            }
        ]
    }

    private static var tagging: [Case] {
        [
            Case("tags are replaced as a whole, in their order, and undone with the transaction") { store in
                let tags = [ResourceTag(key: "z", value: ""), ResourceTag(key: "a", value: "ü")]
                try await store.write { transaction in
                    try transaction.saveTags(tags, of: "arn:1")
                    try requireThrows("the deliberate failure") {
                        try transaction.atomically {
                            try transaction.saveTags([], of: "arn:1")
                            throw Deliberate()
                        }
                    }
                    try requireEqual(try transaction.tags(of: "arn:1"), tags, "kept")
                    try requireEqual(try transaction.tags(of: "arn:2"), [], "of another")
                    try transaction.saveTags([], of: "arn:1")
                    try requireEqual(try transaction.tags(of: "arn:1"), [], "removed")
                }
            }
        ]
    }

    private static var activities: [Case] {
        [
            Case("activities by name; tasks on offer in the order of their offering") { store in
                try await store.write { transaction in
                    let activity = ActivityRecord(name: "b", encryption: ["type": "AWS_OWNED_KEY"], createdAt: start)
                    try transaction.insertActivity(activity)
                    try transaction.insertActivity(ActivityRecord(name: "a", encryption: nil, createdAt: start))
                    try requireThrows("the same again") { try transaction.insertActivity(activity) }
                    try requireEqual(try transaction.activities().map(\.name), ["a", "b"], "all")
                    try requireEqual(try transaction.activity(named: "b"), activity, "one")
                    try transaction.deleteActivity(named: "b")
                    try require(try transaction.activity(named: "b") == nil, "deleted")
                }
                try await store.write { transaction in
                    let id = try seedExecution(transaction)
                    let task = { (number: Int) in
                        let since = start + .seconds(number == 7 ? 1 : 2)
                        let place = OfferedTask.Place(activity: "a", since: since, execution: id, task: number)
                        return OfferedTask(place: place, input: ["n": .int(Int64(number))])
                    }
                    for number in [5, -3, 7] { try transaction.offerTask(task(number)) }
                    try transaction.offerTask(task(7))
                    try requireEqual(
                        try transaction.offeredTasks(of: "a", limit: 2), [task(7), task(-3)], "the first two")
                    try requireEqual(try transaction.offeredTasks(of: "b", limit: 2), [], "of another activity")
                    try transaction.withdrawTask(task(7).place)
                    try transaction.withdrawTask(task(7).place)
                    try requireEqual(
                        try transaction.offeredTasks(of: "a", limit: 9), [task(-3), task(5)], "after one was taken")
                }
            }
        ]
    }

    private static var inputs: [Case] {
        [
            Case("the text of an input is kept as it was given") { store in
                let id = try await store.write { transaction in
                    let id = try seedExecution(transaction)
                    try require(try transaction.inputText(of: id) == nil, "before")
                    try transaction.saveInputText("[1,  2]\u{0}", of: id)
                    return id
                }
                try requireEqual(try await store.read { try $0.inputText(of: id) }, "[1,  2]\u{0}", "after")
            }
        ]
    }

    private static var nesting: [Case] {
        [
            Case("nested executions by child and parent; those that have ended are told") { store in
                try await store.write { transaction in
                    let ids = try ["p", "a", "b"].map { try seedExecution(transaction, name: $0) }
                    let nested = ids.dropFirst().enumerated().map { index, child in
                        NestedExecution(child: child, parent: ids[0], task: index + 3)
                    }
                    for row in nested { try transaction.insertNested(row) }
                    try requireEqual(try transaction.nested(of: ids[0]), nested, "of the parent")
                    try requireEqual(try transaction.nested(ids[2]), nested[1], "by child")
                    try require(try transaction.nested(ids[0]) == nil, "of none")
                    try requireThrows("a second row of a child") { try transaction.insertNested(nested[0]) }
                    try requireEqual(try transaction.endedNested(), [], "while they run")
                    try transaction.finishExecution(ids[2], status: .failed, at: start, error: nil, cause: nil)
                    try requireEqual(try transaction.endedNested(), [nested[1]], "when one has ended")
                    try transaction.removeNested(ids[2])
                    try requireEqual(try transaction.endedNested(), [], "when its parent was told")
                    try requireEqual(try transaction.orphanedNested(), [], "while the parent runs")
                    try transaction.finishExecution(ids[0], status: .aborted, at: start, error: nil, cause: nil)
                    try requireEqual(try transaction.orphanedNested(), [nested[0]], "when the parent has ended")
                    try transaction.finishExecution(ids[1], status: .aborted, at: start, error: nil, cause: nil)
                    try requireEqual(try transaction.orphanedNested(), [], "when it has ended, too")
                }
            },
            Case("nested executions that are to end are told from those that are waited for") { store in
                try await store.write { transaction in
                    let ids = try ["p", "a", "b", "c"].map { try seedExecution(transaction, name: $0) }
                    let nested = zip(ids.dropFirst(), [-5, NestedExecution.unwanted, NestedExecution.superseded])
                        .map { child, task in NestedExecution(child: child, parent: ids[0], task: task) }
                    for row in nested { try transaction.insertNested(row) }
                    try requireEqual(try transaction.nested(of: ids[0]), nested, "of the parent")
                    try requireEqual(try transaction.awaitedNested(), [nested[0]], "waited for")
                    try requireEqual(try transaction.orphanedNested(), Array(nested[1...]), "to end")
                    try transaction.finishExecution(ids[2], status: .aborted, at: start, error: nil, cause: nil)
                    try requireEqual(try transaction.orphanedNested(), [nested[2]], "while they run")
                    try transaction.finishExecution(ids[1], status: .succeeded, at: start, error: nil, cause: nil)
                    try requireEqual(try transaction.awaitedNested(), [], "when it has ended")
                }
            },
        ]
    }

    private static var mapRuns: [Case] {
        [
            Case("Map Runs by ARN, label and execution, the newest first") { store in
                try await store.write { transaction in
                    let id = try seedExecution(transaction)
                    let run = { (arn: String, label: String) in MapRunRecord(arn: arn, label: label, execution: id) }
                    for record in [run("1", "m/a"), run("2", "m/b"), run("3", "m/a"), run("1", "m/a")] {
                        try transaction.insertMapRun(record)
                    }
                    try requireEqual(try transaction.mapRun("2"), run("2", "m/b"), "by ARN")
                    try require(try transaction.mapRun("9") == nil, "an unknown one")
                    try requireEqual(try transaction.mapRuns(labelled: "m/a").map(\.arn), ["3", "1"], "by label")
                    try requireEqual(try transaction.mapRuns(of: id).map(\.arn), ["3", "2", "1"], "of the execution")
                }
            }
        ]
    }
}
