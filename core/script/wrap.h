/* What the interpreter calls while it works, taken over by the linker (--wrap) so that it is paid
 * for as it happens. That needs the static library: its files call each other through symbols the
 * linker resolves. With the shared one none of this is in force: the count hook counts, single
 * instructions on megabytes of text stay cheap, and docs/sandbox.md says so.
 *
 * pow() is replaced in both cases, since the `^` operator calls it and libm's last bit depends on
 * the processor. */
#pragma once

#include "script/sandbox.h"

#include <lua.h>

/* The sandbox whose code runs in this process right now, NULL outside a step. */
extern struct sandbox *wrap_running;
/* The same where it is paid for instruction by instruction; NULL where the hook of the interpreter
 * is let in, as lines are told (coverage.h). */
extern struct sandbox *wrap_counting;

/* Looks up what the interpreter says for a key that a table does not have; before the first step.
 */
void wrap_open(lua_State *L);

/* True if this program was linked so that the interpreter pays per instruction. */
bool wrap_in_force(void);
