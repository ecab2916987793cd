/* What SQLite's C interface has as a variadic function, which Swift cannot call. */
#ifndef STEWARD_CSQLITE_H
#define STEWARD_CSQLITE_H

#include <sqlite3.h>

/* Has SQLite keep no account of the memory it uses. SQLITE_MISUSE, and no change, once the library is in use. */
static inline int cs_count_no_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

#endif
