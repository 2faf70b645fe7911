/* Pages of the manual, in the macros of man(7), made from the same tables as --help. */
#pragma once

#include "cli/verb.h"

#include <stdio.h>

/* tidelock(1), and tidelock-VERB(1). */
void manual_print(FILE *out, const struct verb *const *verbs, size_t count);
void manual_print_verb(FILE *out, const struct verb *verb);
