extension Library {
    static let stringFunctions: [NativeFunction] = [
        function("string", "<x-b?:s>", arity: 1) { evaluator, arguments throws(JSONataError) in
            var isPretty = false
            if case .bool(true) = arguments.element(1) { isPretty = true }
            return try evaluator.string(of: arguments.element(0), isPretty: isPretty).map(Value.string) ?? .undefined
        },
        function("length", "<s-:n>", arity: 1) { _, arguments throws(JSONataError) in
            arguments.element(0).text.map { .number(Double($0.unicodeScalars.count)) } ?? .undefined
        },
        function("substring", "<s-nn?:s>", arity: 3) { _, arguments throws(JSONataError) in
            guard let text = arguments.element(0).text else { return .undefined }
            return .string(substring(text, from: arguments.element(1).double, count: arguments.element(2).double))
        },
        function("substringBefore", "<s-s:s>", arity: 2) { _, arguments throws(JSONataError) in
            guard let text = arguments.element(0).text else { return .undefined }
            guard let range = arguments.element(1).text.flatMap({ text.firstRange(ofText: $0) }) else {
                return .string(text)
            }
            return .string(String(text[..<range.lowerBound]))
        },
        function("substringAfter", "<s-s:s>", arity: 2) { _, arguments throws(JSONataError) in
            guard let text = arguments.element(0).text else { return .undefined }
            guard let range = arguments.element(1).text.flatMap({ text.firstRange(ofText: $0) }) else {
                return .string(text)
            }
            return .string(String(text[range.upperBound...]))
        },
        onText("lowercase") { $0.lowercased() },
        onText("uppercase") { $0.uppercased() },
        onText("trim", trimmed),
        function("pad", "<s-ns?:s>", arity: 3) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.element(0).text else { return .undefined }
            return .string(
                try padded(text, to: arguments.element(1).double ?? 0, with: arguments.element(2).text, evaluator))
        },
        function("join", "<a<s>s?:s>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.element(0).array else { return .undefined }
            let separator = arguments.element(1).text ?? ""
            let parts = array.values.map { $0.text ?? "" }
            let size = parts.reduce(separator.utf8.count * parts.count) { $0 + $1.utf8.count }
            try evaluator.checkLength(size)
            try evaluator.chargeMemory(size)
            return .string(parts.joined(separator: separator))
        },
    ]

    static func onText(_ name: String, _ body: @escaping @Sendable (String) -> String) -> NativeFunction {
        function(name, "<s-:s>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.element(0).text else { return .undefined }
            try evaluator.chargeMemory(text.utf8.count)
            return .string(body(text))
        }
    }

    /// Characters (Unicode scalars) from a start, which counts from the end when negative.
    private static func substring(_ text: String, from start: Double?, count: Double?) -> String {
        let scalars = Array(text.unicodeScalars)
        let length = Double(scalars.count)
        if start == nil, count != nil { return "" }
        var start = start ?? 0
        if length + start < 0 { start = 0 }
        var end = length
        if let count {
            if count <= 0 { return "" }
            end = (start >= 0 ? start : length + start) + count
        }
        // Fractions are cut only here, as the reference does.
        let first = start <= -1 ? length + start.rounded(.towardZero) : Swift.min(start.rounded(.towardZero), length)
        end = Swift.min(end.rounded(.towardZero), length)
        guard first < end else { return "" }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars[Int(first)..<Int(end)])
        return String(result)
    }

    /// Blanks (space, tab, line breaks) at both ends removed, each run of them inside made one space.
    private static func trimmed(_ text: String) -> String {
        text.unicodeScalars.split { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
            .map(String.init).joined(separator: " ")
    }

    private static func padded(
        _ text: String, to width: Double, with pad: String?, _ evaluator: Evaluator
    ) throws(JSONataError) -> String {
        let missing = Swift.abs(width.rounded(.towardZero)) - Double(text.unicodeScalars.count)
        guard missing > 0 else { return text }
        let unit = (pad.flatMap { $0.isEmpty ? nil : $0 } ?? " ").unicodeScalars
        guard missing <= Double(evaluator.limits.sequenceLength) else {
            throw Evaluator.exceeded("a padding of \(NumberText.shortest(missing)) characters")
        }
        try evaluator.chargeMemory(Int(missing) * 4)
        let (times, rest) = Int(missing).quotientAndRemainder(dividingBy: unit.count)
        let whole = String(unit).utf8
        var bytes: [UInt8] = []
        bytes.reserveCapacity(whole.count * (times + 1))
        for _ in 0..<times { bytes.append(contentsOf: whole) }
        let padding = String(decoding: bytes, as: UTF8.self) + String(unit.prefix(rest))
        return width > 0 ? text + padding : padding + text
    }
}
