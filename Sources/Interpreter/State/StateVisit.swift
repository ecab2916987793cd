import JSONModel
import StatesLanguage
import WallTime

/// One visit of a branch to a state, from its being entered to its exit, over all retries.
///
/// A value whose members are shared until one of several holders changes it: each step looks at visits a dozen times.
struct StateVisit: Sendable, Equatable {
    private var members: VisitMembers

    init(
        type: StateType, name: String, input: JSONValue, enteredID: Int, previousID: Int, enteredAt: Instant, entry: Int
    ) {
        members = VisitMembers(
            type: type, name: name, input: input, enteredID: enteredID, previousID: previousID, enteredAt: enteredAt,
            entry: entry)
    }

    var type: StateType { members.type }
    var name: String { members.name }
    var input: JSONValue { members.input }
    /// The event that recorded the entry, and the one before it.
    var enteredID: Int { members.enteredID }
    var previousID: Int { members.previousID }
    var enteredAt: Instant { members.enteredAt }
    /// Counts the entries of this state in this branch from 1.
    var entry: Int { members.entry }

    /// Retries so far over all retriers, and by retrier.
    var retryCount: Int {
        get { members.retryCount }
        set { edit().retryCount = newValue }
    }
    var attempts: [Int] {
        get { members.attempts }
        set { edit().attempts = newValue }
    }
    var activity: Activity {
        get { members.activity }
        set { edit().activity = newValue }
    }
    /// The last error of a try; explains a planned retry.
    var failure: TaskFailure? {
        get { members.failure }
        set { if newValue != nil || members.failure != nil { edit().failure = newValue } }
    }
    /// The definition of the state, so that it is looked up once a visit; no part of the fold.
    var definition: State? {
        get { members.definition }
        set { edit().definition = newValue }
    }

    private mutating func edit() -> VisitMembers {
        if !isKnownUniquelyReferenced(&members) { members = VisitMembers(copying: members) }
        return members
    }

    static func == (left: StateVisit, right: StateVisit) -> Bool {
        left.members === right.members || left.members.isEqual(to: right.members)
    }

    /// What a state is doing.
    enum Activity: Sendable, Equatable {
        /// The interpreter goes on with it.
        case running
        case waiting(until: Instant)
        /// `retrier` is the one of the state's that planned it.
        case retrying(at: Instant, retrier: Int)
        indirect case task(OpenTask)
        /// Its branches run.
        case joining
        /// Aborted or failed; only a redrive goes on with it.
        case stopped
    }

    func attempts(of retrier: Int) -> Int { attempts.indices.contains(retrier) ? attempts[retrier] : 0 }

    mutating func countAttempt(of retrier: Int) {
        while attempts.count <= retrier { attempts.append(0) }
        attempts[retrier] += 1
        retryCount += 1
    }
}

/// The members of a visit.
///
/// `@unchecked Sendable`, and its exclusivity unchecked too, like a frame's: only the holder of the only visit that refers
/// to it changes it.
private final class VisitMembers: @unchecked Sendable {
    let type: StateType
    let name: String
    let input: JSONValue
    let enteredID: Int
    let previousID: Int
    let enteredAt: Instant
    let entry: Int
    @exclusivity(unchecked) var retryCount = 0
    @exclusivity(unchecked) var attempts: [Int] = []
    @exclusivity(unchecked) var activity = StateVisit.Activity.running
    @exclusivity(unchecked) var failure: TaskFailure?
    @exclusivity(unchecked) var definition: State?

    init(
        type: StateType, name: String, input: JSONValue, enteredID: Int, previousID: Int, enteredAt: Instant, entry: Int
    ) {
        self.type = type
        self.name = name
        self.input = input
        self.enteredID = enteredID
        self.previousID = previousID
        self.enteredAt = enteredAt
        self.entry = entry
    }

    convenience init(copying other: VisitMembers) {
        self.init(
            type: other.type, name: other.name, input: other.input, enteredID: other.enteredID,
            previousID: other.previousID, enteredAt: other.enteredAt, entry: other.entry)
        retryCount = other.retryCount
        attempts = other.attempts
        activity = other.activity
        failure = other.failure
        definition = other.definition
    }

    func isEqual(to other: VisitMembers) -> Bool {
        type == other.type && name == other.name && input == other.input && enteredID == other.enteredID
            && previousID == other.previousID && enteredAt == other.enteredAt && entry == other.entry
            && retryCount == other.retryCount && attempts == other.attempts && activity == other.activity
            && failure == other.failure
    }
}
