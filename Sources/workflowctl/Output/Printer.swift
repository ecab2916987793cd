import Foundation
import JSONModel
import Yams

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
            StandardError.line("\(more): these are \(rows.count); raise --limit.")
        }
        switch format {
        case .json: StandardOutput.json(answer)
        case .yaml: StandardOutput.line(Self.yaml(answer))
        case .name: names(rows.map(name))
        case .csv: csv(rows, columns)
        case .table: table(rows, columns)
        }
    }

    /// One thing; `fields` are the lines of its table form.
    func item(_ value: JSONValue, fields: [Column], name: (JSONValue) -> String) {
        switch format {
        case .json: StandardOutput.json(value)
        case .yaml: StandardOutput.line(Self.yaml(value))
        case .name: names([name(value)])
        case .csv: csv([value], fields)
        case .table:
            let width = fields.map { TextWidth.of($0.title) }.max() ?? 0
            for field in fields {
                let text = Self.printable(field.cell(value).shown)
                guard !text.isEmpty else { continue }
                let title = Self.padded(field.title, to: width)
                write("\(title)  \(text.replacing("\n", with: "\n" + String(repeating: " ", count: width + 2)))")
            }
        }
    }

    /// One a line. Where nothing has a name, lines without one would look like an answer to a script.
    private func names(_ names: [String]) {
        let known = names.filter { !$0.isEmpty }
        guard !known.isEmpty || names.isEmpty else {
            Failure(.usage, "what this command prints has no name", hint: "Take -o json, yaml or csv.").report()
            Foundation.exit(Exit.usage.rawValue)
        }
        for name in known { StandardOutput.line(Self.printableLine(name)) }
    }

    private func csv(_ rows: [JSONValue], _ columns: [Column]) {
        let lines = (headers ? [columns.map(\.title)] : []) + rows.map { row in columns.map { $0.cell(row).data } }
        StandardOutput.write(Array(lines.map(CSVText.line).joined().utf8))
    }

    private func table(_ rows: [JSONValue], _ columns: [Column]) {
        let cells = rows.map { row in columns.map { Self.printableLine($0.cell(row).shown) } }
        let titles = columns.map { $0.title.uppercased() }
        let widths = columns.indices.map { column in
            max(headers ? TextWidth.of(titles[column]) : 0, cells.map { TextWidth.of($0[column]) }.max() ?? 0)
        }
        for line in (headers ? [titles] : []) + cells {
            var text = zip(line, widths).map { Self.padded($0, to: $1) }.joined(separator: "  ")
            // In front, an empty cell is a cell.
            while text.last == " " { text.removeLast() }
            write(text)
        }
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - TextWidth.of(text)))
    }

    /// A line, or several, for people.
    func write(_ text: String) { StandardOutput.text(text) }

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
