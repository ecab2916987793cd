import Engine
import Foundation
import Testing

@Suite struct TextFileTests {
    /// A folder of one test, removed after it.
    private func with(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "steward-text-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }

    @Test func textIsRead() throws {
        try with { folder in
            let (file, link) = (folder + "/a.yaml", folder + "/link.yaml")
            for text in ["", "größer\n", String(repeating: "#", count: TextFile.limit)] {
                try write(Array(text.utf8), to: file)
                #expect(try TextFile.read(file) == text)
            }
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a.yaml")
            #expect(try TextFile.read(link).utf8.count == TextFile.limit)
            // Says of itself that it has no bytes.
            #expect(try TextFile.read("/proc/self/status").contains("Pid:"))
        }
    }

    @Test func whatIsNoTextSaysWhy() throws {
        try with { folder in
            let file = folder + "/a.yaml"
            try write([0xE9, 0x0A], to: file)
            #expect(throws: TextFile.Fault.notUTF8) { try TextFile.read(file) }
            #expect(throws: TextFile.Fault.unreadable("it is a folder")) { try TextFile.read(folder) }
            #expect(throws: TextFile.Fault.unreadable("there is no such file")) { try TextFile.read(folder + "/b") }
            let dangling = folder + "/dangling"
            try FileManager.default.createSymbolicLink(atPath: dangling, withDestinationPath: "/nonexistent/x")
            #expect(throws: TextFile.Fault.unreadable("it is a link to something that is not there")) {
                try TextFile.read(dangling)
            }
        }
    }

    /// None of them is waited for, or read.
    @Test func neitherAPipeNorADeviceNorAHugeFileIsRead() throws {
        try with { folder in
            let (pipe, zero, huge) = (folder + "/pipe", folder + "/zero", folder + "/huge")
            #expect(mkfifo(pipe, 0o600) == 0)
            #expect(throws: TextFile.Fault.unreadable("it is a pipe")) { try TextFile.read(pipe) }
            try FileManager.default.createSymbolicLink(atPath: zero, withDestinationPath: "/dev/zero")
            #expect(throws: TextFile.Fault.unreadable("it is a device")) { try TextFile.read(zero) }
            try write([], to: huge)
            #expect(truncate(huge, 600_000_000) == 0)
            #expect(throws: TextFile.Fault.tooLarge(600_000_000)) { try TextFile.read(huge) }
        }
    }
}
