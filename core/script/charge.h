/* Paying for work done inside C functions that policy code can call. The VM's own instructions are
 * charged by the count hook; everything that loops, copies or compares in C charges here, in the
 * same unit (one VM instruction; a unit of C work should take at most about 20 ns).
 *
 * charge() does not return when the budget is spent: it leaves the interpreter for good, so call it
 * before the work and hold nothing (no malloc, no lock) that would be lost. */
#pragma once

#include <lauxlib.h>
#include <lua.h>

#include <stdint.h>

struct sandbox;

static inline struct sandbox *charge_sandbox(lua_State *L)
{
    return *(struct sandbox **)lua_getextraspace(L);
}

void charge(lua_State *L, int64_t units);

/* For O(bytes) primitives (copying, comparing, case mapping): one unit per 16 bytes, at least one.
 */
void charge_bytes(lua_State *L, size_t bytes);

/* A C string of more than 40 bytes goes through lua_pushfstring or lua_pushlstring, never through
 * lua_pushstring or lua_pushliteral: those look it up in a cache by its address, so that whether it
 * takes memory would differ between processes. */

/* Registers `functions` into the table on top. Each becomes a closure with one (unused) upvalue, so
 * that it lives in the sandbox's own memory: an address of the program can then never order a
 * table. */
void charge_set_functions(lua_State *L, const luaL_Reg *functions);

/* The libraries of the sandbox; each pushes its table. */
int luaopen_sandbox_string(lua_State *L); /* also sets the metatable of strings */
int luaopen_sandbox_table(lua_State *L);
int luaopen_sandbox_math(lua_State *L);
int luaopen_sandbox_utf8(lua_State *L);

/* tostring() without addresses and without metamethods that run code unpaid: pushes the text. */
void sandbox_tostring(lua_State *L, int index);

/* The stream behind math.random. */
struct random_stream *sandbox_random(lua_State *L);
