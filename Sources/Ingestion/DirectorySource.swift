import Enforcement
import Foundation
import JSONModel
import WallTime

/// Looks through a directory now and then, and reads the files that are new or have changed. A file that can't be read
/// is set aside while another one can be, and so is a folder below the directory that can't be entered.
struct DirectorySource: Sendable {
    let settings: DirectorySettings
    let origin: IngestOrigin
    let desk: IngestDesk
    let clock: WallClock
    let stopping: Stopping
    /// Opens the file at a path; nil when that fails.
    var openFile: @Sendable (String) -> FileHandle? = { FileHandle(forReadingAtPath: $0) }
    /// Whether the files of the folder at a path can be listed and reached.
    var mayEnter: @Sendable (String) -> Bool = { access($0, R_OK | X_OK) == 0 }

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

    /// A folder that can't be entered: what is in it, nobody can tell.
    private struct ShutFolder {
        var path: String
        /// Below the directory.
        var name: String
        /// Tells it from another that had its name.
        var version: String
    }

    /// - Throws: `SourceFault` when the directory can't be read, or no file of it; what the store throws.
    func poll() async throws {
        let (files, shut) = try look()
        for folder in shut { try await setAside(folder) }
        var doubtful: [(file: File, fault: SourceFault)] = []
        var known: File?
        var canRead = false
        for file in files {
            guard !stopping.isStopping else { throw CancellationError() }
            do {
                switch try await ingest(file) {
                case .read: canRead = true
                case .known: known = file
                case .passedOver: break
                }
            } catch let fault as SourceFault {
                doubtful.append((file, fault))
            }
        }
        try await desk.forgetCursors(origin.name, clock.now() - ObjectIngest.memory)
        guard let first = doubtful.first else { return }
        // Where nothing can be read, it is not for the files.
        guard canRead || known.map({ isReadable($0) }) ?? false else { throw first.fault }
        for doubt in doubtful { try await setAside(doubt.file, doubt.fault) }
    }

    /// - Throws: `SourceFault` when the file can't be read; what the store throws.
    private func ingest(_ file: File) async throws -> ObjectIngest.Outcome {
        let cursor = try await desk.cursor(origin.name, file.name)
        if var cursor, cursor.isDone, cursor.version == file.version {
            guard clock.now() - cursor.movedAt > ObjectIngest.memory / 2 else { return .known }
            cursor.movedAt = clock.now()
            try await desk.saveCursor(cursor)
            return .known
        }
        if let cursor, SetAside.isResting(cursor, file.version, at: clock.now()) { return .passedOver }
        guard let handle = openFile(file.path) else {
            // It may have been moved away since it was listed.
            guard FileManager.default.fileExists(atPath: file.path) else { return .passedOver }
            throw SourceFault(description: "\(file.path) can't be read; check its permissions")
        }
        defer { try? handle.close() }  // Nothing was written: there is nothing to lose.
        var item = ItemIngest(
            file.name, version: file.version, writtenAt: file.writtenAt, cursor: cursor, origin: origin, desk: desk,
            clock: clock)
        do {
            while let data = try piece(handle, file), !data.isEmpty {
                guard !stopping.isStopping else { throw CancellationError() }
                try await item.append(Array(data))
            }
            try await item.finish()
            return .read
        } catch {
            await item.abandon()
            throw error
        }
    }

    private func piece(_ handle: FileHandle, _ file: File) throws(SourceFault) -> Data? {
        do {
            return try handle.read(upToCount: Self.pieceBytes)
        } catch {
            throw SourceFault(description: "\(file.path) can't be read: \(error)")
        }
    }

    /// Whether a file that was read at an earlier look could be read now.
    private func isReadable(_ file: File) -> Bool {
        guard let handle = openFile(file.path) else { return false }
        defer { try? handle.close() }  // Nothing was written: there is nothing to lose.
        do {
            _ = try handle.read(upToCount: 1)
            return true
        } catch {
            return false
        }
    }

    private func setAside(_ file: File, _ fault: SourceFault) async throws {
        let advice = "It is tried again about every hour. It can also be brought by hand, by who may read it: "
        let path = file.path.replacing("'", with: "'\\''")
        try await SetAside(desk: desk, origin: origin, clock: clock).keep(
            file.name, version: file.version, place: ["path": .string(file.path), "version": .string(file.version)],
            reason: "\(fault). \(advice)workflowctl ingest '\(path)'")
    }

    /// Told once, like a file that can't be read. Whether it can be entered is seen at every look.
    private func setAside(_ folder: ShutFolder) async throws {
        let item = folder.name + "/"
        if let cursor = try await desk.cursor(origin.name, item),
            SetAside.isResting(cursor, folder.version, at: clock.now())
        {
            return
        }
        let path = folder.path.replacing("'", with: "'\\''")
        try await SetAside(desk: desk, origin: origin, clock: clock).keep(
            item, version: folder.version,
            place: ["path": .string(folder.path), "version": .string(folder.version)],
            reason: "the folder \(folder.path) can't be entered, so nothing in it is charged; let Steward read and "
                + "search it, and the next look takes what is there. It can also be brought by hand, by who may read "
                + "it: workflowctl ingest '\(path)'")
    }

    /// Regular files by name, without those that may still be written to, and the folders that can't be entered.
    private func look() throws -> (files: [File], shut: [ShutFolder]) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: settings.path, isDirectory: &isFolder), isFolder.boolValue,
            let names = FileManager.default.enumerator(atPath: settings.path)
        else { throw SourceFault(description: "\(settings.path) is no directory that can be read") }
        let latest = clock.now() - Self.settling
        var files: [File] = []
        var shut: [ShutFolder] = []
        for name in names.compactMap({ $0 as? String }).sorted() {
            let path = "\(settings.path)/\(name)"
            var status = stat()
            // The links to folders are not followed.
            guard lstat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                guard !LogKey.isSkipped("\(name)/file"), !mayEnter(path) else { continue }
                shut.append(ShutFolder(path: path, name: name, version: "\(status.st_ino)"))
            } else if !LogKey.isSkipped(name), let file = settledFile(name, path, latest) {
                files.append(file)
            }
        }
        guard !shut.isEmpty else { return (files, shut) }
        return (files.filter { file in !shut.contains { file.name.hasPrefix($0.name + "/") } }, shut)
    }

    /// When a file was changed, from 1970 on: its owner may set that to anything, as far off as some file systems keep.
    static func milliseconds(seconds: Int64, nanoseconds: Int64) -> Int64 {
        let (whole, isTooFar) = max(0, seconds).multipliedReportingOverflow(by: 1000)
        let (sum, overflows) = whole.addingReportingOverflow(nanoseconds / 1_000_000)
        return isTooFar || overflows ? .max : sum
    }

    /// Nil for what is no regular file, and for one that was changed after `latest`.
    private func settledFile(_ name: String, _ path: String, _ latest: Instant) -> File? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        let changed = Self.milliseconds(
            seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
        let writtenAt = Instant(milliseconds: changed)
        guard writtenAt <= latest else { return nil }
        return File(
            path: path, name: name, version: "\(status.st_ino)-\(status.st_size)-\(changed)", writtenAt: writtenAt)
    }
}

/// A source that can't be read.
struct SourceFault: Error, Equatable, CustomStringConvertible {
    let description: String
}
