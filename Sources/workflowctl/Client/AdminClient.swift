import AWSClient
import Foundation
import JSONModel

/// Calls the admin API (`docs/api.md`) and turns refusals into exit codes.
struct AdminClient: Sendable {
    let base: String
    let timeout: Duration
    let actor: String
    /// A bearer token.
    let token: String?
    private let transport = HTTPTransport.curl()

    init(base: String, timeout: Duration, actor: String, token: String?) {
        self.base = base
        self.timeout = timeout
        self.actor = actor
        self.token = token
    }

    func get(_ path: String, _ query: [(String, String?)] = []) async throws -> JSONValue {
        try await call("GET", path, query)
    }

    /// A list as one, asked for page after page until there are `limit`; `next` is there when there is more.
    func list(_ path: String, key: String, _ query: [(String, String?)], limit: Int) async throws -> JSONValue {
        var rows: [JSONValue] = []
        var after: String?
        while true {
            let page: [(String, String?)] = [("limit", String(min(limit - rows.count, 1000))), ("after", after)]
            let answer = try await get(path, query + page)
            rows += answer[key]?.arrayValue ?? []
            after = answer["next"]?.stringValue
            if after == nil || rows.count >= limit {
                return .object([key: .array(rows), "next": answer["next"] ?? .null])
            }
        }
    }

    func post(_ path: String, _ body: JSONObject = [:]) async throws -> JSONValue {
        try await call("POST", path, [], body: JSONValue.object(body).jsonBytes, type: "application/json")
    }

    func put(_ path: String, _ body: JSONObject) async throws -> JSONValue {
        try await call("PUT", path, [], body: JSONValue.object(body).jsonBytes, type: "application/json")
    }

    func delete(_ path: String, _ query: [(String, String?)] = []) async throws -> JSONValue {
        try await call("DELETE", path, query)
    }

    func upload(_ path: String, _ query: [(String, String?)], _ body: [UInt8]) async throws -> JSONValue {
        try await call("POST", path, query, body: body, type: "application/octet-stream")
    }

    /// One segment of a path, percent-encoded.
    static func segment(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~:@")))
            ?? text
    }

    private func call(
        _ method: String, _ path: String, _ query: [(String, String?)], body: [UInt8] = [], type: String? = nil
    ) async throws -> JSONValue {
        try Self.requireNames(path, query)
        let parameters = query.compactMap { name, value in value.map { "\(name)=\(Self.segment($0))" } }
        let url = base + path + (parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&"))
        var headers = [(name: "X-Steward-Actor", value: actor), (name: "Accept", value: "application/json")]
        if let token { headers.append((name: "Authorization", value: "Bearer \(token)")) }
        if let type { headers.append((name: "Content-Type", value: type)) }
        let response: HTTPResponse
        do {
            response = try await transport.send(
                HTTPRequest(method: method, url: url, headers: headers, body: body, timeout: timeout))
        } catch HTTPTransportError.timedOut {
            throw Failure(
                .timeout, "\(base) did not answer within \(timeout.components.seconds) s",
                hint: "Try a longer --timeout.")
        } catch HTTPTransportError.other(let reason) {
            throw Failure(
                .unreachable, "no answer of \(base) could be read: \(reason)",
                hint: "Is this a Steward daemon? Check --server.")
        } catch let error as HTTPTransportError {
            throw Failure(
                .unreachable, "the daemon at \(base) can't be reached: \(error)",
                hint: "Is workflowd running? Name its address with --server or STEWARD_SERVER.")
        }
        let value = try Self.value(of: response, isFile: type == "application/octet-stream")
        try requireSteward(response)
        return value
    }

    /// `run get "$RUN"` with nothing in `RUN` would be another request, such as that of a list, and a filter of nothing
    /// none: the answer would be about somebody else.
    private static func requireNames(_ path: String, _ query: [(String, String?)]) throws {
        let empty = query.first { $0.1?.isEmpty == true }?.0
        guard path.contains("//") || path.hasSuffix("/") || empty != nil else { return }
        throw Failure(
            .usage, empty.map { "the value of \"\($0)\" is empty" } ?? "a name is empty",
            hint: "Is a variable of a script not set? Name what is meant, or leave the option out.")
    }

    /// Whatever answers with JSON would look like success: the health page of a proxy, another service of that port.
    private func requireSteward(_ response: HTTPResponse) throws {
        guard response.header("X-Steward-Version") == nil, response.header("Server") != "Steward" else { return }
        throw Failure(
            .error, "what answers at \(base) is no Steward daemon",
            hint: "Check --server. A proxy in between has to leave the header X-Steward-Version.")
    }

    private static func value(of response: HTTPResponse, isFile: Bool) throws -> JSONValue {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: response.body)
        } catch {
            throw Failure(
                .error, "the answer (status \(response.status)) is not JSON: \(error)",
                hint: "Is this a Steward daemon? Check --server.")
        }
        guard response.status >= 400 else { return value }
        throw refusal(value["error"] ?? .null, status: response.status, isFile: isFile)
    }

    /// - Parameter isFile: what is wrong in a file is no wrong command line.
    private static func refusal(_ error: JSONValue, status: Int, isFile: Bool) -> Failure {
        let exit: Exit =
            switch status {
            case 400: .usage
            case 401, 403: .notAllowed
            case 404: .notFound
            case 409: .conflict
            case 422: error["diagnostics"] != nil ? .findings : isFile ? .error : .usage
            default: .error
            }
        let diagnostics = (error["diagnostics"]?.arrayValue ?? []).map { finding in
            let place = [
                finding["file"]?.stringValue, finding["line"]?.intValue.map(String.init),
                finding["column"]?.intValue.map(String.init),
            ].compactMap(\.self).joined(separator: ":")
            return "\(place): \(finding["severity"]?.stringValue ?? "error"): \(finding["message"]?.stringValue ?? "") "
                + "[\(finding["code"]?.stringValue ?? "")]"
                + (finding["hint"]?.stringValue.map { " (\($0))" } ?? "")
        }
        return Failure(
            exit, error["message"]?.stringValue ?? "the daemon refused with status \(status)",
            hint: error["hint"]?.stringValue, details: diagnostics)
    }
}
