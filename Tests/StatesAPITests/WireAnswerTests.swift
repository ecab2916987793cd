import Foundation
import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

@testable import StatesAPI

@Suite struct WireAnswerTests {
    private static let answers = [
        WireAnswer(requestID: "r-1", body: Array("{}".utf8)),
        WireAnswer(status: 503, requestID: "r-2", body: Array("{\"a\":\"ä\"}".utf8), retryAfter: 2),
        WireAnswer(status: 408, requestID: "r-3", body: [], closes: true),
    ]

    /// A client must not notice which way its call has taken.
    @Test(arguments: answers)
    func bothWaysSayTheSame(_ answer: WireAnswer) {
        let bytes = answer.bytes(date: "Sun", server: "Steward", allocator: ByteBufferAllocator())
        let parts = String(buffer: bytes).components(separatedBy: "\r\n\r\n")
        let lines = parts[0].components(separatedBy: "\r\n")
        #expect(parts.dropFirst() == [String(decoding: answer.body, as: UTF8.self)])
        #expect(lines[0] == "HTTP/1.1 \(answer.response.status)")
        let expected =
            answer.response.headers.map { "\($0.name): \($0.value)".lowercased() }
            + ["content-length: \(answer.body.count)", "date: sun", "server: steward"]
        #expect(Set(lines.dropFirst().map { $0.lowercased() }) == Set(expected))
    }
}
