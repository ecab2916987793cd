import Foundation
import JSONModel
import WallTime

/// An argument that is JSON, a file with it, or `-`.
enum JSONArgument {
    static func read(_ argument: String) throws -> JSONValue {
        let (bytes, place) =
            argument.first.map { "{[\"".contains($0) } == true
            ? (Array(argument.utf8), "the argument") : (try Files.read(argument), argument)
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw Failure(.usage, "\(place): \(error)", hint: "Give JSON, a file that holds JSON, or - for stdin.")
        }
    }
}

enum Files {
    /// The bytes of a file, or of stdin for `-`.
    static func read(_ path: String) throws -> [UInt8] {
        if path == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Failure(.error, "\(path) can't be read: \(reason(error))")
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: "there is no such file"
        case .fileReadNoPermission: "no permission"
        default: "\(error)"
        }
    }
}

enum StandardInput {
    /// The arguments, or, for a lone `-`, the lines of stdin.
    static func words(_ arguments: [String]) throws -> [String] {
        guard arguments == ["-"] else { return arguments }
        let text = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
    }
}

/// `2h` before now, or an instant as it is.
enum TimeSpan {
    static func instant(_ text: String) throws -> String {
        if let instant = Instant(iso8601: text) { return instant.iso8601 }
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()), count >= 0 else {
            throw Failure(
                .usage, "\"\(text)\" is neither an instant nor a time span",
                hint: "Write 2026-11-20T10:15:42Z, or 90s, 30m, 2h, 7d.")
        }
        return (WallClock.system.now() - .seconds(count * unit)).iso8601
    }
}
