package import Engine

extension StoreError {
    /// For people: what is wrong and what to do.
    package var explanation: String {
        switch self {
        case .full(let message), .damaged(let message), .unavailable(let message): message
        case .locked(let holder):
            "the data directory is in use by \(holder); stop that process, or choose another --data."
        case .newerSchema(let found, let supported):
            "the database was written by a newer version of Steward (schema \(found), this one knows up to \(supported)); "
                + "install that version or newer, or restore a backup from before the upgrade."
        }
    }
}
