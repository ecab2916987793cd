import Engine
import HTTPTypes
import Hummingbird
package import JSONModel

/// How the API gets at the settings of the daemon's file.
package struct SettingsDesk: Sendable {
    /// What the last reading has shown, and what is in force of all that can change while the daemon runs.
    package var show: @Sendable () -> JSONObject
    /// Reads them again on behalf of somebody: what changed. Throws `APIError.settingsRefused`.
    package var reload: @Sendable (_ actor: String) async throws -> JSONObject

    package init(
        show: @escaping @Sendable () -> JSONObject,
        reload: @escaping @Sendable (_ actor: String) async throws -> JSONObject
    ) {
        self.show = show
        self.reload = reload
    }
}

extension AdminAPI {
    func addSettingsRoutes(to group: Routes, _ desk: SettingsDesk) {
        group.get { _, _ in JSONAnswer(.object(desk.show())) }
        group.post("reload") { request, _ in
            JSONAnswer(.object(try await desk.reload("operator:\(request.actor)")))
        }
    }
}

extension APIError {
    /// A start would not take the settings; those from before are in force.
    package static func settingsRefused(_ problem: String) -> APIError {
        APIError(
            .unprocessableContent, "InvalidInput", problem,
            hint: "The settings from before stay in force. Mend the file and reload again.")
    }
}
