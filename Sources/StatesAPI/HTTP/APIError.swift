package import Hummingbird
package import JSONModel
package import StatesLanguage
import HTTPTypes

/// A request that is refused: what the answer says, and with which status.
package struct APIError: Error, Sendable {
    package var status: HTTPResponse.Status
    /// One of the codes of `docs/api.md`.
    package var code: String
    package var message: String
    package var hint: String?
    package var diagnostics: [Diagnostic]

    package init(
        _ status: HTTPResponse.Status, _ code: String, _ message: String, hint: String? = nil,
        diagnostics: [Diagnostic] = []
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.diagnostics = diagnostics
    }

    static func invalidRequest(_ message: String, hint: String? = nil) -> APIError {
        APIError(.badRequest, "InvalidRequest", message, hint: hint)
    }

    var json: JSONValue {
        var error: JSONObject = ["code": .string(code), "message": .string(message)]
        if let hint { error["hint"] = .string(hint) }
        if !diagnostics.isEmpty { error["diagnostics"] = .array(diagnostics.map(\.apiJSON)) }
        return ["error": .object(error)]
    }
}

extension Diagnostic {
    /// The finding as `docs/api.md` shapes it.
    package var apiJSON: JSONValue {
        var object: JSONObject = [
            "code": .string(code), "severity": .string(severity.rawValue), "message": .string(message),
            "pointer": .string(pointer),
        ]
        if let hint { object["hint"] = .string(hint) }
        if let file { object["file"] = .string(file) }
        if let position {
            object["line"] = .int(Int64(position.line))
            object["column"] = .int(Int64(position.column))
        }
        return .object(object)
    }
}
