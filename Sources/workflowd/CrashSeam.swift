import Engine
import Foundation
import Glibc

/// The seam by which tests kill the daemon at a chosen point: `STEWARD_CRASH_AT=afterPerform:DetachPolicies` ends the
/// process with SIGKILL the first time that point is reached. Unset, it is nothing.
enum CrashSeam {
    static func faults(environment: [String: String]) throws -> @Sendable (FaultPoint) -> Void {
        guard let text = environment["STEWARD_CRASH_AT"], !text.isEmpty else { return { _ in } }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, let moment = FaultPoint.Moment(rawValue: parts[0]) else {
            let known = FaultPoint.Moment.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError("STEWARD_CRASH_AT: \"\(text)\" is not MOMENT:STATE with a moment of \(known).")
        }
        let target = FaultPoint(moment, state: parts[1])
        return { point in
            if point == target { kill(getpid(), SIGKILL) }
        }
    }
}
