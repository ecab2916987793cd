import Foundation

/// One file, whatever its name leads to later.
package struct FileIdentity: Sendable {
    package let path: String
    private let device: dev_t
    private let inode: ino_t

    /// Nil when there is none.
    package init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.path = path
        device = status.st_dev
        inode = status.st_ino
    }

    /// Whether its name leads to nothing, or to another file. A disk that can't be asked says neither.
    package var isLost: Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return errno == ENOENT }
        return status.st_ino != inode || status.st_dev != device
    }
}
