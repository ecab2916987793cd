import Glibc

/// Files and connections that this process may have open at one time.
enum Descriptors {
    /// What the database, its log, AWS and the definitions need beside the clients.
    static let reserved = 100

    /// Raises the limit, as far as the system lets this process, to what so many connections need. Not further: programs have
    /// met limits of a thousand million, and gone through all of them.
    /// - Returns: how many there may be.
    static func raiseLimit(forConnections wanted: Int) -> Int {
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        let enough = rlim_t(max(65_536, wanted + reserved))
        var limit = rlimit()
        guard getrlimit(kind, &limit) == 0 else { return Int(enough) }
        var raised = limit
        raised.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, enough))
        return Int(clamping: setrlimit(kind, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur)
    }

    /// Of `wanted` connections those for which there are descriptors.
    static func connections(_ wanted: Int, of limit: Int) -> Int { min(wanted, max(8, limit - reserved)) }
}
