import Enforcement
import Foundation
import WallTime

/// Looks through a directory now and then, and reads the files that are new or have changed.
struct DirectorySource: Sendable {
    let settings: DirectorySettings
    let origin: IngestOrigin
    let desk: IngestDesk
    let clock: WallClock
    let stopping: Stopping

    /// A file that was changed this lately may still be written to.
    private static let settling: Duration = .seconds(2)
    private static let pieceBytes = 1 << 20

    private struct File {
        var path: String
        /// Below the directory.
        var name: String
        /// Tells one content from another: size, time of change and the file itself.
        var version: String
        var writtenAt: Instant
    }

    /// - Throws: `SourceFault` when the directory or a file can't be read; what the store throws.
    func poll() async throws {
        for file in try files() {
            guard !stopping.isStopping else { throw CancellationError() }
            try await ingest(file)
        }
        try await desk.forgetCursors(origin.name, clock.now() - ObjectIngest.memory)
    }

    private func ingest(_ file: File) async throws {
        let cursor = try await desk.cursor(origin.name, file.name)
        if var cursor, cursor.isDone, cursor.version == file.version {
            guard clock.now() - cursor.movedAt > ObjectIngest.memory / 2 else { return }
            cursor.movedAt = clock.now()
            return try await desk.saveCursor(cursor)
        }
        guard let handle = FileHandle(forReadingAtPath: file.path) else {
            throw SourceFault(description: "\(file.path) can't be read; check its permissions")
        }
        defer { try? handle.close() }  // Nothing was written: there is nothing to lose.
        var item = ItemIngest(
            file.name, version: file.version, writtenAt: file.writtenAt, cursor: cursor, origin: origin, desk: desk,
            clock: clock)
        do {
            while let data = try handle.read(upToCount: Self.pieceBytes), !data.isEmpty {
                guard !stopping.isStopping else { throw CancellationError() }
                try await item.append(Array(data))
            }
            try await item.finish()
        } catch {
            await item.abandon()
            throw error
        }
    }

    /// Regular files by name, without those that may still be written to.
    private func files() throws -> [File] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: settings.path, isDirectory: &isFolder), isFolder.boolValue,
            let names = FileManager.default.enumerator(atPath: settings.path)
        else { throw SourceFault(description: "\(settings.path) is no directory that can be read") }
        let latest = clock.now() - Self.settling
        return names.compactMap { $0 as? String }.filter { !LogKey.isSkipped($0) }.sorted().compactMap { name in
            let path = "\(settings.path)/\(name)"
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            let changed = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
            let writtenAt = Instant(milliseconds: changed)
            guard writtenAt <= latest else { return nil }
            return File(
                path: path, name: name, version: "\(status.st_ino)-\(status.st_size)-\(changed)", writtenAt: writtenAt)
        }
    }
}

/// A source that can't be read.
struct SourceFault: Error, Equatable, CustomStringConvertible {
    let description: String
}
