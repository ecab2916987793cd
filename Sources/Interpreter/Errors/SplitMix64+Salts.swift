import StatesLanguage

extension SplitMix64 {
    /// Random numbers for one use: every random decision of an execution comes from the seed that its first event
    /// records, so deciding again decides the same.
    /// - Parameter salts: what tells this use of the seed from all others.
    init(seed: UInt64, salts: Int...) {
        var state = seed
        for salt in salts {
            var mixer = SplitMix64(seed: state)
            state = mixer.next() ^ UInt64(bitPattern: Int64(salt))
        }
        self.init(seed: state)
    }
}
