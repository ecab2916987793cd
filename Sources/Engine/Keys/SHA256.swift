/// SHA-256 (FIPS 180-4), for the hash of a definition and the check of a task token. The engine's layer has no
/// cryptographic library below it, and needs no more than this.
package struct SHA256: Sendable {
    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    package static func hash(_ message: [UInt8]) -> [UInt8] { SHA256().finished(with: message, after: 0) }

    /// The hash of `count` bytes, in whole blocks, that were processed so far, and the rest of the message.
    private func finished(with rest: [UInt8], after count: Int) -> [UInt8] {
        var padded = rest
        padded.reserveCapacity(rest.count + 72)
        padded.append(0x80)
        padded.append(contentsOf: repeatElement(0, count: (119 - rest.count % 64) % 64))
        let bits = UInt64(count + rest.count) * 8
        for place in 0..<8 { padded.append(UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64(place)))) }
        var hash = self
        for start in stride(from: 0, to: padded.count, by: 64) { hash.process(padded[start..<start + 64]) }
        var digest: [UInt8] = []
        digest.reserveCapacity(32)
        for word in hash.state {
            for place in 0..<4 { digest.append(UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32(place)))) }
        }
        return digest
    }

    package static func hexadecimalHash(_ message: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: hash(message).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// HMAC (RFC 2104) with SHA-256.
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        Authenticator(key: key).authenticate(message)
    }

    /// HMAC under one key, whose two blocks are hashed once and not for every message.
    package struct Authenticator: Sendable {
        private var (inner, outer) = (SHA256(), SHA256())

        package init(key: [UInt8]) {
            var block = key.count > 64 ? SHA256.hash(key) : key
            block += [UInt8](repeating: 0, count: 64 - block.count)
            inner.process(block.map { $0 ^ 0x36 }[...])
            outer.process(block.map { $0 ^ 0x5c }[...])
        }

        package func authenticate(_ message: [UInt8]) -> [UInt8] {
            outer.finished(with: inner.finished(with: message, after: 64), after: 64)
        }
    }

    private mutating func process(_ block: ArraySlice<UInt8>) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { words in
            Self.expand(block, into: words)
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            var (e, f, g, h) = (state[4], state[5], state[6], state[7])
            for round in 0..<64 {
                let s1 = e.rotated(6) ^ e.rotated(11) ^ e.rotated(25)
                let choice = (e & f) ^ (~e & g)
                let first = h &+ s1 &+ choice &+ Self.constants[round] &+ words[round]
                let s0 = a.rotated(2) ^ a.rotated(13) ^ a.rotated(22)
                let majority = (a & b) ^ (a & c) ^ (b & c)
                (h, g, f, e) = (g, f, e, d &+ first)
                (d, c, b, a) = (c, b, a, first &+ s0 &+ majority)
            }
            for (place, word) in [a, b, c, d, e, f, g, h].enumerated() { state[place] &+= word }
        }
    }

    private static func expand(_ block: ArraySlice<UInt8>, into words: UnsafeMutableBufferPointer<UInt32>) {
        for place in 0..<16 {
            let start = block.startIndex + place * 4
            words[place] = block[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        for place in 16..<64 {
            let (near, far) = (words[place - 2], words[place - 15])
            let s0 = far.rotated(7) ^ far.rotated(18) ^ (far >> 3)
            let s1 = near.rotated(17) ^ near.rotated(19) ^ (near >> 10)
            words[place] = words[place - 16] &+ s0 &+ words[place - 7] &+ s1
        }
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes, computed once: written as
    /// integers so that no rounding of floating point can reach them.
    private static let constants: [UInt32] = primes(64).map { prime in
        // The cube root of prime * 2^96 has the fraction's 32 bits as its lowest ones.
        var (low, high): (UInt64, UInt64) = (0, 1 << 36)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if isCube(of: middle, atMost: prime) { low = middle } else { high = middle }
        }
        return UInt32(truncatingIfNeeded: low)
    }

    /// Whether root³ ≤ prime · 2⁹⁶.
    private static func isCube(of root: UInt64, atMost prime: UInt64) -> Bool {
        let square = root.multipliedFullWidth(by: root)
        let low = square.low.multipliedFullWidth(by: root)
        let high = square.high.multipliedFullWidth(by: root)
        let (middle, carry) = low.high.addingReportingOverflow(high.low)
        let top = high.high + (carry ? 1 : 0)
        guard top == 0 else { return false }
        let limit = prime << 32
        return middle < limit || (middle == limit && low.low == 0)
    }

    private static func primes(_ count: Int) -> [UInt64] {
        var primes: [UInt64] = []
        var candidate: UInt64 = 2
        while primes.count < count {
            if primes.allSatisfy({ !candidate.isMultiple(of: $0) }) { primes.append(candidate) }
            candidate += 1
        }
        return primes
    }
}

extension UInt32 {
    fileprivate func rotated(_ count: UInt32) -> UInt32 { self >> count | self << (32 - count) }
}
