import HTTPTypes
import NIOCore
import Testing

@testable import StatesAPI

/// What of HTTP/1.1 the lane reads by itself, and what it leaves to the library.
@Suite struct WireRequestTests {
    private static let head = "POST / HTTP/1.1\r\nHost: here:8080\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\n"

    private func reading(_ text: String, limits: ListenerLimits = ListenerLimits()) -> (WireRequest.Reading, String) {
        var buffer = ByteBuffer(string: text)
        let reading = WireRequest.take(from: &buffer, limits: limits)
        return (reading, String(buffer: buffer))
    }

    @Test func aWholeCallIsTakenOffTheFront() throws {
        let text = Self.head + "content-length:2\r\nX-Odd:\r\nConnection:  Keep-Alive \r\n\r\n{}POST"
        let (reading, rest) = reading(text)
        guard case .whole(let call) = reading else {
            Issue.record("\(reading)")
            return
        }
        #expect(rest == "POST")
        #expect(String(buffer: call.body) == "{}")
        #expect(call.head.authority == "here:8080")
        #expect(call.head.target == "AWSStepFunctions.ListActivities")
        #expect(call.head.fields[.contentLength] == "2")
        #expect(call.head.fields[.connection] == "Keep-Alive")
        #expect(HTTPField.Name("x-odd").flatMap { call.head.fields[$0] } == "")
        #expect(call.head.kind == .request)
    }

    /// Wherever a call is cut, it is the beginning of one, and nothing of it is lost.
    @Test func everyBeginningIsPartial() {
        let whole = Self.head + "Content-Length: 2\r\n\r\n{}"
        for length in 1..<whole.utf8.count {
            let beginning = String(decoding: whole.utf8.prefix(length), as: UTF8.self)
            let (reading, rest) = reading(beginning)
            guard case .partial = reading else {
                Issue.record("\(length): \(reading)")
                continue
            }
            #expect(rest == beginning)
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n", "POST /health HTTP/1.1\r\n", "POST / HTTP/1.0\r\n", "POST /?x HTTP/1.1\r\n",
        "post / HTTP/1.1\r\n",
        "\r\nPOST / HTTP/1.1\r\n", "POST  / HTTP/1.1\r\n", "X",
        head + "\r\n", head + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", head + "Content-Length: +2\r\n\r\n{}",
        head + "Content-Length: 2, 2\r\n\r\n{}", head + "Content-Length:\r\n\r\n{}",
        head + "Content-Length: 65537\r\n\r\n",
        head + "Content-Length: 99999999999999999999\r\n\r\n", head + "Content-Length: -1\r\n\r\n",
        head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", head + "Transfer-Encoding: chunked\r\n\r\n",
        head + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n",
        head + "Content-Length: 2\r\nConnection: close\r\n\r\n{}",
        head + "Content-Length: 2\r\nConnection: keep-alive, upgrade\r\n\r\n{}", head + "Upgrade: h2c\r\n",
        head + "Host: there\r\nContent-Length: 2\r\n\r\n{}", "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
        head + "Content-Length : 2\r\n\r\n{}", head + " Content-Length: 2\r\n\r\n{}", head + ": x\r\n\r\n",
        head + "x\r\n\r\n",
        head + "X: a\rb\r\n\r\n", head + "X: a\nY: b\r\n\r\n", head + "X: \u{7F}\r\n\r\n", head + "X: \u{0}\r\n\r\n",
        head + "X: é\r\n\r\n", head + "X: a\tb\r\n\r\n",
    ])
    func whatIsUnusualIsLeft(_ text: String) {
        let (reading, rest) = reading(text)
        guard case .other = reading else {
            Issue.record("\(reading)")
            return
        }
        #expect(rest == text)
    }

    @Test func headersHaveLimits() {
        var limits = ListenerLimits()
        limits.headerCount = 3
        let end = "Content-Length: 0\r\n\r\n"
        guard case .whole = reading(Self.head + "A: 1\r\n" + end, limits: limits).0 else {
            Issue.record("three headers and the host are allowed")
            return
        }
        guard case .other = reading(Self.head + "A: 1\r\nB: 2\r\n" + end, limits: limits).0 else {
            Issue.record("four headers are too many")
            return
        }
        limits = ListenerLimits()
        let long = String(repeating: "x", count: limits.headerBytes)
        for text in [Self.head + "A: \(long)\r\n" + end, Self.head + "A: \(long)"] {
            guard case .other = reading(text).0 else {
                Issue.record("a header is too long")
                continue
            }
        }
    }
}
