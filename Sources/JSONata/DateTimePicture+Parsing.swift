extension DateTimePicture {
    /// What the parts of a text say: values by component, the offset in minutes under `Z`.
    private typealias Fields = [Character: Double]

    /// The moment that a text in this picture stands for, in milliseconds; nil when the text does not fit.
    /// Leading components that the picture lacks are taken from the clock, trailing ones are at their least.
    /// - Throws: `D3133` for a name of something that has none, `D3136` when a component in the middle is missing.
    func parse(_ text: String, now: Int64, _ evaluator: Evaluator) throws(JSONataError) -> Double? {
        var pattern = "^"
        for part in parts {
            switch part {
            case .literal(let text): pattern += "(" + Self.escaped(text) + ")"
            case .marker(let marker): pattern += "(" + (try marker.pattern()) + ")"
            }
        }
        guard let found = try Self.match(pattern + "$", text, evaluator) else { return nil }
        let units = Utf16Text(text)
        var fields: Fields = [:]
        var hasMarkers = false
        for (part, range) in zip(parts, found.groups) {
            guard case .marker(let marker) = part, let range else { continue }
            hasMarkers = true
            let key = marker.component == "z" ? "Z" : marker.component
            if let value = try marker.parse(units[range]) { fields[key] = value }
        }
        return hasMarkers ? try Self.millis(fields, now: CivilTime(millis: now)) : nil
    }

    private static func match(
        _ pattern: String, _ text: String, _ evaluator: Evaluator
    ) throws(JSONataError) -> RegexMatch? {
        let program: RegexProgram
        do {
            program = try RegexProgram(pattern: pattern, ignoresCase: true, isMultiline: false)
        } catch {
            throw .make("S0303", value: error.reason)
        }
        let regex = FunctionValue.Regex(program: program, source: pattern, position: nil)
        return try evaluator.firstMatch(regex, in: Utf16Text(text), from: 0)
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if ".*+?^${}()|[]\\/".contains(character) { result.append("\\") }
            result.append(character)
        }
    }

    // MARK: - Putting a moment together

    private static func has(_ fields: Fields, only allowed: String, outOf all: String) -> Bool {
        let present = all.filter { (fields[$0] ?? 0) != 0 }
        return !present.isEmpty && present.allSatisfy { allowed.contains($0) }
    }

    private static func millis(_ written: Fields, now: CivilTime) throws(JSONataError) -> Double {
        let dates = "YXMxWwdD"
        let isDayOfYear = !has(written, only: "YMD", outOf: dates) && has(written, only: "Yd", outOf: dates)
        let isWeekDate = has(written, only: "Xxw", outOf: dates) || has(written, only: "XW", outOf: dates)
        let times = "PHhmsf"
        let isTwelveHour = !has(written, only: "Hmsf", outOf: times) && has(written, only: "Phmsf", outOf: times)
        guard !isWeekDate else { throw .make("D3136") }
        let order = (isDayOfYear ? "Yd" : "YMD") + (isTwelveHour ? "Phmsf" : "Hmsf")
        let fields = try completed(written, in: order, now: now)
        var (month, day) = (fields["M"] ?? 1, fields["D"] ?? 1)
        var hour = fields["H"] ?? 0
        if isTwelveHour {
            hour = (fields["h"] ?? 0) == 12 ? 0 : fields["h"] ?? 0
            if fields["P"] == 1 { hour += 12 }
        }
        // As with ECMAScript's Date.UTC, two digits are a year of the twentieth century.
        var year = fields["Y"] ?? 1970
        if (0...99).contains(year) { year += 1900 }
        // Only month and day are taken from a day of the year: one too many leads back to the year's first day.
        if isDayOfYear { (month, day) = monthAndDay(ofDay: fields["d"] ?? 1, inYear: year) }
        let days = dayNumber(year: year, month: Swift.max(1, month), day: day)
        let minutes = days * 1440 + hour * 60 + (fields["m"] ?? 0) - (written["Z"] ?? 0)
        return (minutes * 60 + (fields["s"] ?? 0)) * 1000 + (fields["f"] ?? 0)
    }

    private static func monthAndDay(ofDay day: Double, inYear year: Double) -> (month: Double, day: Double) {
        let number = dayNumber(year: year, month: 1, day: Swift.max(0, Swift.min(day, 1_000_000)))
        let date = CivilTime(millis: Int64(number) * CivilTime.millisPerDay)
        return (Double(date.month), Double(date.day))
    }

    private static func dayNumber(year: Double, month: Double, day: Double) -> Double {
        let limit = 300_000.0
        func bounded(_ value: Double) -> Int { Int(Swift.max(-limit, Swift.min(limit, value))) }
        return Double(CivilTime.dayNumber(year: bounded(year), month: bounded(month), day: 1)) + day - 1
    }

    /// Fills in what is not written: from the clock before the first component written, the least behind the last.
    private static func completed(
        _ written: Fields, in order: String, now: CivilTime
    ) throws(JSONataError) -> Fields {
        var fields = written
        var (hasStarted, hasEnded) = (false, false)
        for component in order {
            if written[component] != nil {
                hasStarted = true
                if hasEnded { throw .make("D3136") }
            } else if hasStarted {
                fields[component] = "MDd".contains(component) ? 1 : 0
                hasEnded = true
            } else {
                fields[component] = component == "P" ? 0 : Double(Marker.number(component, now))
            }
        }
        return fields
    }
}

extension DateTimePicture.Marker {
    fileprivate static func number(_ component: Character, _ time: CivilTime) -> Int {
        DateTimePicture.Marker(bare: component).number(time)
    }

    private init(bare component: Character) { self.component = component }

    /// A regular expression for this component.
    fileprivate func pattern() throws(JSONataError) -> String {
        if component == "Z" || component == "z" {
            let prefix = component == "z" ? "GMT" : ""
            return prefix + "[-+][0-9]+" + (offsetSeparator.map { "\\\($0)[0-9]+" } ?? "")
        }
        if let integer { return try integer.pattern(width: digits) }
        guard "MxFP".contains(component) else { throw .make("D3133", about: .string(String(component))) }
        return "[a-zA-Z]+"
    }

    private var offsetSeparator: Character? {
        guard let decimal = integer?.decimal, decimal.interval > 0 else { return nil }
        return decimal.separators.first?.character
    }

    /// The value that a text stands for; nil for a name that is none.
    fileprivate func parse(_ text: String) throws(JSONataError) -> Double? {
        if component == "Z" || component == "z" { return offset(component == "z" ? text.dropFirst(3) : text[...]) }
        if let integer { return try integer.parse(text) }
        switch component {
        case "P": return ["am": 0, "pm": 1][text.lowercased()]
        case "F": return place(of: text, in: DateTimePicture.dayNames)
        default: return place(of: text, in: DateTimePicture.monthNames)
        }
    }

    private func place(of text: String, in names: [String]) -> Double? {
        let length = width?.max ?? .max
        return names.firstIndex { $0.prefix(length) == text }.map { Double($0 + 1) }
    }

    /// Minutes east of UTC.
    private func offset(_ text: Substring) -> Double? {
        let sign: Double = text.hasPrefix("-") ? -1 : 1
        let digits = text.dropFirst()
        let parts: [Substring]
        if let separator = offsetSeparator {
            parts = digits.split(separator: separator, maxSplits: 1)
        } else {
            parts = digits.count <= 2 ? [digits] : [digits.prefix(2), digits.dropFirst(2)]
        }
        guard let hours = parts.first.flatMap({ Double($0) }) else { return nil }
        return sign * (hours * 60 + (parts.count > 1 ? Double(parts[1]) ?? 0 : 0))
    }
}
