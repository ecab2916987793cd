import Foundation

/// The repository as text.
struct SourceTree {
    struct File {
        /// Relative to the repository's root.
        let path: String
        let lines: [String]
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// All files below `folder` with the given ending.
    static func files(below folder: String, ending: String = ".swift") throws -> [File] {
        let base = root.appending(path: folder)
        let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return try paths.filter { $0.hasSuffix(ending) }.sorted().map { path in
            let text = try String(contentsOf: base.appending(path: path), encoding: .utf8)
            return File(path: "\(folder)/\(path)", lines: text.components(separatedBy: "\n"))
        }
    }

    /// `path:line: text` for every line of code (comments and texts in quotes are left out) that matches.
    static func findings(
        of pattern: Regex<Substring>, below folder: String, except allowed: [String] = []
    ) throws -> [String] {
        try files(below: folder).filter { file in !allowed.contains { file.path.hasPrefix($0) } }.flatMap { file in
            file.lines.enumerated().compactMap { number, line in
                code(line).contains(pattern) ? "\(file.path):\(number + 1): \(line)" : nil
            }
        }
    }

    /// A line without its comment and without the contents of its texts.
    static func code(_ line: String) -> String {
        let withoutTexts = line.replacing(/"(?:\\.|[^"\\])*"/, with: "\"\"")
        guard let comment = withoutTexts.range(of: "//") else { return withoutTexts }
        return String(withoutTexts[..<comment.lowerBound])
    }
}
