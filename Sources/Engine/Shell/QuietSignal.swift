/// Lets one wait until nothing is under way, without looking again and again.
final class QuietSignal: Sendable {
    private let waiters = LockedBox<[CheckedContinuation<Void, Never>]>([])

    /// Returns when the condition holds; it is looked at now and at every `check`.
    func wait(until condition: () -> Bool) async {
        await withCheckedContinuation { continuation in
            waiters.withLock { $0.append(continuation) }
            check(condition)
        }
    }

    func check(_ condition: () -> Bool) {
        let resumed = waiters.withLock { waiters in
            guard !waiters.isEmpty, condition() else { return [CheckedContinuation<Void, Never>]() }
            defer { waiters = [] }
            return waiters
        }
        for waiter in resumed { waiter.resume() }
    }
}
