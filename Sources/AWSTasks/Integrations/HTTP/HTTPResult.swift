import AWSClient
import Foundation
import Interpreter
import JSONModel

/// What an API answered, as a task shows it.
struct HTTPResult {
    let response: HTTPResponse

    init(_ response: HTTPResponse) { self.response = response }

    /// - Throws: `States.Http.StatusCode.CODE` for a status that is no success, with the body as the cause.
    func output() throws(TaskFailure) -> JSONValue {
        guard (200..<300).contains(response.status) else {
            let text = String(validating: response.body, as: UTF8.self) ?? base64(response.body)
            throw TaskFailure(
                error: "States.Http.StatusCode.\(response.status)", cause: text.isEmpty ? statusText : text)
        }
        var headers = JSONObject()
        for (name, value) in response.headers.map({ ($0.name.lowercased(), $0.value) }).sorted(by: { $0.0 < $1.0 }) {
            headers[name] = .array((headers[name]?.arrayValue ?? []) + [.string(value)])
        }
        return [
            "Headers": .object(headers), "ResponseBody": body, "StatusCode": .int(Int64(response.status)),
            "StatusText": .string(statusText),
        ]
    }

    /// JSON where the answer says so and is; else a text, or base64 when it is none.
    private var body: JSONValue {
        if response.header("content-type")?.lowercased().contains("json") == true {
            do { return try JSONValue(parsing: response.body) } catch {
                // Announced as JSON, and is none: shown as the text that it is.
            }
        }
        return .string(String(validating: response.body, as: UTF8.self) ?? base64(response.body))
    }

    /// The phrase that goes with the status (RFC 9110, section 15).
    private var statusText: String { Self.phrases[response.status] ?? "" }

    private static let phrases: [Int: String] = [
        200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information", 204: "No Content",
        205: "Reset Content", 206: "Partial Content", 300: "Multiple Choices", 301: "Moved Permanently", 302: "Found",
        303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
        400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
        411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long",
        415: "Unsupported Media Type", 416: "Range Not Satisfiable", 422: "Unprocessable Content",
        429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
        503: "Service Unavailable", 504: "Gateway Timeout",
    ]
}
