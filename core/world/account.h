/* The simulated account of lua/simulation/account.lua, and what is remembered of it.
 *
 * The account is a pure function: a state, a request and a time give an answer and the next state,
 * and Lua treats states as immutable. So a state is a plain reference here, to go back to it costs
 * nothing, and every step that was taken once is known: thousands of like runs walk the same tree
 * of states without entering Lua. Nothing that is answered depends on what is remembered. */
#pragma once

#include "engine/world.h"
#include "host/host.h"

struct account;
struct account_state;   /* the account at one moment; compare pointers to see whether it changed */
struct account_request; /* an operation, its input and its region */

struct account_answer {
    enum outcome outcome;
    struct value value; /* the output, or {"code","message"} unless ok */
    const struct account_state *next;
};

/* The host must outlive it. */
bool account_new(struct account **out, struct host *host, struct error *err);
void account_free(struct account *account);

/* Forgets everything once that has become much: whatever came from here before is gone then. Call
 * it between runs. */
void account_trim(struct account *account);

struct host *account_host(const struct account *account);

/* What certain targets begin with; it lives as long as the account. */
struct account_beginning {
    const struct account_state *state;
    struct value home;       /* world_ops.begin */
    struct value heartbeats; /* heartbeats_of */
};

/* An account in which the targets exist. ERROR_INVALID if there is no such target, or if two of
 * them are one resource. */
bool account_begin(struct account *account, const struct value *targets,
                   const struct account_beginning **out, struct error *err);

/* *latency is how many ms it takes until {"operation","input","region"} takes effect and is
 * answered. */
bool account_request(struct account *account, const struct value *request,
                     const struct account_request **out, int64_t *latency, struct error *err);

bool account_perform(struct account *account, const struct account_state *state,
                     const struct account_request *request, int64_t now,
                     const struct account_answer **out, struct error *err);

/* Percent of the target's traffic on the canary at `now`, and until when that holds if nothing is
 * called (INT64_MAX: for good). */
bool account_share(struct account *account, const struct account_state *state,
                   const struct account_request *target, int64_t now, double *percent,
                   int64_t *until, struct error *err);
/* The target as account_share wants it. */
bool account_target(struct account *account, const struct value *target,
                    const struct account_request **out, struct error *err);
/* What traffic must know of a target: {"draws": the texts on which what is drawn for it depends,
 * "texts": those by which a recording may call it}. Lives like a request. */
bool account_traffic(struct account *account, const struct value *target, const struct value **out,
                     struct error *err);

/* Whether two states of one account are the same to its owner. Otherwise *difference says where
 * (in `pool`). */
bool account_equal(struct account *account, const struct account_state *a,
                   const struct account_state *b, bool *equal, struct slice *difference,
                   struct pool *pool, struct error *err);
