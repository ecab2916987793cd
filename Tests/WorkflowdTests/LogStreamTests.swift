import Engine
import Foundation
import Glibc
import TestKit
import Testing
import WallTime

@testable import workflowd

/// What stands between a daemon's log and a pipe that is read, or isn't.
@Suite struct LogStreamTests {
    private let pipe = Pipe()

    private var stream: LogStream {
        LogStream(descriptor: pipe.fileHandleForWriting.fileDescriptor, mostWaiting: 4000)
    }

    /// Puts as much into the pipe as it takes.
    private func fill() -> Int {
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        defer { _ = fcntl(descriptor, F_SETFL, flags) }
        let page = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
        var filled = 0
        while case let written = Glibc.write(descriptor, page, page.count), written > 0 { filled += written }
        return filled
    }

    private func read(_ count: Int) throws -> String {
        var read = Data()
        while read.count < count, let next = try pipe.fileHandleForReading.read(upToCount: count - read.count) {
            read += next
        }
        return String(decoding: read, as: UTF8.self)
    }

    @Test func entriesAreWrittenAtOnceWhileThereIsRoom() throws {
        let stream = stream
        stream.write("one\n")
        stream.write("two\n")
        #expect(try read(8) == "one\ntwo\n")
    }

    @Test func entriesWaitForAReaderInOrder() async throws {
        let stream = stream
        let filled = fill()
        for number in 1...20 { stream.write("entry \(number)\n") }
        #expect(try read(filled).allSatisfy { $0 == "x" })
        let expected = (1...20).map { "entry \($0)\n" }.joined()
        #expect(try read(expected.utf8.count) == expected)
        await stream.finish(clock: .system)
        stream.write("at once again\n")
        #expect(try read(14) == "at once again\n")
    }

    @Test func pastTheLimitEntriesAreCounted() throws {
        let stream = stream
        let filled = fill()
        let entry = String(repeating: "e", count: 999) + "\n"
        for _ in 1...20 { stream.write(entry) }
        #expect(try read(filled).allSatisfy { $0 == "x" })
        // The thread holds what it took before the pipe was full, and as much waits behind it as may.
        var text = ""
        var kept = 0
        var missing = 0
        while kept + missing < 20 {
            text += try read(1)
            guard text.last == "\n" else { continue }
            kept = text.count { $0 == "e" } / 999
            missing = text.matches(of: /(\d+) log entries are missing here/).compactMap { Int($0.output.1) }.reduce(
                0, +)
        }
        #expect((4...8).contains(kept))
    }

    @Test func anEntryLargerThanAPipeTakesAtOnceIsWhole() async throws {
        let stream = LogStream(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        let entry = String(repeating: "long ", count: 40_000) + "\n"
        stream.write(entry)
        stream.write("short\n")
        #expect(try read(entry.utf8.count + 6) == entry + "short\n")
    }

    @Test func nobodyWaitsForLongForAReaderThatIsGone() async throws {
        let stream = stream
        let filled = fill()
        stream.write("read too late\n")
        let clock = VirtualClock()
        let finished = Task { await stream.finish(clock: clock.wallClock) }
        let before = clock.now
        try await eventually("it gives up") {
            if let wake = clock.nextWake { clock.advance(to: wake) }
            return clock.now - before >= .seconds(1)
        }
        await finished.value
        // Its thread still writes to the pipe, which must not close under it.
        #expect(try read(filled + 14).hasSuffix("read too late\n"))
    }
}
