import HTTPTypes
import NIOCore

/// A call of the Step Functions API as it comes off the wire: `POST /`, with its headers and its whole body.
package struct WireRequest: Sendable {
    let head: WireHead
    let body: ByteBuffer

    /// What the bytes at the beginning of a buffer are.
    enum Reading {
        case whole(WireRequest)
        /// The beginning of such a call; more has to come.
        case partial
        /// Something else, which the HTTP library has to make sense of.
        case other
    }

    /// Bodies up to here are read before anybody is asked whether there is room for their bytes.
    private static let bodyLimit = 64 << 10
    private static let start = Array("POST / HTTP/1.1\r\n".utf8)

    /// Takes one call off the front of the buffer, if it is there as a whole. Reads no more of HTTP/1.1 (RFC 9112) than
    /// clients of the API write: what is unusual, doubtful or wrong is `other`, and stays in the buffer.
    static func take(from buffer: inout ByteBuffer, limits: ListenerLimits) -> Reading {
        var head = Head()
        let reading = buffer.withUnsafeReadableBytes { head.read($0, limits) }
        switch reading {
        case .partial: return .partial
        case .other: return .other
        case .whole(let headLength):
            guard let length = head.bodyLength, length <= bodyLimit, let authority = head.authority else {
                return .other
            }
            guard buffer.readableBytes >= headLength + length else { return .partial }
            buffer.moveReaderIndex(forwardBy: headLength)
            guard let body = buffer.readSlice(length: length) else { return .partial }
            return .whole(WireRequest(head: WireHead(head.fields, authority: authority), body: body))
        }
    }

    private struct Head {
        var fields = HTTPFields()
        var authority: String?
        var bodyLength: Int?

        enum Reading {
            case whole(length: Int)
            case partial
            case other
        }

        mutating func read(_ bytes: UnsafeRawBufferPointer, _ limits: ListenerLimits) -> Reading {
            let known = min(bytes.count, start.count)
            guard bytes[..<known].elementsEqual(start[..<known]) else { return .other }
            var place = start.count
            while true {
                guard place + 1 < bytes.count else { break }
                if bytes[place] == UInt8(ascii: "\r") {
                    guard bytes[place + 1] == UInt8(ascii: "\n") else { return .other }
                    return .whole(length: place + 2)
                }
                guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "\r")), end + 1 < bytes.count else { break }
                guard bytes[end + 1] == UInt8(ascii: "\n"), end <= limits.headerBytes,
                    fields.count < limits.headerCount, add(UnsafeRawBufferPointer(rebasing: bytes[place..<end]))
                else { return .other }
                place = end + 2
            }
            return bytes.count > limits.headerBytes ? .other : .partial
        }

        /// - Returns: false for a line that is not to be read here.
        private mutating func add(_ line: UnsafeRawBufferPointer) -> Bool {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
                let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self))
            else { return false }
            var value = line[(colon + 1)...]
            // Whatever is not plain ASCII is left to the library.
            guard value.allSatisfy({ (0x20...0x7E).contains($0) }) else { return false }
            while value.first == UInt8(ascii: " ") { value.removeFirst() }
            while value.last == UInt8(ascii: " ") { value.removeLast() }
            return add(name, String(decoding: value, as: UTF8.self))
        }

        private mutating func add(_ name: HTTPField.Name, _ value: String) -> Bool {
            if name.canonicalName == "host" {
                guard authority == nil else { return false }
                authority = value
                return true
            }
            switch name {
            case .contentLength:
                guard bodyLength == nil, !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                    return false
                }
                bodyLength = Int(value)
            case .connection: guard value.lowercased() == "keep-alive" else { return false }
            case .expect, .transferEncoding, .upgrade: return false
            default: break
            }
            fields.append(HTTPField(name: name, value: value))
            return true
        }
    }
}
