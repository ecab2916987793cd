/// Tells when a connection has been silent for too long, from looks at it at equal intervals: a timer set anew with each
/// answer would cost every call something.
struct Silence {
    /// So many looks in a row that see nothing are too long.
    static let looks = 4

    private var left = 0
    private var waiting = 0
    private var inVain = 0

    /// - Parameters:
    ///   - written: bytes of answers given out so far.
    ///   - waiting: how many of them the client has not taken yet.
    ///   - isBusy: whether an answer is being made, or the rest of a request comes in.
    /// - Returns: whether it has been too long.
    mutating func look(written: Int, waiting: Int, isBusy: Bool) -> Bool {
        let left = written - waiting
        // A client that does not take its answers is silent, whatever else it does; but what began to wait since the last
        // look has not waited long.
        let isSilent = left == self.left && (waiting > 0 ? self.waiting > 0 : !isBusy)
        inVain = isSilent ? inVain + 1 : 0
        self.left = left
        self.waiting = waiting
        return inVain >= Self.looks
    }
}
