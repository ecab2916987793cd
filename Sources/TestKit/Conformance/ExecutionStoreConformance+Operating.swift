import Engine
import JSONModel
import WallTime

extension ExecutionStoreConformance {
    static var schedules: [Case] {
        [
            Case("a schedule's state is kept and replaced whole") { store in
                var state = ScheduleState(workflow: "w", expression: "rate(1 minute)", nextFire: start)
                let first = state
                try await store.write { transaction in
                    try require(try transaction.scheduleState("w") == nil, "state before")
                    try transaction.saveScheduleState(first)
                    try requireEqual(try transaction.scheduleState("w"), first, "state")
                }
                state.nextFire = nil
                state.pausedAt = start + .seconds(1)
                state.pauseReason = "maintenance"
                state.buffered = [start, start + .seconds(60)]
                let second = state
                try await store.write { try $0.saveScheduleState(second) }

                let found = try await store.read { try $0.scheduleState("w") }
                try requireEqual(found, second, "state replaced")
                let other = try await store.read { try $0.scheduleState("v") }
                try requireEqual(other, nil, "another workflow's state")

                let earlier = ScheduleState(workflow: "a", expression: "rate(1 minute)", nextFire: nil)
                try await store.write { try $0.saveScheduleState(earlier) }
                let names = try await store.read { try $0.scheduledWorkflows() }
                try requireEqual(names, ["a", "w"], "workflows that have a state")
            },
            Case("a slot is recorded once") { store in
                let fire = ScheduleFire(
                    workflow: "w", nominal: start, firedAt: start + .milliseconds(3), result: .started,
                    execution: "w-1", reason: "because")
                var again = fire
                again.result = .manual
                let (once, twice, elsewhere) = (
                    fire, again,
                    {
                        var other = fire; other.workflow = "v"; return other
                    }()
                )
                try await store.write { transaction in
                    try require(try transaction.insertFire(once), "first record")
                    try require(try !transaction.insertFire(twice), "second record of the slot is refused")
                    try require(try transaction.insertFire(elsewhere), "same time, other workflow")
                    try requireEqual(try transaction.fires(of: "w", limit: 10), [once], "fires")
                }
            },
            Case("a slot that was missed while the clock was ahead can be recorded anew, once") { store in
                let (missed, started) = (
                    ScheduleFire(workflow: "w", nominal: start, firedAt: start + .seconds(9), result: .skippedMissed),
                    ScheduleFire(workflow: "w", nominal: start, firedAt: start, result: .started, execution: "w-1")
                )
                try await store.write { transaction in
                    try require(try transaction.insertFire(missed), "missed")
                    try require(try !transaction.insertFire(missed), "missed at the same time")
                    try require(try transaction.insertFire(started), "started when the clock is right")
                    try require(try !transaction.insertFire(started), "started again")
                    try requireEqual(try transaction.fires(of: "w", limit: 10), [started], "fires")
                }
            },
            Case("what becomes of a slot later replaces what was recorded, and nothing else") { store in
                let fire = ScheduleFire(
                    workflow: "w", nominal: start, firedAt: start + .milliseconds(3), result: .buffered,
                    execution: "w-1", reason: "another runs")
                var other = fire
                other.nominal = start + .seconds(60)
                let after = other
                var settled = fire
                (settled.result, settled.execution, settled.reason) = (.failed, nil, "because")
                let expected = [after, settled]
                try await store.write { transaction in
                    try require(try transaction.insertFire(fire), "record")
                    try require(try transaction.insertFire(after), "record of another slot")
                    try transaction.settleFire(of: "w", at: start, .failed, execution: nil, reason: "because")
                    try transaction.settleFire(of: "v", at: start, .failed, execution: nil, reason: "because")
                    try requireEqual(try transaction.fires(of: "w", limit: 10), expected, "fires")
                    try requireEqual(try transaction.fires(of: "v", limit: 10), [], "fires of another workflow")
                }
            },
            Case("fires are listed newest first, of one workflow, up to the limit, with every result") { store in
                let results: [ScheduleFire.Result] = [
                    .started, .skippedOverlap, .skippedMissed, .skippedPaused, .buffered, .manual, .failed,
                ]
                let fires = results.enumerated().map { number, result in
                    ScheduleFire(
                        workflow: "w", nominal: start + .seconds(number), firedAt: start + .seconds(number),
                        result: result)
                }
                try await store.write { transaction in
                    for fire in fires { try require(try transaction.insertFire(fire), "record") }
                    try requireEqual(try transaction.fires(of: "w", limit: 10), fires.reversed(), "all")
                    try requireEqual(
                        try transaction.fires(of: "w", limit: 2), Array(fires.reversed().prefix(2)), "two")
                    try requireEqual(try transaction.fires(of: "v", limit: 2), [], "none")
                }
            },
        ]
    }

    private static func letter(
        _ kind: DeadLetterKind = .execution, subject: String = "run", execution: ExecutionID? = nil,
        nextRedrive: Instant? = nil
    ) -> NewDeadLetter {
        NewDeadLetter(
            kind: kind, subject: subject, source: "machine", error: "States.TaskFailed", cause: "no «luck»",
            payload: [0, 255, 10], execution: execution, at: start, nextRedrive: nextRedrive)
    }

    static var deadLetters: [Case] {
        [
            Case("a dead letter is open and keeps what it was given") { store in
                let (id, execution) = try await store.write { transaction in
                    let execution = try seedExecution(transaction)
                    let full = letter(execution: execution, nextRedrive: start)
                    return (try transaction.insertDeadLetter(full), execution)
                }
                let found = try await store.read { try $0.deadLetter(id) }
                let expected = DeadLetter(
                    id: id, letter: letter(execution: execution, nextRedrive: start), status: .open, attempts: 0,
                    updatedAt: start)
                try requireEqual(found, expected, "letter")
                let nobody = try await store.read { try $0.deadLetter(DeadLetterID(rawValue: 999)) }
                try requireEqual(nobody, nil, "unknown letter")
            },
            Case("dead letters are found by kind, status and execution, newest first, up to the limit") { store in
                try await store.write { transaction in
                    let execution = try seedExecution(transaction)
                    let one = try transaction.insertDeadLetter(letter(execution: execution))
                    let two = try transaction.insertDeadLetter(letter(.event, subject: "event-1"))
                    let three = try transaction.insertDeadLetter(letter(.notification, subject: "n"))
                    let four = try transaction.insertDeadLetter(letter(.usage, subject: "line 3"))
                    try transaction.setDeadLetter(
                        two, status: .discarded, attempts: 0, nextRedrive: nil, at: start + .seconds(1))
                    let expectations: [(DeadLetterQuery, [DeadLetterID])] = [
                        (DeadLetterQuery(), [four, three, one]),
                        (DeadLetterQuery(status: nil), [four, three, two, one]),
                        (DeadLetterQuery(status: .discarded), [two]),
                        (DeadLetterQuery(kind: .event), []),
                        (DeadLetterQuery(kind: .usage), [four]),
                        (DeadLetterQuery(execution: execution), [one]),
                        (DeadLetterQuery(limit: 2), [four, three]),
                    ]
                    for (query, expected) in expectations {
                        try requireEqual(
                            try transaction.deadLetters(query).map(\.id), expected, "letters for \(query)")
                    }
                    try requireEqual(
                        try [0, 2, 9].map { try transaction.openDeadLetters(upTo: $0) }, [0, 2, 3], "how many are open")
                }
            },
            Case("open letters are due when their redrive is, soonest first") { store in
                try await store.write { transaction in
                    let late = try transaction.insertDeadLetter(letter(nextRedrive: start))
                    let later = try transaction.insertDeadLetter(letter(nextRedrive: start - .seconds(9)))
                    _ = try transaction.insertDeadLetter(letter(nextRedrive: start + .milliseconds(1)))
                    _ = try transaction.insertDeadLetter(letter())
                    let done = try transaction.insertDeadLetter(letter(nextRedrive: start))
                    try transaction.setDeadLetter(
                        done, status: .redriven, attempts: 1, nextRedrive: start, at: start)

                    let due = try transaction.dueDeadLetters(at: start, limit: 10).map(\.id)
                    try requireEqual(due, [later, late], "due")
                    let times = [start - .seconds(9), start, start + .milliseconds(1)]
                    try requireEqual(try transaction.redriveTimes(limit: 9), times, "when they are redriven")
                    try requireEqual(try transaction.redriveTimes(limit: 1), [times[0]], "when the first is")
                    let limited = try transaction.dueDeadLetters(at: start, limit: 1).map(\.id)
                    try requireEqual(limited, [later], "due, limited")
                }
            },
            Case("a letter's status, attempts, next redrive and time are replaced") { store in
                try await store.write { transaction in
                    let id = try transaction.insertDeadLetter(letter())
                    for (number, status) in DeadLetterStatus.allCases.enumerated() {
                        let at = start + .seconds(number)
                        try transaction.setDeadLetter(
                            id, status: status, attempts: number, nextRedrive: at, at: at)
                        let found = try transaction.deadLetter(id)
                        try requireEqual(found?.status, status, "status")
                        try requireEqual(found?.attempts, number, "attempts")
                        try requireEqual(found?.letter.nextRedrive, at, "next redrive")
                        try requireEqual(found?.updatedAt, at, "time")
                        try requireEqual(found?.letter.at, start, "time of writing")
                    }
                }
            },
        ]
    }

    static var audit: [Case] {
        [
            Case("audit entries are kept, newest first, by subject, up to the limit") { store in
                let entries = (0..<5).map { number in
                    AuditEntry(
                        at: start + .seconds(number), actor: "operator:maría", action: "access.suspended",
                        subject: number.isMultiple(of: 2) ? "even" : "odd", detail: ["n": .int(Int64(number))])
                }
                try await store.write { transaction in
                    for entry in entries { try transaction.appendAudit(entry) }
                }
                try await store.read { transaction in
                    try requireEqual(
                        try transaction.auditEntries(subject: nil, limit: 10), entries.reversed(), "all")
                    try requireEqual(
                        try transaction.auditEntries(subject: "odd", limit: 10), [entries[3], entries[1]], "odd")
                    try requireEqual(
                        try transaction.auditEntries(subject: "even", limit: 1), [entries[4]], "newest even")
                    try requireEqual(try transaction.auditEntries(subject: "none", limit: 9), [], "none")
                }
            }
        ]
    }
}
