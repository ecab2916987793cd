import FuzzTargets
@preconcurrency import Glibc

/// Called by libFuzzer, whose `main` this program has. The environment variable `FUZZ_TARGET` names the target.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    if let finding = target.finding(in: Array(UnsafeBufferPointer(start: data, count: count))) {
        stop("\(target.rawValue): \(finding)")
    }
    return 0
}

private let target: FuzzTarget = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        let known = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
        stop("FUZZ_TARGET is '\(name)'; it takes one of: \(known)")
    }
    return target
}()

/// Says why on stderr, and ends so that libFuzzer keeps the bytes.
private func stop(_ reason: String) -> Never {
    fputs(reason + "\n", stderr)
    abort()
}
