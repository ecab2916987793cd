import Budgets
package import Engine
import JSONModel
import WallTime
import Words

extension DomainSteps {
    /// The recording half of `look-for-bypass`: the composition root joins it to the radar, whose result is the findings.
    package static func recordBypass<Transaction: ExecutionTransaction & BudgetLedger>(
        _ settings: CurrentSettings
    ) -> Step<Transaction>.Record {
        { work, context, input, performed in
            try failingTask { try StepRun(Desk(work, settings), context, input).recordBypass(performed) }
        }
    }
}

extension StepRun {
    /// Tells people of the radar's findings: the same ones once a day. What is only good to know is not told, nor is a
    /// suspension that was declined: that is told when it happens, once a period.
    func recordBypass(_ report: JSONValue) throws -> JSONValue {
        let urgent = (report["findings"]?.arrayValue ?? []).filter {
            $0["severity"] != "info" && $0["kind"] != .string(RadarFinding.Kind.declined.rawValue)
        }
        let texts = urgent.compactMap { Wording.text("message", in: $0) }
        guard !texts.isEmpty else { return ["urgent": 0] }
        let what = urgent.map { "\($0["kind"]?.stringValue ?? "")/\($0["subject"]?.stringValue ?? "")" }.sorted()
        let severity: Notice.Severity = urgent.contains { $0["severity"] == "critical" } ? .critical : .warning
        try desk.tell(
            Notice(
                id:
                    "bypass/\(now.iso8601.prefix(10))/\(desk.settings.digest(Array(what.joined(separator: "\n").utf8)))",
                kind: .bypass, severity: severity, principal: nil,
                data: .object(JSONObject(Wording.members("findings", texts))), at: now))
        return ["urgent": .int(Int64(texts.count))]
    }
}
