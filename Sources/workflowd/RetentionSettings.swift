import Engine
import JSONModel
import Logging
import SQLiteStore
import StatesAPI
import WallTime

/// When and what the daemon removes.
struct RetentionSettings: Sendable {
    var policy = RetentionPolicy()
    /// How often it looks.
    var every: Duration = .seconds(3600)

    /// Uses are told apart by their rows, so these must outlast late deliveries.
    private static let shortestUsage: Duration = .seconds(7 * 86_400)

    mutating func read(_ section: SettingsReader) throws {
        try section.allow(["every", "executions", "deadLetters", "outbox", "usage", "sums", "traces"])
        if let value = try section.parsed("every", as: "a span such as 1h", DurationText.parse) {
            guard value >= .seconds(1) else { throw section.fault("every", "must be at least 1s") }
            every = value
        }
        try read(section, "executions", &policy.executions)
        try read(section, "deadLetters", &policy.deadLetters)
        try read(section, "outbox", &policy.outbox)
        try read(section, "usage", &policy.usage)
        if isShorter(policy.sums, than: policy.usage) { policy.sums = policy.usage }
        try read(section, "sums", &policy.sums)
        try read(section, "traces", &policy.traces)
        if isShorter(policy.sums, than: policy.usage) {
            throw section.fault(
                "sums",
                "must be at least as long as retention.usage: a correction of a use moves its hour and its period")
        }
        if let usage = policy.usage, usage < Self.shortestUsage {
            throw section.fault("usage", "must be at least 7d: an older use is never charged, however late it comes")
        }
    }

    private func isShorter(_ age: Duration?, than other: Duration?) -> Bool {
        guard let age else { return false }
        return other.map { age < $0 } ?? true
    }

    private func read(_ section: SettingsReader, _ name: String, _ age: inout Duration?) throws {
        let never: Duration?? = try section.parsed(name, as: "a span with its unit such as 90d, or never") { text in
            if text == "never" { return .some(nil) }
            // A number alone is of seconds: whoever writes 90 means days, and all would be gone in a minute and a half.
            guard Int64(text) == nil, let span = DurationText.parse(text), span > .zero else { return nil }
            return .some(span)
        }
        if let never { age = never }
    }
}

/// Runs retention now and then.
struct RetentionService: Sendable {
    let retention: Retention
    /// As they are now.
    let settings: @Sendable () -> RetentionSettings
    /// When the newest audit entry was written that the start found; nil for none.
    let newest: Instant?
    let clock: WallClock
    let logger: Logger

    /// Runs until the task is cancelled.
    func run() async throws {
        var leaps = ClockLeap(wall: newest ?? clock.now(), ticks: clock.monotonicNanoseconds())
        while true {
            if let leap = leaps.look(wall: clock.now(), ticks: clock.monotonicNanoseconds()) {
                logger.warning(
                    "the clock is ahead of all that was recorded: nothing is removed before the next run, in case it is wrong",
                    metadata: ["ahead": "\(DurationText.write(leap))"])
                try await clock.pause(for: settings().every)
                continue
            }
            do {
                let report = try await retention.run(at: clock.now(), by: Retention.actor)
                if report.removed > 0 {
                    logger.info("old rows were removed", metadata: ["report": "\(JSONValue.object(report.rendered))"])
                }
            } catch is Retention.Busy {
                // Somebody runs it by hand: just as well.
            } catch let error as CancellationError {
                throw error
            } catch {
                logger.warning("retention broke off; the next run goes on", metadata: ["error": "\(error)"])
            }
            try await clock.pause(for: settings().every)
        }
    }

    var desk: RetentionDesk {
        RetentionDesk(
            show: {
                let (now, settings) = (clock.now(), self.settings())
                let plan = try await retention.plan(at: now)
                let last = await retention.last
                let policy = RetentionKind.allCases.map { kind in
                    (
                        kind.rawValue,
                        JSONValue.string(settings.policy.age(of: kind).map(DurationText.write) ?? "never")
                    )
                }
                var answer: JSONObject = [
                    "keeps": .object(JSONObject(policy)), "every": .string(DurationText.write(settings.every)),
                    "now": .object(plan.rendered),
                ]
                if let last {
                    answer["last"] = .object(last.report.rendered)
                    answer["lastAt"] = .string(last.at.iso8601)
                }
                return answer
            },
            run: { actor in
                do { return try await retention.run(at: clock.now(), by: actor).rendered } catch is Retention.Busy {
                    return nil
                }
            })
    }
}

extension RetentionReport {
    /// As `GET /api/v1/retention` shows it.
    var rendered: JSONObject {
        let kinds = RetentionKind.allCases.compactMap { kind -> JSONValue? in
            guard let line = lines[kind] else { return nil }
            let kept = Reason.allCases.compactMap { reason in
                line.kept[reason].map { (reason.rawValue, JSONValue.int(Int64($0))) }
            }
            return [
                "kind": .string(kind.rawValue), "removed": .int(Int64(line.removed)), "rows": .int(Int64(line.rows)),
                "kept": .object(JSONObject(kept)),
            ]
        }
        return ["kinds": .array(kinds), "bytesFreed": .int(bytesFreed), "canShrink": .bool(canShrink)]
    }
}
