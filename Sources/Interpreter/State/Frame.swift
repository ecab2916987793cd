import JSONModel
import StatesLanguage
import WallTime

/// Where one branch of an execution stands: the machine itself (frame 0), a Parallel branch or a Map iteration.
///
/// A value; its members are in shared storage that is copied when one of several holders changes it, since frames are
/// large, and looked at more often than anything else. It is changed through `FrameTable.edit`.
struct Frame: Sendable, Equatable {
    private var members: FrameMembers

    init(_ members: FrameMembers) { self.members = members }

    var id: FrameID { members.id }
    var parent: FrameID? { members.parent }
    var index: Int { members.index }
    var child: FrameID? { members.child }
    var visit: StateVisit? { members.visit }
    var output: JSONValue? { members.output }
    var previousID: Int { members.previousID }
    var variables: [String: JSONValue] { members.variables }
    var variableSizes: [String: Int] { members.variableSizes }
    var storedVariables: Int { members.storedVariables }
    var entries: [String: Int] { members.entries }
    var join: Join? { members.join }
    var children: [Int: FrameID] { members.children }
    var results: [Int: JSONValue] { members.results }
    var childRuns: [Int: ChildRun] { members.childRuns }
    var run: ChildRun? { members.run }

    /// Whether it belongs to a child execution, whose events the execution's own history leaves out.
    var isHidden: Bool { members.child != nil }

    /// The members, to be changed: this frame's own, whoever shared them. They are not to be kept.
    mutating func edit() -> FrameMembers {
        if !isKnownUniquelyReferenced(&members) { members = FrameMembers(copying: members) }
        return members
    }

    static func == (left: Frame, right: Frame) -> Bool {
        left.members === right.members || left.members.isEqual(to: right.members)
    }
}

/// The members of a frame.
///
/// `@unchecked Sendable`, and its exclusivity unchecked too: it is changed only by the holder of the only frame that
/// refers to it, so nobody else can look at it meanwhile.
final class FrameMembers: @unchecked Sendable {
    let id: FrameID
    /// The frame whose Parallel or Map state runs this one; nil for the machine itself.
    let parent: FrameID?
    /// Which branch of the Parallel, or which item of the Map.
    let index: Int
    /// The outermost frame of the child execution (of a distributed Map) that it belongs to: its own, or one around it;
    /// nil for what belongs to the execution itself.
    let child: FrameID?

    /// The state that it is in; nil before the first and after the last.
    @exclusivity(unchecked) var visit: StateVisit?
    /// What the branch has come to, once it has ended.
    @exclusivity(unchecked) var output: JSONValue?
    /// The last event of this branch, which the next one names as its predecessor.
    @exclusivity(unchecked) var previousID: Int
    /// Workflow variables that the branch can see. An outer scope cannot change while an inner one runs, so a branch
    /// starts with its parent's and goes on alone (ASL, "Variable scope").
    @exclusivity(unchecked) var variables: [String: JSONValue]
    /// Bytes of the variables that the branch has set itself, by name.
    @exclusivity(unchecked) var variableSizes: [String: Int] = [:]
    /// Bytes of the variables that all branches of the execution have set, or of the child execution of a distributed
    /// Map: kept in its outermost frame.
    @exclusivity(unchecked) var storedVariables = 0
    /// How many times each state has been entered.
    @exclusivity(unchecked) var entries: [String: Int] = [:]
    /// What is known of the Parallel or Map that the branch is in. Here and not in the visit, as are the branches and
    /// their results, so that a copy of the visit never costs a copy of them.
    @exclusivity(unchecked) var join: Join?
    /// The branches: all of a Parallel's; of a Map's those that run or have failed.
    @exclusivity(unchecked) var children: [Int: FrameID] = [:]
    /// Results of the Map's iterations that have succeeded, by item.
    @exclusivity(unchecked) var results: [Int: JSONValue] = [:]
    /// What is known of the child executions that have succeeded, in a distributed Map.
    @exclusivity(unchecked) var childRuns: [Int: ChildRun] = [:]
    /// Of the frame that is a child execution's outermost.
    @exclusivity(unchecked) var run: ChildRun?

    init(
        id: FrameID, parent: FrameID?, index: Int, child: FrameID?, previousID: Int, variables: [String: JSONValue]
    ) {
        self.id = id
        self.parent = parent
        self.index = index
        self.child = child
        self.previousID = previousID
        self.variables = variables
    }

    init(copying other: FrameMembers) {
        id = other.id
        parent = other.parent
        index = other.index
        child = other.child
        visit = other.visit
        output = other.output
        previousID = other.previousID
        variables = other.variables
        variableSizes = other.variableSizes
        storedVariables = other.storedVariables
        entries = other.entries
        join = other.join
        children = other.children
        results = other.results
        childRuns = other.childRuns
        run = other.run
    }

    func isEqual(to other: FrameMembers) -> Bool {
        id == other.id && parent == other.parent && index == other.index && child == other.child
            && visit == other.visit && output == other.output && previousID == other.previousID
            && variables == other.variables && variableSizes == other.variableSizes
            && storedVariables == other.storedVariables && entries == other.entries && join == other.join
            && children == other.children && results == other.results && childRuns == other.childRuns
            && run == other.run
    }
}

/// A task that was scheduled and has no result yet.
struct OpenTask: Sendable, Equatable {
    let id: TaskID
    let scheduled: ScheduledTask
    let resource: Resource
    let scheduledAt: Instant
    var startedAt: Instant?
    var isSubmitted = false
    var lastHeartbeat: Instant?

    /// When the task times out. The time counts from its start; a task that no worker takes times out as if it had
    /// started when it was scheduled.
    var deadline: Instant? {
        scheduled.timeoutSeconds.map { (startedAt ?? scheduledAt).adding(seconds: $0) }
    }

    /// When it fails for want of a heartbeat: counted from the last one, at first from the start.
    var heartbeatDeadline: Instant? {
        guard let seconds = scheduled.heartbeatSeconds, let last = lastHeartbeat ?? startedAt else { return nil }
        return last.adding(seconds: seconds)
    }

    var due: Instant? {
        guard let deadline else { return heartbeatDeadline }
        return heartbeatDeadline.map { min($0, deadline) } ?? deadline
    }
}

/// The branches of a Parallel state or the iterations of a Map.
struct Join: Sendable, Equatable {
    /// How many branches or iterations there are; 0 until a distributed Map has read its items.
    var count: Int
    /// The event that started them.
    var startedID: Int
    let startedAt: Instant
    /// The Map Run's ARN, in a distributed Map.
    var mapRun: MapRun?
    /// What a person has set for this Map Run, in place of the definition.
    var bounds = MapRunBounds()
    /// What `ItemReader` has read.
    var read: [JSONValue]?
    /// Items whose iteration has failed or was aborted since the last redrive.
    var failed: Set<Int> = []
    var aborted: Set<Int> = []
    /// The first item that has not started.
    var nextIndex = 0
    /// What the iterations work on, or the one value that all branches get: computed from the state's input or `read`, so
    /// no part of the fold.
    var items = Remembered<MapItems>()
    /// How many iterations may run at once; computed likewise.
    var concurrency = Remembered<Int>()

    var isDistributed: Bool { mapRun != nil }
}

/// A value that can be computed again at any time, kept to save the work: two states that differ only in what they
/// remember are equal.
struct Remembered<Value: Sendable>: Sendable, Equatable {
    var value: Value?

    static func == (left: Self, right: Self) -> Bool { true }
}

extension Instant {
    /// A duration from a definition can be as long as it likes; the sum stops at the end of time.
    func adding(seconds: Int) -> Instant {
        let (span, spanOverflows) = Int64(seconds).multipliedReportingOverflow(by: 1000)
        let (sum, sumOverflows) = milliseconds.addingReportingOverflow(spanOverflows ? .max : span)
        return sumOverflows ? .distantFuture : Instant(milliseconds: sum)
    }
}
