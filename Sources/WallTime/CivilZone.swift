import Foundation

/// A time zone of people: from an instant to the wall clock's reading and back, through every change of the clocks.
package struct CivilZone: Sendable, Hashable {
    /// An IANA name.
    package let identifier: String
    private let zone: TimeZone

    /// Nil when the name is not in the time zone database.
    package init?(identifier: String) {
        guard identifier == "UTC" || identifier.contains("/") || TimeZone.knownTimeZoneIdentifiers.contains(identifier),
            let zone = TimeZone(identifier: identifier)
        else { return nil }
        self.identifier = identifier
        self.zone = zone
    }

    package static let utc = CivilZone(identifier: "UTC", zone: .gmt)

    private init(identifier: String, zone: TimeZone) {
        self.identifier = identifier
        self.zone = zone
    }

    /// When the day begins there: midnight, or the first moment after it where the clocks skip midnight. Days of 23
    /// and 25 hours begin like any other.
    package func startOfDay(_ date: CivilDate) -> Instant {
        let midnight = date.daysSinceEpoch * 86_400_000
        // No zone has ever skipped more than a day in steps that are not whole quarters of an hour.
        for skipped in stride(from: Int64(0), through: 86_400_000, by: 900_000) {
            if let first = instants(showing: midnight + skipped).first { return first }
        }
        return Instant(milliseconds: midnight - offset(at: midnight))
    }

    /// The date that a calendar on the wall shows.
    package func date(at instant: Instant) -> CivilDate {
        CivilDate(daysSinceEpoch: reading(at: instant).quotientAndRemainderFlooring(by: 86_400_000).0)
    }

    /// The names that a misspelt one may stand for.
    package static var knownIdentifiers: [String] { TimeZone.knownTimeZoneIdentifiers }

    package static func == (left: Self, right: Self) -> Bool { left.identifier == right.identifier }
    package func hash(into hasher: inout Hasher) { hasher.combine(identifier) }

    /// What the wall clock shows, in milliseconds as if it were UTC.
    package func reading(at instant: Instant) -> Int64 { instant.milliseconds + offset(at: instant.milliseconds) }

    /// The instants at which the wall clock shows this reading, earliest first: none in the gap when clocks go forward,
    /// two in the hour that is repeated when they go back.
    package func instants(showing reading: Int64) -> [Instant] {
        let day: Int64 = 86_400_000
        let offsets = [offset(at: reading - day), offset(at: reading + day)]
        let instants = Set(offsets).map { reading - $0 }.filter { $0 + offset(at: $0) == reading }
        return instants.sorted().map { Instant(milliseconds: $0) }
    }

    /// When the gap ends in which the wall clock would show this reading; nil when it does show it.
    package func endOfGap(at reading: Int64) -> Instant? {
        guard instants(showing: reading).isEmpty else { return nil }
        let day: Int64 = 86_400_000
        let (before, after) = (offset(at: reading - day), offset(at: reading + day))
        // The clocks change after the one and not after the other.
        var (still, changed) = (reading - after, reading - before)
        while changed - still > 1 {
            let middle = still + (changed - still) / 2
            if offset(at: middle) == before { still = middle } else { changed = middle }
        }
        return Instant(milliseconds: changed)
    }

    private func offset(at milliseconds: Int64) -> Int64 {
        let date = Date(timeIntervalSince1970: (Double(milliseconds) / 1000).rounded(.down))
        return Int64(zone.secondsFromGMT(for: date)) * 1000
    }
}
