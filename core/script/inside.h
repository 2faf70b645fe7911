/* What the files of this folder share: the sandbox's insides. The struct lies at the start of the
 * arena, so that marking and rewinding the memory covers it too. */
#pragma once

#include "base/random.h"
#include "lua/convert.h"
#include "script/arena.h"
#include "script/charge.h"
#include "script/sandbox.h"

#include <setjmp.h>

/* Places in the registry; integers, since an address as a key would order a table by chance. */
enum {
    SLOT_BRANCHES = CONVERT_SLOT + 1, /* branch number + 1 -> thread */
    SLOT_POLICY,                      /* what sandbox_load's chunk returned */
    SLOT_TRAVERSAL,                   /* where next() is */
    SLOT_LIBRARIES,                   /* name -> pristine library table */
    SLOT_LEVELS,                      /* + enum level: its globals */
    SLOT_MODULES = SLOT_LEVELS + 2,   /* + enum level: what require() has loaded */
};

/* Code of the standard library sees globals that a policy cannot touch. */
enum level { LEVEL_POLICY, LEVEL_STDLIB };

enum {
    SANDBOX_PERIOD = 256, /* instructions between two looks where only the count hook counts */
    SANDBOX_CHUNK_MAX = 256 << 10, /* bytes of source text in one chunk */
    SANDBOX_ENTRY_WORK = 64,       /* units for entering or leaving a branch */
};

struct sandbox {
    struct arena arena; /* first: the arena's own notes lie at its start */
    struct sandbox_limits limits;
    struct sandbox_hooks hooks;
    lua_State *L;       /* owns the registry; runs no policy code */
    lua_State *running; /* the branch under way, else NULL */
    int64_t work_left;
    int64_t price;        /* units of one unit of work: more than 1 once keys were made to collide
                             (collisions.h) */
    uint64_t allocations; /* calls of the allocator */
    size_t printed;
    int branches;              /* made so far in this run */
    bool counted;              /* the interpreter's own call per instruction pays (wrap.h) */
    struct coverage *coverage; /* is told of every line; NULL: nobody asks */
    bool loading;              /* effects may not be asked for */
    bool starved;              /* the last allocation failed: Lua collects, then asks once more */
    bool ended;                /* spent: never entered again */
    bool locates;              /* steps tell where effects are asked for */
    struct random_stream random, seeded; /* as it is, and as sandbox_seed left it */
    enum sandbox_state asked;            /* what a branch that yielded asked for */
    struct sandbox_step *step;
    struct pool *pool;
    void *mark;
    size_t mark_size;
    jmp_buf exit;
};

/* sandbox_run.c: the value at `index` as the step's; `what` names it in a message. */
bool sandbox_take(lua_State *L, int index, const char *what, struct error *err);

/* charging.c */
void *charge_allocate(void *sandbox, void *block, size_t old_size, size_t size);
void charge_hook(lua_State *L, lua_Debug *ar);
void charge_start(lua_State *branch); /* before a branch is resumed */
/* After an error was caught: pays for the look through the stack that this takes the interpreter,
 * and ends the step if it was memory that ran out, which a policy may not catch. */
void charge_caught(lua_State *L, int status);
/* Leaves the interpreter for good: fills the step and jumps to its end. */
_Noreturn void charge_spend(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* location.c: the author's line. */
struct location {
    char chunk[128]; /* "" if unknown */
    int line;
};
/* The innermost frame at or above `level` that is not the standard library's. */
void location_find(lua_State *L, int level, struct location *location);
/* Raises "chunk:line: message" with that frame. */
int location_raise(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool location_is_stdlib(const char *chunk);
/* The error on top of a branch that failed: its text, with the author's line in front if it has
 * none, and that line. Runs no code of the policy. */
void location_report(lua_State *L, struct error *err, char chunk[128], int *line);

/* lua_base.c, lua_order.c, lua_load.c, lua_effect.c: each adds functions to the table on top. */
void base_add(lua_State *L);
void order_add(lua_State *L);
void load_add(lua_State *L, enum level level);
int luaopen_sandbox_effect(lua_State *L);

/* Compiles text and gives it the globals of its level: a function, or false and a message on the
 * stack. */
bool load_chunk(lua_State *L, const char *name, struct slice text, enum level level);

/* environment.c: libraries, globals, string metatable. */
void environment_open(lua_State *L);
