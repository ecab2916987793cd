extension Library {
    static let dateTimeFunctions: [NativeFunction] = [
        function("now", "<s?s?:s>", arity: 2) { evaluator, arguments throws(JSONataError) in
            .string(try format(evaluator.environment.now, arguments.element(0), arguments.element(1)))
        },
        function("millis", "<:n>", arity: 0) { evaluator, _ throws(JSONataError) in
            .number(Double(evaluator.environment.now))
        },
        function("fromMillis", "<n-s?s?:s>", arity: 3) { _, arguments throws(JSONataError) in
            guard let millis = arguments.element(0).double else { return .undefined }
            guard abs(millis) <= CivilTime.millisLimit else { throw .make("D1001", about: arguments.element(0)) }
            return .string(
                try format(Int64(millis.rounded(.towardZero)), arguments.element(1), arguments.element(2)))
        },
        function("toMillis", "<s-s?:n>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.element(0).text else { return .undefined }
            guard let picture = arguments.element(1).text else {
                guard let millis = ISOTimestamp.millis(text) else { throw .make("D3110", about: .string(text)) }
                return .number(millis)
            }
            let parsed = try DateTimePicture(picture).parse(text, now: evaluator.environment.now, evaluator)
            return parsed.map(Value.number) ?? .undefined
        },
    ]

    private static func format(_ millis: Int64, _ picture: Value, _ zone: Value) throws(JSONataError) -> String {
        let offset = zone.text.map(minutes(ofZone:)) ?? 0
        return try DateTimePicture(picture.text ?? DateTimePicture.iso8601).format(millis: millis, offset: offset)
    }

    /// Minutes east of UTC of `+0530` or `-0500`.
    private static func minutes(ofZone text: String) -> Int {
        let isNegative = text.hasPrefix("-")
        let digits = text.drop { "+-".contains($0) }.prefix { "0123456789".contains($0) }.prefix(6)
        let number = Int(digits) ?? 0
        return (isNegative ? -1 : 1) * (number / 100 * 60 + number % 100)
    }
}
