import Engine
import JSONModel
import WallTime

extension Checkers {
    /// While a suspension of somebody is at work, another begins only in its place, and only to end sooner. Not judged
    /// is one that a person had go on after it had failed.
    package static func oneSuspensionAtATime(_ run: RunRecord) -> [Finding] {
        let promise = "a principal has one suspension at a time"
        let redriven = Set(run.executions.filter { $0.record.redriveCount > 0 }.map(\.record.name))
        let ends = Dictionary(
            run.executions.map { ($0.record.name, $0.record.stoppedAt ?? .distantFuture) }, uniquingKeysWith: max)
        var latest: [String: AuditEntry] = [:]
        var findings: [Finding] = []
        for entry in run.audit where entry.action == "suspension.started" {
            defer { latest[entry.subject] = entry }
            guard let earlier = latest[entry.subject] else { continue }
            let atWork = names(earlier.detail["executions"]).filter {
                !redriven.contains($0) && ends[$0].map { $0 > entry.at } == true
            }
            let what = "\(entry.subject) at \(entry.at.iso8601), beside \(atWork.joined(separator: ", "))"
            if !Set(atWork).isSubset(of: names(entry.detail["supersedes"])) {
                findings.append(Finding(promise, what))
            } else if !atWork.isEmpty, graceEnd(of: entry) >= graceEnd(of: earlier) {
                findings.append(Finding(promise, "\(what), and leaves no less time"))
            }
        }
        return findings
    }

    private static func names(_ value: JSONValue?) -> [String] { (value?.arrayValue ?? []).compactMap(\.stringValue) }

    private static func graceEnd(of entry: AuditEntry) -> Instant {
        entry.at + .seconds(entry.detail["graceSeconds"]?.intValue ?? 0)
    }
}
