import AWSClient
import Engine
import WallTime

/// The header `Date`, spelled once a second.
final class DateField: Sendable {
    private let last = LockedBox((second: Int64.min, text: ""))

    func text(at now: Instant) -> String {
        let second = now.milliseconds / 1000
        return last.withLock { last in
            if last.second != second { last = (second, now.httpDate) }
            return last.text
        }
    }
}
