import BedrockUsage
import Engine
import Enforcement
import HTTPTypes
import Hummingbird
import JSONModel

extension AdminAPI {
    /// Largest body of an ingestion, before it is unpacked.
    static var ingestLimit: Int { 64 << 20 }

    func addIngestRoutes(to group: RouterGroup<APIContext>) {
        Routes(group).post("bedrock-invocation-logs", query: ["source"]) { request, _ in try await ingest(request) }
        addFirehoseRoutes(to: group)
        addEventBridgeRoutes(to: group)
    }

    /// Charges a body of model invocation log records in one transaction, and answers once it is durable.
    private func ingest(_ request: Request) async throws -> JSONAnswer {
        let source = request.query("source") ?? "api"
        guard source.utf8.count <= 1024 else { throw APIError.invalidRequest("source is longer than 1024 bytes") }
        let bytes = try await request.bytes(upTo: Self.ingestLimit)
        let records = UsageDecoder.decode(bytes, source: source)
        // A file's name is not a source that could fall silent.
        let report = try await enforcement.meter(
            records, from: IngestOrigin(name: "api", kind: .api), reading: source)
        wakeDelivery()
        return JSONAnswer(.object(rendering.ingestReport(report, source: source)))
    }
}
