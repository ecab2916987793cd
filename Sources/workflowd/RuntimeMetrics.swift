import Engine
import Foundation
import SQLiteStore
import StatesAPI
import StatesLanguage
import WallTime

/// What the process itself tells for the metrics; its counters begin anew with each start.
struct RuntimeMetrics {
    let store: StoreStatistics
    /// Workers that wait for a task.
    let pollers: Int
    let startedAt: Instant
    let isHealthy: Bool
    /// Whether the settings could be taken when they were last read.
    let hasValidSettings: Bool
    /// Settings that were changed and hold after a restart.
    let settingsAfterRestart: Int

    var families: [MetricFamily] { process + settings + commits + queues + files }

    private var process: [MetricFamily] {
        var build = MetricFamily("steward_build_info", .gauge, "The version that runs.")
        build.add(1, [("version", stewardVersion)])
        return [
            build, MetricFamily("steward_healthy", .gauge, "1 while /health says ok.", isHealthy ? 1 : 0),
            MetricFamily(
                "steward_start_timestamp_seconds", .gauge, "When the process started.", startedAt.milliseconds / 1000),
        ]
    }

    private var settings: [MetricFamily] {
        [
            MetricFamily(
                "steward_settings_valid", .gauge, "1 unless the settings were refused when they were last read.",
                hasValidSettings ? 1 : 0),
            MetricFamily(
                "steward_settings_after_restart", .gauge, "Changed settings that hold after a restart.",
                settingsAfterRestart),
        ]
    }

    private var commits: [MetricFamily] {
        var seconds = MetricFamily(
            "steward_store_commit_seconds_total", .counter, "From BEGIN to the end of COMMIT, in all.")
        seconds.add("\(Double(store.commitNanoseconds) / 1e9)")
        return [
            MetricFamily("steward_store_commits_total", .counter, "Commits made.", store.commits),
            MetricFamily(
                "steward_store_failed_commits_total", .counter, "Commits that failed; nothing of them was kept.",
                store.failedCommits),
            MetricFamily("steward_store_writes_total", .counter, "Transactions that commits held.", store.writes),
            MetricFamily(
                "steward_store_rows_changed_total", .counter, "Rows inserted, updated or deleted.", store.rowsChanged),
            seconds,
        ]
    }

    private var queues: [MetricFamily] {
        [
            MetricFamily(
                "steward_store_waiting_writes", .gauge, "Transactions that wait for the writer.", store.waitingWrites),
            MetricFamily("steward_store_waiting_reads", .gauge, "Reads that wait for a reader.", store.waitingReads),
            MetricFamily("steward_activity_pollers", .gauge, "Workers that wait for a task.", pollers),
        ]
    }

    private var files: [MetricFamily] {
        [
            MetricFamily("steward_store_database_bytes", .gauge, "Size of the database.", store.databaseBytes),
            MetricFamily("steward_store_log_bytes", .gauge, "Size of the write-ahead log.", store.logBytes),
        ]
    }
}
