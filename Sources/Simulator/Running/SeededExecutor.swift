import Foundation
import TestKit

/// Runs every task that its thread starts on that one thread, in an order that a seed decides.
///
/// Swift hands jobs to the global executor through a hook (`swift_task_enqueueGlobal_hook`). Once installed, the jobs of
/// a thread that has an executor of its own come here; those of all other threads go on as before. With the store's calls
/// made synchronously (`blocking`), virtual time and a seed for every choice, a run depends on nothing but its seed.
///
/// `@unchecked Sendable`: everything is read and changed only by the thread that `run` was called on.
package final class SeededExecutor: TaskExecutor, @unchecked Sendable {
    private var ready: [UnownedJob] = []
    private var random: SeededRandom
    /// With this chance out of 100 the next job is any that is ready, else the one that has waited longest.
    private let disorder: UInt64
    /// Jobs run so far.
    package private(set) var steps = 0

    /// - Parameter disorder: percent of the choices that are random; 0 is first in, first out.
    package init(seed: UInt64, disorder: UInt64) {
        random = SeededRandom(seed: seed)
        self.disorder = disorder
    }

    package func enqueue(_ job: UnownedJob) { ready.append(job) }

    /// Runs `body` on a thread of its own, which every task started from it shares, and returns when it has ended.
    package static func run(
        seed: UInt64, disorder: UInt64, _ body: @escaping @Sendable (SeededExecutor) -> Void
    ) async {
        GlobalJobs.install()
        await withCheckedContinuation { (caller: CheckedContinuation<Void, Never>) in
            let thread = Thread {
                let executor = SeededExecutor(seed: seed, disorder: disorder)
                GlobalJobs.route(to: executor)
                body(executor)
                GlobalJobs.route(to: nil)
                caller.resume()
            }
            thread.stackSize = 16 << 20
            thread.start()
        }
    }

    /// Runs jobs until none is ready.
    /// - Parameter between: called after each.
    package func runUntilIdle(_ between: () -> Void = {}) {
        while !ready.isEmpty {
            let job = ready.remove(at: choice())
            job.runSynchronously(on: asUnownedTaskExecutor())
            steps += 1
            between()
        }
    }

    private func choice() -> Int {
        guard ready.count > 1, random.next() % 100 < disorder else { return 0 }
        return Int(random.next() % UInt64(ready.count))
    }

    /// Does asynchronous work elsewhere while this thread stands still, so that it is one step of the run.
    package static func blocking<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result
    ) throws -> Result {
        let outcome = Guarded<Swift.Result<Result, any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
        GlobalJobs.elsewhere {
            Task.detached {
                let result: Swift.Result<Result, any Error>
                do { result = .success(try await work()) } catch { result = .failure(error) }
                outcome.withLock { $0 = result }
                done.signal()
            }
        }
        done.wait()
        guard let result = outcome.withLock({ $0 }) else { preconditionFailure("the work has signalled its end") }
        return try result.get()
    }
}

/// The hook through which Swift's runtime hands over jobs for the global executor.
private enum GlobalJobs {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    /// Whose value, on each thread, is the executor that the thread's jobs go to.
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        precondition(pthread_key_create(&key, nil) == 0, "no thread-specific key is left")
        return key
    }()

    private static let installed: Bool = {
        guard let symbol = dlsym(dlopen(nil, RTLD_LAZY), "swift_task_enqueueGlobal_hook") else { return false }
        symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, original in
            guard let pointer = pthread_getspecific(GlobalJobs.key) else { return original(job) }
            Unmanaged<SeededExecutor>.fromOpaque(pointer).takeUnretainedValue().enqueue(job)
        }
        return true
    }()

    static func install() {
        precondition(installed, "this Swift runtime has no swift_task_enqueueGlobal_hook")
        Hashing.makeRepeatable()
    }

    static func route(to executor: SeededExecutor?) {
        pthread_setspecific(key, executor.map { Unmanaged.passUnretained($0).toOpaque() })
    }

    /// Runs `body` as if the thread had no executor.
    static func elsewhere(_ body: () -> Void) {
        let executor = pthread_getspecific(key)
        pthread_setspecific(key, nil)
        body()
        pthread_setspecific(key, executor)
    }
}

/// The order of a `Set` depends on where it lies in memory, unless hashing is told to be repeatable. The seed of the
/// process is left alone, since tables that exist were made with it: to repeat a run in another process, start it with
/// `SWIFT_DETERMINISTIC_HASHING=1`, which does both.
private enum Hashing {
    /// `_SwiftHashingParameters`: two words of seed, and whether it is repeatable.
    private static let offset = 2 * MemoryLayout<UInt64>.size

    static func makeRepeatable() {
        guard let parameters = dlsym(dlopen(nil, RTLD_LAZY), "_swift_stdlib_Hashing_parameters") else { return }
        parameters.storeBytes(of: true, toByteOffset: offset, as: Bool.self)
    }
}
