/* Starts the processes that files of tests are shared among, each with a pipe to this one, and
 * takes what comes through the pipes file by file: a line of JSON for each event, an empty one
 * where a file is over. */
#include "cli/test_workers.h"

#include "cli/jailed.h"
#include "engine/record.h"
#include "script/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EVENT_MAX = 64 << 20 };

struct worker {
    char *const *paths;
    size_t first, count, step;
    const struct test_options *options;
    FILE *reads, *writes; /* the ends of the pipe */
};

struct workers {
    struct worker all[TEST_JOBS_MAX];
    struct jail_child children[TEST_JOBS_MAX];
    size_t count, files;
    test_tell_fn *tell;
    void *context;
    bool ok;
    struct error err;
};

/* --- in a worker ----------------------------------------------------------------------------- */

/* A test_tell_fn. */
static bool send(void *context, const struct value *event, struct error *err)
{
    struct worker *worker = context;
    struct buffer text;
    buffer_init(&text, EVENT_MAX);
    bool ok = value_write(event, &text, err);
    if (ok) {
        fwrite(text.data, 1, text.size, worker->writes);
        fputc('\n', worker->writes);
    }
    buffer_clear(&text);
    ok = ok && fflush(worker->writes) == 0;
    return ok || error_set(err, ERROR_ENDED, "nobody reads on");
}

static bool send_error(struct worker *worker, const char *path, const struct error *why)
{
    struct error err;
    struct member members[] = {{slice_of("error"), value_text(why->message)},
                               {slice_of("file"), value_text(path)}};
    return send(worker, &(struct value){.kind = VALUE_OBJECT, .object = {members, 2}}, &err);
}

static int work(void *context)
{
    struct worker *worker = context;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    fclose(worker->reads);
    for (size_t i = worker->first; i < worker->count; i += worker->step) {
        struct error err;
        if (!test_file_run(worker->paths[i], worker->options, send, worker, &err) &&
            !send_error(worker, worker->paths[i], &err))
            return 1;
        fputc('\n', worker->writes);
        if (fflush(worker->writes) != 0)
            return 1;
    }
    return 0;
}

/* --- outside --------------------------------------------------------------------------------- */

static bool take_event(struct workers *workers, struct slice line)
{
    struct pool pool;
    struct value event;
    pool_init(&pool, EVENT_MAX);
    bool ok = value_parse(&event, line, true, &pool, &workers->err) &&
              workers->tell(workers->context, &event, &workers->err);
    pool_clear(&pool);
    return ok;
}

/* Until the file is over; *lost: its process is gone. */
static bool take_file(struct workers *workers, struct worker *worker, bool *lost)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    bool ok = true;
    *lost = false;
    while (ok && (size = getline(&line, &capacity, worker->reads)) > 1)
        ok = take_event(workers, (struct slice){line, (size_t)size - 1});
    *lost = ok && size < 0;
    free(line);
    return ok;
}

static bool tell_lost(struct workers *workers, const char *path)
{
    struct member members[] = {
        {slice_of("error"), value_text("the process that ran its tests is gone")},
        {slice_of("file"), value_text(path)}};
    return workers->tell(workers->context,
                         &(struct value){.kind = VALUE_OBJECT, .object = {members, 2}},
                         &workers->err);
}

static void take_all(void *context)
{
    struct workers *workers = context;
    for (size_t i = 0; i < workers->count; i++)
        fclose(workers->all[i].writes);
    workers->ok = true;
    for (size_t i = 0; workers->ok && i < workers->files; i++) {
        struct worker *worker = &workers->all[i % workers->count];
        bool lost;
        workers->ok = take_file(workers, worker, &lost) &&
                      (!lost || tell_lost(workers, worker->paths[i]));
    }
    for (size_t i = 0; i < workers->count; i++)
        fclose(workers->all[i].reads);
}

static bool open_pipe(struct worker *worker, struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(err, ERROR_IO, "a pipe to the tests' process: %s", strerror(errno));
    worker->reads = fdopen(ends[0], "r");
    worker->writes = fdopen(ends[1], "w");
    return (worker->reads && worker->writes) ||
           error_set(err, ERROR_LIMIT, "out of memory for a pipe");
}

bool test_workers_run(char *const *paths, size_t count, size_t jobs,
                      const struct test_options *options, test_tell_fn *tell, void *context,
                      struct error *err)
{
    static struct workers workers;
    workers = (struct workers){
        .count = jobs < count ? jobs : count, .files = count, .tell = tell, .context = context};
    jailed_tell();
    for (size_t i = 0; i < workers.count; i++) {
        workers.all[i] = (struct worker){
            .paths = paths, .first = i, .count = count, .step = workers.count, .options = options};
        workers.children[i].context = &workers.all[i];
        if (!open_pipe(&workers.all[i], err))
            return false;
    }
    if (!jail_run_all(work, workers.children, workers.count, take_all, &workers, err))
        return false;
    if (!workers.ok)
        *err = workers.err;
    return workers.ok;
}
