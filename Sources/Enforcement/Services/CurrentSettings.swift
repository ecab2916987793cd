import Engine

/// The settings in force. They are exchanged while the daemon runs, so whoever takes something up reads them once, and goes
/// by that value to its end: a batch, a step, a request.
package final class CurrentSettings: Sendable {
    private let box: LockedBox<EnforcementSettings>

    package init(_ settings: EnforcementSettings) { box = LockedBox(settings) }

    package var value: EnforcementSettings { box.withLock { $0 } }

    /// Puts other settings in force for what is taken up from now on.
    package func exchange(_ settings: EnforcementSettings) { box.withLock { $0 = settings } }
}
