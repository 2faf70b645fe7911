/* Bytes that nobody can foresee. Nothing else in the program asks the system for chance: what a run
 * draws comes from its seed (base/random.h). */
#pragma once

#include "base/error.h"

#include <stddef.h>

bool entropy_fill(void *bytes, size_t size, struct error *err);
