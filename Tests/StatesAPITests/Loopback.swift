import AWSClient

/// One request over the loopback interface; its status and body. In a file of its own, since Hummingbird has an
/// `HTTPRequest`, too.
func send(_ method: String, _ url: String, _ body: [UInt8]) async throws -> (status: Int, body: [UInt8]) {
    let response = try await HTTPTransport.curl().send(HTTPRequest(method: method, url: url, headers: [], body: body))
    return (response.status, response.body)
}
