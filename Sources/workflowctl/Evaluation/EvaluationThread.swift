import Dispatch
import Engine
import Foundation
import JSONModel

/// Evaluates on a thread of its own: it has the stack that deep definitions need, and one that never ends can be left
/// behind.
struct EvaluationThread {
    /// The languages take up to half of what a thread has when the process has no limit of its own.
    private static let stackSize = 64 << 20

    /// Holds the answer from the moment it is there.
    private final class Slot: Sendable {
        let answer = LockedBox<JSONObject?>(nil)
        let isDone = DispatchSemaphore(value: 0)
    }

    /// The answer; nil when it took longer than the evaluator's patience. Then the thread goes on in vain.
    static func answer(_ request: JSONObject, with evaluator: any Evaluator) -> JSONObject? {
        if let fault = request.fault { return fault }
        let slot = Slot()
        let thread = Thread {
            let answer = evaluator.answer(request)
            slot.answer.withLock { $0 = answer }
            slot.isDone.signal()
        }
        thread.stackSize = stackSize
        thread.start()
        let patience = Int(evaluator.patience(with: request).components.seconds) * 1000 + 1000
        guard slot.isDone.wait(timeout: .now() + .milliseconds(patience)) == .success else { return nil }
        return slot.answer.withLock { $0 }
    }
}
