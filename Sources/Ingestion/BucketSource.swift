import AWSClient
import BedrockUsage
import Enforcement
import JSONModel
import WallTime

/// Lists a bucket now and then, and reads what is new.
///
/// Log objects lie in folders by day below a folder for each account and Region. Each such folder has a day up to which
/// it was read: only that day, the one before it and later ones are listed, and a week back once an hour, since objects
/// may come late. Folders without days are listed whole.
///
/// An object that can't be read is set aside while others of its folder can be. When none can be, the folder is to
/// blame, and stays unread until the next look.
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
    /// How late an object may be, in days before the newest one of its folder, and how often that is looked through.
    private static let lateDays: Int64 = 7
    private static let lateEvery: Duration = .seconds(3600)

    struct Folder: Equatable {
        var path: String
        /// Whether the folders in it are years.
        var isByDay: Bool
    }

    private typealias Listed = (key: String, eTag: String)

    private struct Listing {
        var objects: [Listed] = []
        var folders: [String] = []
    }

    /// What is known of a folder while it is looked through.
    private struct Look {
        /// Objects that could not be read, until it is known whether that is their own trouble.
        var doubtful: [(object: Listed, error: AWSError)] = []
        /// Whether S3 gives what is in it.
        var canRead = false
        /// An object that was read at an earlier look.
        var known: ObjectIngest.Name?
    }

    /// A folder of which nothing can be read.
    private struct FolderFault: Error {
        let error: AWSError
    }

    private var objects: ObjectIngest {
        ObjectIngest(
            client: client, desk: desk, origin: origin, clock: clock, isStopping: { stopping.isStopping },
            reads: settings.objects)
    }

    /// - Throws: `AWSError`, `CancellationError` when stopping, and what the store throws.
    func poll() async throws {
        var fault: FolderFault?
        for folder in try await folders() {
            // A folder that may not be read, such as one account's, holds up no other.
            do { try await read(folder) } catch let error as FolderFault { fault = fault ?? error }
        }
        try await desk.forgetCursors(origin.name, clock.now() - ObjectIngest.memory)
        if let fault { throw fault.error }
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

    /// - Throws: `FolderFault` when nothing of it can be read; what `poll` throws.
    private func read(_ folder: Folder) async throws {
        var look = Look()
        guard folder.isByDay else {
            return try await pages(folder.path, delimiter: "/") { page in
                for object in page.objects { try await ingest(object, &look) }
                try await settle(&look)
            }
        }
        let mark = "\(settings.bucket)/\(folder.path)#day"
        let known = try await desk.cursor(origin.name, mark)
        let earliest = Self.text(settings.from ?? Self.day(clock.now(), minus: Self.firstDays))
        // A key that names a day to come, however far off, must not hide the objects of the days until then.
        let latest = Self.text(Self.day(clock.now(), minus: -1))
        let first = known.map { min($0.version, latest) } ?? earliest
        let lateMark = "\(settings.bucket)/\(folder.path)#late"
        let lateLook = try await desk.cursor(origin.name, lateMark)
        let looksBack = lateLook.map { clock.now() - $0.movedAt >= Self.lateEvery } ?? true
        var start = Self.dayBefore(first)
        if looksBack, known != nil { start = min(start, max(Self.dayBefore(first, by: Self.lateDays), earliest)) }
        var last = first
        try await pages(folder.path, startingAfter: folder.path + start) { page in
            for object in page.objects {
                try await ingest(object, &look)
                if let day = LogKey.day(of: object.key, below: folder.path) { last = max(last, min(day, latest)) }
            }
            try await settle(&look)
        }
        // Kept also while nothing comes: without it the whole folder would be read again.
        let isOld = known.map { clock.now() - $0.movedAt > ObjectIngest.memory / 2 } ?? true
        if last != first || isOld { try await save(mark, last) }
        if looksBack { try await save(lateMark, last) }
    }

    private func save(_ mark: String, _ day: String) async throws {
        try await desk.saveCursor(
            IngestCursor(
                source: origin.name, item: mark, version: day, records: 0, isDone: true, movedAt: clock.now()))
    }

    private func ingest(_ object: Listed, _ look: inout Look) async throws {
        guard !stopping.isStopping else { throw CancellationError() }
        let name = ObjectIngest.Name(bucket: settings.bucket, key: object.key)
        do {
            switch try await objects.ingest(name, version: object.eTag) {
            case .read: look.canRead = true
            case .known: look.known = name
            case .passedOver: break
            }
        } catch let error as AWSError where error.code == "NoSuchKey" {
            // It was deleted after it was listed.
        } catch let error as AWSError where error.code == "InvalidObjectState" {
            // It is archived, which says nothing of others.
            try await setAside(object, error)
        } catch let error as AWSError where error.isOfOneObject {
            look.doubtful.append((object, error))
        }
    }

    /// Decides about what could not be read: it is set aside when something else of the folder can be read, or when
    /// the errors differ.
    /// - Throws: `FolderFault` when all fails alike, as it does without permission; what `poll` throws.
    private func settle(_ look: inout Look) async throws {
        guard let first = look.doubtful.first?.error else { return }
        if !look.canRead, let known = look.known { look.canRead = try await isGiven(known) }
        let isAlike = look.doubtful.allSatisfy { $0.error.code == first.code }
        guard look.canRead || !isAlike else { throw FolderFault(error: first) }
        for doubt in look.doubtful { try await setAside(doubt.object, doubt.error) }
        look.doubtful = []
    }

    /// Whether an object that was read at an earlier look could be read now.
    private func isGiven(_ known: ObjectIngest.Name) async throws -> Bool {
        do throws(AWSError) {
            try await objects.probe(known)
            return true
        } catch {
            guard error.isOfOneObject else { throw error }
            return false
        }
    }

    private func setAside(_ object: Listed, _ error: AWSError) async throws {
        let name = ObjectIngest.Name(bucket: settings.bucket, key: object.key)
        var advice =
            "It is tried again about every hour while it is listed. Restore an archived object, or allow "
            + "s3:GetObject and kms:Decrypt for it"
        // A manifest is told by its key, which it would lose on the way.
        if BatchManifest.jobID(ofKey: object.key) == nil {
            let url = "s3://\(name.item)".replacing("'", with: "'\\''")
            advice += "; or bring it by hand: aws s3 cp '\(url)' - | workflowctl ingest -"
        }
        try await SetAside(desk: desk, origin: origin, clock: clock).keep(
            name.item, version: object.eTag,
            place: ["bucket": .string(name.bucket), "key": .string(name.key), "eTag": .string(object.eTag)],
            reason: "s3://\(name.item) can't be read: \(error). \(advice)")
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
    static func dayBefore(_ text: String, by days: Int64 = 1) -> String {
        let parts = text.split(separator: "/").compactMap { Int64($0) }
        guard parts.count == 3 else { return text }
        let date = CivilDate(year: parts[0], month: Int(parts[1]), day: Int(parts[2]))
        return Self.text(CivilDate(daysSinceEpoch: date.daysSinceEpoch - days))
    }
}
