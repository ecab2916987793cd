package import Engine
import TestKit
import WallTime

/// What one process meets: whether it still lives, how its store fares, and when it is to die. A new process has a new
/// one.
package final class Weather: Sendable {
    package enum Death: Sendable, Equatable { case beforeCommit, afterCommit }

    package enum Disk: Sendable, Equatable {
        case fine
        /// Commits fail; what is there can be read.
        case full
        /// Nothing can be read or written.
        case gone
        /// A commit takes so long.
        case slow(milliseconds: Int64)
    }

    private struct State {
        var isDead = false
        var disk = Disk.fine
        /// Writes until death, and its side of the commit.
        var deathAtWrite: (left: Int, side: Death)?
        /// Fault points until death.
        var deathAtPoint: Int?
        /// Single commits that fail, by how many writes from now.
        var failures: Set<Int> = []
        var writes = 0
        var refusedReads = 0
    }

    enum Verdict { case commit, fail(StoreError), dieBefore, dieAfter }

    private let state = Guarded(State())

    package init() {}

    package var isDead: Bool { state.withLock(\.isDead) }
    package var disk: Disk {
        get { state.withLock(\.disk) }
        set { state.withLock { $0.disk = newValue } }
    }

    /// Reads that the disk refused.
    package var refusedReads: Int { state.withLock(\.refusedReads) }

    package func die() { state.withLock { $0.isDead = true } }
    package func die(atWrite count: Int, _ side: Death) { state.withLock { $0.deathAtWrite = (count, side) } }
    package func die(atPoint count: Int) { state.withLock { $0.deathAtPoint = count } }
    package func fail(write count: Int) { state.withLock { _ = $0.failures.insert($0.writes + count) } }

    /// No fault is left in store.
    package func clear() {
        state.withLock { state in
            state.disk = .fine
            state.deathAtWrite = nil
            state.deathAtPoint = nil
            state.failures = []
        }
    }

    /// The engine has come to a fault point.
    package func pass(_ point: FaultPoint) {
        state.withLock { state in
            guard let left = state.deathAtPoint else { return }
            state.deathAtPoint = left - 1
            if left <= 1 { state.isDead = true }
        }
    }

    /// - Throws: when the process is dead: nothing that it does has an effect.
    package func requireLife() throws(StoreError) {
        if isDead { throw .unavailable("this process is dead") }
    }

    func requireReading() throws(StoreError) {
        try requireLife()
        guard disk == .gone else { return }
        state.withLock { $0.refusedReads += 1 }
        throw .unavailable("input/output error (simulated)")
    }

    func verdict() -> Verdict {
        state.withLock { state in
            state.writes += 1
            if let (left, side) = state.deathAtWrite {
                state.deathAtWrite = left > 1 ? (left - 1, side) : nil
                if left <= 1 { return side == .beforeCommit ? .dieBefore : .dieAfter }
            }
            if state.failures.remove(state.writes) != nil {
                return .fail(.unavailable("the commit failed (simulated)"))
            }
            switch state.disk {
            case .full: return .fail(.full("no space left on device (simulated)"))
            case .gone: return .fail(.unavailable("input/output error (simulated)"))
            case .fine, .slow: return .commit
            }
        }
    }
}
