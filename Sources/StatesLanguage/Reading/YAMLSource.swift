import JSONModel
import Yams

/// Reads one YAML document into JSON's values and notes where everything stands.
enum YAMLSource {
    static func read(
        _ text: String, limits: SourceDocument.Limits
    ) -> Result<SourceDocument.Parts, SourceFault> {
        do {
            try YAMLAliasCheck.check(text)
            var duplicates = YAMLDuplicates(text)
            while true {
                do {
                    return try read(duplicates, limits: limits)
                } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                    guard let name = names.first, duplicates.overwrite(name, at: context.mark) else {
                        throw YamlError.duplicatedKeysInMapping(duplicates: names, context: context)
                    }
                }
            }
        } catch let fault as SourceFault {
            return .failure(fault)
        } catch let error as YamlError {
            return .failure(YAMLFaults.fault(for: error, text: text))
        } catch {
            return .failure(SourceFault(code: .notYAML, message: "this is not YAML: \(error)"))
        }
    }
}

extension YAMLSource {
    private static func read(
        _ duplicates: YAMLDuplicates, limits: SourceDocument.Limits
    ) throws -> Result<SourceDocument.Parts, SourceFault> {
        guard let root = try Yams.Parser(yaml: duplicates.remaining).singleRoot() else {
            return .failure(
                SourceFault(
                    code: .notYAML, message: "the document is empty", position: SourcePosition(line: 1, column: 1)))
        }
        var converter = YAMLConverter(limits: limits, duplicates: duplicates)
        let value = try converter.value(of: root, at: "", key: nil, depth: 0)
        return .success(.init(value: value, places: converter.places, faults: converter.faults))
    }
}

/// Turns Yams's nodes into values, with limits on depth and on what aliases expand to.
private struct YAMLConverter {
    private let limits: SourceDocument.Limits
    private var nodes = 0
    private var pathBytes = PathBytes()
    private let duplicates: YAMLDuplicates
    var places: [String: SourceDocument.Place] = [:]
    /// Names that a mapping has twice.
    var faults: [SourceFault] = []

    init(limits: SourceDocument.Limits, duplicates: YAMLDuplicates) {
        self.limits = limits
        self.duplicates = duplicates
    }

    mutating func value(
        of node: Node, at path: String, key: SourcePosition?, depth: Int
    ) throws(SourceFault) -> JSONValue {
        nodes += 1
        guard nodes <= limits.nodes else {
            throw tooManyNodes(at: node)
        }
        guard depth <= limits.depth else {
            throw SourceFault(
                code: .documentLimit, message: "nested deeper than \(limits.depth) levels", position: position(of: node)
            )
        }
        try pathBytes.add(path)
        if let place = position(of: node) {
            places[path] = .init(key: key, value: place, isText: node.scalar != nil)
        }
        switch node {
        case .scalar(let scalar): return try value(of: scalar, at: position(of: node))
        case .sequence(let sequence):
            try refuse(sequence.tag, but: "tag:yaml.org,2002:seq", at: position(of: node))
            var elements: [JSONValue] = []
            for (index, element) in sequence.enumerated() {
                elements.append(try value(of: element, at: pointer(path, index), key: nil, depth: depth + 1))
            }
            return .array(elements)
        case .mapping(let mapping):
            try refuse(mapping.tag, but: "tag:yaml.org,2002:map", at: position(of: node))
            return .object(try object(of: mapping, at: path, depth: depth))
        case .alias:
            throw SourceFault(
                code: .notYAML, message: "an alias that names nothing", position: position(of: node))
        }
    }

    private mutating func object(
        of mapping: Node.Mapping, at path: String, depth: Int
    ) throws(SourceFault) -> JSONObject {
        var object = JSONObject()
        var keys: [String: SourcePosition?] = [:]
        var merged: [Node] = []
        for (key, node) in mapping {
            let place = position(of: key)
            guard case .scalar(let scalar) = key else {
                throw SourceFault(code: .notYAML, message: "a name must be a text", position: place)
            }
            if scalar.string == "<<", scalar.style == .plain {
                merged.append(node)
                continue
            }
            let name = duplicates.name(behind: scalar.string)
            if let first = keys[name ?? scalar.string] {
                report(duplicateKey(name ?? scalar.string, first: first, second: place))
            } else {
                keys[name ?? scalar.string] = .some(place)
            }
            guard name == nil else { continue }
            let path = pointer(path, scalar.string)
            object[scalar.string] = try value(of: node, at: path, key: place, depth: depth + 1)
        }
        for node in merged { try merge(node, into: &object, at: path, depth: depth) }
        return object
    }

    /// `<<: *defaults`: members of the alias that the mapping does not have itself; of several aliases the first wins.
    private mutating func merge(
        _ node: Node, into object: inout JSONObject, at path: String, depth: Int
    ) throws(SourceFault) {
        switch node {
        case .mapping(let mapping):
            nodes += 1
            guard nodes <= limits.nodes else { throw tooManyNodes(at: node) }
            try merge(mapping, into: &object, at: path, depth: depth)
        case .sequence(let sequence):
            for element in sequence { try merge(element, into: &object, at: path, depth: depth + 1) }
        default:
            throw SourceFault(
                code: .notYAML, message: "'<<' takes a mapping or a list of mappings", position: position(of: node))
        }
    }

    private mutating func merge(
        _ mapping: Node.Mapping, into object: inout JSONObject, at path: String, depth: Int
    ) throws(SourceFault) {
        var merged: [Node] = []
        for (key, node) in mapping {
            guard case .scalar(let scalar) = key else {
                throw SourceFault(code: .notYAML, message: "a name must be a text", position: position(of: key))
            }
            if scalar.string == "<<", scalar.style == .plain {
                merged.append(node)
            } else if !object.contains(scalar.string) {
                let path = pointer(path, scalar.string)
                object[scalar.string] = try value(of: node, at: path, key: position(of: key), depth: depth + 1)
            }
        }
        for node in merged { try merge(node, into: &object, at: path, depth: depth + 1) }
    }

    private func value(of scalar: Node.Scalar, at place: SourcePosition?) throws(SourceFault) -> JSONValue {
        switch scalar.tag.description {
        case "tag:yaml.org,2002:str", "!": return .string(scalar.string)
        case "" where scalar.style == .plain: return YAMLScalar.resolve(scalar.string)
        case "": return .string(scalar.string)
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float":
            if let number = YAMLScalar.number(scalar.string) { return number }
            throw SourceFault(code: .notYAML, message: "'\(scalar.string)' is not a number", position: place)
        case "tag:yaml.org,2002:null":
            let value = YAMLScalar.resolve(scalar.string)
            if value == .null { return value }
            throw SourceFault(code: .notYAML, message: "'\(scalar.string)' is not null", position: place)
        case "tag:yaml.org,2002:bool":
            let value = YAMLScalar.resolve(scalar.string)
            if case .bool = value { return value }
            throw SourceFault(
                code: .notYAML, message: "'\(scalar.string)' is neither true nor false", position: place)
        case let tag: throw unsupported(tag, at: place)
        }
    }

    /// - Throws: for any tag of a list or a mapping but that which it has by itself.
    private func refuse(_ tag: Tag, but own: String, at place: SourcePosition?) throws(SourceFault) {
        let name = tag.description
        if name != "", name != "!", name != own { throw unsupported(name, at: place) }
    }

    private func unsupported(_ tag: String, at place: SourcePosition?) -> SourceFault {
        SourceFault(
            code: .unsupportedYAML, message: "the tag '\(tag)' is not supported",
            hint: "CloudFormation's short forms such as !Ref and !Sub only work inside CloudFormation",
            position: place)
    }

    private func position(of node: Node) -> SourcePosition? {
        node.mark.map { SourcePosition(line: $0.line, column: $0.column) }
    }

    /// A mapping that aliases repeat is reported once.
    private mutating func report(_ fault: SourceFault) {
        if !faults.contains(where: { $0.position == fault.position }) { faults.append(fault) }
    }

    private func tooManyNodes(at node: Node) -> SourceFault {
        SourceFault(
            code: .documentLimit, message: "aliases make more than \(limits.nodes) values of this document",
            position: position(of: node))
    }
}
