import WallTime

/// The rules of names (AWS Step Functions: `CreateStateMachine`, `StartExecution`) and the names that the engine makes.
package enum ExecutionNames {
    package static let longest = 80

    /// AWS: no white space, brackets `< > { } [ ]`, wildcards `? *`, specials `" # % \ ^ | ~ ` $ & , ; : /`, or control
    /// characters.
    private static let forbidden = Set("<>{}[]?*\"#%\\^|~`$&,;:/".unicodeScalars)

    /// - Throws: `EngineError.invalidName`.
    package static func validate(_ name: String) throws(EngineError) {
        guard !name.isEmpty else { throw .invalidName("it is empty; give 1 to \(longest) characters") }
        guard name.unicodeScalars.count <= longest else {
            throw .invalidName("'\(name.prefix(longest))…' is longer than \(longest) characters")
        }
        if let scalar = name.unicodeScalars.first(where: { !isAllowed($0) }) {
            let code = String(scalar.value, radix: 16, uppercase: true)
            throw .invalidName("'\(name)' contains U+\(code); use letters, digits, '-', '_' and '.'")
        }
    }

    /// The name of an execution as it was given: that of an express one is kept with a mark that tells it apart.
    package static func given(_ name: String) -> String {
        name.utf8.firstIndex(of: UInt8(ascii: ":")).map { String(name[..<$0]) } ?? name
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
        return !isControl && !scalar.properties.isWhitespace && !forbidden.contains(scalar)
    }

    /// A name made of any text: what is not allowed becomes `-`; what is too long is cut, and told apart by a hash.
    package static func sanitize(_ text: String) -> String {
        let name = String(String.UnicodeScalarView(text.unicodeScalars.map { isAllowed($0) ? $0 : "-" }))
        guard name != text || name.unicodeScalars.count > longest else { return name }
        let mark = String(SplitMix.hash(text), radix: 36)
        return String(String.UnicodeScalarView(name.unicodeScalars.prefix(longest - mark.count - 1))) + "-" + mark
    }

    /// `nightly-20261120T020000Z`, the same whenever it is made.
    static func name(of workflow: String, slot: Instant) -> String {
        let digits = slot.iso8601.filter { $0 != "-" && $0 != ":" && $0 != "." }
        let isWholeSecond = slot.milliseconds.isMultiple(of: 1000)
        return sanitize("\(workflow)-\(isWholeSecond ? digits.dropLast(4) + "Z" : digits)")
    }

    static func name(of workflow: String, event: BusEvent) -> String { sanitize("\(workflow)-\(event.id)") }

    /// The same, but names of one millisecond begin alike: they stand beside each other in the index of names, where each
    /// of those that share a commit would change another page otherwise. Not with the time itself (version 7): names that
    /// begin alike for a minute can't be told apart by a short beginning, as people do who type them.
    static func random(at now: Instant, _ first: UInt64, _ second: UInt64) -> String {
        var mixer = SplitMix(seed: UInt64(bitPattern: now.milliseconds))
        return random(mixer.next() & 0xFFFF_0000_0000_0000 | first & 0xFFFF_FFFF_FFFF, second)
    }

    /// Shaped like a UUID (version 4, RFC 9562), as AWS names executions that were started without a name.
    static func random(_ first: UInt64, _ second: UInt64) -> String {
        let high = first & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = second & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for digit in 0..<32 {
                if [8, 12, 16, 20].contains(digit) {
                    text[place] = UInt8(ascii: "-")
                    place += 1
                }
                let nibble = UInt8(truncatingIfNeeded: (digit < 16 ? high : low) >> (60 - 4 * (digit & 15))) & 15
                text[place] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
                place += 1
            }
            return place
        }
    }
}
