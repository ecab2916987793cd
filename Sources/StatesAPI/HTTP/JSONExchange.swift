import Foundation
import HTTPTypes
package import Hummingbird
import JSONModel
import NIOCore
import StatesLanguage

/// An answer in JSON.
package struct JSONAnswer: ResponseGenerator {
    let value: JSONValue
    let status: HTTPResponse.Status

    init(_ value: JSONValue, status: HTTPResponse.Status = .ok) {
        self.value = value
        self.status = status
    }

    package func response(from request: Request, context: some RequestContext) -> Response {
        var bytes = value.jsonBytes
        bytes.append(0x0A)
        var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        if let name = Self.versionHeader { headers[name] = stewardVersion }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// By which a client knows that Steward answered and no other server of that address. A proxy writes `Server` anew.
    private static let versionHeader = HTTPField.Name("X-Steward-Version")
}

extension Request {
    /// The body as a JSON object; an empty body is an empty object.
    /// - Throws: `APIError` for a body that is too large, not JSON, not an object, or has a member that is not among
    ///   `known`.
    func jsonObject(upTo limit: Int, known: Set<String>) async throws -> JSONObject {
        let bytes = try await bytes(upTo: limit)
        if bytes.isEmpty { return [:] }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw APIError.invalidRequest("the body is not valid: \(error)")
        }
        guard let object = value.objectValue else {
            throw APIError.invalidRequest("the body must be a JSON object, not \(value.typeName)")
        }
        if let unknown = object.keys.first(where: { !known.contains($0) }) {
            throw APIError.invalidRequest(
                "unknown member \"\(unknown)\"", hint: "Known here: \(known.sorted().joined(separator: ", ")).")
        }
        return object
    }

    func bytes(upTo limit: Int) async throws -> [UInt8] {
        do {
            let buffer = try await body.collect(upTo: limit)
            return Array(buffer.readableBytesView)
        } catch let error as HTTPError {
            throw error
        } catch is NIOTooManyBytesError {
            throw APIError(
                .contentTooLarge, "TooLarge", "the body is larger than \(limit) bytes",
                hint: "Send it in smaller parts.")
        } catch {
            throw APIError.invalidRequest("the body did not come to its end: \(error)", hint: "Send it again.")
        }
    }

    /// A query parameter; nil when missing or empty.
    func query(_ name: String) -> String? {
        guard let value = uri.queryParameters[Substring(name)], !value.isEmpty else { return nil }
        return String(value)
    }

    /// `limit`, between 1 and 1,000.
    func limit(default standard: Int = 100) throws -> Int {
        guard let text = query("limit") else { return standard }
        guard let limit = Int(text), (1...1000).contains(limit) else {
            throw APIError.invalidRequest("limit must be a whole number from 1 to 1000, not \"\(text)\"")
        }
        return limit
    }

    /// Who asks, for the audit log: the name of the key; where nobody has one, what the client says.
    var actor: String {
        if let caller = Caller.current { return caller.name }
        guard let name = HTTPField.Name("X-Steward-Actor").flatMap({ headers[$0] }), !name.isEmpty,
            name.utf8.count <= 200
        else { return "api" }
        return name
    }
}

extension RequestContext {
    /// A path parameter, percent-decoded.
    func parameter(_ name: String) throws -> String {
        guard let value = parameters.get(name)?.removingPercentEncoding, !value.isEmpty else {
            throw APIError.invalidRequest("the path lacks its \(name)")
        }
        return value
    }
}

extension JSONObject {
    /// A text member; nil when missing or null.
    func text(_ name: String) throws -> String? {
        guard let value = self[name], !value.isNull else { return nil }
        guard let text = value.stringValue else {
            throw APIError.invalidRequest("\(name) must be a text, not \(value.typeName)")
        }
        return text
    }
}
