/* A disk that fails on demand, for LD_PRELOAD: while the file that STEWARD_DISK_FAULTS names holds lines such as
 * "write ENOSPC", "sync EIO" or "read EIO", writes to (or syncs or reads of) files whose path contains "steward.db" fail
 * so. A failed sync has written nothing back and says so once or always, as the disk does. A number behind it is how many
 * of the process go well before: "read EIO 40".
 *
 *   cc -shared -fPIC -O2 -o disk_faults.so disk_faults.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int number(const char *name) {
    if (!strcmp(name, "ENOSPC")) return ENOSPC;
    if (!strcmp(name, "EROFS")) return EROFS;
    return EIO;
}

static long seen;

/* The errno with which `operation` on `descriptor` has to fail; 0 for none. */
static int fault(const char *operation, int descriptor) {
    const char *file = getenv("STEWARD_DISK_FAULTS");
    if (!file) return 0;
    int control = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC, 0);
    if (control < 0) return 0;
    char text[256];
    long length = syscall(SYS_read, control, text, sizeof text - 1);
    syscall(SYS_close, control);
    if (length <= 0) return 0;
    text[length] = 0;

    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    if (!strstr(path, "steward.db")) return 0;

    char *rest = text, *line;
    while ((line = strsep(&rest, "\n"))) {
        char what[32], error[32];
        long first = 0;
        if (sscanf(line, "%31s %31s %ld", what, error, &first) < 2 || strcmp(what, operation)) continue;
        return __sync_fetch_and_add(&seen, 1) >= first ? number(error) : 0;
    }
    return 0;
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define REFUSE(operation) \
    int code = fault(operation, fd); \
    if (code) { errno = code; return -1; }

ssize_t write(int fd, const void *bytes, size_t count) { REAL(write); REFUSE("write") return real(fd, bytes, count); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { REAL(pwrite); REFUSE("write") return real(fd, bytes, count, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { REAL(pwrite64); REFUSE("write") return real(fd, bytes, count, at); }
int ftruncate(int fd, off_t size) { REAL(ftruncate); REFUSE("write") return real(fd, size); }
int ftruncate64(int fd, off64_t size) { REAL(ftruncate64); REFUSE("write") return real(fd, size); }
int fsync(int fd) { REAL(fsync); REFUSE("sync") return real(fd); }
int fdatasync(int fd) { REAL(fdatasync); REFUSE("sync") return real(fd); }
ssize_t pread(int fd, void *bytes, size_t count, off_t at) { REAL(pread); REFUSE("read") return real(fd, bytes, count, at); }
ssize_t pread64(int fd, void *bytes, size_t count, off64_t at) { REAL(pread64); REFUSE("read") return real(fd, bytes, count, at); }
