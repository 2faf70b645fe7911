/* Which lines of a policy and its modules were executed, for those who test it. It lies outside of
 * the sandbox's memory, so that to rewind that forgets nothing. */
#pragma once

#include "base/value.h"

struct lua_State;
struct lua_Debug;

enum { COVERAGE_CHUNKS = 65, COVERAGE_LINES = 16384, COVERAGE_NAME = 128 };

struct coverage_chunk {
    char name[COVERAGE_NAME];
    uint64_t lines[COVERAGE_LINES / 64]; /* a bit for each */
};

struct coverage {
    struct coverage_chunk chunks[COVERAGE_CHUNKS];
    size_t count;
};

/* The hook of the interpreter: this line is about to be executed. Those of the standard library,
 * and of text that a policy made itself, are not kept. */
void coverage_line(struct coverage *coverage, struct lua_State *L, struct lua_Debug *ar);

/* {chunk: [line...]} */
bool coverage_value(const struct coverage *coverage, struct value *out, struct pool *pool,
                    struct error *err);
