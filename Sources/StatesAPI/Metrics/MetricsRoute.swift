import Enforcement
import Engine
import HTTPTypes
import Hummingbird
import WallTime

extension AdminAPI {
    func addMetricsRoute(to router: Router<APIContext>) {
        router.get("metrics") { _, _ in try await metrics() }
    }

    /// Short reading transactions, whatever the database holds.
    private func metrics() async throws -> Response {
        let (limits, now) = (reports.limits, engine.now)
        let gauges = try await engine.read { try $0.gaugesAndBill(limits, at: now) }
        let silent = MetricFamily(
            "steward_ingest_silent_sources", .gauge,
            "Sources that have brought nothing for longer than they may while others do.",
            try await enforcement.ingestOverview().silent.count)
        let families =
            runtimeMetrics() + EngineMetrics(gauges: gauges, now: now).families
            + LedgerMetrics(gauges: gauges, now: now).families + [silent]
        return Response(
            status: .ok, headers: [.contentType: MetricFamily.contentType, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: MetricFamily.text(families))))
    }
}
