import Enforcement
import Foundation
import JSONModel
import WallTime

/// Looks through a directory now and then, and reads the files that are new or have changed. A file that can't be read
/// is set aside while another one can be, and so is what below the directory can't be entered or leads out of it.
struct DirectorySource: Sendable {
    let settings: DirectorySettings
    let origin: IngestOrigin
    let desk: IngestDesk
    let clock: WallClock
    let stopping: Stopping
    /// Opens the regular file at a path; nil when that fails.
    var openFile: @Sendable (String) -> FileHandle? = { DirectorySource.openRegular($0) }
    /// Whether the files of the folder at a path can be listed and reached.
    var mayEnter: @Sendable (String) -> Bool = { access($0, R_OK | X_OK) == 0 }

    /// A file that was changed this lately may still be written to.
    private static let settling: Duration = .seconds(2)
    /// A file said to have been changed so far in the future was so by a wrong clock, or by whoever set its time: waiting
    /// for that would keep it from being charged.
    private static let skew: Duration = .seconds(60)
    private static let pieceBytes = 1 << 20

    private struct File {
        var path: String
        /// Below the directory.
        var name: String
        /// Tells one content from another: size, time of change and the file itself.
        var version: String
        var writtenAt: Instant
    }

    /// What can't be looked into: a folder that can't be entered, or a link that leads out of the directory.
    private struct Closed {
        var path: String
        /// Below the directory.
        var name: String
        /// Tells it from another that had its name.
        var version: String
        var isLink: Bool
    }

    /// - Throws: `SourceFault` when the directory can't be read, or no file of it; what the store throws.
    func poll() async throws {
        let (files, closed) = try look()
        for place in closed { try await setAside(place) }
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
        // Since it was listed, it, or a folder above it, may have become a link: the next look tells of that.
        guard try isBelowRoot(handle, file) else { return .passedOver }
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
    private func setAside(_ closed: Closed) async throws {
        let item = closed.name + "/"
        if let cursor = try await desk.cursor(origin.name, item),
            SetAside.isResting(cursor, closed.version, at: clock.now())
        {
            return
        }
        let path = closed.path.replacing("'", with: "'\\''")
        let reason =
            closed.isLink
            ? "\(closed.path) is a link that leads out of \(settings.path), and is not followed: whoever may write there "
                + "could have Steward read any file. Put what it leads to into the directory, or make its folder a source. "
                + "It can also be brought by hand: workflowctl ingest '\(path)'"
            : "the folder \(closed.path) can't be entered, so nothing in it is charged; let Steward read and search it, and "
                + "the next look takes what is there. It can also be brought by hand, by who may read it: "
                + "workflowctl ingest '\(path)'"
        try await SetAside(desk: desk, origin: origin, clock: clock).keep(
            item, version: closed.version,
            place: ["path": .string(closed.path), "version": .string(closed.version)], reason: reason)
    }

    /// Regular files by name, without those that may still be written to, and what can't be looked into.
    private func look() throws -> (files: [File], closed: [Closed]) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: settings.path, isDirectory: &isFolder), isFolder.boolValue,
            let names = FileManager.default.enumerator(atPath: settings.path)
        else { throw notReadable }
        let root = try root()
        let now = clock.now()
        var files: [File] = []
        var closed: [Closed] = []
        for name in names.compactMap({ $0 as? String }).sorted() {
            let path = "\(settings.path)/\(name)"
            var status = stat()
            // The links to folders are not followed.
            guard lstat(path, &status) == 0 else { continue }
            let kind = status.st_mode & S_IFMT
            if kind == S_IFDIR {
                guard !LogKey.isSkipped("\(name)/file"), !mayEnter(path) else { continue }
                closed.append(Closed(path: path, name: name, version: "\(status.st_ino)", isLink: false))
            } else if LogKey.isSkipped(name) {
                continue
            } else if kind == S_IFLNK, let target = Self.realPath(path), !Self.isBelow(root, target) {
                closed.append(Closed(path: path, name: name, version: "\(status.st_ino)", isLink: true))
            } else if let file = settledFile(name, path, at: now) {
                files.append(file)
            }
        }
        let folders = closed.filter { !$0.isLink }
        guard !folders.isEmpty else { return (files, closed) }
        return (files.filter { file in !folders.contains { file.name.hasPrefix($0.name + "/") } }, closed)
    }

    private var notReadable: SourceFault {
        SourceFault(description: "\(settings.path) is no directory that can be read")
    }

    /// The directory without links: what the settings name may be one.
    private func root() throws(SourceFault) -> String {
        guard let root = Self.realPath(settings.path) else { throw notReadable }
        return root
    }

    /// Nil for what leads nowhere.
    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func isBelow(_ root: String, _ path: String) -> Bool {
        path.hasPrefix(root.hasSuffix("/") ? root : root + "/")
    }

    /// When a file was changed, from 1970 on: its owner may set that to anything, as far off as some file systems keep.
    static func milliseconds(seconds: Int64, nanoseconds: Int64) -> Int64 {
        let (whole, isTooFar) = max(0, seconds).multipliedReportingOverflow(by: 1000)
        let (sum, overflows) = whole.addingReportingOverflow(nanoseconds / 1_000_000)
        return isTooFar || overflows ? .max : sum
    }

    /// Nil for what is no regular file, and for one that was changed a moment ago.
    private func settledFile(_ name: String, _ path: String, at now: Instant) -> File? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        let changed = Self.milliseconds(
            seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
        let writtenAt = Instant(milliseconds: changed)
        guard writtenAt <= now - Self.settling || writtenAt > now + Self.skew else { return nil }
        return File(
            path: path, name: name, version: "\(status.st_ino)-\(status.st_size)-\(changed)", writtenAt: writtenAt)
    }
}

/// Files are opened so that a change behind Steward's back neither makes it wait nor leads it astray.
extension DirectorySource {
    /// What is no regular file is not read, and a pipe that nobody writes to keeps nobody waiting for that to be seen.
    fileprivate static func openRegular(_ path: String) -> FileHandle? {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Whether an open file lies below the directory, whatever its name has become since it was listed.
    private func isBelowRoot(_ handle: FileHandle, _ file: File) throws(SourceFault) -> Bool {
        var place = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/fd/\(handle.fileDescriptor)", &place, place.count)
        guard length > 0, length < place.count else {
            throw SourceFault(description: "where \(file.path) lies can't be told: /proc can't be read")
        }
        let path = String(decoding: place.prefix(length).map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        return Self.isBelow(try root(), path)
    }
}

/// A source that can't be read.
struct SourceFault: Error, Equatable, CustomStringConvertible {
    let description: String
}
