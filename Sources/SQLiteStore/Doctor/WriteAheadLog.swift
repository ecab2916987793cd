import Foundation

/// What a write-ahead log that nobody writes holds (https://www.sqlite.org/fileformat2.html#the_write_ahead_log): SQLite
/// takes it up to the last commit whose frames all have the right checksums, and drops what follows without a word.
struct WriteAheadLog {
    private(set) var commits = 0
    /// Frames up to the last whole commit.
    private(set) var committedFrames = 0
    /// Frames of this log after it, or the beginning of one.
    private(set) var hasRest = false
    /// Whether frames of this log come behind one of another: then that one is damaged, not a rest of an earlier log.
    private(set) var isBroken = false
    private var hasHeader = false

    private static let headerBytes = 32
    private static let frameHeaderBytes = 24

    /// - Throws: what the disk says when it doesn't give all of it.
    init(path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path) else { return }
        defer { file.closeFile() }
        let header = try Self.read(file, Self.headerBytes)
        guard header.count == Self.headerBytes, Self.number(header, 0, isBig: true) & ~1 == 0x377f_0682 else { return }
        let isBig = header[3] & 1 == 1
        var sum = Checksum(isBig: isBig)
        sum.add(header[0..<24])
        guard sum.matches(header, at: 24) else { return }
        hasHeader = true
        try follow(file, salts: Array(header[16..<24]), pageSize: Int(Self.number(header, 8, isBig: true)), sum)
    }

    /// Whether all of the log is commits.
    var isWhole: Bool { hasHeader && !hasRest }

    var summary: String {
        guard hasHeader else { return "its header is damaged: SQLite drops all of it" }
        let rest = hasRest ? "; what follows is no whole commit and is dropped" : ""
        let gap = isBroken ? "; a frame after them is damaged, and what was committed behind it is dropped" : rest
        return "\(commits) whole commits in \(committedFrames) frames, not yet in the database file\(gap)"
    }

    /// What to do; nil when all is well.
    var advice: String? {
        guard !isWhole else { return nil }
        guard !isBroken else {
            return
                "before the daemon starts, which drops them, keep a copy of the directory; after a power cut it may be"
                + " the last commit, which was never acknowledged; else restore a backup, or compare the audit head with"
                + " one that was noted"
        }
        return "expected after a crash, whose last commit was never acknowledged; if the file was copied or damaged,"
            + " later commits may be missing: compare the audit head with one that was noted"
    }

    private mutating func follow(_ file: FileHandle, salts: [UInt8], pageSize: Int, _ start: Checksum) throws {
        guard pageSize >= 512, pageSize <= 65536 else { return hasHeader = false }
        var (sum, frames) = (start, 0)
        while true {
            let frame = try Self.read(file, Self.frameHeaderBytes + pageSize)
            guard frame.count >= 16 else { break }
            // What an earlier, longer log left behind has other salts.
            guard Array(frame[8..<16]) == salts else {
                isBroken = try Self.comes(salts, in: file, pageSize: pageSize)
                break
            }
            guard frame.count == Self.frameHeaderBytes + pageSize else {
                hasRest = true
                break
            }
            sum.add(frame[0..<8])
            sum.add(frame[Self.frameHeaderBytes...])
            guard sum.matches(frame, at: 16) else {
                hasRest = true
                break
            }
            frames += 1
            if Self.number(frame, 4, isBig: true) > 0 {
                commits += 1
                committedFrames = frames
            }
        }
        if frames > committedFrames || isBroken { hasRest = true }
    }

    /// Whether a later frame has `salts`: a log is written from its beginning on, so none of an earlier one can lie between.
    private static func comes(_ salts: [UInt8], in file: FileHandle, pageSize: Int) throws -> Bool {
        while true {
            let frame = try read(file, frameHeaderBytes + pageSize)
            guard frame.count >= 16 else { return false }
            if Array(frame[8..<16]) == salts { return true }
        }
    }

    private static func read(_ file: FileHandle, _ count: Int) throws -> [UInt8] {
        [UInt8](try file.read(upToCount: count) ?? Data())
    }

    private static func number(_ bytes: [UInt8], _ place: Int, isBig: Bool) -> UInt32 {
        let four = bytes[place..<place + 4]
        return isBig ? four.reduce(0) { $0 << 8 | UInt32($1) } : four.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The log's own: two sums that run on from frame to frame.
    private struct Checksum {
        let isBig: Bool
        private var first: UInt32 = 0
        private var second: UInt32 = 0

        init(isBig: Bool) { self.isBig = isBig }

        mutating func add(_ bytes: ArraySlice<UInt8>) {
            bytes.withUnsafeBytes { buffer in
                for place in stride(from: 0, to: buffer.count - 7, by: 8) {
                    let left = buffer.loadUnaligned(fromByteOffset: place, as: UInt32.self)
                    let right = buffer.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self)
                    first &+= (isBig ? UInt32(bigEndian: left) : UInt32(littleEndian: left)) &+ second
                    second &+= (isBig ? UInt32(bigEndian: right) : UInt32(littleEndian: right)) &+ first
                }
            }
        }

        /// The stored sums are big-endian, whatever they are made of.
        func matches(_ bytes: [UInt8], at place: Int) -> Bool {
            WriteAheadLog.number(bytes, place, isBig: true) == first
                && WriteAheadLog.number(bytes, place + 4, isBig: true) == second
        }
    }
}
