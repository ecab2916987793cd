import Foundation

/// How far AWS's clock is ahead of this machine's, learned from its answers.
///
/// `@unchecked Sendable`: the value is touched under the lock only.
final class ClockOffset: @unchecked Sendable {
    private let lock = NSLock()
    private var current: Duration = .zero

    var value: Duration {
        get { lock.withLock { current } }
        set { lock.withLock { current = newValue } }
    }
}
