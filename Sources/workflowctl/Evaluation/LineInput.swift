import Foundation

/// The lines of standard input, as they come.
struct LineInput {
    enum Line: Equatable {
        case complete([UInt8])
        /// Longer than the limit: its first bytes, the rest was read over.
        case tooLong(start: [UInt8])
    }

    private let limit: Int
    private var buffer: [UInt8] = []
    /// Where the part of the buffer that was not handed out begins, and how far it was searched for a line's end.
    private var start = 0
    private var searched = 0
    private var isAtEnd = false

    /// - Parameter limit: bytes of a line.
    init(limit: Int) { self.limit = limit }

    /// The next line without its end; nil when there are no more. Waits for input.
    mutating func next() -> Line? {
        var kept: [UInt8]?
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { drop(upTo: end + 1) }
                return kept.map { .tooLong(start: $0) } ?? .complete(Array(buffer[start..<end]))
            }
            searched = buffer.count
            if isAtEnd {
                defer { drop(upTo: buffer.count) }
                if let kept { return .tooLong(start: kept) }
                return start < buffer.count ? .complete(Array(buffer[start...])) : nil
            }
            if buffer.count - start > limit {
                kept = kept ?? Array(buffer[start...].prefix(1 << 10))
                drop(upTo: buffer.count)
            }
            fill()
        }
    }

    private mutating func drop(upTo place: Int) {
        start = place
        searched = place
    }

    private mutating func fill() {
        if start > 0 {
            buffer.removeSubrange(..<start)
            searched -= start
            start = 0
        }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(STDIN_FILENO, &chunk, chunk.count)
        if count > 0 {
            buffer.append(contentsOf: chunk.prefix(count))
        } else if count == 0 || errno != EINTR {
            isAtEnd = true
        }
    }
}
