/* Opens journals a few hundred at a time for a process that is locked in with them, and takes over
 * what that process says of each. */
#include "cli/state_jailed.h"

#include "cli/jailed.h"
#include "cli/verb.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { AT_ONCE = 200 }; /* descriptors */

/* What both processes see. */
struct shared {
    size_t done;      /* journals that were read */
    struct error why; /* of the next one, or of all */
};

struct reading {
    struct state_file files[AT_ONCE];
    size_t first, count;
    state_reader_fn *read;
    void *context;
    struct shared *shared;
};

/* Memory that a child shares; it is zero at first. */
static void *share(size_t size, struct error *err)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED)
        return memory;
    error_set(err, ERROR_LIMIT, "out of memory for the list of runs");
    return NULL;
}

/* --- the process that is locked in ----------------------------------------------------------- */

static bool lock_in(const struct reading *reading, struct error *err)
{
    int keep[AT_ONCE];
    size_t kept = 0;
    struct jail_limits limits = jail_limits_default;
    struct jail_walls walls;
    limits.memory *= 3; /* of the longest journal there is */
    for (size_t i = 0; i < reading->count; i++) {
        if (reading->files[i].fd >= 0)
            keep[kept++] = reading->files[i].fd;
    }
    return jail_lock(&limits, keep, kept, &walls, err);
}

static int in_jail(void *context)
{
    struct reading *reading = context;
    struct shared *shared = reading->shared;
    bool ok = lock_in(reading, &shared->why);
    for (size_t i = 0; ok && i < reading->count; i++) {
        ok = reading->read(reading->context, reading->first + i, &reading->files[i], &shared->why);
        shared->done += ok;
        if (ok) /* what a journal is like is no reason why it could not be told */
            shared->why = (struct error){.code = ERROR_NONE};
    }
    return verb_flush(ok ? EXIT_DONE : EXIT_TOOL);
}

/* --- the one that waits ---------------------------------------------------------------------- */

/* What the other one wrote is looked at before it is believed. */
static bool take_end(struct reading *reading, int status, struct error *err)
{
    struct error *why = &reading->shared->why;
    if (status == EXIT_DONE && reading->shared->done == reading->count)
        return true;
    why->message[sizeof why->message - 1] = '\0';
    if (!*why->message)
        return error_set(err, ERROR_ENDED, "the output could not be written");
    return error_set(err, ERROR_INVALID, "%s", why->message);
}

static bool open_some(struct reading *reading, const struct state *state, const state_name *names,
                      struct error *err)
{
    bool ok = true;
    for (size_t i = 0; i < reading->count; i++)
        reading->files[i].fd = -1;
    for (size_t i = 0; ok && i < reading->count; i++)
        ok = state_file_open(state, names[reading->first + i], &reading->files[i], err);
    return ok;
}

static bool read_some(struct reading *reading, const struct state *state, const state_name *names,
                      struct error *err)
{
    int status = EXIT_TOOL;
    *reading->shared = (struct shared){.done = 0};
    bool ok = open_some(reading, state, names, err) && jailed_run(in_jail, reading, &status, err) &&
              take_end(reading, status, err);
    for (size_t i = 0; i < reading->count; i++)
        state_file_close(&reading->files[i]);
    return ok;
}

bool state_jailed_each(const struct state *state, const state_name *names, size_t count,
                       state_reader_fn *read, void *context, size_t *done, struct error *err)
{
    static struct reading reading;
    reading = (struct reading){.read = read, .context = context};
    reading.shared = share(sizeof *reading.shared, err);
    bool ok = reading.shared != NULL;
    for (*done = 0; ok && *done < count;) {
        reading.first = *done;
        reading.count = count - *done < AT_ONCE ? count - *done : AT_ONCE;
        ok = read_some(&reading, state, names, err);
        size_t more = reading.shared->done;
        *done += more < reading.count ? more : reading.count;
    }
    if (reading.shared)
        munmap(reading.shared, sizeof *reading.shared);
    return ok;
}

/* --- how runs are doing ---------------------------------------------------------------------- */

struct look {
    struct state_run *runs; /* shared */
    bool glance;
};

static bool read_one(void *context, size_t index, const struct state_file *file, struct error *err)
{
    const struct look *look = context;
    (void)err;
    state_file_read(file, look->glance, &look->runs[index]);
    return true;
}

static void end_text(char *text, size_t size)
{
    text[size - 1] = '\0';
}

/* Whatever the reader has become by its journals, what it said is of this form. */
static void take_run(const struct state_run *said, const char *name, struct state_run *out)
{
    *out = *said;
    snprintf(out->run, sizeof out->run, "%s", name);
    out->status = (unsigned)out->status <= STATE_UNREADABLE ? out->status : STATE_UNREADABLE;
    end_text(out->outcome, sizeof out->outcome);
    end_text(out->policy, sizeof out->policy);
    end_text(out->reason, sizeof out->reason);
    end_text(out->paused_by, sizeof out->paused_by);
    end_text(out->account, sizeof out->account);
    end_text(out->region, sizeof out->region);
    out->lost[0] = '\0'; /* what the locks know is not for the reader to say */
}

/* The reader starts again behind a journal that killed it. */
static bool read_all(const struct state *state, const state_name *names, size_t count,
                     const struct look *look, struct error *err)
{
    struct look rest = *look;
    bool ok = true;
    for (size_t from = 0; ok && from < count;) {
        size_t done;
        rest.runs = look->runs + from;
        ok = state_jailed_each(state, names + from, count - from, read_one, &rest, &done, err);
        from += done;
        if (!ok && err->code == ERROR_POLICY && from < count) {
            look->runs[from] = (struct state_run){.exit = -1, .status = STATE_UNREADABLE};
            snprintf(look->runs[from].reason, sizeof look->runs[from].reason, "%.200s",
                     err->message);
            from++;
            ok = true;
        }
    }
    return ok;
}

bool state_jailed_look(const struct state *state, const state_name *names, size_t count,
                       bool glance, struct state_run *runs, struct error *err)
{
    size_t size = (count + 1) * sizeof *runs;
    struct look look = {share(size, err), glance};
    bool ok = look.runs && read_all(state, names, count, &look, err);
    for (size_t i = 0; ok && i < count; i++)
        take_run(&look.runs[i], names[i], &runs[i]);
    ok = ok && state_look_beside(state, runs, count, err);
    if (look.runs)
        munmap(look.runs, size);
    return ok;
}
