package import WallTime

/// When an ingest source counts as silent.
package struct IngestWatch: Sendable {
    /// How long a source may bring nothing while others do.
    package var silentAfter: Duration = .seconds(1800)
    /// The same for single sources; nil for one that may be silent for ever.
    package var exceptions: [String: Duration?] = [:]
    /// The sources that are configured; what a former configuration left behind is not waited for.
    package var isExpected: @Sendable (IngestOrigin) -> Bool = { $0.kind.isLive }

    package init() {}

    /// Sources that have brought nothing for too long, while another source did: that all are quiet is no fault of one.
    ///
    /// - Parameter watchingSince: when the process began to listen; a source is not blamed for what it could not bring.
    package func silent(_ sources: [IngestSource], watchingSince: Instant, now: Instant) -> [SilentSource] {
        sources.compactMap { source in
            let allowed = exceptions[source.origin.name] ?? silentAfter
            guard isExpected(source.origin), let allowed else { return nil }
            let last = source.lastReceivedAt ?? source.since
            guard now - max(last, watchingSince) > allowed else { return nil }
            let busy = sources.filter { other in
                other.origin.name != source.origin.name && other.lastReceivedAt.map { now - $0 <= allowed } ?? false
            }
            guard !busy.isEmpty else { return nil }
            return SilentSource(source: source, since: last, busy: busy.map(\.origin.name))
        }
    }
}

/// A source that has fallen silent.
package struct SilentSource: Sendable, Equatable {
    package var source: IngestSource
    /// When it last brought something.
    package var since: Instant
    /// Sources that bring something meanwhile.
    package var busy: [String]
}
