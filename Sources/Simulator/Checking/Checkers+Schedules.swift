import Engine
import WallTime

extension Checkers {
    /// Every slot of a schedule has one row, no row is without a slot, none came early, and what the catch-up policy
    /// says was done. The slots are computed anew: every so many milliseconds.
    package static func schedulesAreExact(_ run: RunRecord) -> [Finding] {
        run.schedules.flatMap { schedule in
            let check = ScheduleCheck(schedule: schedule, run: run)
            return (check.slots() + check.policy() + check.executions()).map {
                Finding("a schedule's fires are neither lost nor doubled", "\(schedule.workflow): \($0)")
            }
        }
    }
}

private struct ScheduleCheck {
    /// How late a fire still counts as on time.
    private static var punctual: Duration { .seconds(60) }

    let schedule: RunRecord.Schedule
    private let run: RunRecord
    /// Those of the schedule, in the order of their slots; none that was asked for by hand.
    private let fires: [ScheduleFire]

    init(schedule: RunRecord.Schedule, run: RunRecord) {
        (self.schedule, self.run) = (schedule, run)
        fires = schedule.fires.filter { $0.result != .manual }.sorted { $0.nominal < $1.nominal }
    }

    func slots() -> [String] {
        var found: [String] = []
        for (earlier, later) in zip(fires, fires.dropFirst()) where earlier.nominal == later.nominal {
            found.append("\(later.nominal.iso8601) is there twice")
        }
        for fire in fires {
            if (fire.nominal.milliseconds - schedule.offset) % schedule.period != 0 {
                found.append("\(fire.nominal.iso8601) is no slot")
            }
            if fire.firedAt < fire.nominal { found.append("\(fire.nominal.iso8601) fired early") }
        }
        guard let first = fires.first else { return found }
        let known = Set(schedule.fires.map(\.nominal))
        var slot = first.nominal
        while slot <= run.endedAt {
            if !known.contains(slot), !mayBeMissing(slot) { found.append("\(slot.iso8601) was lost") }
            slot = slot + .milliseconds(schedule.period)
        }
        return found
    }

    /// A slot is left out when it was older than the catch-up window once the daemon was there again, which a row about
    /// an earlier slot says, or while the schedule was paused, or right at the end.
    private func mayBeMissing(_ slot: Instant) -> Bool {
        if run.endedAt - slot < Self.punctual { return true }
        // Paused, it may be resumed before anybody looked at it, after a jump of the clock, say: then no row tells of it.
        let pauses = run.pauses.filter { $0.workflow == schedule.workflow }
        if pauses.contains(where: { $0.from <= slot && slot <= $0.to ?? run.endedAt }) { return true }
        let window = max(schedule.window, Self.punctual)
        return fires.contains { fire in
            guard fire.nominal < slot else { return false }
            switch fire.result {
            case .skippedMissed: return fire.firedAt - window >= slot
            // Resumed, it goes on with the next slot.
            case .skippedPaused: return true
            default: return false
            }
        }
    }

    func policy() -> [String] {
        var found: [String] = []
        let acted: Set<ScheduleFire.Result> = [.started, .failed, .buffered, .skippedOverlap]
        for (at, together) in Dictionary(grouping: fires, by: \.firedAt) {
            let done = together.filter { acted.contains($0.result) }
            let most = schedule.policy == .all ? max(1, schedule.max) : 1
            if done.count > most { found.append("\(done.count) slots were acted upon at \(at.iso8601)") }
            let newest = together.map(\.nominal).max() ?? at
            for fire in together {
                let lateness = at - fire.nominal
                if schedule.policy == .skip, acted.contains(fire.result), lateness > Self.punctual {
                    found.append("\(fire.nominal.iso8601) was made up for")
                }
                guard fire.result == .skippedMissed, fire.nominal == newest, lateness <= Self.punctual else { continue }
                found.append("\(fire.nominal.iso8601) was on time and was skipped")
            }
        }
        return found
    }

    /// What a row says was started is there, once; and what is there has a row.
    func executions() -> [String] {
        var found: [String] = []
        let names = run.executions.filter { $0.record.workflow == schedule.workflow }.map(\.record.name)
        let counted = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
        let letters = run.letters.filter {
            $0.letter.source == schedule.workflow && $0.letter.kind == .event && $0.status != .redriven
        }
        let failed = schedule.fires.filter { $0.result == .failed }
        if failed.count > letters.count {
            found.append("\(failed.count) slots could not be started, and \(letters.count) dead letters say so")
        }
        for fire in schedule.fires {
            let there = fire.execution.map { counted[$0, default: 0] } ?? 0
            switch fire.result {
            case .started, .manual:
                if there != 1 { found.append("\(fire.nominal.iso8601) has \(there) executions") }
            case .buffered:
                let waits = schedule.buffered.contains(fire.nominal)
                if there + (waits ? 1 : 0) != 1 {
                    found.append("\(fire.nominal.iso8601) waited and has \(there) executions")
                }
            case .failed, .skippedMissed, .skippedOverlap, .skippedPaused:
                if there > 0 { found.append("\(fire.nominal.iso8601) was skipped and has an execution") }
            }
        }
        let told = Set(schedule.fires.compactMap(\.execution))
        for name in counted.keys.sorted() where !told.contains(name) { found.append("\(name) has no slot") }
        return found
    }
}
