import WallTime

/// Those who wait for a task of an activity, in the order in which they came.
final class ActivityPollers: Sendable {
    private struct State {
        var waiting: [String: [ActivityPoller]] = [:]
        var isOver = false

        mutating func take(_ place: Int, of activity: String) -> ActivityPoller? {
            let poller = waiting[activity]?.remove(at: place)
            if waiting[activity]?.isEmpty == true { waiting[activity] = nil }
            return poller
        }
    }

    private let state = LockedBox(State())

    func add(_ poller: ActivityPoller, for activity: String) {
        state.withLock { $0.waiting[activity, default: []].append(poller) }
    }

    /// - Returns: false when it was woken or chosen already.
    @discardableResult
    func remove(_ poller: ActivityPoller, for activity: String) -> Bool {
        state.withLock { state in
            guard let place = state.waiting[activity]?.firstIndex(where: { $0 === poller }) else { return false }
            return state.take(place, of: activity) != nil
        }
    }

    var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

    func count(of activity: String) -> Int { state.withLock { $0.waiting[activity]?.count ?? 0 } }

    /// Of them, those who do nothing but wait.
    func idleCount(of activity: String) -> Int {
        state.withLock { state in state.waiting[activity]?.count { $0.isIdle } ?? 0 }
    }

    /// The one who has waited longest looks again. Whoever is woken and leaves without a task wakes the next.
    func wakeOne(of activity: String) {
        let first = state.withLock { state in
            state.waiting[activity] == nil ? nil : state.take(0, of: activity)
        }
        first?.wake()
    }

    /// Chooses the one who has waited longest, of those who do nothing but wait.
    func choose(of activity: String) -> ActivityPoller? {
        state.withLock { state in
            guard let place = state.waiting[activity]?.firstIndex(where: { $0.choose() }) else { return nil }
            return state.take(place, of: activity)
        }
    }

    func wakeAll(of activity: String) {
        for poller in state.withLock({ $0.waiting.removeValue(forKey: activity) }) ?? [] { poller.wake() }
    }

    /// Everybody looks again, at all activities.
    func wakeAll() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting.values.flatMap { $0 }
        }
        for poller in waiting { poller.wake() }
    }

    /// Those whose deadline has passed look again, and find that it has.
    /// - Returns: the first deadline to come; nil when nobody waits for one.
    func wakeOverdue(at now: Instant) -> Instant? {
        let (overdue, next) = state.withLock { state in
            var (overdue, next): ([ActivityPoller], Instant?) = ([], nil)
            for poller in state.waiting.values.joined() {
                if poller.deadline <= now {
                    overdue.append(poller)
                } else {
                    next = min(next ?? poller.deadline, poller.deadline)
                }
            }
            return (overdue, next)
        }
        for poller in overdue { poller.wake() }
        return next
    }

    /// Nobody waits any more: whoever comes from now on gets what is at hand, or nothing.
    func end() {
        state.withLock { $0.isOver = true }
        wakeAll()
    }

    var isOver: Bool { state.withLock { $0.isOver } }

    var count: Int { state.withLock { $0.waiting.values.reduce(0) { $0 + $1.count } } }
}
