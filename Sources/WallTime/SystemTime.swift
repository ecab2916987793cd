#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The machine's wall clock. The only place in the project that reads it.
func systemNow() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
}
