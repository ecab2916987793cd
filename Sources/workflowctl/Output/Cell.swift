import JSONModel

/// One value of a table, told twice: as a person reads it, and as a spreadsheet can sort and add it up.
struct Cell: Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    let shown: String
    /// An instant in RFC 3339, a number without a unit, or the text itself.
    let data: String

    init(shown: String, data: String) {
        self.shown = shown
        self.data = data
    }

    /// A text that is the same for both.
    init(_ text: String) { self.init(shown: text, data: text) }

    init(stringLiteral text: String) { self.init(text) }

    var description: String { shown }

    /// `$1.25` of an amount of money, which is a text in answers, or nothing for null.
    static func dollars(_ value: JSONValue?) -> Cell {
        guard let amount = value?.stringValue else { return "" }
        return Cell(shown: "$\(amount)", data: amount)
    }

    /// `300 s`, or nothing for null.
    static func seconds(_ value: JSONValue?) -> Cell {
        guard let seconds = value?.intValue else { return "" }
        return Cell(shown: "\(seconds) s", data: "\(seconds)")
    }

    /// Several as one, each on a line of its own.
    static func lines(_ cells: [Cell]) -> Cell {
        Cell(
            shown: cells.map(\.shown).joined(separator: "\n"), data: cells.map(\.data).joined(separator: "\n"))
    }
}

/// A column of a table: its title, and what it has of one row.
struct Column: Sendable {
    let title: String
    let cell: @Sendable (JSONValue) -> Cell

    init(_ title: String, _ cell: @escaping @Sendable (JSONValue) -> Cell) {
        self.title = title
        self.cell = cell
    }

    init(_ title: String, _ text: @escaping @Sendable (JSONValue) -> String) {
        self.init(title) { Cell(text($0)) }
    }

    /// Shows the member `key` as it is.
    init(_ title: String, key: String) {
        self.init(title) { $0[key]?.display ?? "" }
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
