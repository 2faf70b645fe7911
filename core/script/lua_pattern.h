/* Lua's patterns, matched by a machine with a stack of choices instead of recursion. Every step is
 * paid for, so that a pattern that backtracks for ever ends by its budget.
 *
 * The pattern is read while it is matched: what is malformed in a part that is never reached raises
 * nothing, as in Lua. Errors are raised in the state of the meter. */
#pragma once

#include "meter.h"

#include <stdbool.h>

enum {
    PATTERN_CAPTURES = 32,
    PATTERN_DEPTH = 199, /* choices open at once: beyond is "pattern too complex" */
    PATTERN_SETS = 4,    /* [sets] remembered as bit maps */
};

/* In place of a capture's length. */
enum { PATTERN_UNFINISHED = -1, PATTERN_POSITION = -2 };

struct pattern_capture {
    const char *start;
    ptrdiff_t length;
};

struct pattern_set {
    const char *item; /* where in the pattern, NULL while unused */
    const char *end;
    uint64_t bits[4];
};

struct pattern {
    struct meter meter;
    const char *subject, *subject_end;
    const char *text, *text_end;
    int captures; /* how many were opened */
    struct pattern_capture capture[PATTERN_CAPTURES];
    struct pattern_set sets[PATTERN_SETS];
};

/* Both texts are borrowed and must stay where they are. */
void pattern_init(struct pattern *pattern, lua_State *L, const char *subject, size_t subject_size,
                  const char *text, size_t text_size);

/* Matches at `start`: the end of the match, or NULL. */
const char *pattern_match(struct pattern *pattern, const char *start);

/* Pushes capture number `index` (from 0); without captures, number 0 is the whole match. */
void pattern_push_capture(struct pattern *pattern, int index, const char *start, const char *end);

/* Pushes all captures; with `whole` the whole match if there are none. Returns how many. */
int pattern_push_captures(struct pattern *pattern, const char *start, const char *end, bool whole);
