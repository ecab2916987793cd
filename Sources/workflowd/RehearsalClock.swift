import Engine
import Foundation
import WallTime

/// A clock that is ahead of the machine's by what a file says at the moment, for tests and rehearsals: whoever writes the
/// file anew makes the clock jump. `STEWARD_REHEARSAL_CLOCK` names the file; unset, there is nothing of this.
enum RehearsalClock {
    /// Sleepers look again after that time, so that a jump is noticed at once.
    private static let granularity = Duration.milliseconds(20)

    /// - Throws: `DaemonError` when the file is not there or says no time span.
    static func clock(environment: [String: String]) throws(DaemonError) -> WallClock? {
        guard let file = environment["STEWARD_REHEARSAL_CLOCK"], !file.isEmpty else { return nil }
        guard let first = offset(in: file) else {
            throw DaemonError(
                "STEWARD_REHEARSAL_CLOCK: \(file) has to hold the time span by which the clock is ahead of the "
                    + "machine's, such as 0, 36h or -90s.")
        }
        let last = LastOffset(first)
        let now: @Sendable () -> Instant = { WallClock.system.now() + last.update(offset(in: file)) }
        return WallClock(
            now: now, monotonicNanoseconds: WallClock.system.monotonicNanoseconds,
            sleepUntil: { due in
                while true {
                    let remaining = due - now()
                    guard remaining > .zero else { return }
                    try await Task.sleep(for: min(remaining, granularity))
                }
            })
    }

    /// Nil while the file is just being written, or holds anything that is no time span.
    private static func offset(in file: String) -> Duration? {
        guard let bytes = FileManager.default.contents(atPath: file) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        guard text.hasPrefix("-") else { return DurationText.parse(text) }
        return DurationText.parse(String(text.dropFirst())).map { .zero - $0 }
    }
}

/// The offset that was read last: it stays in force until another can be read.
private final class LastOffset: Sendable {
    private let offset: LockedBox<Duration>

    init(_ offset: Duration) { self.offset = LockedBox(offset) }

    func update(_ new: Duration?) -> Duration {
        offset.withLock { offset in
            if let new { offset = new }
            return offset
        }
    }
}
