/// Tasks on offer that are at hand, so that a worker which asks is answered without a read of the store; and those that
/// are being handed out.
///
/// The rows of offers are the truth. What is at hand is a part of them, or was one: a task that is no longer on offer
/// turns out so when it is handed out.
final class TaskOffers: Sendable {
    /// What is known of one activity's offers.
    private struct Shelf {
        var tasks: ArraySlice<OfferedTask> = []
        /// Whether the activity was seen to exist. Without that nobody is handed its tasks.
        var isKnown = false
        /// Whether the store may have tasks that are not at hand.
        var hasGap = true
        /// Counts the gaps, so that a read which began before one does not close it.
        var gaps = 0
        /// Reads of the store under way, and what was put on offer meanwhile: they may have seen it or not.
        var refills = 0
        var late: [OfferedTask] = []

        mutating func open() {
            hasGap = true
            gaps += 1
        }

        mutating func take(_ offers: [OfferedTask], _ refill: Refill, where isFree: (OfferedTask) -> Bool) {
            isKnown = true
            tasks = offers.filter(isFree)[...]
            guard offers.count < refill.limit, gaps == refill.gaps else { return }
            hasGap = false
            let known = Set(offers.map(Key.init))
            tasks += late.filter { !known.contains(Key($0)) && isFree($0) }
            late = []
        }
    }

    private struct State {
        var shelves: [String: Shelf] = [:]
        var claimed: Set<Key> = []
    }

    private struct Key: Hashable {
        let execution: ExecutionID
        let task: Int

        init(_ offer: OfferedTask) { (execution, task) = (offer.execution, offer.task) }
    }

    /// Tasks of one activity at hand, and activities that have any: inputs may be large.
    private static let tasksAtHand = 128
    private static let shelves = 64
    private let state = LockedBox(State())

    /// A task of the activity was put on offer.
    func note(_ offer: OfferedTask) {
        state.withLock { state in
            guard var shelf = state.shelves.removeValue(forKey: offer.activity) else { return }
            // While older ones are in the store alone, newer ones stay there too: the longest waiting goes first.
            if shelf.hasGap, shelf.refills > 0, shelf.late.count < Self.tasksAtHand {
                shelf.late.append(offer)
            } else if !shelf.hasGap, shelf.tasks.count < Self.tasksAtHand {
                shelf.tasks.append(offer)
            } else {
                shelf.open()
            }
            state.shelves[offer.activity] = shelf
        }
    }

    /// Whether it is known that none of the activity's tasks is on offer but those that are being handed out.
    func isEmpty(_ activity: String) -> Bool {
        state.withLock { state in
            guard let shelf = state.shelves[activity] else { return false }
            return shelf.isKnown && !shelf.hasGap && shelf.tasks.isEmpty
        }
    }

    /// The next task at hand, claimed for the caller, who settles it.
    func take(_ activity: String) -> OfferedTask? {
        state.withLock { state in
            guard state.shelves[activity]?.isKnown == true else { return nil }
            while let offer = state.shelves[activity]?.tasks.popFirst() {
                if state.claimed.insert(Key(offer)).inserted { return offer }
            }
            return nil
        }
    }

    /// What became of a task that was claimed.
    enum Fate {
        /// It is no longer on offer.
        case gone
        /// It may still be, because its handing out failed.
        case open
        /// It is, but nobody can have it: it stays claimed.
        case withheld
    }

    func settle(_ offer: OfferedTask, _ fate: Fate) {
        guard fate != .withheld else { return }
        state.withLock { state in
            state.claimed.remove(Key(offer))
            if fate == .open { state.shelves[offer.activity]?.open() }
        }
    }

    /// A read of the store that would bring more tasks to hand.
    struct Refill {
        fileprivate let gaps: Int
        /// How many offers to read: those being handed out are among them.
        let limit: Int
    }

    /// Nil when all that is on offer was at hand.
    func refill(_ activity: String) -> Refill? {
        state.withLock { state in
            if state.shelves[activity] == nil, state.shelves.count >= Self.shelves { state.shelves = [:] }
            var shelf = state.shelves.removeValue(forKey: activity) ?? Shelf()
            defer { state.shelves[activity] = shelf }
            guard shelf.hasGap else { return nil }
            shelf.refills += 1
            return Refill(gaps: shelf.gaps, limit: state.claimed.count + Self.tasksAtHand / 2)
        }
    }

    /// Puts the longest waiting offers of the store to hand.
    /// - Parameter offers: nil when the read failed.
    /// - Returns: whether any of them is free.
    func end(_ refill: Refill, of activity: String, _ offers: [OfferedTask]?) -> Bool {
        state.withLock { state in
            guard var shelf = state.shelves.removeValue(forKey: activity) else { return offers?.isEmpty == false }
            shelf.refills = max(0, shelf.refills - 1)
            if let offers, shelf.hasGap { shelf.take(offers, refill) { !state.claimed.contains(Key($0)) } }
            if shelf.refills == 0 { shelf.late = [] }
            state.shelves[activity] = shelf
            return !shelf.tasks.isEmpty
        }
    }

    /// The activity is no more.
    func forget(_ activity: String) { state.withLock { $0.shelves[activity] = nil } }
}
