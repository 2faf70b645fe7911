/* The border to lua/simulation/account.lua: states are references into a table of the host state,
 * and every step and share that was computed once is found again without entering Lua. */
#include "world/account.h"

#include "host/memo.h"
#include "world/heartbeats.h"

#include <lauxlib.h>

#include <assert.h>
#include <stdlib.h>

enum {
    MEMORY_MAX = 1 << 30,
    MUCH = 64 << 20, /* remembered bytes after which account_trim forgets */
    STEP_BUCKETS = 1 << 13,
};

/* One interval in which a target's share does not change. */
struct piece {
    struct piece *next;
    const struct account_request *target;
    int64_t from, until;
    double percent;
};

/* An account begun with certain targets: one Lua object, which stands at one of its states. */
struct root {
    struct root *next;
    struct value targets;
    struct account_beginning beginning;
    bool complete; /* no two of the targets are one resource, and the heartbeats are known */
    int object;
    const struct account_state *at;
};

struct account_state {
    struct root *root;
    int reference;
    uint64_t number;
    struct piece *pieces;
};

/* What a request did to a state at a time. */
struct step {
    struct step *next;
    const struct account_state *state;
    const struct account_request *request;
    int64_t now;
    struct account_answer answer;
};

struct account_request {
    struct memo_entry entry;
};

struct account {
    struct host *host;
    struct memo requests; /* its pool holds all the rest, too */
    struct pool pool;
    struct root *roots;
    struct step *steps[STEP_BUCKETS];
    uint64_t state_count;
    bool opened;
    int new, for_targets, latency; /* references to functions */
    int anchors;                   /* a table that keeps objects and states alive */
};

bool account_new(struct account **out, struct host *host, struct error *err)
{
    struct account *account = calloc(1, sizeof *account);
    if (!account)
        return error_set(err, ERROR_LIMIT, "out of memory for the simulated account");
    account->host = host;
    memo_init(&account->requests, MEMORY_MAX);
    pool_init(&account->pool, MEMORY_MAX);
    *out = account;
    return true;
}

static bool drop_anchors(lua_State *L, void *context, struct error *err)
{
    struct account *account = context;
    (void)err;
    luaL_unref(L, LUA_REGISTRYINDEX, account->new);
    luaL_unref(L, LUA_REGISTRYINDEX, account->for_targets);
    luaL_unref(L, LUA_REGISTRYINDEX, account->latency);
    luaL_unref(L, LUA_REGISTRYINDEX, account->anchors);
    account->opened = false;
    return true;
}

static void forget(struct account *account)
{
    struct error ignored;
    if (account->opened)
        host_protect(account->host, drop_anchors, account, &ignored);
    memo_clear(&account->requests);
    pool_clear(&account->pool);
    account->roots = NULL;
    for (size_t i = 0; i < STEP_BUCKETS; i++)
        account->steps[i] = NULL;
}

void account_free(struct account *account)
{
    if (!account)
        return;
    forget(account);
    free(account);
}

void account_trim(struct account *account)
{
    if (account->pool.used + account->requests.pool.used > MUCH)
        forget(account);
}

/* The stack of every body below: 1 is the table of anchors. */
static void open_body(lua_State *L, struct account *account)
{
    if (!account->opened) {
        account->new = host_keep(L, "simulation.account", "new");
        account->for_targets = host_keep(L, "simulation.account", "for_targets");
        account->latency = host_keep(L, "simulation.account", "latency");
        lua_newtable(L);
        account->anchors = luaL_ref(L, LUA_REGISTRYINDEX);
        account->opened = true;
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, account->anchors);
    assert(lua_gettop(L) == 1);
}

static void push_method(lua_State *L, const struct root *root, const char *name)
{
    lua_rawgeti(L, 1, root->object);
    lua_getfield(L, -1, name);
    lua_insert(L, -2);
}

static struct account_state *new_state(struct account *account, struct root *root, int reference,
                                       struct error *err)
{
    struct account_state *state = pool_alloc(&account->pool, sizeof *state, err);
    if (state)
        *state = (struct account_state){root, reference, account->state_count++, NULL};
    return state;
}

/* The state the object has come to from `before` (NULL at first): the same one if nothing changed.
 */
static bool take_state(lua_State *L, struct account *account, struct root *root,
                       const struct account_state *before, struct error *err)
{
    push_method(L, root, "snapshot");
    lua_call(L, 1, 1);
    if (before && lua_rawgeti(L, 1, before->reference) && lua_rawequal(L, -1, -2)) {
        root->at = before;
        return true;
    }
    lua_settop(L, before ? -2 : -1);
    root->at = new_state(account, root, luaL_ref(L, 1), err);
    return root->at != NULL;
}

/* What moves the object leaves it nowhere known (NULL) until take_state says where it is, so that
 * an error on the way is healed by the next restore. */
static void go_to(lua_State *L, const struct account_state *state)
{
    struct root *root = state->root;
    if (root->at == state)
        return;
    push_method(L, root, "restore");
    lua_rawgeti(L, 1, state->reference);
    root->at = NULL;
    lua_call(L, 2, 0);
    root->at = state;
}

struct beginning {
    struct account *account;
    const struct value *targets;
    struct root *root;
};

static bool take_home(lua_State *L, struct account *account, struct root *root, struct error *err)
{
    push_method(L, root, "home");
    lua_call(L, 1, 1);
    bool ok = host_take(L, -1, &root->beginning.home, &account->pool, err);
    if (ok)
        value_keep(&root->beginning.home);
    return ok;
}

static bool begin_body(lua_State *L, void *context, struct error *err)
{
    struct beginning *beginning = context;
    struct account *account = beginning->account;
    open_body(L, account);
    lua_rawgeti(L, LUA_REGISTRYINDEX, account->new);
    lua_rawgeti(L, LUA_REGISTRYINDEX, account->for_targets);
    host_push(L, beginning->targets);
    lua_call(L, 1, 1);
    lua_call(L, 1, 1);
    struct root *root = pool_alloc(&account->pool, sizeof *root, err);
    if (!root)
        return false;
    *root = (struct root){.object = luaL_ref(L, 1)};
    if (!value_copy(&root->targets, beginning->targets, &account->pool, err) ||
        !take_state(L, account, root, NULL, err) || !take_home(L, account, root, err))
        return false;
    root->beginning.state = root->at;
    root->next = account->roots;
    account->roots = root;
    beginning->root = root;
    return true;
}

struct host *account_host(const struct account *account)
{
    return account->host;
}

static bool complete(struct account *account, struct root *root, struct error *err)
{
    struct value ignored;
    struct account_beginning *beginning = &root->beginning;
    struct value arguments[] = {root->targets, beginning->home};
    root->complete = host_call(account->host, "targets", "distinct", arguments, 2, &ignored,
                               &account->pool, err) &&
                     heartbeats_of(account->host, &root->targets, &beginning->home,
                                   &beginning->heartbeats, &account->pool, err);
    return root->complete;
}

bool account_begin(struct account *account, const struct value *targets,
                   const struct account_beginning **out, struct error *err)
{
    struct beginning beginning = {account, targets, account->roots};
    while (beginning.root && !value_equal(&beginning.root->targets, targets))
        beginning.root = beginning.root->next;
    if (!beginning.root && !host_protect(account->host, begin_body, &beginning, err))
        return false;
    struct root *root = beginning.root;
    *out = &root->beginning;
    return root->complete || complete(account, root, err);
}

enum { REQUEST, TARGET, TRAFFIC };

/* Remembers the question, with the milliseconds that its answer takes. */
static bool keep(struct account *account, const struct memo_question *question, int64_t latency,
                 const struct account_request **out, struct error *err)
{
    struct value answer = value_integer(latency);
    *out = (struct account_request *)memo_add(&account->requests, question, &answer, 1);
    return *out || error_set(err, ERROR_LIMIT, "too many different requests in one run");
}

struct measuring {
    struct account *account;
    struct slice operation;
    const struct value *input;
    int64_t latency;
};

static bool latency_body(lua_State *L, void *context, struct error *err)
{
    struct measuring *measuring = context;
    (void)err;
    open_body(L, measuring->account);
    lua_rawgeti(L, LUA_REGISTRYINDEX, measuring->account->latency);
    lua_pushlstring(L, measuring->operation.data, measuring->operation.size);
    host_push(L, measuring->input);
    lua_call(L, 2, 1);
    measuring->latency = luaL_checkinteger(L, -1);
    return true;
}

bool account_request(struct account *account, const struct value *request,
                     const struct account_request **out, int64_t *latency, struct error *err)
{
    static const struct value home;
    const struct value *region = value_get(request, "region");
    const struct value *input = value_get(request, "input");
    struct slice operation = value_get_slice(request, "operation", "");
    struct memo_question question = {REQUEST, operation, {input, region ? region : &home}, 2};
    struct measuring measuring = {account, operation, input, 0};
    *out = (struct account_request *)memo_find(&account->requests, &question);
    if (!*out && (!host_protect(account->host, latency_body, &measuring, err) ||
                  !keep(account, &question, measuring.latency, out, err)))
        return false;
    *latency = (*out)->entry.answers[0].integer;
    return true;
}

bool account_target(struct account *account, const struct value *target,
                    const struct account_request **out, struct error *err)
{
    struct memo_question question = {TARGET, slice_of(""), {target}, 1};
    *out = (struct account_request *)memo_find(&account->requests, &question);
    return *out || keep(account, &question, 0, out, err);
}

bool account_traffic(struct account *account, const struct value *target, const struct value **out,
                     struct error *err)
{
    struct memo_question question = {TRAFFIC, slice_of(""), {target}, 1};
    struct memo_entry *entry = memo_find(&account->requests, &question);
    struct value known;
    if (!entry) {
        if (!host_call(account->host, "targets", "traffic", target, 1, &known, &account->pool, err))
            return false;
        entry = memo_add(&account->requests, &question, &known, 1);
    }
    *out = entry ? &entry->answers[0] : NULL;
    return entry || error_set(err, ERROR_LIMIT, "too many different targets in one run");
}

struct performing {
    struct account *account;
    const struct account_state *state;
    const struct account_request *request;
    int64_t now;
    struct account_answer answer;
};

static bool read_outcome(enum outcome *out, const char *text, struct error *err)
{
    return outcome_parse(out, slice_of(text ? text : "")) ||
           error_set(err, ERROR_INTERNAL, "the simulated account answered with the outcome %s",
                     text ? text : "(none)");
}

static bool perform_body(lua_State *L, void *context, struct error *err)
{
    struct performing *performing = context;
    struct account *account = performing->account;
    struct root *root = performing->state->root;
    const struct memo_question *asked = &performing->request->entry.question;
    open_body(L, account);
    go_to(L, performing->state);
    push_method(L, root, "call");
    lua_pushlstring(L, asked->operation.data, asked->operation.size);
    host_push(L, asked->values[0]);
    lua_pushinteger(L, performing->now);
    host_push(L, asked->values[1]);
    root->at = NULL;
    lua_call(L, 5, 2);
    if (!read_outcome(&performing->answer.outcome, lua_tostring(L, -2), err) ||
        !host_take(L, -1, &performing->answer.value, &account->pool, err))
        return false;
    value_keep(&performing->answer.value);
    bool ok = take_state(L, account, root, performing->state, err);
    performing->answer.next = root->at;
    return ok;
}

static struct step **bucket_of(struct account *account, const struct account_state *state,
                               const struct account_request *request, int64_t now)
{
    uint64_t hash = (request->entry.hash ^ state->number) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ (uint64_t)now) * UINT64_C(0x9e3779b97f4a7c15);
    return &account->steps[(hash >> 32) % STEP_BUCKETS];
}

bool account_perform(struct account *account, const struct account_state *state,
                     const struct account_request *request, int64_t now,
                     const struct account_answer **out, struct error *err)
{
    struct step **bucket = bucket_of(account, state, request, now);
    struct step *step = *bucket;
    while (step && !(step->state == state && step->request == request && step->now == now))
        step = step->next;
    if (!step) {
        struct performing performing = {account, state, request, now, {0}};
        if (!host_protect(account->host, perform_body, &performing, err))
            return error_wrap(err, "%s", request->entry.question.operation.data);
        step = pool_alloc(&account->pool, sizeof *step, err);
        if (!step)
            return false;
        *step = (struct step){*bucket, state, request, now, performing.answer};
        *bucket = step;
    }
    *out = &step->answer;
    return true;
}

struct sharing {
    struct account *account;
    const struct account_state *state;
    const struct account_request *target;
    int64_t now, until;
    double percent;
};

static bool share_body(lua_State *L, void *context, struct error *err)
{
    struct sharing *sharing = context;
    (void)err;
    open_body(L, sharing->account);
    go_to(L, sharing->state);
    push_method(L, sharing->state->root, "share");
    host_push(L, sharing->target->entry.question.values[0]);
    lua_pushinteger(L, sharing->now);
    lua_call(L, 3, 2);
    sharing->percent = luaL_checknumber(L, -2);
    sharing->until = luaL_optinteger(L, -1, INT64_MAX);
    if (sharing->until <= sharing->now)
        luaL_error(L, "the share of a target holds until a time that is over");
    return true;
}

bool account_share(struct account *account, const struct account_state *state,
                   const struct account_request *target, int64_t now, double *percent,
                   int64_t *until, struct error *err)
{
    const struct piece *piece = state->pieces;
    while (piece && !(piece->target == target && piece->from <= now && now < piece->until))
        piece = piece->next;
    if (!piece) {
        struct sharing sharing = {account, state, target, now, 0, 0};
        if (!host_protect(account->host, share_body, &sharing, err))
            return false;
        struct piece *added = pool_alloc(&account->pool, sizeof *added, err);
        if (!added)
            return false;
        *added = (struct piece){state->pieces, target, now, sharing.until, sharing.percent};
        ((struct account_state *)state)->pieces = added;
        piece = added;
    }
    *percent = piece->percent;
    *until = piece->until;
    return true;
}

struct comparing {
    struct account *account;
    const struct account_state *a, *b;
    bool equal;
    struct value difference;
    struct pool *pool;
};

static bool equal_body(lua_State *L, void *context, struct error *err)
{
    struct comparing *comparing = context;
    open_body(L, comparing->account);
    push_method(L, comparing->a->root, "equal");
    lua_rawgeti(L, 1, comparing->a->reference);
    lua_rawgeti(L, 1, comparing->b->reference);
    lua_call(L, 3, 2);
    comparing->equal = lua_toboolean(L, -2);
    return host_take(L, -1, &comparing->difference, comparing->pool, err);
}

bool account_equal(struct account *account, const struct account_state *a,
                   const struct account_state *b, bool *equal, struct slice *difference,
                   struct pool *pool, struct error *err)
{
    struct comparing comparing = {account, a, b, false, value_null(), pool};
    assert(a->root == b->root);
    if (!host_protect(account->host, equal_body, &comparing, err))
        return false;
    *equal = comparing.equal;
    bool said = comparing.difference.kind == VALUE_STRING;
    *difference = said ? comparing.difference.string : slice_of("");
    return true;
}
