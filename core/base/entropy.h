/* Bytes that nobody can foresee: the one door by which chance comes in. */
#pragma once

#include "base/error.h"

#include <stddef.h>

bool entropy_fill(void *bytes, size_t size, struct error *err);
