import Glibc

extension DateTimePicture {
    /// A moment in this picture.
    /// - Parameter offset: minutes east of UTC.
    /// - Throws: `D3133` for a name of something that has none, `D3134` for an offset of more than four digits.
    func format(millis: Int64, offset: Int) throws(JSONataError) -> String {
        let time = CivilTime(millis: millis + Int64(offset) * 60_000)
        var result = ""
        for part in parts {
            switch part {
            case .literal(let text): result += text
            case .marker(let marker): result += try marker.format(time, offset: offset)
            }
        }
        return result
    }
}

extension DateTimePicture.Marker {
    fileprivate func format(_ time: CivilTime, offset: Int) throws(JSONataError) -> String {
        switch component {
        case "P":
            let half = time.hour >= 12 ? "pm" : "am"
            return names == .upper ? half.uppercased() : half
        case "C", "E": return "ISO"
        case "Z", "z": return try formatOffset(offset)
        default: break
        }
        let value = number(time)
        if let names { return try name(value, names) }
        guard let integer else { return String(value) }
        guard component == "Y", let digits else { return try integer.format(Double(value)) }
        return try integer.format(fmod(Double(value), pow(10, Double(digits))))
    }

    /// The component's value as a number.
    func number(_ time: CivilTime) -> Int {
        switch component {
        case "Y": time.year
        case "M": time.month
        case "D": time.day
        case "d": time.dayOfYear
        case "F": time.weekday
        case "W": time.weekOfYear
        case "w": time.weekOfMonth
        case "X": time.weekYear
        case "x": time.weekMonth
        case "H": time.hour
        case "h": time.hour % 12 == 0 ? 12 : time.hour % 12
        case "m": time.minute
        case "s": time.second
        case "f": time.millisecond
        default: 0
        }
    }

    private func name(_ value: Int, _ names: IntegerPicture.Case) throws(JSONataError) -> String {
        let name: String
        switch component {
        case "M", "x": name = DateTimePicture.monthNames[value - 1]
        case "F": name = DateTimePicture.dayNames[value - 1]
        default: throw .make("D3133", about: .string(String(component)))
        }
        let cut = width?.max.map { String(name.prefix($0)) } ?? name
        return switch names {
        case .upper: cut.uppercased()
        case .lower: cut.lowercased()
        case .title: cut
        }
    }

    private func formatOffset(_ offset: Int) throws(JSONataError) -> String {
        if offset == 0, isTraditional { return "Z" }
        let (hours, minutes) = (abs(offset) / 60, abs(offset) % 60)
        guard let integer, let decimal = integer.decimal else { throw .make("D3134") }
        var text: String
        if decimal.interval > 0 || decimal.mandatoryDigits == 3 || decimal.mandatoryDigits == 4 {
            text = try integer.format(Double(hours * 100 + minutes))
        } else if decimal.mandatoryDigits <= 2 {
            text = try integer.format(Double(hours))
            if minutes != 0 { text += minutes < 10 ? ":0\(minutes)" : ":\(minutes)" }
        } else {
            throw .make("D3134", value: String(decimal.mandatoryDigits))
        }
        return (component == "z" ? "GMT" : "") + (offset < 0 ? "-" : "+") + text
    }
}
