import Foundation
import Testing

@testable import AWSClient

@Suite struct CurlTransportTests {
    let transport = HTTPTransport.curl(certificateAuthorities: nil)

    @Test func requestArrivesAsItWasGiven() async throws {
        let server = try LoopbackServer { _ in .ok("") }
        defer { server.stop() }

        _ = try await transport.send(
            HTTPRequest(
                method: "POST", url: server.url + "/a/../b%2F//c?x=1&y",
                headers: [("X-Empty", ""), ("X-Name", "value"), ("Content-Type", "text/plain")],
                body: [0, 1, 2, 255]))

        let request = try #require(server.requests.first)
        #expect(request.method == "POST")
        #expect(request.target == "/a/../b%2F//c?x=1&y")
        #expect(request.header("x-empty")?.isEmpty == true)
        #expect(request.header("x-name") == "value")
        #expect(request.header("content-type") == "text/plain")
        #expect(request.header("expect") == nil)
        #expect(request.header("host") == "127.0.0.1:\(server.port)")
        #expect(request.body == [0, 1, 2, 255])
    }

    @Test(arguments: ["GET", "POST", "PUT", "DELETE", "PATCH"])
    func methodsWithoutABodySendNone(_ method: String) async throws {
        let server = try LoopbackServer { _ in .ok("done") }
        defer { server.stop() }

        let response = try await transport.send(HTTPRequest(method: method, url: server.url))

        let request = try #require(server.requests.first)
        #expect(request.method == method)
        #expect(request.body.isEmpty)
        #expect(request.header("content-type") == nil)
        #expect(response.body == Array("done".utf8))
    }

    @Test(arguments: ["GET", "DELETE", "PATCH"])
    func methodsThatSeldomHaveABodyMayHaveOne(_ method: String) async throws {
        let server = try LoopbackServer { _ in .ok("") }
        defer { server.stop() }

        _ = try await transport.send(HTTPRequest(method: method, url: server.url, body: Array("body".utf8)))

        #expect(server.requests.first?.method == method)
        #expect(server.requests.first?.body == Array("body".utf8))
    }

    @Test func headAsksForNoBody() async throws {
        let server = try LoopbackServer { _ in .bytes(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".utf8)) }
        defer { server.stop() }

        let response = try await transport.send(HTTPRequest(method: "HEAD", url: server.url))

        #expect(response.status == 200)
        #expect(response.header("content-length") == "9")
        #expect(response.body.isEmpty)
    }

    @Test func connectionIsReused() async throws {
        let server = try LoopbackServer { .ok($0.target) }
        defer { server.stop() }

        for number in 1...5 {
            let response = try await transport.send(HTTPRequest(url: "\(server.url)/\(number)"))
            #expect(response.body == Array("/\(number)".utf8))
        }

        #expect(server.connections == 1)
    }

    @Test func headersAreReadInAnyCaseAndInOrder() async throws {
        let server = try LoopbackServer { _ in .ok("", headers: "X-Many: a\r\nx-many:  b \r\nX-Colon: a:b\r\n") }
        defer { server.stop() }

        let response = try await transport.send(HTTPRequest(url: server.url))

        #expect(response.header("X-MANY") == "a")
        #expect(response.headers.filter { $0.name.lowercased() == "x-many" }.map(\.value) == ["a", "b"])
        #expect(response.header("x-colon") == "a:b")
        #expect(response.header("x-none") == nil)
    }

    @Test func interimAnswersAreForgotten() async throws {
        let server = try LoopbackServer { _ in
            .bytes(
                Array(
                    """
                    HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n
                    """.utf8))
        }
        defer { server.stop() }

        let response = try await transport.send(HTTPRequest(url: server.url))

        #expect(response.status == 201)
        #expect(response.header("x-early") == nil)
    }

    @Test func chunkedAnswerIsPutTogether() async throws {
        let server = try LoopbackServer { _ in
            .bytes(
                Array(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\n\r\n"
                        .utf8))
        }
        defer { server.stop() }

        let response = try await transport.send(HTTPRequest(url: server.url))

        #expect(response.body == Array("hello, world".utf8))
    }

    @Test func largeBodiesGoBothWays() async throws {
        let server = try LoopbackServer { .ok($0.body) }
        defer { server.stop() }
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

        let response = try await transport.send(HTTPRequest(method: "POST", url: server.url, body: body))

        #expect(response.body == body)
    }

    @Test func redirectsAreNotFollowed() async throws {
        let server = try LoopbackServer { _ in
            .bytes(Array("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".utf8))
        }
        defer { server.stop() }

        let response = try await transport.send(HTTPRequest(url: server.url))

        #expect(response.status == 302)
        #expect(server.requests.count == 1)
    }

    @Test(
        arguments: [
            ([:], nil), (["SSL_CERT_FILE": "s"], "s"), (["AWS_CA_BUNDLE": "a", "SSL_CERT_FILE": "s"], "a"),
            (["AWS_CA_BUNDLE": "", "SSL_CERT_FILE": "s"], "s"), (["AWS_CA_BUNDLE": "", "SSL_CERT_FILE": ""], nil),
        ] as [([String: String], String?)])
    func authoritiesComeFromTheEnvironment(_ environment: [String: String], _ file: String?) {
        #expect(HTTPTransport.certificateAuthorities(in: environment) == file)
    }

    @Test func hundredCallsAreUnderWayAtOnce() async throws {
        let count = 100
        let everybody = Rendezvous(count)
        let server = try LoopbackServer {
            everybody.arrive()
            return .ok($0.target)
        }
        defer { server.stop() }

        let answers = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            for number in 0..<count {
                group.addTask {
                    let body = try await transport.send(HTTPRequest(url: "\(server.url)/\(number)")).body
                    return (number, body)
                }
            }
            return try await group.reduce(into: [Int: [UInt8]]()) { $0[$1.0] = $1.1 }
        }

        #expect(answers.count == count)
        #expect(answers.allSatisfy { $0.value == Array("/\($0.key)".utf8) })
    }
}

/// Holds threads until so many have come.
///
/// `@unchecked Sendable`: the count is touched under `condition` only.
final class Rendezvous: @unchecked Sendable {
    private let condition = NSCondition()
    private var missing: Int

    init(_ count: Int) { missing = count }

    func arrive() {
        condition.withLock {
            missing -= 1
            condition.broadcast()
            let deadline = Date(timeIntervalSinceNow: 20)
            while missing > 0 {
                if !condition.wait(until: deadline) { return }
            }
        }
    }
}
