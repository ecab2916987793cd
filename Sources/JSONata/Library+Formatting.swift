extension Library {
    static let formattingFunctions: [NativeFunction] = [
        function("formatNumber", "<n-so?:s>", arity: 3) { _, arguments throws(JSONataError) in
            guard let number = arguments.element(0).double else { return .undefined }
            var symbols = DecimalSymbols()
            if let options = arguments.element(2).object { symbols.apply(options) }
            let picture = try NumberPicture(arguments.element(1).text ?? "", symbols)
            return .string(try picture.format(number))
        },
        function("formatBase", "<n-n?:s>", arity: 2) { _, arguments throws(JSONataError) in
            guard let number = arguments.element(0).double else { return .undefined }
            let radix = arguments.element(1).double.map { round($0) } ?? 10
            guard radix >= 2, radix <= 36 else { throw .make("D3100", about: .number(radix)) }
            return .string(text(round(number), radix: Int(radix)))
        },
        function("formatInteger", "<n-s:s>", arity: 2) { _, arguments throws(JSONataError) in
            guard let number = arguments.element(0).double else { return .undefined }
            guard number.isFinite else { throw .make("D1001", about: arguments.element(0)) }
            let picture = try IntegerPicture(arguments.element(1).text ?? "")
            return .string(try picture.format(number.rounded(.down)))
        },
        function("parseInteger", "<s-s:n>", arity: 2) { _, arguments throws(JSONataError) in
            guard let text = arguments.element(0).text else { return .undefined }
            let picture = try IntegerPicture(arguments.element(1).text ?? "")
            return try picture.parse(text).map(Value.number) ?? .undefined
        },
    ]

    /// An integer in a base from 2 to 36.
    private static func text(_ number: Double, radix: Int) -> String {
        if radix == 10 { return NumberText.shortest(number) }
        if let exact = Int64(exactly: number) { return String(exact, radix: radix) }
        guard number.isFinite else { return NumberText.shortest(number) }
        let base = Double(radix)
        var (rest, digits) = (Swift.abs(number), "")
        while rest >= 1 {
            digits = String(Int(rest.truncatingRemainder(dividingBy: base)), radix: radix) + digits
            rest = (rest / base).rounded(.down)
        }
        return (number < 0 ? "-" : "") + digits
    }
}
