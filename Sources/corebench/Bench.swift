/// One thing to measure. Adding one is a line in a list: `Bench("JSON parse, 2 KB", .bytes(n)) { keep(try parse(...)) }`.
struct Bench {
    /// What one run of the body gets done, and so what the figure counts.
    enum Work {
        /// The figure is MB/s.
        case bytes(Int)
        /// The figure is so many of these a second.
        case times(Int, of: String)
    }

    let name: String
    let work: Work
    /// The bench that this one is to be compared with, measured in the same run.
    let peer: String?
    let body: () throws -> Void

    init(_ name: String, _ work: Work, beside peer: String? = nil, body: @escaping () throws -> Void) {
        self.name = name
        self.work = work
        self.peer = peer
        self.body = body
    }
}

/// Keeps the optimiser from leaving out what made a value.
@inline(never)
func keep<T>(_ value: T) { withExtendedLifetime(value) {} }
