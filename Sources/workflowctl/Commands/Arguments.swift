import ArgumentParser
import Engine
import Foundation
import Glibc
import JSONModel
import WallTime

/// An argument that is JSON, a file with it, or `-`.
enum JSONArgument {
    static func read(_ argument: String) throws -> JSONValue {
        let start = argument.first { !$0.isWhitespace }
        if let start, "{[\"".contains(start) { return try parsed(Array(argument.utf8), "the argument") }
        if argument == "-" || FileManager.default.fileExists(atPath: argument) {
            return try parsed(try Files.read(argument), argument)
        }
        // A number, true, false and null are JSON, too, unless a file has that name.
        do { return try JSONValue(parsing: argument) } catch {
            throw Failure(
                .error, "\(argument) can't be read: there is no such file, and it is no JSON either",
                hint: "Give JSON, a file that holds JSON, or - for stdin.")
        }
    }

    private static func parsed(_ bytes: [UInt8], _ place: String) throws -> JSONValue {
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw Failure(.usage, "\(place): \(error)", hint: "Give JSON, a file that holds JSON, or - for stdin.")
        }
    }
}

enum Files {
    /// The bytes of a file, or of stdin for `-`. Pipes are files, too: `<(command)`, `/dev/stdin`.
    static func read(_ path: String) throws -> [UInt8] { try read(path, upTo: nil) }

    /// The bytes of a definition; nil when there are more than one may have. A device, or a log in its place, would fill
    /// the memory before anybody looks at it.
    static func definition(_ path: String) throws -> [UInt8]? {
        let bytes = try read(path, upTo: TextFile.limit + 1)
        return bytes.count > TextFile.limit ? nil : bytes
    }

    private static func read(_ path: String, upTo limit: Int?) throws -> [UInt8] {
        let handle = path == "-" ? FileHandle.standardInput : try open(path)
        do {
            guard let limit else { return Array(try handle.readToEnd() ?? Data()) }
            // A pipe gives what is in it, which need not be all.
            var bytes: [UInt8] = []
            while bytes.count < limit, let piece = try handle.read(upToCount: limit - bytes.count), !piece.isEmpty {
                bytes += piece
            }
            return bytes
        } catch {
            throw unreadable(path, "\(error)")
        }
    }

    private static func open(_ path: String) throws -> FileHandle {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, TextFile.reason(errno, of: path)) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard kind(path) != S_IFDIR else { throw unreadable(path, "it is a folder") }
        return handle
    }

    /// `S_IFREG`, `S_IFDIR` and so on, of what a link leads to; nil for nothing.
    static func kind(_ path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    static func unreadable(_ path: String, _ reason: String) -> Failure {
        Failure(.error, "\(path) can't be read: \(reason)")
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
        guard let span = DurationText.parse(text) else {
            throw Failure(
                .usage, "\"\(text)\" is neither an instant nor a time span",
                hint: "Write 2026-11-20T10:15:42Z, or 90s, 30m, 2h, 7d, 1w.")
        }
        // Instants are written from the year 0 on, and nothing is older than 1970.
        return max(WallClock.system.now() - span, Instant(milliseconds: 0)).iso8601
    }
}

/// One command for several things.
enum Several {
    /// Does `work` for each, also after it has failed for one: what is wrong there is said, and the first failure's
    /// exit code is the command's. A daemon that can't be reached is not asked again.
    static func each(_ names: [String], _ work: (String) async throws -> Void) async throws {
        var first: Failure?
        for name in names {
            do {
                try await work(name)
            } catch let failure as Failure {
                guard names.count > 1, failure.exit != .unreachable, failure.exit != .timeout else { throw failure }
                Failure(
                    failure.exit, "\(name): \(failure.message)", hint: failure.hint, details: failure.details
                ).report()
                first = first ?? failure
            }
        }
        if let first { throw ExitCode(first.exit.rawValue) }
    }
}
