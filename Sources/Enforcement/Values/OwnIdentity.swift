package import Budgets
import Engine
package import JSONModel
package import WallTime
import Words

/// Who Steward itself is in AWS, as STS tells. Shared by all copies of the settings: it may become known only while the
/// daemon runs.
///
/// By it, Steward is never suspended, and what it does itself in IAM is not taken for a stranger's.
package final class OwnIdentity: Sendable {
    private let state = LockedBox(State())

    private struct State {
        /// Without a session: a role stands for its sessions.
        var principal: Principal?
        var session: String?
        var knownSince: Instant?
        /// Why the last question had no answer; nil when it had one, or none was asked yet.
        var problem: String?
    }

    /// How long an answer is believed before STS is asked again: credentials may be exchanged under a running daemon.
    private static let askAgainAfter: Duration = .seconds(3600)
    private static let firstWait: Duration = .seconds(5)
    private static let longestWait: Duration = .seconds(600)

    package init() {}

    package var principal: Principal? { state.withLock { $0.principal } }

    /// Why it is not known; nil when it is.
    package var unknownBecause: String? {
        state.withLock { $0.principal == nil ? $0.problem ?? "STS has not been asked yet" : nil }
    }

    /// - Returns: whether it is another than was known.
    @discardableResult
    package func learn(_ principal: Principal, at now: Instant) -> Bool {
        state.withLock { state in
            let isNew = state.principal?.id != principal.id
            state = State(
                principal: Principal(id: principal.id, partition: principal.partition, path: principal.path),
                session: principal.session, knownSince: isNew ? now : state.knownSince, problem: nil)
            return isNew
        }
    }

    /// What was known before still holds: who can't be asked has not become somebody else.
    package func fail(_ problem: String) { state.withLock { $0.problem = problem } }

    package var json: JSONValue {
        state.withLock { state in
            [
                "arn": .optional(state.principal?.arn), "session": .optional(state.session),
                "knownSince": .optional(state.knownSince?.iso8601),
                "problem": state.principal == nil
                    ? .string(state.problem ?? "STS has not been asked yet") : .optional(state.problem),
            ]
        }
    }

    /// What became of a question.
    package enum News: Sendable, Equatable {
        case learned(Principal)
        case failed(String)
    }

    /// Asks who Steward is until it is known, and every hour after that. Runs until the task is cancelled.
    /// - Parameters:
    ///   - ask: STS's answer, as an ARN.
    ///   - tell: Told what is new: another identity, or a failure that is another than the one before.
    package func keep(
        clock: WallClock, asking ask: @Sendable () async throws -> String, tell: @Sendable (News) -> Void
    ) async throws {
        var wait = Self.firstWait
        var lastProblem: String?
        while true {
            do {
                let principal = try Principal(arn: try await ask())
                if learn(principal, at: clock.now()) { tell(.learned(principal)) }
                (wait, lastProblem) = (Self.firstWait, nil)
                try await clock.pause(for: Self.askAgainAfter)
            } catch let error as CancellationError {
                throw error
            } catch {
                let problem = "\(error)"
                fail(problem)
                if problem != lastProblem { tell(.failed(problem)) }
                lastProblem = problem
                try await clock.pause(for: wait)
                wait = min(wait * 2, Self.longestWait)
            }
        }
    }
}

extension RadarProbe {
    /// Steward's own identity: while it is not known, what Steward does in IAM looks like a stranger's doing.
    package static func ownIdentity(_ identity: OwnIdentity) -> RadarProbe {
        RadarProbe(Wording("Steward's own identity", es: "la identidad del propio Steward")) { _ in
            guard let reason = identity.unknownBecause else { return [] }
            return [
                RadarFinding(
                    .unknown, .warning, subject: "own-identity",
                    Wording(
                        "which AWS identity Steward acts under is not known: \(reason)",
                        es: "no se sabe con qué identidad de AWS actúa Steward: \(reason)"),
                    advice: Wording(
                        "check its credentials and that it reaches STS (sts:GetCallerIdentity needs no permission)",
                        es: "compruebe sus credenciales y que llega a STS (sts:GetCallerIdentity no necesita permiso)"))
            ]
        }
    }
}
