/// How much of each resource there may be. AWS's defaults ("Quotas", AWS Step Functions Developer Guide).
package struct WireQuotas: Sendable, Equatable {
    package var stateMachines = 100_000
    package var activities = 100_000
    /// Published versions of one state machine.
    package var versions = 1000
    /// Aliases of one state machine.
    package var aliases = 100
    /// Workers that poll one activity at a time.
    package var pollers = 1000

    package init() {}
}
