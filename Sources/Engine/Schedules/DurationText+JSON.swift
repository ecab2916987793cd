package import JSONModel
package import WallTime

extension DurationText {
    /// A text, or a number of seconds.
    package static func parse(_ value: JSONValue) -> Duration? {
        switch value {
        case .string(let text): parse(text)
        case .int(let seconds): parse(String(seconds))
        case .double(let seconds):
            seconds.isFinite && seconds >= 0 && seconds < Double(limit / 1000)
                ? .milliseconds(Int64((seconds * 1000).rounded(.up))) : nil
        default: nil
        }
    }
}
