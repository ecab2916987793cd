import Engine
import Hummingbird
package import JSONModel

/// How the API gets at the removal of old rows.
package struct RetentionDesk: Sendable {
    /// The ages, the last run, and what a run would do now.
    package var show: @Sendable () async throws -> JSONObject
    /// Runs on behalf of somebody; nil when a run is under way already.
    package var run: @Sendable (_ actor: String) async throws -> JSONObject?

    package init(
        show: @escaping @Sendable () async throws -> JSONObject,
        run: @escaping @Sendable (_ actor: String) async throws -> JSONObject?
    ) {
        self.show = show
        self.run = run
    }
}

extension AdminAPI {
    func addRetentionRoutes(to group: Routes, _ desk: RetentionDesk) {
        group.get { _, _ in JSONAnswer(.object(try await desk.show())) }
        group.post("run") { request, _ in
            guard let report = try await desk.run("operator:\(request.actor)") else {
                throw APIError(
                    .conflict, "Busy", "a run is under way",
                    hint: "Look with `workflowctl retention show` what is left.")
            }
            return JSONAnswer(.object(report))
        }
    }
}
