package import WallTime

/// What is known about a principal's access. Said of IAM only after IAM was read back.
package enum AccessStatus: String, Sendable, Hashable, CaseIterable {
    case active
    /// The limit is crossed and a suspension is under way, but access is still there.
    case grace
    case suspended
    /// A restoration is under way.
    case restoring
    /// A suspension ended without a verified result: access may still be there. A person has to look.
    case suspensionFailed = "suspension-failed"
    /// A restoration ended without a verified result: access may still be missing. A person has to look.
    case restorationFailed = "restoration-failed"
    /// The principal is gone.
    case closed

    /// Where it may go from here. Every status may be said again.
    package var successors: Set<AccessStatus> {
        switch self {
        case .active: [.grace, .suspended, .suspensionFailed, .closed]
        case .grace: [.active, .suspended, .suspensionFailed, .closed]
        case .suspended: [.restoring, .closed]
        case .restoring: [.active, .suspended, .restorationFailed, .closed]
        case .suspensionFailed: [.active, .suspended, .restoring, .closed]
        case .restorationFailed: [.active, .suspended, .restoring, .suspensionFailed, .closed]
        case .closed: [.active]
        }
    }

    /// Whether spending in a new period simply begins it. Otherwise a workflow has to end first.
    package var rollsOver: Bool { self == .active }

    /// Whether reports tell of the period for which access was taken, or is being taken, however long ago that ended.
    package var keepsPeriod: Bool {
        switch self {
        case .active, .closed: false
        case .grace, .suspended, .restoring, .suspensionFailed, .restorationFailed: true
        }
    }
}

/// A principal's access: its status, since when and why.
package struct Access: Sendable, Hashable {
    package private(set) var status: AccessStatus
    package private(set) var since: Instant
    /// When grace ends; set only in `grace`.
    package private(set) var graceUntil: Instant?
    package private(set) var reason: String?

    package init(status: AccessStatus, since: Instant, graceUntil: Instant? = nil, reason: String? = nil) {
        self.status = status
        self.since = since
        self.graceUntil = status == .grace ? graceUntil : nil
        self.reason = reason
    }

    /// - Throws: `IllegalTransition` when the status can't follow this one.
    package func moved(
        to next: AccessStatus, at instant: Instant, reason: String?, graceUntil: Instant? = nil
    ) throws(IllegalTransition) -> Access {
        guard next == status || status.successors.contains(next) else {
            throw IllegalTransition(from: status, to: next)
        }
        return Access(
            status: next, since: next == status ? since : instant, graceUntil: graceUntil ?? self.graceUntil,
            reason: reason)
    }
}

/// A status that can't follow the one there is.
package struct IllegalTransition: Error, Equatable, Sendable, CustomStringConvertible {
    package let from: AccessStatus
    package let to: AccessStatus

    package var description: String {
        "access can't go from \(from.rawValue) to \(to.rawValue); another workflow may have changed it meanwhile"
    }
}
