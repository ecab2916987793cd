import WallTime

/// Those who wait for a task of an activity, in the order in which they came.
final class ActivityPollers: Sendable {
    private struct State {
        var waiting: [String: [Poller]] = [:]
        var lastNumber = 0
        var isOver = false
    }

    private struct Poller {
        let number: Int
        let signal: Signal
        let deadline: Instant
    }

    private let state = LockedBox(State())

    func add(_ signal: Signal, for activity: String, until deadline: Instant) -> Int {
        state.withLock { state in
            state.lastNumber += 1
            state.waiting[activity, default: []].append(
                Poller(number: state.lastNumber, signal: signal, deadline: deadline))
            return state.lastNumber
        }
    }

    /// - Returns: false when it was woken already.
    @discardableResult
    func remove(_ number: Int, for activity: String) -> Bool {
        state.withLock { state in
            guard let place = state.waiting[activity]?.firstIndex(where: { $0.number == number }) else { return false }
            state.waiting[activity]?.remove(at: place)
            if state.waiting[activity]?.isEmpty == true { state.waiting[activity] = nil }
            return true
        }
    }

    func count(of activity: String) -> Int { state.withLock { $0.waiting[activity]?.count ?? 0 } }

    /// The one who has waited longest looks again. Whoever is woken and leaves without a task wakes the next.
    func wakeOne(of activity: String) {
        let first = state.withLock { state in
            guard state.waiting[activity]?.isEmpty == false else { return nil as Signal? }
            return state.waiting[activity]?.removeFirst().signal
        }
        first?.give()
    }

    func wakeAll(of activity: String) {
        for waiting in state.withLock({ $0.waiting.removeValue(forKey: activity) }) ?? [] { waiting.signal.give() }
    }

    /// Everybody looks again, at all activities.
    func wakeAll() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting.values.flatMap { $0 }
        }
        for poller in waiting { poller.signal.give() }
    }

    /// Those whose deadline has passed look again, and find that it has.
    /// - Returns: the first deadline to come; nil when nobody waits for one.
    func wakeOverdue(at now: Instant) -> Instant? {
        let (overdue, next) = state.withLock { state in
            var (overdue, next): ([Signal], Instant?) = ([], nil)
            for poller in state.waiting.values.joined() {
                if poller.deadline <= now {
                    overdue.append(poller.signal)
                } else {
                    next = min(next ?? poller.deadline, poller.deadline)
                }
            }
            return (overdue, next)
        }
        for signal in overdue { signal.give() }
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
