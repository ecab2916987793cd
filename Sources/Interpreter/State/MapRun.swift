import JSONModel
import StatesLanguage
import WallTime

/// A Map Run by its ARN, `arn:PARTITION:states:REGION:ACCOUNT:mapRun:MACHINE/LABEL:UUID`, and the names that follow
/// from it: those of its child executions are not stored, but the same whenever they are asked for.
package struct MapRun: Sendable, Hashable {
    package let arn: String
    private let parts: [Substring]

    package init(arn: String) {
        self.arn = arn
        parts = arn.split(separator: ":", omittingEmptySubsequences: false)
    }

    /// `MACHINE/LABEL`.
    package var machineAndLabel: String { parts.count > 6 ? String(parts[6]) : "" }

    /// `arn:…:stateMachine:MACHINE/LABEL`, which AWS calls the state machine of the children.
    package var stateMachineARN: String { prefix + ":stateMachine:" + machineAndLabel }

    /// The name of the child execution of an iteration: a UUID.
    package func childName(_ index: Int) -> String {
        var random = SplitMix64(seed: arn.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
        random = SplitMix64(seed: random.next(), salts: index)
        return random.uuid()
    }

    /// `arn:…:execution:MACHINE/LABEL:UUID`.
    package func childARN(_ index: Int) -> String {
        prefix + ":execution:" + machineAndLabel + ":" + childName(index)
    }

    private var prefix: String { parts.prefix(5).joined(separator: ":") }
}

/// What is known of one child execution of a distributed Map besides where it stands.
struct ChildRun: Sendable, Equatable {
    let startedAt: Instant
    /// Nil until its first state was entered.
    var input: JSONValue?
    var endedAt: Instant?
    var failure: TaskFailure?
    /// Events of its own history, which is limited as an execution's is; without its start, and its end if it is the
    /// last one.
    var eventCount = 0
    /// Whether only its end has room.
    var isFull: Bool { eventCount >= HistoryLimits.events - 2 }
    var hasRoomForRedrive: Bool { HistoryLimits.hasRoomForRedrive(eventCount) }

    init(startedAt: Instant) { self.startedAt = startedAt }
}

extension ExecutionState {
    /// A child execution by its outermost frame.
    func child(_ id: FrameID) -> (mapRun: MapRun, index: Int, run: ChildRun)? {
        guard let frame = frames[id], let run = frame.run, let parent = frame.parent,
            let mapRun = frames[parent]?.join?.mapRun
        else { return nil }
        return (mapRun, frame.index, run)
    }
}

/// What the iterations of a Map work on.
struct MapItems: Sendable {
    var values: [JSONValue]
    /// The keys, where the items are an object's members.
    var keys: [String]?
    /// Where a distributed Map's items come from, as the context object says it: `STATE_DATA` or an S3 URI.
    var source: String?
    /// How many items each value is a batch of, and how many there are in all; nil where each value is an item.
    var batches: (sizes: [Int], items: Int)?

    /// Items, in batches or not.
    var itemCount: Int { batches?.items ?? values.count }

    /// Items in the values with these indexes.
    func itemCount(of indexes: Set<Int>) -> Int {
        guard let sizes = batches?.sizes else { return indexes.count }
        return indexes.reduce(0) { $0 + (sizes.indices.contains($1) ? sizes[$1] : 0) }
    }

    subscript(_ index: Int) -> MapItem? {
        guard values.indices.contains(index) else { return nil }
        return MapItem(index: index, key: keys?[index], value: values[index], source: source)
    }
}

/// One of them: `$$.Map.Item`.
struct MapItem: Sendable {
    var index: Int
    var key: String?
    var value: JSONValue
    var source: String?
}
