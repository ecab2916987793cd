import Foundation

/// Where state machines and workflows are when nobody says so.
enum InstalledDefinitions {
    /// The folder of that name in the working directory; where there is none, the one that `make install` has put beside
    /// the program.
    static func folder(_ name: String) -> String {
        folder(name, program: program, exists: { FileManager.default.fileExists(atPath: $0) })
    }

    /// - Parameters:
    ///   - program: the path of the program that runs; nil when it is not known.
    ///   - exists: whether there is something at a path.
    static func folder(_ name: String, program: String?, exists: (String) -> Bool) -> String {
        guard !exists(name), let program else { return name }
        let prefix = URL(filePath: program).deletingLastPathComponent().deletingLastPathComponent()
        let installed = prefix.appending(path: "share/steward/\(name)").path
        return exists(installed) ? installed : name
    }

    /// Behind all links: a link in a folder of programs has no `share` beside it. Not known where there is no `/proc`: then
    /// the working directory alone counts.
    private static var program: String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }
}
