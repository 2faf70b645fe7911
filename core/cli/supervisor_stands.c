/* Looks at the files that a run holds, counts the seconds that it did not see, and asks AWS after
 * what it changed where there were many. */
#include "cli/supervisor_stands.h"

#include "base/time.h"
#include "cli/terminal.h"
#include "engine/left.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Ticks in a row that a process which is awake does not miss, however busy its machine is. */
enum { STOOD_STILL = 5, POOL_MAX = 64 << 20 };

/* --- time that was not seen ------------------------------------------------------------------ */

/* One tick a second, the machine's sleep included: more than one at a time were missed. */
static void count_ticks(void *context)
{
    struct standing *standing = context;
    uint64_t ticks = 0;
    if (read(standing->ticks, &ticks, sizeof ticks) == (ssize_t)sizeof ticks &&
        ticks >= STOOD_STILL)
        standing->missed += (int64_t)ticks;
}

void supervisor_be_awake(struct supervisor *supervisor)
{
    if (supervisor->standing.file)
        count_ticks(&supervisor->standing);
}

static bool open_ticks(struct supervisor *supervisor, struct error *err)
{
    struct standing *standing = &supervisor->standing;
    struct itimerspec every_second = {.it_interval.tv_sec = 1, .it_value.tv_sec = 1};
    standing->ticks = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (standing->ticks < 0 || timerfd_settime(standing->ticks, 0, &every_second, NULL) != 0)
        return error_set(err, ERROR_IO, "timerfd: %s", strerror(errno));
    return net_watch_fd(supervisor->net, standing->ticks, count_ticks, standing, err);
}

bool supervisor_stand(struct supervisor *supervisor, struct journal_file *file, struct error *err)
{
    supervisor->standing = (struct standing){.file = file, .ticks = -1};
    return open_ticks(supervisor, err);
}

void supervisor_stand_down(struct supervisor *supervisor)
{
    struct standing *standing = &supervisor->standing;
    if (!standing->file)
        return;
    net_forget(supervisor->net, standing);
    if (standing->ticks >= 0)
        close(standing->ticks);
    *standing = (struct standing){.ticks = -1};
}

/* --- the files ------------------------------------------------------------------------------- */

static bool journal_stands(const struct supervisor *supervisor, struct error *err)
{
    char path[PATH_MAX];
    const struct journal_file *file = supervisor->standing.file;
    return state_journal(&supervisor->state, supervisor->run, path, err) &&
           lock_file_stands(file->fd, path, err) && journal_file_stands(file, path, err);
}

static bool locks_stand(const struct supervisor *supervisor, struct error *err)
{
    char folder[PATH_MAX];
    return !supervisor->locks || (state_locks(&supervisor->state, folder, err) &&
                                  lock_stands(supervisor->locks, folder, err));
}

/* The way back is to be written down where people and `recover` find it. */
static void save_journal(struct supervisor *supervisor)
{
    struct error err;
    char where[STATE_OPTION_SIZE];
    int fd = state_save_journal(&supervisor->state, supervisor->run, supervisor->standing.file->fd,
                                &err);
    if (fd < 0) {
        terminal_say("what is put back is recorded nowhere but here: %s", err.message);
        return;
    }
    supervisor->standing.file->fd = fd;
    terminal_say("its records were written anew: `tidelock show %s%s`", supervisor->run,
                 state_option(&supervisor->state, where));
}

/* Where people ask something of the run, it is heard. */
static bool control_stands(const struct supervisor *supervisor, struct error *err)
{
    char path[PATH_MAX];
    return state_control_path(&supervisor->state, supervisor->run, path, err) &&
           lock_file_stands(supervisor->control.fd, path, err);
}

/* Once it has lost something, the run is on its way back, whatever is there later. */
static bool files_stand(struct supervisor *supervisor, struct error *err)
{
    struct error why;
    struct standing *standing = &supervisor->standing;
    if (standing->lost.code == ERROR_NONE) {
        if (journal_stands(supervisor, &why) && locks_stand(supervisor, &why) &&
            control_stands(supervisor, &why))
            return true;
        error_set(&standing->lost, ERROR_CONFLICT, "%s while the run went on", why.message);
        if (journal_file_is_gone(standing->file))
            save_journal(supervisor);
    }
    *err = standing->lost;
    return false;
}

/* --- what it changed ------------------------------------------------------------------------- */

/* A look under way. */
struct look {
    struct supervisor *supervisor;
    const struct ledger_change *change;
    size_t *left; /* how many are not answered */
    bool *all;    /* none is left */
    struct pool *pool;
    struct error err; /* no code: it shows what the run left */
};

static void answered(void *context, enum outcome outcome, const struct value *value)
{
    struct look *look = context;
    struct slice identity = look->change->identity;
    struct slice message = value_get_slice(value, "message", "");
    if (outcome != OUTCOME_OK)
        error_set(&look->err, ERROR_IO, "%.*s cannot be looked at: %.*s", (int)identity.size,
                  identity.data, (int)message.size, message.data);
    else if (!left_shows(look->supervisor->engine, look->change, value, look->pool))
        error_set(&look->err, ERROR_CONFLICT, "%.*s is not as the run left it", (int)identity.size,
                  identity.data);
    *look->all = --*look->left == 0;
}

static bool look_at(struct look *looks, size_t count, struct error *err)
{
    struct supervisor *supervisor = looks[0].supervisor;
    for (size_t i = 0; i < count; i++) {
        struct caller_request request = caller_request_of(looks[i].change->observe);
        if (!caller_start(supervisor->caller, &request, answered, &looks[i], err))
            return false;
    }
    return net_wait_until(supervisor->net, looks[0].all, err);
}

static bool all_as_left(struct supervisor *supervisor, struct pool *pool, struct error *err)
{
    const struct ledger_change **changes;
    size_t count;
    bool all = false;
    if (!left_changes(supervisor->engine, &changes, &count, pool, err))
        return false;
    size_t left = count;
    struct look *looks = pool_alloc(pool, count * sizeof *looks + 1, err);
    for (size_t i = 0; looks && i < count; i++)
        looks[i] = (struct look){supervisor, changes[i], &left, &all, pool, {.code = ERROR_NONE}};
    if (!looks || (count > 0 && !look_at(looks, count, err)))
        return false;
    for (size_t i = 0; i < count; i++) {
        *err = looks[i].err;
        if (err->code != ERROR_NONE)
            return false;
    }
    return true;
}

/* Who recovered the run meanwhile, from a copy of its folder, has put everything back. */
static bool look_again(struct supervisor *supervisor, struct error *err)
{
    struct pool pool;
    char time[32];
    time_format_duration(time, supervisor->standing.missed * 1000);
    pool_init(&pool, POOL_MAX);
    bool ok = all_as_left(supervisor, &pool, err); /* no change leaves meanwhile */
    supervisor->standing.missed = 0;
    struct error why = *err;
    pool_clear(&pool);
    if (ok)
        terminal_say("the process stood still for %s; what it changed is as it left it", time);
    return ok || error_set(err, ERROR_CONFLICT, "the process stood still for %s, and %s", time,
                           why.message);
}

/* --- hooks ----------------------------------------------------------------------------------- */

static bool is_on_its_way(const struct supervisor *supervisor)
{
    return supervisor->standing.file && !engine_is_rolling_back(supervisor->engine);
}

bool supervisor_stands(void *context, struct error *err)
{
    struct supervisor *supervisor = context;
    if (!is_on_its_way(supervisor))
        return true;
    count_ticks(&supervisor->standing);
    return files_stand(supervisor, err) &&
           (supervisor->standing.missed == 0 || look_again(supervisor, err));
}

/* Reads may leave, those by which the run looks again among them. */
bool supervisor_may_leave(void *context, struct slice operation, struct error *err)
{
    struct value changes;
    struct pool pool = {.max = 1 << 16};
    struct supervisor *supervisor = context;
    struct value name = value_string(operation);
    if (!is_on_its_way(supervisor))
        return true;
    bool ok = host_call(supervisor->host, "aws.catalogue", "changes", &name, 1, &changes, &pool,
                        err);
    pool_clear(&pool);
    if (!ok || !changes.boolean)
        return ok;
    count_ticks(&supervisor->standing);
    return files_stand(supervisor, err) &&
           (supervisor->standing.missed == 0 ||
            error_set(err, ERROR_CONFLICT, "the process stood still before this was sent"));
}
