/// What the path of a definition's file says by itself.
package struct DefinitionPath: Sendable, Hashable {
    /// The file's name without its folders.
    package let fileName: String
    /// The folders before it, as they were written; empty for none.
    package let directory: String

    package init(_ path: String) {
        if let slash = path.lastIndex(of: "/") {
            directory = String(path[..<slash])
            fileName = String(path[path.index(after: slash)...])
        } else {
            directory = ""
            fileName = path
        }
    }

    /// `suspension.asl.yaml` holds the state machine `suspension`.
    package var stateMachineName: String {
        let base = base
        return base.hasSuffix(".asl") ? String(base.dropLast(4)) : base
    }

    /// Whether the daemon loads a file of this name from its folders.
    package var isLoaded: Bool {
        !fileName.hasPrefix(".") && ["yaml", "yml", "json"].contains(fileExtension) && !base.hasSuffix(".test")
    }

    /// The file's name without its extension.
    var base: String {
        fileName.lastIndex(of: ".").map { $0 == fileName.startIndex ? fileName : String(fileName[..<$0]) } ?? fileName
    }

    /// The name of the folder that the file is in.
    var folder: Substring? { directory.split(separator: "/").last }
    var isScenarios: Bool { fileName.hasSuffix(".test.yaml") }
    var hasMachineSuffix: Bool { isLoaded && base.hasSuffix(".asl") }

    private var fileExtension: String {
        fileName.lastIndex(of: ".").map { String(fileName[fileName.index(after: $0)...]) } ?? ""
    }
}
