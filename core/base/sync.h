/* Makes durable what was written to several files, at the pace of one: a disk that is asked for
 * each in turn empties its memory as many times. */
#pragma once

#include "base/error.h"

#include <stddef.h>

/* Whether all are durable; what lies on no disk is so as it is. On failure *err says why, and some
 * may be durable. */
bool sync_files(const int *fds, size_t count, struct error *err);
