import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// An HTTP server in this process, on a free port of 127.0.0.1, that can also misbehave. A thread for each connection.
///
/// `@unchecked Sendable`: what changes is touched under `lock` only.
final class LoopbackServer: @unchecked Sendable {
    struct Request: Sendable {
        let method: String
        let target: String
        let headers: [(name: String, value: String)]
        let body: [UInt8]

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    enum Reply: Sendable {
        /// Sent as it is; the connection stays open.
        case bytes([UInt8])
        /// Sent as it is; then the connection is closed.
        case bytesAndClose([UInt8])
        /// Nothing, until the client closes.
        case silence

        static func ok(_ body: String, headers: String = "") -> Reply { ok(Array(body.utf8), headers: headers) }

        static func ok(_ body: [UInt8], headers: String = "") -> Reply {
            .bytes(Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\(headers)\r\n".utf8) + body)
        }
    }

    let port: UInt16
    private let listener: Int32
    private let answer: @Sendable (Request) -> Reply
    private let lock = NSCondition()
    private var openConnections = 0
    private var acceptedConnections = 0
    private var received: [Request] = []

    var url: String { "http://127.0.0.1:\(port)" }

    init(_ answer: @escaping @Sendable (Request) -> Reply) throws {
        self.answer = answer
        listener = try Self.listen()
        port = try Self.port(of: listener)
        let thread = Thread { [self] in accept() }
        thread.start()
    }

    /// Ends the server. Connections end when their clients close them.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    var connections: Int { lock.withLock { acceptedConnections } }

    var requests: [Request] { lock.withLock { received } }

    /// Waits until something is true of the server; false when it is not within ten seconds. On a thread of its own:
    /// tests share two.
    func waits(until condition: @escaping @Sendable (_ requests: Int, _ open: Int) -> Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            let thread = Thread { [self] in continuation.resume(returning: blocks(until: condition)) }
            thread.start()
        }
    }

    private func blocks(until condition: (_ requests: Int, _ open: Int) -> Bool) -> Bool {
        let deadline = Date(timeIntervalSinceNow: 60)
        return lock.withLock {
            while !condition(received.count, openConnections) {
                if !lock.wait(until: deadline) { return condition(received.count, openConnections) }
            }
            return true
        }
    }

    /// A port where nothing listens: one that was free a moment ago.
    static func refusingPort() throws -> UInt16 {
        let socket = try listen()
        defer { close(socket) }
        return try port(of: socket)
    }

    static func listen() throws -> Int32 {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let bound = withUnsafeBytes(of: &address) {
            bind(listener, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        guard bound == 0, Glibc.listen(listener, 512) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        return listener
    }

    static func port(of listener: Int32) throws -> UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutableBytes(of: &address) {
            getsockname(listener, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &size)
        }
        guard result == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        return UInt16(bigEndian: address.sin_port)
    }

    private func accept() {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0 else { break }
            change {
                acceptedConnections += 1
                openConnections += 1
            }
            let thread = Thread { [self] in
                serve(connection)
                close(connection)
                change { openConnections -= 1 }
            }
            thread.start()
        }
        close(listener)
    }

    private func change(_ body: () -> Void) {
        lock.withLock {
            body()
            lock.broadcast()
        }
    }

    private func serve(_ connection: Int32) {
        var buffer: [UInt8] = []
        while let request = read(from: connection, &buffer) {
            change { received.append(request) }
            switch answer(request) {
            case .bytes(let bytes): guard write(bytes, to: connection) else { return }
            case .bytesAndClose(let bytes):
                _ = write(bytes, to: connection)
                return
            case .silence:
                while fill(&buffer, from: connection) {}
                return
            }
        }
    }

    private func read(from connection: Int32, _ buffer: inout [UInt8]) -> Request? {
        let separator = Array("\r\n\r\n".utf8)
        while buffer.firstRange(of: separator) == nil {
            guard fill(&buffer, from: connection) else { return nil }
        }
        guard let end = buffer.firstRange(of: separator) else { return nil }
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(parts[0]), value: parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
        }
        buffer.removeSubrange(..<end.upperBound)
        let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        while buffer.count < length {
            guard fill(&buffer, from: connection) else { return nil }
        }
        let body = Array(buffer[..<length])
        buffer.removeSubrange(..<length)
        let words = lines[0].split(separator: " ").map(String.init)
        return Request(method: words[0], target: words[1], headers: headers, body: body)
    }

    private func fill(_ buffer: inout [UInt8], from connection: Int32) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(connection, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        buffer.append(contentsOf: chunk[..<count])
        return true
    }

    private func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
