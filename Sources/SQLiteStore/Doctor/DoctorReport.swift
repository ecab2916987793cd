package import JSONModel

/// One thing that `workflowctl doctor` looked at.
package struct DoctorCheck: Sendable, Equatable {
    package enum Outcome: String, Sendable, Comparable {
        case ok, warning, problem

        private var rank: Int { [Self.ok, .warning, .problem].firstIndex(of: self) ?? 0 }
        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    }

    package var name: String
    package var outcome: Outcome
    package var message: String
    /// What to do next; nil when there is nothing to do.
    package var advice: String?

    package init(_ name: String, _ outcome: Outcome, _ message: String, advice: String? = nil) {
        self.name = name
        self.outcome = outcome
        self.message = message
        self.advice = advice
    }
}

package struct DoctorReport: Sendable, Equatable {
    package var data: String
    package var checks: [DoctorCheck] = []

    package init(data: String) { self.data = data }

    /// The worst of all.
    package var outcome: DoctorCheck.Outcome { checks.map(\.outcome).max() ?? .ok }

    package var json: JSONValue {
        [
            "data": .string(data), "outcome": .string(outcome.rawValue),
            "checks": .array(
                checks.map { check in
                    [
                        "check": .string(check.name), "outcome": .string(check.outcome.rawValue),
                        "message": .string(check.message), "advice": check.advice.map(JSONValue.string) ?? .null,
                    ]
                }),
        ]
    }

    mutating func add(_ name: String, _ outcome: DoctorCheck.Outcome, _ message: String, _ advice: String? = nil) {
        checks.append(DoctorCheck(name, outcome, message, advice: advice))
    }
}
