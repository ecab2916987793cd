import HTTPTypes
import Hummingbird
import NIOCore

/// What a call of the Step Functions API is answered: JSON with AWS's headers.
package struct WireAnswer: Sendable {
    var status = 200
    /// `x-amzn-RequestId`.
    let requestID: String
    let body: [UInt8]
    /// Seconds after which to try again.
    var retryAfter: Int?
    /// Whether the connection ends with the answer.
    var closes = false

    private static let contentType = "application/x-amz-json-1.0"

    /// As the HTTP library takes it, which adds the date and the server's name.
    var response: Response {
        var headers: HTTPFields = [.contentType: Self.contentType, .cacheControl: "no-store"]
        if let name = HTTPField.Name("x-amzn-RequestId") { headers[name] = requestID }
        if let retryAfter { headers[.retryAfter] = "\(retryAfter)" }
        if closes { headers[.connection] = "close" }
        return Response(
            status: status == 200 ? .ok : HTTPResponse.Status(code: status), headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// The answer as it goes over the wire (RFC 9112).
    func bytes(date: String, server: String, allocator: ByteBufferAllocator) -> ByteBuffer {
        var bytes = allocator.buffer(capacity: 320 + body.count)
        bytes.writeStaticString("HTTP/1.1 ")
        bytes.writeString(statusLine)
        bytes.writeStaticString("\r\nContent-Type: ")
        bytes.writeString(Self.contentType)
        bytes.writeStaticString("\r\nCache-Control: no-store\r\nx-amzn-RequestId: ")
        bytes.writeString(requestID)
        if let retryAfter { bytes.writeString("\r\nRetry-After: \(retryAfter)") }
        if closes { bytes.writeStaticString("\r\nConnection: close") }
        bytes.writeStaticString("\r\nContent-Length: ")
        bytes.writeString(String(body.count))
        bytes.writeStaticString("\r\nDate: ")
        bytes.writeString(date)
        bytes.writeStaticString("\r\nServer: ")
        bytes.writeString(server)
        bytes.writeStaticString("\r\n\r\n")
        bytes.writeBytes(body)
        return bytes
    }

    /// Only success has a phrase of its own, which no client reads.
    private var statusLine: String { status == 200 ? "200 OK" : "\(status) " }
}
