import Foundation
import Testing

/// Faults that `make sanitize` plants, one at a time, to see that each sanitizer finds its kind in spite of the
/// suppressions in `scripts/sanitizers`. They are planted in this bundle, which holds the code of every other test.
///
/// Nothing of this runs unless `STEWARD_PLANT` names a fault.
@Suite struct PlantedFaultTests {
    private enum Fault: String {
        case race
        case useAfterFree = "use-after-free"
        case leak
    }

    private static let planted = ProcessInfo.processInfo.environment["STEWARD_PLANT"].flatMap(Fault.init)

    /// `@unchecked Sendable` without a reason, which is the fault: nothing orders the accesses of two threads.
    private final class Unguarded: @unchecked Sendable {
        var value = 0
    }

    @Test(.enabled(if: planted == .race)) func twoThreadsWriteWithoutALock() {
        let counter = Unguarded()
        let isDone = DispatchSemaphore(value: 0)
        for _ in 0..<2 {
            let thread = Thread {
                for _ in 0..<1000 { counter.value += 1 }
                isDone.signal()
            }
            thread.start()
        }
        for _ in 0..<2 { isDone.wait() }
        #expect(counter.value <= 2000)
    }

    @Test(.enabled(if: planted == .useAfterFree)) func whatIsFreedIsRead() {
        let number = UnsafeMutablePointer<Int>.allocate(capacity: 1)
        number.initialize(to: 1)
        number.deallocate()
        #expect(number.pointee != 7)
    }

    /// Many, because a pointer that is left over on a stack keeps its block from counting as lost.
    @Test(.enabled(if: planted == .leak)) func nobodyKeepsWhatIsAllocated() {
        for size in 1...100 { #expect(malloc(size) != nil) }
    }
}
