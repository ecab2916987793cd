import Foundation

/// The beginning and the size of the database file at one moment, to notice that another program writes over it, such as a
/// `cp` of a backup: its name still leads to the same file then, and every commit succeeds.
///
/// With a write-ahead log only checkpoints change the file, and each of them shows in the log's index (https://www.sqlite.org/walformat.html).
/// So the file must be the same in two looks between which there was none.
package struct DatabaseLook: Sendable, Equatable {
    private let header: [UInt8]
    private let size: Int64
    private let checkpoints: Checkpoints

    /// How far checkpoints have come: of which log, from which of its frames to which. Two texts of the same bytes are of
    /// one moment.
    private struct Checkpoints: Equatable {
        let log: ArraySlice<UInt8>
        let done: ArraySlice<UInt8>
        let begun: ArraySlice<UInt8>

        init?(_ index: CInt) {
            var bytes = [UInt8](repeating: 0, count: 136)
            guard pread(index, &bytes, bytes.count, 0) == bytes.count else { return nil }
            (log, done, begun) = (bytes[32..<40], bytes[96..<100], bytes[128..<132])
        }

        var isUnderWay: Bool { !done.elementsEqual(begun) }
    }

    /// Nil while a checkpoint is under way, and when the disk doesn't answer.
    init?(database: CInt, index: CInt) {
        guard let before = Checkpoints(index), !before.isUnderWay else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(DatabaseHeader.length))
        let count = pread(database, &bytes, bytes.count, 0)
        var status = stat()
        guard count >= 0, fstat(database, &status) == 0, Checkpoints(index) == before else { return nil }
        header = Array(bytes.prefix(count))
        size = Int64(status.st_size)
        checkpoints = before
    }

    /// Whether somebody else has changed the file since `earlier`.
    package func isForeign(to earlier: Self) -> Bool {
        checkpoints == earlier.checkpoints && (header != earlier.header || size != earlier.size)
    }
}
