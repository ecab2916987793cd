import JSONModel
import JSONPath
import Testing

/// One line of a table: a path, a document, and the answer as JSON, or nil where the path leads nowhere.
struct PathCase: Sendable, CustomTestStringConvertible {
    let path: String
    let document: String
    let answer: String?

    init(_ path: String, _ document: String, _ answer: String?) {
        self.path = path
        self.document = document
        self.answer = answer
    }

    var testDescription: String { "\(path) on \(document)" }

    func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let path = try JSONPath(parsing: path)
        let root = try JSONValue(parsing: document)
        guard let answer else {
            #expect(throws: JSONPathEvaluationError.notFound(path: self.path), sourceLocation: sourceLocation) {
                try path.evaluate(on: root)
            }
            return
        }
        let found = try path.evaluate(on: root)
        #expect(found.jsonString == answer, sourceLocation: sourceLocation)
    }
}
