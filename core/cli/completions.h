/* Completions of the command line for bash, zsh and fish, made from the tables of verbs and
 * options, so that whatever is added there is completed. */
#pragma once

#include "cli/verb.h"

/* Prints the script for a shell; ERROR_INVALID names those that there are. */
bool completions_print(const char *shell, const struct verb *const *verbs, size_t count,
                       struct error *err);
