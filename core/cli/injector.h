/* What a test does to a run: a world that stands in front of the simulated one, and a store in
 * front of the journal's bytes. Calls and metrics meet what a table of faults says; people and
 * others do what they do at their time; and the engine dies at the chosen moment, after which both
 * answer ERROR_KILLED. Whatever no fault befalls is handed on. */
#pragma once

#include "cli/fates.h"
#include "engine/catalogue.h"
#include "journal/journal.h"
#include "world/simulated.h"

enum { INJECTION_MAX = 16 };

/* What becomes of some calls. */
struct call_fault {
    enum fate fate;
    struct slice operation; /* of these calls; empty: of all */
    int64_t from;           /* ms after the run began, before which it befalls none */
    size_t nth;             /* the first of them that it befalls: 1, 2, ...; 0: none */
    size_t times;           /* how many it befalls; 0: any number */
    int64_t length;         /* ms from the first on; 0: for good */
};

/* What becomes of some readings. */
struct metric_fault {
    enum metric_fate fate;
    struct slice metric;  /* of these readings; empty: of all */
    struct slice arm;     /* "canary", "baseline"; empty: both */
    int64_t from, length; /* ms after the run began; 0: for good */
    int64_t by;           /* ms that they are late */
};

/* What others do while the run goes on. */
struct deed {
    int64_t at;                 /* ms after the run began */
    enum request request;       /* a person asks this, */
    struct slice by;            /* who it was; */
    const struct value *change; /* or, where it is not NULL, somebody sends AWS this request */
};

struct injection {
    struct call_fault calls[INJECTION_MAX];
    struct metric_fault metrics[INJECTION_MAX];
    struct deed deeds[INJECTION_MAX];
    size_t call_count, metric_count, deed_count;
    const struct value *account; /* requests that were made before the run began, or NULL */
};

/* What happens once `records` records are durable. */
#define CRASH_KINDS(X)                                                                             \
    X(NEVER, "", "")                                                                               \
    X(BEFORE_SENDING, "before sending", "killed before anything more was sent")                    \
    X(LOST, "sent is lost", "killed while waiting; what was sent is lost")                         \
    X(LATE, "sent lands late", "killed while waiting; what was sent lands during the recovery")    \
    X(LANDED, "sent landed", "killed while waiting; what was sent landed before the recovery")     \
    X(TORN_FIRST, "torn at first", "the next record torn after its first byte")                    \
    X(TORN_HALF, "torn in half", "the next record torn in its middle")                             \
    X(TORN_LAST, "torn at last", "the next record torn before its newline")                        \
    X(TORN_ZEROS, "zeros", "the next record's space full of zeros")

enum crash_kind {
#define X(name, word, text) CRASH_##name,
    CRASH_KINDS(X)
#undef X
        CRASH_KIND_COUNT
};

const char *crash_kind_text(enum crash_kind kind);
const char *crash_kind_name(enum crash_kind kind);
bool crash_kind_parse(enum crash_kind *kind, struct slice name); /* false: no such kind */

/* When a life ends before its time; CRASH_NEVER: it does not. */
struct death {
    enum crash_kind kind;
    size_t records; /* how many more become durable */
};

/* How far a fault has come. */
struct fault_met {
    size_t seen;   /* calls that it speaks of */
    size_t met;    /* those that it befell */
    int64_t until; /* when it is over */
};

struct injector {
    struct world world;
    struct journal_store store;
    struct simulated *simulated;
    struct catalogue *catalogue; /* tells what changes anything */
    struct value home;           /* where the run is, kept for those who take it up */
    struct pool pool;
    int64_t began; /* when the run did, ms */
    const struct injection *injection;
    struct error refused; /* what the account did not do of what others do, as it was wrong */
    struct fault_met calls[INJECTION_MAX], metrics[INJECTION_MAX], deeds[INJECTION_MAX];
    struct buffer *bytes; /* the journal's text, borrowed */
    struct death death;
    size_t written;
    bool crashed;
};

void injector_init(struct injector *injector, struct simulated *simulated,
                   struct catalogue *catalogue);
void injector_clear(struct injector *injector);

/* From now on this, which outlives its use; NULL: nothing. What was met is counted anew. */
void injector_set(struct injector *injector, const struct injection *injection);

/* An engine begins, or takes a run up: its journal is appended to `bytes`. */
void injector_live(struct injector *injector, struct buffer *bytes, struct death death);
