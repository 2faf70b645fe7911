/* status: what became of runs, from their journals. */
#include "base/time.h"
#include "cli/run_page.h"
#include "cli/state_jailed.h"
#include "cli/terminal.h"
#include "cli/verb.h"

#include <stdio.h>
#include <stdlib.h>

static const struct option_spec state_specs[] = {
    STATE_OPTIONS,
    {"format", 0, OPTION_TEXT, false, "text|json|jsonl", "how it is told"},
};

enum { SPEC_COUNT = sizeof state_specs / sizeof *state_specs };

/* One line a run; `status RUN` tells more. */
static void print_list(const struct state_run *runs, size_t count)
{
    if (count == 0)
        printf("no runs\n");
    else
        printf("%-24s %-20s %-20s %s\n", "RUN", "POLICY", "BEGUN", "STATUS");
    for (size_t i = 0; i < count; i++) {
        const struct state_run *run = &runs[i];
        const char *word = run->status == STATE_ENDED ? run->outcome
                                                      : state_status_name(run->status);
        char began[32] = "";
        if (run->began)
            time_format_instant(began, run->began - run->began % 1000);
        printf("%-24s %-20.20s %-20s %s\n", run->run, run->policy, began, word);
    }
}

struct status {
    const struct options *options;
    enum format format;
    struct state state;
    state_name *names;
    struct state_run *runs;
    size_t count;
    struct host *host; /* of who is locked in */
    size_t told;       /* pages, by it */
    struct pool pool;
};

static bool print_item(const struct value *item, struct error *err)
{
    enum { ITEM_MAX = 64 << 20 };
    struct buffer text;
    buffer_init(&text, ITEM_MAX);
    bool ok = value_write(item, &text, err);
    if (ok)
        terminal_data(buffer_slice(&text), "");
    buffer_clear(&text);
    return ok;
}

/* JSON is one list, written as it comes: a thousand runs need no room for all of them. */
static bool print_page(struct status *status, const struct value *item, struct slice page,
                       struct error *err)
{
    if (status->format == FORMAT_TEXT)
        terminal_report(page);
    else if (status->format == FORMAT_JSONL)
        return verb_print(item, err);
    else
        return (status->told == 0 || fputs(",", stdout) >= 0) && print_item(item, err);
    return true;
}

/* In the process that is locked in. */
static bool tell_page(void *context, size_t index, const struct state_file *file, struct error *err)
{
    struct status *status = context;
    struct slice page = slice_of("");
    struct value item;
    status->told = index;
    pool_reset(&status->pool);
    if (!status->host && !host_new(&status->host, err))
        return false;
    const struct state_run *run = &status->runs[index];
    bool ok = status->options->operand_count > 0
                  ? run_page_read(status->host, file, run, &item, &page, &status->pool, err)
                  : run_page_skim(status->host, file, run, &item, &status->pool, err);
    return (ok || error_wrap(err, "run %s", run->run)) && print_page(status, &item, page, err);
}

static bool tell_pages(struct status *status, struct error *err)
{
    size_t done;
    bool lists = status->format == FORMAT_JSON;
    if (!host_open_files(err))
        return false;
    terminal_data(slice_of(lists ? "[" : ""), "");
    if (!state_jailed_each(&status->state, (const state_name *)status->names, status->count,
                           tell_page, status, &done, err))
        return false;
    terminal_data(slice_of(lists ? "]" : ""), lists ? "\n" : "");
    return true;
}

/* Without a name: all of them. */
static bool find_runs(struct status *status, struct error *err)
{
    const struct options *options = status->options;
    if (options->operand_count == 0)
        return state_names(&status->state, &status->names, &status->count, err);
    status->count = 1;
    status->names = calloc(1, sizeof *status->names);
    return status->names ? state_find(&status->state, options->operands[0], status->names[0], err)
                         : error_set(err, ERROR_LIMIT, "out of memory");
}

static bool look_at_runs(struct status *status, struct error *err)
{
    bool all = status->options->operand_count == 0;
    status->runs = calloc(status->count + 1, sizeof *status->runs);
    if (!status->runs)
        return error_set(err, ERROR_LIMIT, "out of memory for the list of runs");
    return state_jailed_look(&status->state, (const state_name *)status->names, status->count, all,
                             status->runs, err);
}

static bool tell_status(struct status *status, struct error *err)
{
    if (!verb_format(status->options, &status->format, err) ||
        !state_open_chosen(&status->state, status->options, err) || !find_runs(status, err) ||
        !look_at_runs(status, err))
        return false;
    if (status->format != FORMAT_TEXT || status->options->operand_count > 0)
        return tell_pages(status, err);
    print_list(status->runs, status->count);
    return true;
}

static int run_status(const struct options *options)
{
    enum { POOL_MAX = 64 << 20 };
    struct status status = {.options = options};
    struct error err;
    pool_init(&status.pool, POOL_MAX);
    bool ok = tell_status(&status, &err);
    free(status.names);
    free(status.runs);
    pool_clear(&status.pool);
    if (ok)
        return EXIT_DONE;
    return err.code == ERROR_ENDED ? EXIT_TOOL : verb_fail("status", &err);
}

const struct verb verb_status = {
    .name = "status",
    .operands = "[RUN]",
    .operands_max = 1,
    .specs = state_specs,
    .spec_count = SPEC_COUNT,
    .run = run_status,
    .line = "Tells how runs are doing, or one of them.",
    .example = "tidelock status last",
};
