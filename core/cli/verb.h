/* A verb: its name, its options, its function, a line and an example for --help. main.c lists them
 * all; here is also what they have in common. */
#pragma once

#include "base/value.h"
#include "cli/options.h"

enum { EXIT_DONE = 0, EXIT_TOOL = 1, EXIT_USAGE = 2, EXIT_DIFFERENT = 3, EXIT_LOCKED = 13 };

typedef int verb_fn(const struct options *options);

struct verb {
    const char *name;
    const char *operands; /* "POLICY" */
    size_t operands_min, operands_max;
    const struct option_spec *specs;
    size_t spec_count;
    verb_fn *run;
    bool acts; /* on AWS: its exit status says what became of that, whether it could be printed or
                  not */
    const char *line; /* what it does, in one line */
    const char *more; /* what --help adds to that; may be NULL */
    const char *example;
};

extern const struct verb verb_simulate, verb_test, verb_power, verb_plan, verb_run, verb_status,
    verb_pause, verb_resume, verb_promote, verb_abort, verb_approve, verb_recover, verb_rollback,
    verb_eval, verb_replay, verb_show, verb_import, verb_record, verb_iam, verb_doctor,
    verb_capabilities, verb_version, verb_completions, verb_man, verb_check, verb_new;

/* All verbs, in the order of --help, and what the exit statuses mean (main.c). */
extern const struct verb *const *const verb_all;
extern const size_t verb_all_count;

struct verb_exit {
    const char *status, *meaning;
};

extern const struct verb_exit verb_exits[];
extern const size_t verb_exit_count;

/* "tidelock VERB: message" on stderr, and as an annotation where the CI has those. */
void verb_tell(const char *verb, const char *message);
/* The same; returns the exit status that belongs to the error. */
int verb_fail(const char *verb, const struct error *err);

/* [line...] on stderr; NULL: none. */
void verb_tell_report(const struct value *report);

/* One line of canonical JSON on standard output. */
bool verb_print(const struct value *value, struct error *err);

/* Writes out what was printed; the status that the program ends with. Who reads no further
 * (`| head`) needs no telling. */
int verb_flush(int status);
/* The same after a verb that acts. */
int verb_flush_act(int status);

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_JSONL };
/* --format text|json|jsonl */
bool verb_format(const struct options *options, enum format *format, struct error *err);

/* What is given with -p, as [[name, text]...]; the texts are the command line's. */
bool verb_arguments(const struct options *options, struct value *out, struct pool *pool,
                    struct error *err);
