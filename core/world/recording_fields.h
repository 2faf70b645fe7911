/* What the objects of a recording's manifest may and must contain. */
#pragma once

#include "base/value.h"

enum { RECORDING_TEXT_MAX = 1024 }; /* bytes of any text in it */

struct recording_field {
    const char *name;
    enum value_kind kind;
    bool required;
};

/* Nothing but these members, of these kinds, and all that are required. ERROR_INVALID says which is
 * wrong. */
bool recording_check(const struct value *object, const struct recording_field *fields, size_t count,
                     struct error *err);
