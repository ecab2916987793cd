/* zlib for Swift: its initialisers are macros that pass the version and the size of the structure along. */
#ifndef STEWARD_CZLIB_H
#define STEWARD_CZLIB_H

#include <zlib.h>

/* windowBits: 15 for zlib, 15 + 16 for gzip, 15 + 32 to tell either by its header, -15 for raw deflate.
   The stream has to be zeroed before (z_stream() in Swift does that). */
static inline int cz_inflate_init2(z_stream *stream, int windowBits) { return inflateInit2(stream, windowBits); }

/* level: 0 to 9, or Z_DEFAULT_COMPRESSION. windowBits as above, without the + 32. */
static inline int cz_deflate_init2(z_stream *stream, int level, int windowBits) {
    return deflateInit2(stream, level, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY);
}

#endif
