package import Engine
package import Enforcement
package import Hummingbird
package import JSONModel

/// What the daemon tells about itself; the API only passes it on.
package struct DaemonReport: Sendable {
    package enum Health: Sendable, Equatable {
        case ok
        case draining
        case failing(reason: String)
    }

    package var health: Health
    package var version: String
    /// Further members of `GET /api/v1/status`.
    package var details: JSONObject

    package init(
        engine: Engine<Store>, enforcement: EnforcementService<Store>,
        wakeDelivery: @escaping @Sendable () -> Void = {}, report: @escaping @Sendable () async -> DaemonReport
    ) {
        self.engine = engine
        self.enforcement = enforcement
        self.wakeDelivery = wakeDelivery
        self.report = report
        rendering = Rendering(options: engine.options)
    }

    /// All routes, with errors mapped.
    package func router() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: ErrorMiddleware())
        addHealthRoutes(to: router)
        let api = router.group("api/v1")
        addExecutionRoutes(to: api.group("executions"))
        addStateMachineRoutes(to: api.group("state-machines"))
        addDeadLetterRoutes(to: api.group("dead-letters"))
        addScheduleRoutes(to: api.group("schedules"))
        addBudgetRoutes(to: api)
        addIngestRoutes(to: router.group("ingest"))
        return router
    }
}
