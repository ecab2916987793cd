/// The last valid text of each workflow file, which the loader of definitions keeps.
extension SQLiteTransaction {
    /// By the name of the file in its folder.
    package func workflowTexts() throws -> [String: String] {
        let rows = try all("SELECT file, source FROM workflowText") {
            WorkflowText(file: $0.text(0), source: $0.text(1))
        }
        return Dictionary(rows.map { ($0.file, $0.source) }, uniquingKeysWith: { first, _ in first })
    }

    /// Puts these in the place of all that there are.
    package func saveWorkflowTexts(_ texts: [String: String]) throws {
        let known = try workflowTexts()
        for file in known.keys where texts[file] == nil {
            try change("DELETE FROM workflowText WHERE file = ?", .text(file))
        }
        for (file, source) in texts where known[file] != source {
            noteWritten(source.utf8.count)
            try change("INSERT OR REPLACE INTO workflowText (file, source) VALUES (?, ?)", .text(file), .text(source))
        }
    }
}

private struct WorkflowText {
    let file: String
    let source: String
}
