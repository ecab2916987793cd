package import Budgets
package import JSONModel

extension Budget {
    /// The budget's terms, as audit entries and lists show them.
    package var json: JSONValue {
        [
            "budgetId": .string(id.rawValue),
            "limit": .string(limit.description),
            "limitNanos": .int(limit.rawValue),
            "warningPerMille": .int(Int64(thresholds.warningPerMille)),
            "criticalPerMille": .int(Int64(thresholds.criticalPerMille)),
            "period": .string(periodRule.description),
            "mode": .string(mode.rawValue),
            "enforcement": .string(enforcement.rawValue),
            "graceSeconds": .int(Int64(graceSeconds)),
            "protected": .bool(isProtected),
        ]
    }
}
