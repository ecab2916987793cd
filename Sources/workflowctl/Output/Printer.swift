import Foundation
import JSONModel
import Yams

/// A column of a table: its title, and the text of one row.
struct Column: Sendable {
    let title: String
    let text: @Sendable (JSONValue) -> String

    init(_ title: String, _ text: @escaping @Sendable (JSONValue) -> String) {
        self.title = title
        self.text = text
    }

    /// Shows the member `key` as it is.
    init(_ title: String, key: String) {
        self.init(title) { $0[key]?.display ?? "" }
    }
}

/// Prints data on stdout in the format that was asked for.
struct Printer {
    let format: OutputFormat
    let headers: Bool

    /// A list, found in `answer` under `key`; `name` gives what `-o name` prints of a row.
    /// - Parameter limit: how many were asked for: when there are as many, there may be more, which is said on stderr.
    func list(
        _ answer: JSONValue, key: String, columns: [Column], limit: Int? = nil, name: (JSONValue) -> String
    ) {
        let rows = answer[key]?.arrayValue ?? []
        if let limit, rows.count >= limit, answer["next"].map({ !$0.isNull }) ?? true {
            let more = answer["next"] == nil ? "There may be more" : "There is more"
            FileHandle.standardError.write(Data("\(more): these are \(rows.count); raise --limit.\n".utf8))
        }
        switch format {
        case .json: write(answer.prettyJSON())
        case .yaml: write(Self.yaml(answer))
        case .name: rows.forEach { write(name($0)) }
        case .csv: csv(rows, columns)
        case .table: table(rows, columns)
        }
    }

    /// One thing; `fields` are the lines of its table form.
    func item(_ value: JSONValue, fields: [Column], name: (JSONValue) -> String) {
        switch format {
        case .json: write(value.prettyJSON())
        case .yaml: write(Self.yaml(value))
        case .name: write(name(value))
        case .csv: csv([value], fields)
        case .table:
            let width = fields.map(\.title.count).max() ?? 0
            for field in fields {
                let text = Self.printable(field.text(value))
                guard !text.isEmpty else { continue }
                let title = Self.padded(field.title, to: width)
                write("\(title)  \(text.replacing("\n", with: "\n" + String(repeating: " ", count: width + 2)))")
            }
        }
    }

    private func csv(_ rows: [JSONValue], _ columns: [Column]) {
        let lines = (headers ? [columns.map(\.title)] : []) + rows.map { row in columns.map { $0.text(row) } }
        StandardOutput.write(Array(lines.map(CSVText.line).joined().utf8))
    }

    private func table(_ rows: [JSONValue], _ columns: [Column]) {
        let cells = rows.map { row in columns.map { Self.printable($0.text(row)).replacing("\n", with: " ") } }
        let titles = columns.map { $0.title.uppercased() }
        let widths = columns.indices.map { column in
            max(headers ? titles[column].count : 0, cells.map { $0[column].count }.max() ?? 0)
        }
        for line in (headers ? [titles] : []) + cells {
            var text = zip(line, widths).map { Self.padded($0, to: $1) }.joined(separator: "  ")
            // In front, an empty cell is a cell.
            while text.last == " " { text.removeLast() }
            write(text)
        }
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// What a terminal would carry out instead of showing it is shown as `\u{FFFD}`: names, tags and errors come from
    /// outside.
    static func printable(_ text: String) -> String {
        let hidden = text.unicodeScalars.contains { $0.value != 0x0A && $0.properties.generalCategory == .control }
        guard hidden else { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar -> Unicode.Scalar in
                    switch scalar {
                    case "\n": scalar
                    case "\t", "\r": " "
                    default: scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
                    }
                }))
    }

    func write(_ line: String) { StandardOutput.line(line) }

    private static func yaml(_ value: JSONValue) -> String {
        // JSON is YAML, too.
        let text = (try? Yams.serialize(node: node(value), sortKeys: false)) ?? value.prettyJSON()
        return text.trimmingCharacters(in: .newlines)
    }

    private static func node(_ value: JSONValue) -> Node {
        switch value {
        case .null: Node("null", Tag(.null))
        case .bool(let value): Node(value ? "true" : "false", Tag(.bool))
        case .int(let value): Node(String(value), Tag(.int))
        case .double(let value): Node(String(value), Tag(.float))
        case .string(let value): quoted(value)
        case .array(let values): Node(values.map(node), Tag(.seq))
        case .object(let object): Node(object.map { (quoted($0), node($1)) }, Tag(.map))
        }
    }

    /// A text that would read back as something else stands in quotes; one of several lines as a block.
    private static func quoted(_ text: String) -> Node {
        if text.contains("\n") { return Node(text, Tag(.str), .literal) }
        let plain = text.wholeMatch(of: /[A-Za-z][A-Za-z0-9 _.\/@()-]*[A-Za-z0-9_.\/@()-]|[A-Za-z]/) != nil
        let word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
        return Node(text, Tag(.str), plain && !word ? .plain : .doubleQuoted)
    }
}

extension JSONValue {
    /// The value as a person reads it: texts without quotes, null as nothing.
    var display: String {
        switch self {
        case .null: ""
        case .string(let text): text
        default: jsonString
        }
    }
}
