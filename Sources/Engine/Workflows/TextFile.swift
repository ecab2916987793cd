package import Glibc
import StatesLanguage

/// Reads what people write by hand: definitions and settings. It is looked at first whether there is such a file, since
/// reading a pipe waits for whoever writes it, reading a device may never end, and a file of the wrong kind may be as large
/// as the disk.
package enum TextFile {
    /// Bytes that a file may have: as many as a definition.
    package static let limit = SourceDocument.Limits().bytes

    /// Why there is no text.
    package enum Fault: Error, Equatable, CustomStringConvertible {
        /// With the reason.
        case unreadable(String)
        /// With the size in bytes.
        case tooLarge(Int)
        case notUTF8

        /// Goes on from "the file can't be read: ".
        package var description: String {
            switch self {
            case .unreadable(let reason): reason
            case .tooLarge(let bytes): "it has \(bytes) bytes; the limit is \(TextFile.limit)"
            case .notUTF8: "it is not UTF-8 text"
            }
        }
    }

    /// - Parameter path: of a regular file, or a link to one.
    package static func read(_ path: String) throws(Fault) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .unreadable(reason(errno, of: path)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(kind(status.st_mode)) }
        guard status.st_size <= limit else { throw .tooLarge(Int(status.st_size)) }
        // Should it be a pipe by now, nobody waits for it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(reason(errno, of: path)) }
        defer { close(descriptor) }
        let bytes = try contents(of: descriptor, path)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        return text
    }

    /// A file may have grown since it was looked at, and those of `/proc` don't say how long they are.
    private static func contents(of descriptor: Int32, _ path: String) throws(Fault) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .unreadable(reason(errno, of: path))
            }
            bytes += piece[..<count]
            guard bytes.count <= limit else { throw .tooLarge(bytes.count) }
        }
    }

    /// Why a file or folder can't be had, by the error's number.
    package static func reason(_ code: Int32, of path: String) -> String {
        switch code {
        case ENOENT: isLink(path) ? "it is a link to something that is not there" : "there is no such file"
        case EACCES: "no permission"
        default: String(cString: strerror(code))
        }
    }

    /// What something is that is no regular file.
    package static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "it is a folder"
        case S_IFIFO: "it is a pipe"
        case S_IFSOCK: "it is a socket"
        case S_IFREG: "it is a file"
        default: "it is a device"
        }
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }
}
