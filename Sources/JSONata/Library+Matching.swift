extension Library {
    static let matchingFunctions: [NativeFunction] = [
        function("contains", "<s-(sf):b>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.element(0).text else { return .undefined }
            switch arguments.element(1) {
            case .string(let needle): return .bool(text.firstRange(ofText: needle) != nil)
            case .function(let pattern):
                var matches = MatchSequence(pattern, in: text, evaluator)
                return .bool(try matches.next() != nil)
            default: return .undefined
            }
        },
        function("match", "<s-f<s:o>n?:a<o>>", arity: 3) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.element(0).text, let pattern = arguments.element(1).function else {
                return .undefined
            }
            let limit = try limit(arguments.element(2), code: "D3040", index: 3)
            return try match(text, pattern, limit: limit, evaluator)
        },
        function("replace", "<s-(sf)(sf)n?:s>", arity: 4) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.element(0).text else { return .undefined }
            return try replace(text, arguments, evaluator)
        },
        function("split", "<s-(sf)n?:a<s>>", arity: 3) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.element(0).text else { return .undefined }
            let limit = try limit(arguments.element(2), code: "D3020", index: 3)
            if limit == 0 { return .array(ArrayValue([])) }
            switch arguments.element(1) {
            case .string(let separator): return try split(text, at: separator, limit: limit, evaluator)
            case .function(let pattern): return try split(text, at: pattern, limit: limit, evaluator)
            default: return .undefined
            }
        },
    ]

    /// The optional limit of matches; nil when there is none.
    private static func limit(_ value: Value, code: String, index: Int) throws(JSONataError) -> Double? {
        guard let limit = value.double else { return nil }
        guard limit >= 0 else { throw .make(code, about: value, index: index) }
        return limit
    }

    private static func match(
        _ text: String, _ pattern: FunctionValue, limit: Double?, _ evaluator: Evaluator
    ) throws(JSONataError) -> Value {
        var results: [Value] = []
        guard limit.map({ $0 > 0 }) ?? true else { return .array(ArrayValue([], flags: .sequence)) }
        var matches = MatchSequence(pattern, in: text, evaluator)
        var next = try matches.next()
        while let match = next, limit.map({ Double(results.count) < $0 }) ?? true {
            let members: [(String, Value)] = [
                ("match", .string(match.text)), ("index", .number(Double(match.start))),
                ("groups", .array(ArrayValue(match.groups))),
            ]
            results.append(.object(ObjectValue(members)))
            try evaluator.chargeMemory(1024 + match.text.utf8.count)
            next = try matches.next()
        }
        return .array(ArrayValue(results, flags: .sequence))
    }

    // MARK: - Splitting

    private static func split(
        _ text: String, at separator: String, limit: Double?, _ evaluator: Evaluator
    ) throws(JSONataError) -> Value {
        let most = limit.map { Int(Swift.min($0.rounded(.down), 1e9)) } ?? .max
        var parts: [Value] = []
        if separator.isEmpty {
            for scalar in text.unicodeScalars.prefix(most) { parts.append(.string(String(Character(scalar)))) }
        } else {
            let search = TextSearch(separator)
            let bytes = Array(text.utf8)
            var start = 0
            while parts.count < most, let range = search.firstRange(in: bytes, from: start) {
                parts.append(.string(String(decoding: bytes[start..<range.lowerBound], as: UTF8.self)))
                start = range.upperBound
            }
            if parts.count < most { parts.append(.string(String(decoding: bytes[start...], as: UTF8.self))) }
        }
        try evaluator.chargeElements(parts.count)
        return .array(ArrayValue(parts))
    }

    private static func split(
        _ text: String, at pattern: FunctionValue, limit: Double?, _ evaluator: Evaluator
    ) throws(JSONataError) -> Value {
        var parts: [Value] = []
        func isRoom() -> Bool { limit.map { Double(parts.count) < $0 } ?? true }
        guard isRoom() else { return .array(ArrayValue([])) }
        var matches = MatchSequence(pattern, in: text, evaluator)
        guard var match = try matches.next() else { return .array(ArrayValue([.string(text)])) }
        var start = 0
        var isDone = false
        while isRoom(), !isDone {
            parts.append(.string(matches.slice(start, match.start)))
            start = match.end
            try evaluator.charge(4)
            if let next = try matches.next() { match = next } else { isDone = true }
        }
        if isRoom() { parts.append(.string(matches.slice(start, matches.count))) }
        try evaluator.chargeElements(parts.count)
        return .array(ArrayValue(parts))
    }

    // MARK: - Replacing

    private static func replace(
        _ text: String, _ arguments: [Value], _ evaluator: Evaluator
    ) throws(JSONataError) -> Value {
        if case .string("") = arguments.element(1) { throw .make("D3010", about: arguments.element(1), index: 2) }
        let limit = try limit(arguments.element(3), code: "D3011", index: 4)
        if let limit, limit <= 0 { return .string(text) }
        switch arguments.element(1) {
        case .string(let needle):
            guard let replacement = arguments.element(2).text else {
                guard text.firstRange(ofText: needle) != nil else { return .string(text) }
                throw .make("D3012", about: arguments.element(2))
            }
            return .string(try replace(text, needle, replacement, limit: limit, evaluator))
        case .function(let pattern):
            return .string(try replace(text, pattern, arguments.element(2), limit: limit, evaluator))
        default: return .undefined
        }
    }

    private static func replace(
        _ text: String, _ needle: String, _ replacement: String, limit: Double?, _ evaluator: Evaluator
    ) throws(JSONataError) -> String {
        let search = TextSearch(needle)
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var start = 0
        var count = 0.0
        while limit.map({ count < $0 }) ?? true, let range = search.firstRange(in: bytes, from: start) {
            result += bytes[start..<range.lowerBound]
            result += replacement.utf8
            try evaluator.charge()
            try evaluator.checkLength(result.count)
            try evaluator.chargeMemory(replacement.utf8.count)
            start = range.upperBound
            count += 1
        }
        result += bytes[start...]
        return String(decoding: result, as: UTF8.self)
    }

    private static func replace(
        _ text: String, _ pattern: FunctionValue, _ replacement: Value, limit: Double?, _ evaluator: Evaluator
    ) throws(JSONataError) -> String {
        var matches = MatchSequence(pattern, in: text, evaluator)
        var result = ""
        var start = 0
        var count = 0.0
        var next = try matches.next()
        while let match = next, limit.map({ count < $0 }) ?? true {
            result += matches.slice(start, match.start)
            let inserted: String
            switch replacement {
            case .string(let template): inserted = expand(template, match)
            case .function(let function):
                let value = try evaluator.apply(function, [matches.object(for: match)], context: .null)
                guard let text = value.text else { throw .make("D3012", about: value) }
                inserted = text
            default: throw .make("D3012", about: replacement)
            }
            result += inserted
            try evaluator.charge(4)
            try evaluator.checkLength(result.utf8.count)
            try evaluator.chargeMemory(inserted.utf8.count)
            start = match.start + match.text.utf16.count
            count += 1
            next = try matches.next()
        }
        return result + matches.slice(start, matches.count)
    }

    /// Fills `$0` (the match), `$1`… (its groups) and `$$` into a replacement. As many digits belong to a group's number
    /// as it takes to name one that exists.
    private static func expand(_ template: String, _ match: TextMatch) -> String {
        guard template.utf8.contains(UInt8(ascii: "$")) else { return template }
        let scalars = Array(template.unicodeScalars)
        var result = String.UnicodeScalarView()
        var place = 0
        while place < scalars.count {
            guard scalars[place] == "$" else {
                result.append(scalars[place])
                place += 1
                continue
            }
            place += 1
            let rest = scalars[place...]
            if rest.first == "$" {
                result.append("$")
                place += 1
            } else if rest.first == "0" {
                result.append(contentsOf: match.text.unicodeScalars)
                place += 1
            } else if let (number, digits) = groupNumber(rest, groups: match.groups.count) {
                if number >= 1, number <= match.groups.count, let text = match.groups[number - 1].text {
                    result.append(contentsOf: text.unicodeScalars)
                }
                place += digits
            } else {
                result.append("$")
            }
        }
        return String(result)
    }

    private static func groupNumber(_ text: ArraySlice<Unicode.Scalar>, groups: Int) -> (number: Int, digits: Int)? {
        let most = groups == 0 ? 1 : String(groups).count
        let digits = text.prefix(most).prefix { ("0"..."9").contains($0) }.map { Int($0.value - 0x30) }
        guard !digits.isEmpty else { return nil }
        let number = digits.reduce(0) { $0 * 10 + $1 }
        if most > 1, number > groups, digits.count > 1 {
            let shorter = digits.dropLast()
            return (shorter.reduce(0) { $0 * 10 + $1 }, shorter.count)
        }
        return (number, digits.count)
    }
}
