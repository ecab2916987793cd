import Enforcement
import Engine
import HTTPTypes
import Hummingbird
import WallTime

extension AdminAPI {
    func addMetricsRoute(to router: Router<APIContext>) {
        router.get("metrics") { _, _ in try await metrics() }
    }

    /// One short reading transaction, whatever the database holds.
    private func metrics() async throws -> Response {
        let (limits, now) = (reports.limits, engine.now)
        let gauges = try await engine.read { try $0.gaugesAndBill(limits) }
        let families =
            runtimeMetrics() + EngineMetrics(gauges: gauges, now: now).families
            + LedgerMetrics(gauges: gauges, now: now).families
        return Response(
            status: .ok, headers: [.contentType: MetricFamily.contentType, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: MetricFamily.text(families))))
    }
}
