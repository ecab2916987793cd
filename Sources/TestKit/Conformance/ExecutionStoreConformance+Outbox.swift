import Budgets
import Enforcement
import Engine
import JSONModel
import WallTime

extension ExecutionStoreConformance where Store.Transaction: BudgetLedger {
    static var outbox: [Case] { enqueueing + delivering + looking }

    private static func notice(_ id: String, at: Instant = start) -> Notice {
        Notice(id: id, kind: .graceStarted, principal: ledgerID("ana"), data: ["spent": "1.04", "n": 3], at: at)
    }

    private static var enqueueing: [Case] {
        [
            Case("a notice is told once, through each channel") { store in
                try await store.write { transaction in
                    try requireEqual(try transaction.enqueue(notice("a"), channels: ["mail", "log"]), true, "new")
                    try requireEqual(try transaction.enqueue(notice("a"), channels: ["sns"]), false, "known")
                    try requireEqual(try transaction.enqueue(notice("b"), channels: []), true, "without channels")
                    var anonymous = notice("c")
                    anonymous.principal = nil
                    _ = try transaction.enqueue(anonymous, channels: [])

                    let items = try transaction.pendingOutboxItems(limit: 9)
                    try requireEqual(items.map(\.channel), ["mail", "log"], "channels")
                    try requireEqual(items.map(\.notice), [notice("a"), notice("a")], "notices")
                    try requireEqual(items.map(\.nextTry), [start, start], "due at once")
                    try requireEqual(
                        try transaction.notices(limit: 2), [anonymous, notice("b")], "newest first")
                }
            }
        ]
    }

    private static var looking: [Case] {
        [
            Case("what is muted is kept, is not due, and is not revived") { store in
                try await store.write { transaction in
                    _ = try transaction.enqueue(notice("a"), channels: ["mail"])
                    let item = try transaction.claimOutbox(at: start, limit: 1, leaseUntil: start + .seconds(60))[0]
                    try transaction.mute(item.id, at: start, why: "quiet")

                    let kept = try transaction.outboxItem(item.id)
                    try requireEqual(kept?.status, .muted, "muted")
                    try requireEqual(kept?.lastError, "quiet", "why")
                    try requireEqual(kept?.isClaimed, false, "nobody has it")
                    try requireEqual(try transaction.earliestOutbox(), nil, "not due")
                    try requireEqual(try transaction.revive(item.id, at: start), false, "not revived")
                    try requireThrows("muting an unknown item") {
                        try transaction.atomically {
                            try transaction.mute(OutboxItemID(rawValue: 4711), at: start, why: "quiet")
                        }
                    }
                }
            },
            Case("each channel's standing counts what waits and what was kept, and has its last error") { store in
                try await store.write { transaction in
                    try requireEqual(try transaction.outboxStandings(), [], "an empty outbox")
                    for (index, id) in ["a", "b", "c", "d"].enumerated() {
                        _ = try transaction.enqueue(
                            notice(id, at: start + .seconds(index)), channels: ["mail", "chat"])
                    }
                    let lease = start + .seconds(600)
                    let items = try transaction.claimOutbox(at: start + .seconds(9), limit: 99, leaseUntil: lease)
                    func of(_ channel: String, _ index: Int) -> OutboxItemID {
                        items.filter { $0.channel == channel }[index].id
                    }
                    try transaction.abandon(of("mail", 0), at: start, error: "gone")
                    try transaction.postpone(of("mail", 1), attempts: 1, until: lease, error: "busy")
                    try transaction.markSent(of("mail", 2), at: start)
                    try transaction.abandon(of("chat", 0), at: start, error: "gone")
                    try transaction.markSent(of("chat", 1), at: start)
                    try transaction.mute(of("chat", 2), at: start, why: "quiet")
                    try transaction.mute(of("chat", 3), at: start, why: "quiet")

                    let expected = [
                        OutboxStanding(channel: "chat", muted: 2),
                        OutboxStanding(
                            channel: "mail", waiting: 2, oldest: start + .seconds(1), lastError: "busy"),
                    ]
                    try requireEqual(try transaction.outboxStandings(), expected, "standings")
                    try transaction.abandon(of("mail", 3), at: start, error: "gone for good")
                    try requireEqual(
                        try transaction.outboxStandings().last?.lastError, "gone for good", "given up since")
                }
            },
            Case("where items stand that are due, a page at a time, the last due first") { store in
                try await store.write { transaction in
                    for (index, id) in ["a", "b", "c"].enumerated() {
                        _ = try transaction.enqueue(
                            notice(id, at: start + .seconds(index)), channels: index == 0 ? ["mail", "chat"] : ["mail"])
                    }
                    let now = start + .seconds(1)
                    let first = try transaction.dueOutbox(at: now, behind: nil, limit: 2)
                    try requireEqual(first.map(\.channel), ["mail", "chat"], "the first page")
                    try requireEqual(first.map(\.nextTry), [now, start], "when they are due")
                    let second = try transaction.dueOutbox(at: now, behind: first.last, limit: 2)
                    try requireEqual(second.map(\.channel), ["mail"], "the second page")
                    try requireEqual(try transaction.dueOutbox(at: now, behind: second.last, limit: 2), [], "the end")
                    // The clock was set back: what stands behind a place that is not due yet is all that is.
                    let ahead = OutboxPlace(nextTry: now + .seconds(5), id: OutboxItemID(rawValue: 1), channel: "mail")
                    try requireEqual(
                        try transaction.dueOutbox(at: now, behind: ahead, limit: 2), first, "behind one that is not due"
                    )

                    let later = try transaction.dueOutbox(at: start + .seconds(2), behind: nil, limit: 1).map(\.id)
                    let lease = start + .seconds(60)
                    let claimed = try transaction.claimOutbox(
                        second.map(\.id) + later + [OutboxItemID(rawValue: 4711)], at: now, leaseUntil: lease)
                    try requireEqual(claimed.map(\.notice.id), ["a"], "what is due of those")
                    try requireEqual(claimed.map(\.attempts), [1], "the attempt is counted")
                    try requireEqual(
                        try transaction.dueOutbox(at: now, behind: nil, limit: 9), first, "without what is claimed")
                }
            },
            Case("items are listed by channel and status, newest first") { store in
                try await store.write { transaction in
                    _ = try transaction.enqueue(notice("a"), channels: ["mail", "chat"])
                    _ = try transaction.enqueue(notice("b"), channels: ["mail"])
                    let claimed = try transaction.claimOutbox(at: start, limit: 1, leaseUntil: start + .seconds(60))
                    try transaction.mute(claimed[0].id, at: start, why: "quiet")
                    func list(_ query: OutboxQuery) throws -> [String] {
                        try transaction.outboxItems(query).map { "\($0.notice.id) \($0.channel) \($0.status)" }
                    }
                    try requireEqual(
                        try list(OutboxQuery()), ["b mail waiting", "a chat waiting", "a mail muted"], "all")
                    try requireEqual(try list(OutboxQuery(limit: 1)), ["b mail waiting"], "the newest")
                    try requireEqual(
                        try list(OutboxQuery(channel: "mail")), ["b mail waiting", "a mail muted"], "of a channel")
                    try requireEqual(try list(OutboxQuery(status: .muted)), ["a mail muted"], "of a status")
                    try requireEqual(try list(OutboxQuery(channel: "chat", status: .muted)), [], "of both")
                }
            },
        ]
    }

    private static var delivering: [Case] {
        [
            Case("what is due is claimed once until its lease ends") { store in
                try await store.write { transaction in
                    _ = try transaction.enqueue(notice("late", at: start + .seconds(50)), channels: ["mail"])
                    _ = try transaction.enqueue(notice("soon", at: start), channels: ["mail"])
                    _ = try transaction.enqueue(notice("next", at: start + .seconds(1)), channels: ["mail"])
                    let lease = start + .seconds(60)
                    func claim(_ seconds: Int, limit: Int = 9) throws -> [String] {
                        let now = start + .seconds(seconds)
                        let items = try transaction.claimOutbox(at: now, limit: limit, leaseUntil: lease)
                        try requireEqual(items.map(\.nextTry), items.map { _ in lease }, "leases")
                        return items.map(\.notice.id)
                    }
                    try requireEqual(try transaction.earliestOutbox(), start, "the first to be due")
                    try requireEqual(try claim(10, limit: 1), ["soon"], "the longest due")
                    try requireEqual(try claim(10), ["next"], "the other one")
                    try requireEqual(try claim(10), [], "nothing else")
                    try requireEqual(try transaction.earliestOutbox(), start + .seconds(50), "the next to be due")
                    let again = try transaction.claimOutbox(at: lease, limit: 9, leaseUntil: lease + .seconds(60))
                    try requireEqual(again.map(\.notice.id), ["late", "soon", "next"], "after the lease")
                    try requireEqual(again.map(\.attempts), [1, 2, 2], "attempts")
                }
            },
            Case("what a process had claimed when it died is due for the next one, and nothing else is") { store in
                try await store.write { transaction in
                    _ = try transaction.enqueue(notice("a"), channels: ["x", "y"])
                    let items = try transaction.claimOutbox(at: start, limit: 9, leaseUntil: start + .seconds(600))
                    try requireEqual(items.map(\.isClaimed), [true, true], "claimed")
                    try transaction.postpone(items[1].id, attempts: 1, until: start + .seconds(300), error: "busy")
                    try transaction.releaseOutboxClaims(at: start + .seconds(1))
                    let due = try transaction.claimOutbox(
                        at: start + .seconds(1), limit: 9, leaseUntil: start + .seconds(600))
                    try requireEqual(due.map(\.id), [items[0].id], "released")
                    try requireEqual(due.map(\.attempts), [2], "attempts")
                }
            },
            Case("an item is sent, put off, given up and revived") { store in
                try await store.write { transaction in
                    _ = try transaction.enqueue(notice("a"), channels: ["x", "y", "z"])
                    let items = try transaction.claimOutbox(at: start, limit: 9, leaseUntil: start + .seconds(60))
                    let (x, y, z) = (items[0].id, items[1].id, items[2].id)
                    try transaction.markSent(x, at: start)
                    try transaction.postpone(y, attempts: 3, until: start + .seconds(5), error: "busy")
                    try transaction.abandon(z, at: start, error: "no such address")

                    try requireEqual(try transaction.outboxItem(x)?.status, .sent, "sent")
                    try requireEqual(try transaction.outboxItem(x)?.nextTry, nil, "sent is not due")
                    try requireEqual(try transaction.outboxItem(y)?.nextTry, start + .seconds(5), "put off")
                    try requireEqual(try transaction.outboxItem(y)?.lastError, "busy", "why")
                    try requireEqual(try transaction.outboxItem(y)?.attempts, 3, "after so many tries")
                    try requireEqual(try transaction.outboxItem(z)?.status, .abandoned, "given up")
                    try requireEqual(try transaction.pendingOutboxItems(limit: 9).map(\.id), [y], "what waits")

                    try requireEqual(try transaction.revive(z, at: start + .seconds(2)), true, "revived")
                    try requireEqual(try transaction.revive(z, at: start), false, "it waits already")
                    try requireEqual(try transaction.revive(x, at: start), false, "sent stays sent")
                    try requireEqual(try transaction.outboxItem(z)?.attempts, 0, "counted anew")
                    try requireEqual(try transaction.pendingOutboxItems(limit: 9).map(\.id), [z, y], "what waits now")
                    let none = OutboxItemID(rawValue: 4711)
                    try requireEqual(try transaction.outboxItem(none), nil, "an unknown item")
                    try requireThrows("sending an unknown item") {
                        try transaction.atomically { try transaction.markSent(none, at: start) }
                    }
                }
            },
        ]
    }
}
