package import JSONModel
package import WallTime
package import Words

/// A way in which spending could escape its budgets, or does.
package struct RadarFinding: Sendable, Equatable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Bedrock's invocation logging is off in a region: what is used there is never charged.
        case loggingOff = "logging-off"
        /// An endpoint was used that writes no invocation logs.
        case unloggedCalls = "unlogged-calls"
        /// A model was used for which there is no price.
        case unpricedModel = "unpriced-model"
        /// A principal has only the budget that everybody gets.
        case noOwnBudget = "no-own-budget"
        /// An ingest source has fallen silent.
        case silentSource = "silent-source"
        /// Several AgentCore runtimes act as one role.
        case sharedAgentRole = "shared-agent-role"
        /// A batch job has ended, and nobody is known to have made it: nobody was charged.
        case unattributedBatch = "unattributed-batch"
        /// A batch job was made days ago, and what it used never came: nobody was charged.
        case unchargedBatch = "uncharged-batch"
        /// A shared role is beyond its budget and keeps access: a deny could not be limited to those who spent.
        case declined = "suspension-declined"
        /// Steward's own identity lacks a permission.
        case missingPermission = "missing-permission"
        /// Something could not be looked at.
        case unknown
    }

    package var kind: Kind
    package var severity: Notice.Severity
    /// What it is about: a region, a model, a principal, a source, an action.
    package var subject: String
    package var message: Wording
    package var advice: Wording

    package init(
        _ kind: Kind, _ severity: Notice.Severity, subject: String, _ message: Wording, advice: Wording
    ) {
        self.kind = kind
        self.severity = severity
        self.subject = subject
        self.message = message
        self.advice = advice
    }

    package var json: JSONValue {
        let head: [(String, JSONValue)] = [
            ("kind", .string(kind.rawValue)), ("severity", .string(severity.rawValue)), ("subject", .string(subject)),
        ]
        return .object(JSONObject(head + Wording.members("message", message) + Wording.members("advice", advice)))
    }
}

/// One thing that the radar looks at.
package struct RadarProbe: Sendable {
    /// What it looks at.
    package let name: Wording
    let look: @Sendable (Instant) async throws -> [RadarFinding]

    package init(_ name: Wording, look: @escaping @Sendable (Instant) async throws -> [RadarFinding]) {
        self.name = name
        self.look = look
    }
}

/// Looks for ways around the budgets. Each probe is on its own: one that fails is a finding and hides no other.
package struct Radar: Sendable {
    private let probes: [RadarProbe]

    package init(probes: [RadarProbe]) { self.probes = probes }

    /// What is found, the most urgent first.
    package func look(at now: Instant) async -> [RadarFinding] {
        var findings: [RadarFinding] = []
        for probe in probes {
            do {
                findings += try await probe.look(now)
            } catch {
                findings.append(
                    RadarFinding(
                        .unknown, .warning, subject: probe.name.english,
                        Wording(
                            "\(probe.name.english) could not be looked at: \(error)",
                            es: "no se ha podido mirar: \(probe.name.spanish) (\(error))"),
                        advice: Wording(
                            "mend what the error names and look again; the other findings stand",
                            es: "corrija lo que dice el error y vuelva a mirar; lo demás encontrado sigue en pie")))
            }
        }
        let urgency: [Notice.Severity] = [.critical, .warning, .info]
        return urgency.flatMap { severity in findings.filter { $0.severity == severity } }
    }

    package static func json(_ findings: [RadarFinding], at now: Instant) -> JSONValue {
        ["checkedAt": .string(now.iso8601), "findings": .array(findings.map(\.json))]
    }
}

/// Uses of an endpoint that writes no invocation logs, as CloudTrail tells them.
package struct UnloggedCalls: Sendable, Equatable {
    package var principal: String
    /// Such as `bedrock-mantle.amazonaws.com`.
    package var endpoint: String
    package var calls: Int64

    package init(principal: String, endpoint: String, calls: Int64) {
        self.principal = principal
        self.endpoint = endpoint
        self.calls = calls
    }
}
