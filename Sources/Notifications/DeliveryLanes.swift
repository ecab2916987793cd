import Enforcement
import WallTime

/// One line of work for each channel: within it one item after the other, and none waits for another's.
actor DeliveryLanes {
    /// What an item meets when its turn comes.
    enum Outlook: Sendable {
        case clear
        /// The channel has just turned out to be down.
        case outage(DeliveryError)
        /// The process ends: nothing new is begun.
        case closing
    }

    /// Does one item; returns the outage that it met.
    typealias Work = @Sendable (OutboxItem, Outlook) async -> DeliveryError?

    /// The last batch of each lane. Not children of the caller's task: what has begun is not cancelled with it.
    private var lanes: [String: Task<Void, Never>] = [:]
    private var underWay: Set<OutboxItemID> = []
    /// How many items each lane has.
    private var lengths: [String: Int] = [:]
    private var isClosing = false
    private let room: Int
    private let hasRoom: @Sendable () -> Void

    /// - Parameters:
    ///   - room: items of one lane from which on it is full.
    ///   - hasRoom: called when half of that is done.
    init(room: Int = .max, hasRoom: @escaping @Sendable () -> Void = {}) {
        self.room = room
        self.hasRoom = hasRoom
    }

    /// The channels that should get nothing more now.
    var full: Set<String> { Set(lengths.filter { $0.value >= room }.keys) }

    /// Puts items at the end of their lanes. One that is there already, because its lease ended while it waited, is not
    /// put there twice.
    func add(_ items: [OutboxItem], work: @escaping Work) {
        let fresh = items.filter { underWay.insert($0.id).inserted }
        for (channel, batch) in Dictionary(grouping: fresh, by: \.channel) {
            let before = lanes[channel]
            lengths[channel, default: 0] += batch.count
            lanes[channel] = Task {
                await withTaskCancellationHandler {
                    await before?.value
                } onCancel: {
                    before?.cancel()
                }
                var outage: DeliveryError?
                for item in batch {
                    outage = await work(item, self.outlook(outage)) ?? outage
                    self.leave(item)
                }
            }
        }
    }

    private func leave(_ item: OutboxItem) {
        underWay.remove(item.id)
        let left = lengths[item.channel, default: 1] - 1
        lengths[item.channel] = left > 0 ? left : nil
        if left == room / 2 { hasRoom() }
    }

    private func outlook(_ outage: DeliveryError?) -> Outlook {
        if isClosing { return .closing }
        return outage.map(Outlook.outage) ?? .clear
    }

    /// Returns once everything that was added has been done.
    func finish() async {
        for lane in lanes.values { await lane.value }
    }

    /// Ends what has begun, begins nothing more, and puts the rest back. What has not ended within `limit` is told to
    /// give up.
    func close(within limit: Duration, clock: WallClock) async {
        isClosing = true
        let lanes = Array(lanes.values)
        let timer = Task {
            do { try await clock.pause(for: limit) } catch { return }
            for lane in lanes { lane.cancel() }
        }
        await finish()
        timer.cancel()
    }
}
