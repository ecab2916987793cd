import AWSClient
import Enforcement
import JSONModel
import WallTime

/// Lists a bucket now and then, and reads what is new.
///
/// Log objects lie in folders by day below a folder for each account and Region. Each such folder has a day up to which
/// it was read: only that day, the one before it and later ones are listed, since objects may come late. Folders without
/// days are listed whole.
struct BucketSource: Sendable {
    let settings: BucketSettings
    let origin: IngestOrigin
    let client: AWSClient
    let desk: IngestDesk
    let clock: WallClock
    let stopping: Stopping

    /// Folders within folders, and folders in all, that are looked through: far more than any account has Regions.
    private static let deepest = 12
    private static let maximumFolders = 5000
    /// How far back a bucket is read at first.
    private static let firstDays: Int64 = 31

    struct Folder: Equatable {
        var path: String
        /// Whether the folders in it are years.
        var isByDay: Bool
    }

    private struct Listing {
        var objects: [(key: String, eTag: String)] = []
        var folders: [String] = []
    }

    /// - Throws: `AWSError`, `CancellationError` when stopping, and what the store throws.
    func poll() async throws {
        for folder in try await folders() { try await read(folder) }
        try await desk.forgetCursors(origin.name, clock.now() - ObjectIngest.memory)
    }

    /// The folders that hold objects, or days.
    func folders() async throws -> [Folder] {
        var found: [Folder] = []
        var waiting = [(settings.prefix, 0)]
        var looked = 0
        while let (path, depth) = waiting.popLast(), looked < Self.maximumFolders {
            looked += 1
            let listing = try await list(path, below: true)
            let years = listing.folders.filter { LogKey.isYear($0.dropFirst(path.count).dropLast()) }
            if !years.isEmpty { found.append(Folder(path: path, isByDay: true)) }
            if !listing.objects.isEmpty { found.append(Folder(path: path, isByDay: false)) }
            guard depth < Self.deepest else { continue }
            waiting += listing.folders.filter { !years.contains($0) }.map { ($0, depth + 1) }
        }
        return found.sorted { ($0.path, $0.isByDay ? 0 : 1) < ($1.path, $1.isByDay ? 0 : 1) }
    }

    private func read(_ folder: Folder) async throws {
        guard folder.isByDay else {
            let listing = try await list(folder.path, below: true)
            for object in listing.objects { try await ingest(object) }
            return
        }
        let mark = "\(settings.bucket)/\(folder.path)#day"
        let known = try await desk.cursor(origin.name, mark)
        let first = known?.version ?? Self.text(settings.from ?? Self.day(clock.now(), minus: Self.firstDays))
        var last = first
        try await pages(folder.path, startingAfter: folder.path + Self.dayBefore(first)) { listing in
            for object in listing.objects {
                try await ingest(object)
                last = max(last, LogKey.day(of: object.key, below: folder.path) ?? last)
            }
        }
        // Kept also while nothing comes: without it the whole folder would be read again.
        let isOld = known.map { clock.now() - $0.movedAt > ObjectIngest.memory / 2 } ?? true
        if last != first || isOld {
            try await desk.saveCursor(
                IngestCursor(
                    source: origin.name, item: mark, version: last, records: 0, isDone: true, movedAt: clock.now()))
        }
    }

    private func ingest(_ object: (key: String, eTag: String)) async throws {
        guard !stopping.isStopping else { throw CancellationError() }
        let objects = ObjectIngest(
            client: client, desk: desk, origin: origin, clock: clock, isStopping: { stopping.isStopping })
        do {
            try await objects.ingest(
                ObjectIngest.Name(bucket: settings.bucket, key: object.key), version: object.eTag)
        } catch let error as AWSError where error.code == "NoSuchKey" {
            // It was deleted after it was listed.
        }
    }

    private func list(_ prefix: String, below: Bool) async throws -> Listing {
        var all = Listing()
        try await pages(prefix, delimiter: "/") { page in
            all.objects += page.objects
            all.folders += page.folders
        }
        return all
    }

    private func pages(
        _ prefix: String, delimiter: String? = nil, startingAfter: String? = nil,
        _ take: (Listing) async throws -> Void
    ) async throws {
        var request: JSONObject = ["Bucket": .string(settings.bucket), "Prefix": .string(prefix)]
        if let delimiter { request["Delimiter"] = .string(delimiter) }
        if let startingAfter { request["StartAfter"] = .string(startingAfter) }
        while true {
            let page = try await client.callS3("ListObjectsV2", request).members
            try await take(Self.listing(page))
            guard let next = page["NextContinuationToken"], page["IsTruncated"] == true,
                next != request["ContinuationToken"]
            else { return }
            request["ContinuationToken"] = next
        }
    }

    private static func listing(_ page: JSONObject) -> Listing {
        Listing(
            objects: (page["Contents"]?.arrayValue ?? []).compactMap { object in
                object["Key"]?.stringValue.map { ($0, object["ETag"]?.stringValue ?? "") }
            }, folders: (page["CommonPrefixes"]?.arrayValue ?? []).compactMap { $0["Prefix"]?.stringValue })
    }

    // MARK: Days

    private static func day(_ instant: Instant, minus days: Int64) -> CivilDate {
        CivilDate(daysSinceEpoch: instant.milliseconds / 86_400_000 - days)
    }

    static func text(_ date: CivilDate) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date.year)/\(two(date.month))/\(two(date.day))"
    }

    /// Objects of a day may come when the first ones of the next day are there already.
    static func dayBefore(_ text: String) -> String {
        let parts = text.split(separator: "/").compactMap { Int64($0) }
        guard parts.count == 3 else { return text }
        let date = CivilDate(year: parts[0], month: Int(parts[1]), day: Int(parts[2]))
        return Self.text(CivilDate(daysSinceEpoch: date.daysSinceEpoch - 1))
    }
}
