/* Opens files that a stranger may have put where they are: a name in a checked-out folder can be a
 * pipe that never answers, a device, or a link to what is nobody's business. Each function returns
 * a descriptor, or -1 and *err, which says what was there instead; none of them waits. */
#pragma once

#include "base/error.h"

/* A regular file of a disk, to be read. The path is the user's own word, so links are followed. */
int file_open(const char *path, struct error *err);

/* The same for a name below a folder ("team/limits.lua") that a stranger chose: no part of it may
 * be a link. *there is false, and *err not set, where there is no such file. */
int file_open_below(const char *folder, const char *name, bool *there, struct error *err);

/* A folder of the user's who runs this, closed to everybody else, and no link. */
int file_open_folder(const char *path, struct error *err);

/* A file in such a folder, which is the user's as well, closed like it, and has this name only:
 * neither it, nor its folder, nor the one above may be a link. `flags` are those of open(2),
 * without O_TRUNC, as one would cut what was not looked at yet; O_CREAT makes a file that others
 * cannot read. errno is ENOENT where there is none. */
int file_open_own(const char *path, int flags, struct error *err);
