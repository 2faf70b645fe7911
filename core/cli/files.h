/* Whole files, read and written. Nothing is ever written over a file that is there. */
#pragma once

#include "base/bytes.h"

#include <sys/types.h>

/* Opens, reads and closes a whole file, a regular one (base/file.h); "-" is standard input,
 * whatever that is. */
bool files_read(const char *path, size_t max, struct buffer *out, struct error *err);
/* Reads one that is open already, and closes it. */
bool files_take(int fd, const char *path, size_t max, struct buffer *out, struct error *err);

/* Whether a file can be made there: ERROR_INVALID if there is one, or no folder for it. To be asked
 * before the work. */
bool files_check_new(const char *path, struct error *err);
/* The error of a file that is there already. */
bool files_refuse(const char *path, struct error *err);
/* Writes a file that must not be there yet. */
bool files_write_new(const char *path, struct slice bytes, struct error *err);
/* False: see errno. */
bool files_write_all(int fd, struct slice text);
/* The mode that a file gets which is opened for writing. */
mode_t files_new_mode(void);
