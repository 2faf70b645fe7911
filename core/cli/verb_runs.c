/* status: what became of runs, from their journals. */
#include "base/time.h"
#include "cli/run_page.h"
#include "cli/terminal.h"
#include "cli/verb.h"

#include <stdio.h>

static const struct option_spec state_specs[] = {
    STATE_OPTIONS,
    {"format", 0, OPTION_TEXT, false, "FORMAT", "text, json or jsonl"},
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
    struct state_run *runs;
    size_t count;
    struct host *host;
    struct pool pool;
};

static bool print_pages(struct status *status, struct error *err)
{
    struct value list;
    if (!host_new(&status->host, err) || !value_array(&list, status->count, &status->pool, err))
        return false;
    for (size_t i = 0; i < status->count; i++) {
        struct slice page;
        struct value *item = &list.array.items[i];
        if (!run_page_read(status->host, &status->state, &status->runs[i], item, &page,
                           &status->pool, err))
            return error_wrap(err, "run %s", status->runs[i].run);
        if (status->format == FORMAT_TEXT)
            terminal_report(page);
        else if (status->format == FORMAT_JSONL && !verb_print(item, err))
            return false;
    }
    return status->format != FORMAT_JSON || verb_print(&list, err);
}

/* Without a name: all of them. */
static bool find_runs(struct status *status, struct error *err)
{
    char name[STATE_RUN_SIZE];
    const struct options *options = status->options;
    if (options->operand_count == 0)
        return state_list(&status->state, &status->runs, &status->count, &status->pool, err);
    status->runs = pool_alloc(&status->pool, sizeof *status->runs, err);
    status->count = 1;
    return status->runs && state_find(&status->state, options->operands[0], name, err) &&
           state_look(&status->state, name, status->runs, err);
}

static bool tell_status(struct status *status, struct error *err)
{
    if (!verb_format(status->options, &status->format, err) ||
        !state_open_chosen(&status->state, status->options, err) || !find_runs(status, err))
        return false;
    if (status->format != FORMAT_TEXT || status->options->operand_count > 0)
        return print_pages(status, err);
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
    host_free(status.host);
    pool_clear(&status.pool);
    return ok ? EXIT_DONE : verb_fail("status", &err);
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
