/// One metric with its samples, as Prometheus's text format 0.0.4 has them
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
package struct MetricFamily: Sendable, Equatable {
    package enum Kind: String, Sendable, Hashable { case counter, gauge, histogram }

    package struct Sample: Sendable, Equatable {
        /// Behind the family's name, such as `_bucket`.
        package var suffix: String
        package var labels: [(name: String, value: String)]
        /// As it is written.
        package var value: String

        package static func == (left: Sample, right: Sample) -> Bool {
            left.suffix == right.suffix && left.value == right.value && left.labels.elementsEqual(right.labels, by: ==)
        }
    }

    package let name: String
    package let kind: Kind
    package let help: String
    package private(set) var samples: [Sample] = []

    package init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }

    /// The metric with one sample and no labels.
    package init(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
        self.init(name, kind, help)
        add("\(value)")
    }

    package mutating func add(_ value: String, _ labels: [(String, String)] = [], suffix: String = "") {
        samples.append(Sample(suffix: suffix, labels: labels.map { (name: $0.0, value: $0.1) }, value: value))
    }

    package mutating func add(_ value: some BinaryInteger, _ labels: [(String, String)] = [], suffix: String = "") {
        add("\(value)", labels, suffix: suffix)
    }
}

extension MetricFamily {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// All families as one text. A family without samples says at least what it would be.
    package static func text(_ families: [MetricFamily]) -> String { families.map(\.text).joined() }

    private var text: String {
        var lines = "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
            lines += name + sample.suffix + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}")
            lines += " \(sample.value)\n"
        }
        return lines
    }

    /// Backslashes and line feeds; in labels quotes too.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
