import Foundation
import WallTime

/// A time zone, as schedules need it: from an instant to the wall clock's reading and back.
package struct ScheduleZone: Sendable, Hashable {
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

    /// The names that a misspelt one may stand for.
    static var knownIdentifiers: [String] { TimeZone.knownTimeZoneIdentifiers }

    package static func == (left: Self, right: Self) -> Bool { left.identifier == right.identifier }
    package func hash(into hasher: inout Hasher) { hasher.combine(identifier) }

    /// What the wall clock shows, in milliseconds as if it were UTC.
    func reading(at instant: Instant) -> Int64 { instant.milliseconds + offset(at: instant.milliseconds) }

    /// The instants at which the wall clock shows this reading, earliest first: none in the gap when clocks go forward,
    /// two in the hour that is repeated when they go back.
    func instants(showing reading: Int64) -> [Instant] {
        let day: Int64 = 86_400_000
        let offsets = [offset(at: reading - day), offset(at: reading + day)]
        let instants = Set(offsets).map { reading - $0 }.filter { $0 + offset(at: $0) == reading }
        return instants.sorted().map { Instant(milliseconds: $0) }
    }

    private func offset(at milliseconds: Int64) -> Int64 {
        let date = Date(timeIntervalSince1970: (Double(milliseconds) / 1000).rounded(.down))
        return Int64(zone.secondsFromGMT(for: date)) * 1000
    }
}
