import ArgumentParser
import Budgets
import Enforcement
import Engine
import JSONModel
import SQLiteStore
import WallTime

/// Metering on a ledger that is large already, the budget monitor's tick over it, its reports, and the daily refresh when
/// everybody's period is over.
struct Ledger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Metering and the budget monitor on a large ledger.")

    @OptionGroup var place: Place
    @Option(help: "Principals, each with a budget.") var principals = 1_000_000
    @Option(help: "Uses in the ledger before the measurement.") var known = 10_000_000
    @Option(help: "Those of them that an earlier run has left in the directory.") var present = 0
    @Option(help: "Uses to measure.") var records = 200_000
    @Option(help: "Records of one batch.") var batch = 2500
    @Option(help: "Batches in flight.") var inFlight = 4
    @Option(help: "Hours over which the known uses are spread.") var hours = 24
    @Option(help: "Pages in the log before they are moved to the database; the store's own number without it.")
    var checkpoint: Int?
    @Option(help: "MiB of pages that the writer keeps in memory; the store's own number without it.")
    var cache: Int?
    @Option(help: "Budgets over everyone, for as many units and periods (0 to 3).") var shared = 0

    func run() async throws {
        let clock = WallClock.system
        let later = Later()
        let settings = CurrentSettings(
            EnforcementSettings(
                defaultBudget: DefaultBudget(limit: NanoDollars(rawValue: .max / 4)), channels: { _ in [] },
                digest: { _ in "" }))
        let bench = try await EngineBench(
            directory: place.directory, steps: DomainSteps.all(settings), clock: later.clock, options: options)
        let service = EnforcementService(engine: bench.engine, settings: settings)
        try await bench.apply(
            "monitor", "StartAt: M\nStates: {M: {Type: Task, Resource: activity:monitor-budgets, End: true}}")
        try await bench.apply("refresh", Self.refresh)
        try await addSharedBudgets(service)
        let at = clock.now()
        @Sendable func uses(_ first: Int, _ count: Int) -> [UsageRecord] {
            (first..<(first + count)).map { .usage(use($0, at: time(of: $0, endingAt: at))) }
        }
        let before = clock.monotonicNanoseconds()
        try await concurrently((known - present) / batch, inFlight) { number in
            _ = try await service.meter(uses(present + number * batch, batch), source: "bench")
        }
        let filled = Double(clock.monotonicNanoseconds() - before) / 1e9

        // Made beforehand: to make them is not what is measured.
        let batches = (0..<(records / batch)).map { uses(known + $0 * batch, batch) }
        let usage = Usage.now(bench)
        let start = clock.monotonicNanoseconds()
        try await concurrently(batches.count, inFlight) { number in
            let report = try await service.meter(batches[number], source: "bench")
            guard report.recorded == batch else { throw NotRecorded(report: report) }
        }
        let seconds = Double(clock.monotonicNanoseconds() - start) / 1e9
        let used = Usage.now(bench).since(usage)
        let again = clock.monotonicNanoseconds()
        try await concurrently(batches.count, inFlight) { number in
            let report = try await service.meter(batches[number], source: "bench")
            guard report.duplicates == batch else { throw NotRecorded(report: report) }
        }
        let duplicates = Double(clock.monotonicNanoseconds() - again) / 1e9
        var ticks: [UInt64] = []
        for _ in 0..<5 {
            let tick = clock.monotonicNanoseconds()
            try await bench.runToEnd("monitor", input: [:])
            ticks.append(clock.monotonicNanoseconds() - tick)
        }
        let reports = try await Reports.measure(bench, at: at)
        later.jump(.seconds(31 * 86_400))
        let refreshing = (Usage.now(bench), clock.monotonicNanoseconds())
        try await bench.runToEnd("refresh", input: [:])
        let refreshed = Double(clock.monotonicNanoseconds() - refreshing.1) / 1e9
        let refreshCPU = Usage.now(bench).since(refreshing.0).cpu
        await bench.close()
        var report: JSONObject = [
            "principals": .int(Int64(principals)), "known": .int(Int64(known)),
            "filled_per_s": .double(Double(known - present) / filled),
            "records_per_s": .double(Double(records) / seconds),
            "duplicates_per_s": .double(Double(records) / duplicates),
            "us_cpu_per_record": .double(used.cpu * 1e6 / Double(records)),
            "us_writer_per_record": .double(used.writer * 1e6 / Double(records)),
            "bytes_kept_per_record": .double(Double(used.databaseBytes) / Double(records)),
            "monitor_tick_ms": .double(ticks.sorted().quantile(0.5) / 1e6),
            "refresh_s": .double(refreshed), "refreshed_per_s": .double(Double(principals) / refreshed),
            "refresh_us_cpu_per_principal": .double(refreshCPU * 1e6 / Double(principals)),
        ]
        for (name, milliseconds) in reports { report[name] = milliseconds }
        print(JSONValue.object(report).jsonString)
    }

    private var options: SQLiteStoreOptions {
        var options = SQLiteStoreOptions()
        if let checkpoint { options.checkpointPages = checkpoint }
        if let cache { options.writerCacheKiB = cache << 10 }
        return options
    }

    /// As the shipped daily-refresh goes through everybody.
    private static let refresh = """
        StartAt: R
        States:
          R: {Type: Task, Resource: activity:refresh-budgets, Next: HasMore}
          HasMore:
            Type: Choice
            Choices: [{And: [{Variable: $.cursor, IsPresent: true}, {Variable: $.cursor, IsNull: false}], Next: Again}]
            Default: Done
          Again: {Type: Pass, Parameters: {refresh: {cursor.$: $.cursor}}, Next: R}
          Done: {Type: Succeed}
        """

    /// Known uses fill the hours one after the other, as a day does; those that are measured come now.
    private func time(of number: Int, endingAt end: Instant) -> Instant {
        let span = Int64(hours) * 3_600_000
        let left = Int64(max(0, known - number)) * span / Int64(max(1, known))
        return end - .milliseconds(left)
    }

    private func addSharedBudgets(_ service: EnforcementService<SQLiteStore>) async throws {
        let units: [(BudgetUnit, PeriodRule)] = [
            (.money, .month(in: .utc)), (.tokens, .day(in: .utc)), (.requests, .day(in: .utc)),
        ]
        for (unit, rule) in units.prefix(shared) {
            let key = FurtherBudgetKey(scope: .everyone, unit: unit, periodRule: rule)
            _ = try await service.transact { desk in
                try FurtherBudgetCommands.set(key, FurtherBudgetChange(limit: .max / 4), by: "bench", desk)
            }
        }
    }

    /// The numbers spread the uses over principals and give each a request id like AWS's.
    private func use(_ number: Int, at: Instant) -> UsageEvent {
        let mixed = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        let digits = String(mixed, radix: 16)
        let padded = String(repeating: "0", count: 16 - digits.count) + digits
        let id = "\(padded.prefix(8))-\(padded.suffix(8).prefix(4))-4\(padded.suffix(3))-8000-000000000001"
        return UsageEvent(
            key: UsageKey(account: "111122223333", region: "us-east-1", requestID: id), at: at,
            principal: Principal(
                id: PrincipalID(account: "111122223333", kind: .user, name: "bench-\(mixed % UInt64(principals))"),
                partition: "aws", path: "/"),
            model: ModelID("anthropic.claude-3-haiku-20240307-v1:0"), operation: "Converse",
            tokens: TokenCounts(input: 100, output: 10, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0),
            source: "bench")
    }
}

/// A clock that can be put forward.
private final class Later: Sendable {
    private let ahead = LockedBox(Duration.zero)

    func jump(_ span: Duration) { ahead.withLock { $0 = $0 + span } }

    var clock: WallClock {
        let now: @Sendable () -> Instant = { [self] in WallClock.system.now() + ahead.withLock { $0 } }
        return WallClock(
            now: now, monotonicNanoseconds: WallClock.system.monotonicNanoseconds,
            sleepUntil: { due in
                while due > now() { try await Task.sleep(for: min(due - now(), .milliseconds(20))) }
            })
    }
}

struct NotRecorded: Error {
    let report: IngestReport
}
