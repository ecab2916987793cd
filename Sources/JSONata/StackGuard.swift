#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Tells when a recursion has used up its share of the thread's stack, so that a deep expression ends with an error.
/// A count of levels alone would not do: a level costs several times as much in a debug build, and stacks differ.
struct StackGuard {
    /// More is never used, however large the stack.
    private static let most = 4 << 20
    /// What threads get when the process has no limit.
    private static let unlimited = 2 << 20

    private let lowest: UInt

    /// Starts at the caller's place on the stack: half of what a thread has is left to whoever called, and to what
    /// runs between two checks.
    init() { lowest = Self.here() - UInt(min(Self.most, Self.stackSize / 2)) }

    /// True when the share is used up. On the thread that made the guard only.
    var isExhausted: Bool { Self.here() < lowest }

    private static var stackSize: Int {
        #if canImport(Darwin)
        // Threads of a pool there have no more, whatever the limit says.
        return 512 << 10
        #elseif canImport(Musl)
        return 128 << 10
        #else
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit) == 0 else { return unlimited }
        return limit.rlim_cur > rlim_t(Int32.max) ? unlimited : Int(limit.rlim_cur)
        #endif
    }

    @inline(__always)
    private static func here() -> UInt {
        var marker: UInt8 = 0
        return withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
    }
}
