import Engine
import Foundation
import Glibc
import StatesLanguage

/// A folder of definitions: its files, and what tells whether one of them has changed.
struct DefinitionFolder {
    let url: URL

    /// What changes with every edit of a file: of the file itself where its name is a link, as in folders that Kubernetes
    /// mounts.
    struct Signature: Equatable {
        private var device: UInt64 = 0
        private var inode: UInt64 = 0
        private var size: Int64 = -1
        private var modified = Times()
        private var changed = Times()

        private struct Times: Equatable {
            var seconds = 0
            var nanoseconds = 0
        }

        /// A file that can't be looked at counts as another than it was; reading it says what is wrong.
        init(of path: String) {
            var found = stat()
            guard stat(path, &found) == 0 else { return }
            (device, inode, size) = (UInt64(found.st_dev), UInt64(found.st_ino), Int64(found.st_size))
            modified = Times(seconds: found.st_mtim.tv_sec, nanoseconds: found.st_mtim.tv_nsec)
            changed = Times(seconds: found.st_ctim.tv_sec, nanoseconds: found.st_ctim.tv_nsec)
        }
    }

    /// The folder's YAML and JSON files at one moment.
    struct Listing: Equatable {
        /// By name.
        var files: [URL] = []
        var signatures: [String: Signature] = [:]
        /// Why the folder can't be read.
        var problem: Diagnostic?
    }

    /// `suspension.test.yaml` holds scenarios, which are not loaded.
    func listing() -> Listing {
        // Of what is no folder Foundation says that it is an empty one.
        var found = stat()
        guard stat(url.path, &found) == 0 else { return unreadable(TextFile.reason(errno, of: url.path)) }
        guard found.st_mode & S_IFMT == S_IFDIR else { return unreadable("\(TextFile.kind(found.st_mode)), no folder") }
        do {
            let files = try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
                .filter { DefinitionPath($0.path).isLoaded }
                .sorted { $0.lastPathComponent < $1.lastPathComponent }
            return Listing(
                files: files,
                signatures: Dictionary(
                    files.map { ($0.path, Signature(of: $0.path)) }, uniquingKeysWith: { first, _ in first }))
        } catch {
            return unreadable(error.localizedDescription)
        }
    }

    private func unreadable(_ reason: String) -> Listing {
        Listing(problem: DefinitionFindings.unreadableFolder(url.path, reason))
    }
}
