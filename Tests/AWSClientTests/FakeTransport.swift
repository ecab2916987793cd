import Foundation

@testable import AWSClient

/// Answers requests from a closure and remembers them.
///
/// `@unchecked Sendable`: what changes is touched under `lock` only.
final class FakeTransport: @unchecked Sendable {
    private let lock = NSLock()
    private var sent: [HTTPRequest] = []
    private let answer: @Sendable (HTTPRequest, Int) async throws -> HTTPResponse

    /// The closure gets the request and how many came before it.
    init(_ answer: @escaping @Sendable (HTTPRequest, Int) async throws -> HTTPResponse) { self.answer = answer }

    /// Answers in order; what comes after the last is answered like the last.
    convenience init(answers: [HTTPResponse]) {
        self.init { _, index in answers[min(index, answers.count - 1)] }
    }

    /// Fails or answers in order.
    convenience init(outcomes: [Result<HTTPResponse, HTTPTransportError>]) {
        self.init { _, index in try outcomes[min(index, outcomes.count - 1)].get() }
    }

    var requests: [HTTPRequest] { lock.withLock { sent } }

    var transport: HTTPTransport {
        HTTPTransport { request in
            let index = self.lock.withLock {
                self.sent.append(request)
                return self.sent.count - 1
            }
            return try await self.answer(request, index)
        }
    }
}

extension HTTPRequest {
    func header(_ name: String) -> String? { HTTPResponse(status: 0, headers: headers).header(name) }

    var bodyText: String { String(decoding: body, as: UTF8.self) }

    /// The fields of a form, decoded.
    var form: [String: String] {
        let pairs = bodyText.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (percentDecoded(parts[0]) ?? "", percentDecoded(parts[1]) ?? "")
        }
        return Dictionary(pairs) { first, _ in first }
    }
}

extension HTTPResponse {
    static func json(_ body: String, status: Int = 200, headers: [(name: String, value: String)] = []) -> HTTPResponse {
        HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
    }

    /// An error of the query protocol.
    static func error(
        _ code: String, status: Int, headers: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        let xml = """
            <ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>\
            <Code>\(code)</Code><Message>Because of \(code).</Message></Error><RequestId>r-1</RequestId></ErrorResponse>
            """
        return HTTPResponse(status: status, headers: headers, body: Array(xml.utf8))
    }

    /// A result of the query protocol.
    static func result(_ action: String, _ content: String = "") -> HTTPResponse {
        let xml = """
            <?xml version="1.0"?>
            <\(action)Response xmlns="https://example.com/"><\(action)Result>\(content)</\(action)Result>\
            <ResponseMetadata><RequestId>r-2</RequestId></ResponseMetadata></\(action)Response>
            """
        return HTTPResponse(status: 200, body: Array(xml.utf8))
    }
}

/// A directory that is gone with the test.
final class TemporaryDirectory: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes a file and returns its path.
    func write(_ text: String, to name: String) throws -> String {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path
    }
}
