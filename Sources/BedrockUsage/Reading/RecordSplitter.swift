/// Cuts a stream of bytes into JSON objects, whether they stand one a line, one after the other, or spread over lines.
///
/// Objects are found by counting brackets outside strings. Where that can't work, because an object is cut off or
/// broken, the lines are looked at one by one, so that one bad line spoils only itself.
struct RecordSplitter {
    /// A stretch of input from `position` on.
    struct Piece: Equatable {
        enum Kind: Equatable {
            /// Brackets match: a candidate for the JSON parser.
            case object
            /// A line, or several, where no object was found.
            case garbage
            /// Longer than the limit; only its beginning is kept.
            case tooLong
        }

        var kind: Kind
        var bytes: [UInt8]
        var position: Int
    }

    private let limits: DecoderLimits
    /// What belongs to no piece yet.
    private var buffer: [UInt8] = []
    /// Position of the buffer's first byte.
    private var position = 0
    /// Up to where the buffer was scanned, and the state there.
    private var scanned = 0
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// In a line that is too long, whose beginning was reported already.
    private var isSkipping = false

    init(limits: DecoderLimits) { self.limits = limits }

    mutating func append(_ bytes: [UInt8]) -> [Piece] {
        buffer += bytes
        return drain(isAtEnd: false)
    }

    mutating func finish() -> [Piece] { drain(isAtEnd: true) }

    /// A piece that looked like an object and is none: its lines, one by one.
    static func lines(of piece: Piece) -> [Piece] {
        var lines: [Piece] = []
        var start = 0
        for end in piece.bytes.indices where piece.bytes[end] == newline {
            lines.append(Piece(kind: .object, bytes: Array(piece.bytes[start..<end]), position: piece.position + start))
            start = end + 1
        }
        let last = Array(piece.bytes[start...])
        lines.append(Piece(kind: .object, bytes: last, position: piece.position + start))
        return lines.filter { !$0.bytes.allSatisfy(isWhitespace) }
    }

    private mutating func drain(isAtEnd: Bool) -> [Piece] {
        var pieces: [Piece] = []
        var start = 0
        while let end = nextEnd(from: start, isAtEnd: isAtEnd) {
            if !isSkipping, let piece = piece(end.kind, start..<end.index) { pieces.append(piece) }
            isSkipping = end.kind == .tooLong
            start = end.index
            (scanned, depth, isInString, isEscaped) = (start, 0, false, false)
        }
        buffer.removeFirst(start)
        position += start
        scanned -= start
        return pieces
    }

    /// The piece without the white space around it; nil when nothing else is there.
    private func piece(_ kind: Piece.Kind, _ range: Range<Int>) -> Piece? {
        guard let first = buffer[range].firstIndex(where: { !isWhitespace($0) }),
            let last = buffer[range].lastIndex(where: { !isWhitespace($0) })
        else { return nil }
        let bytes = buffer[first...last]
        let isTooLong = kind == .tooLong || bytes.count > limits.recordBytes
        return Piece(
            kind: isTooLong ? .tooLong : kind, bytes: Array(isTooLong ? bytes.prefix(limits.keptBytes) : bytes),
            position: position + first)
    }

    /// Where the piece that begins at `start` ends, if that can be told already.
    private mutating func nextEnd(from start: Int, isAtEnd: Bool) -> (index: Int, kind: Piece.Kind)? {
        if start == buffer.count { return nil }
        if isSkipping || !startsObject(at: start) {
            if let newline = buffer[max(start, scanned)...].firstIndex(of: newline) { return (newline + 1, .garbage) }
            scanned = buffer.count
            if scanned - start > limits.recordBytes { return (scanned, .tooLong) }
            return isAtEnd ? (scanned, .garbage) : nil
        }
        while scanned < buffer.count, scanned - start <= limits.recordBytes {
            let byte = buffer[scanned]
            scanned += 1
            if isInString {
                scanString(byte)
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth == 0 { return (scanned, .object) }
                default: break
                }
            }
        }
        guard scanned - start > limits.recordBytes else { return isAtEnd ? (scanned, .object) : nil }
        // An object that never ends may only be one broken line before many good ones.
        return buffer[start..<scanned].lastIndex(of: newline).map { ($0 + 1, .object) } ?? (scanned, .tooLong)
    }

    private mutating func scanString(_ byte: UInt8) {
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") || byte == newline {
            // A raw newline can't be in a string: the object is broken there, and its parts are told apart later.
            isInString = false
        }
    }

    private func startsObject(at start: Int) -> Bool {
        guard let first = buffer[start...].first(where: { !isWhitespace($0) }) else { return false }
        return first == UInt8(ascii: "{")
    }
}

private let newline = UInt8(ascii: "\n")

private func isWhitespace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
