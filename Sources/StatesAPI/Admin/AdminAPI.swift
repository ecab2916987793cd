package import Engine
package import Enforcement
package import Hummingbird

/// The admin API: everything that `workflowctl` asks for (`docs/api.md`).
package struct AdminAPI<Store: ExecutionStore>: Sendable where Store.Transaction: BudgetLedger {
    /// Largest body of a request that is not an ingestion: a state machine of 1 MiB, escaped, with room to spare.
    static var bodyLimit: Int { 4 << 20 }

    let engine: Engine<Store>
    let enforcement: EnforcementService<Store>
    /// Told when something may have been put into the outbox.
    let wakeDelivery: @Sendable () -> Void
    let report: @Sendable () async -> DaemonReport
    /// Nil where keys are not administered.
    let keys: KeyRing?
    /// Nil where the store offers none.
    let maintenance: StoreMaintenance?
    /// Nil where nothing ages out.
    let retention: RetentionDesk?
    /// Nil where nobody can look at IAM.
    let previewAccess: AccessPreview?
    /// Nil where IAM is out of reach.
    let identities: IdentityDesk?
    /// Nil where nothing looks for ways around the budgets.
    let radar: Radar?
    /// Nil where nobody is told anything.
    let notifications: NotificationDesk?
    /// Nil where there are no settings to read.
    let settings: SettingsDesk?
    let reports: ReportSettings
    /// What the process itself has for the metrics.
    let runtimeMetrics: @Sendable () -> [MetricFamily]
    let rendering: Rendering

    package init(
        engine: Engine<Store>, enforcement: EnforcementService<Store>,
        wakeDelivery: @escaping @Sendable () -> Void = {}, keys: KeyRing? = nil,
        maintenance: StoreMaintenance? = nil, retention: RetentionDesk? = nil,
        previewAccess: AccessPreview? = nil, identities: IdentityDesk? = nil, radar: Radar? = nil,
        notifications: NotificationDesk? = nil, settings: SettingsDesk? = nil,
        reports: ReportSettings = ReportSettings(), runtimeMetrics: @escaping @Sendable () -> [MetricFamily] = { [] },
        report: @escaping @Sendable () async -> DaemonReport
    ) {
        self.engine = engine
        self.enforcement = enforcement
        self.wakeDelivery = wakeDelivery
        self.report = report
        self.keys = keys
        self.maintenance = maintenance
        self.retention = retention
        self.previewAccess = previewAccess
        self.identities = identities
        self.radar = radar
        self.notifications = notifications
        self.settings = settings
        self.reports = reports
        self.runtimeMetrics = runtimeMetrics
        rendering = Rendering(options: engine.options)
    }

    /// All routes, with errors mapped.
    package func router() -> Router<APIContext> {
        let router = Router(context: APIContext.self)
        router.add(middleware: ErrorMiddleware(now: { [engine] in engine.now }))
        let api = Routes(router.group("api/v1"))
        addHealthRoutes(to: router, api)
        addExecutionRoutes(to: api.group("executions"))
        addStateMachineRoutes(to: api.group("state-machines"))
        addDeadLetterRoutes(to: api.group("dead-letters"))
        addScheduleRoutes(to: api.group("schedules"))
        addBudgetRoutes(to: api)
        addFurtherBudgetRoutes(to: api.group("further-budgets"))
        addHoldRoutes(to: api)
        addPlanRoutes(to: api)
        addBudgetFileRoutes(to: api)
        addIngestSourceRoutes(to: api)
        addAgentRoutes(to: api)
        addPriceRoutes(to: api.group("prices"))
        addReportRoutes(to: api)
        addMetricsRoute(to: router)
        if let keys { addKeyRoutes(to: api.group("keys"), keys) }
        if let maintenance { addMaintenanceRoutes(to: api, maintenance) }
        if let retention { addRetentionRoutes(to: api.group("retention"), retention) }
        if let identities {
            addPrincipalRoutes(to: api.group("principals"), identities)
            addTeamRoutes(to: api.group("teams"), identities)
            addPolicyRoutes(to: api.group("policies"), identities)
        }
        if let radar { addRadarRoutes(to: api, radar) }
        if let settings { addSettingsRoutes(to: api.group("settings"), settings) }
        if let notifications { addNotificationRoutes(to: api.group("notifications"), notifications) }
        addIngestRoutes(to: router.group("ingest"))
        return router
    }
}
