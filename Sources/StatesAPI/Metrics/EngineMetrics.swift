import Engine
import Enforcement
import WallTime

/// What the engine's rows say, as metrics.
struct EngineMetrics {
    let gauges: LedgerGauges
    let now: Instant

    var families: [MetricFamily] { [running, finished, ended, durations, openLetters, letters] + outbox }

    private var running: MetricFamily {
        var family = MetricFamily(
            "steward_executions_running", .gauge, "Executions that run: under way, or parked until something comes.")
        family.add(gauges.runningExecutions - gauges.parkedExecutions, [("state", "live")])
        family.add(gauges.parkedExecutions, [("state", "parked")])
        return family
    }

    /// Every status, so that the first failure of all is an increase.
    private var finished: MetricFamily {
        var family = MetricFamily(
            "steward_executions_finished_total", .counter, "Executions that have ended, by status.")
        for status in ExecutionStatus.allCases where status != .running {
            let endings = gauges.endings.filter { $0.status == status }
            family.add(
                endings.reduce(0) { $0 + $1.counts.reduce(0, +) }, [("status", status.rawValue)])
        }
        return family
    }

    private var ended: MetricFamily {
        var family = MetricFamily(
            "steward_executions_ended_total", .counter, "Executions that have ended, by state machine and status.")
        for ending in gauges.endings {
            family.add(ending.counts.reduce(0, +), Self.labels(ending) + [("status", ending.status.rawValue)])
        }
        return family
    }

    private var durations: MetricFamily {
        var family = MetricFamily(
            "steward_execution_duration_seconds", .histogram, "How long ended executions took, by state machine.")
        for (machine, endings) in grouped {
            let label = [("state_machine", machine)]
            var (cumulated, milliseconds): (Int64, Int64) = (0, 0)
            for bucket in 0...LedgerGauges.Endings.bounds.count {
                cumulated += endings.reduce(0) { $0 + $1.counts[bucket] }
                let bound =
                    bucket < LedgerGauges.Endings.bounds.count ? "\(LedgerGauges.Endings.bounds[bucket])" : "+Inf"
                family.add(cumulated, label + [("le", bound)], suffix: "_bucket")
            }
            milliseconds = endings.reduce(0) { $0 + $1.milliseconds }
            family.add(LedgerMetrics.seconds(Instant(milliseconds: milliseconds)), label, suffix: "_sum")
            family.add(cumulated, label, suffix: "_count")
        }
        return family
    }

    private var grouped: [(String, [LedgerGauges.Endings])] {
        var groups: [(String, [LedgerGauges.Endings])] = []
        for ending in gauges.endings {
            if groups.last?.0 == ending.stateMachine {
                groups[groups.count - 1].1.append(ending)
            } else {
                groups.append((ending.stateMachine, [ending]))
            }
        }
        return groups
    }

    private static func labels(_ ending: LedgerGauges.Endings) -> [(String, String)] {
        [("state_machine", ending.stateMachine)]
    }

    private var openLetters: MetricFamily {
        var family = MetricFamily("steward_dead_letters_open", .gauge, "Dead letters that wait for a person, by kind.")
        for count in gauges.openDeadLetters { family.add(count.count, [("kind", count.key.rawValue)]) }
        return family
    }

    private var letters: MetricFamily {
        var family = MetricFamily("steward_dead_letters_total", .counter, "Dead letters written, by kind.")
        let known = gauges.tallies.filter { $0.kind == .deadLetter }
        for kind in DeadLetterKind.allCases {
            family.add(known.first { $0.key == kind.rawValue }?.count ?? 0, [("kind", kind.rawValue)])
        }
        return family
    }

    private var outbox: [MetricFamily] {
        let age = gauges.oldestNotice.map { max(0, now.milliseconds - $0.milliseconds) / 1000 } ?? 0
        return [
            MetricFamily("steward_outbox_waiting", .gauge, "Messages that wait to be sent.", gauges.waitingNotices),
            MetricFamily(
                "steward_outbox_oldest_age_seconds", .gauge, "Since the oldest notice that still waits was written.",
                age),
        ]
    }
}
