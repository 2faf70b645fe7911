/* Journal records are built as small objects from a list of members. */
#pragma once

#include "base/value.h"

#define RECORD_COUNT(members) (sizeof(members) / sizeof *(members))

/* An object with copies of the members, in canonical order whatever order they are given in. */
bool record_object(struct value *out, const struct member *members, size_t count, struct pool *pool,
                   struct error *err);
