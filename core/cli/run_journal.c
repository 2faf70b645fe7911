/* Finds the journal that a verb's operand names, reads it whole and checks every record. */
#include "cli/run_journal.h"

#include "base/file.h"
#include "cli/files.h"
#include "cli/state_runs.h"
#include "cli/verb.h"
#include "host/host.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { JOURNAL_SIZE_MAX = 256 << 20, JOURNAL_POOL_MAX = 1 << 30 };

/* What has a slash can only be a file, and a file of the name goes before the run. */
static bool is_file(const char *text)
{
    struct stat about;
    return strcmp(text, "-") == 0 || strchr(text, '/') ||
           (stat(text, &about) == 0 && !S_ISDIR(about.st_mode));
}

static bool find_run(struct run_journal *journal, const struct options *options, struct error *err)
{
    struct state state;
    char run[STATE_RUN_SIZE];
    const char *text = options->operands[0];
    bool ok = state_open_chosen(&state, options, err) && state_find(&state, text, run, err) &&
              state_journal(&state, run, journal->path, err);
    return ok || error_wrap(err, "%s is no file here", text);
}

static bool read_found(struct run_journal *journal, struct error *err)
{
    int fd = file_open_own(journal->path, O_RDONLY, err);
    return fd >= 0 && files_take(fd, journal->path, JOURNAL_SIZE_MAX, &journal->bytes, err);
}

static bool read_given(struct run_journal *journal, const char *text, struct error *err)
{
    int size = snprintf(journal->path, sizeof journal->path, "%s", text);
    if (size <= 0 || (size_t)size >= sizeof journal->path)
        return error_set(err, ERROR_INVALID, "%s",
                         size > 0 ? "the path is too long" : "an empty name");
    return files_read(journal->path, JOURNAL_SIZE_MAX, &journal->bytes, err);
}

bool run_journal_read(struct run_journal *journal, const struct options *options, struct error *err)
{
    *journal = (struct run_journal){.path = ""};
    pool_init(&journal->pool, JOURNAL_POOL_MAX);
    if (is_file(options->operands[0]))
        return read_given(journal, options->operands[0], err);
    return find_run(journal, options, err) && read_found(journal, err);
}

bool run_journal_scan_intact(struct run_journal *journal, const char *verb, struct error *err)
{
    struct journal_scan *scan = &journal->scan;
    if (!journal_read_intact(scan, buffer_slice(&journal->bytes), &journal->pool, err))
        return error_wrap(err, "%s", journal->path);
    if (scan->tail == JOURNAL_DAMAGED)
        error_wrap(&scan->damage, "%s", journal->path);
    if (scan->tail == JOURNAL_TORN)
        fprintf(stderr,
                "tidelock %s: %s: line %zu is torn: its write did not finish, and it is left "
                "out\n",
                verb, journal->path, scan->count + 1);
    if (scan->count > 0)
        return true;
    if (scan->tail != JOURNAL_DAMAGED)
        return error_set(err, ERROR_INVALID, "%s: there is no whole record in it", journal->path);
    *err = scan->damage;
    return false;
}

bool run_journal_scan(struct run_journal *journal, const char *verb, struct error *err)
{
    if (!run_journal_scan_intact(journal, verb, err))
        return false;
    if (journal->scan.tail != JOURNAL_DAMAGED)
        return true;
    *err = journal->scan.damage;
    return false;
}

void run_journal_clear(struct run_journal *journal)
{
    buffer_clear(&journal->bytes);
    pool_clear(&journal->pool);
}

struct value run_journal_value(const struct journal_record *record, struct member members[4])
{
    members[0] = (struct member){slice_of("at"), value_integer(record->at)};
    members[1] = (struct member){slice_of("body"), record->body};
    members[2] = (struct member){slice_of("kind"), value_text(journal_kind_name(record->kind))};
    members[3] = (struct member){slice_of("seq"), value_integer(record->seq)};
    return (struct value){.kind = VALUE_OBJECT, .object = {members, 4}};
}

bool run_journal_tell(struct host *host, const char *module, const char *name,
                      const struct journal_record *record, struct value *told, struct pool *pool,
                      struct error *err)
{
    struct member members[4];
    struct value whole = run_journal_value(record, members);
    if (!journal_body(record, &members[1].value, pool, err))
        return false;
    if (host_call(host, module, name, &whole, 1, told, pool, err))
        return true;
    struct member rest[] = {{slice_of("at"), value_integer(record->at)},
                            {slice_of("body"), {.kind = VALUE_OBJECT}},
                            {slice_of("kind"), value_text(journal_kind_name(record->kind))},
                            {slice_of("untold"), value_boolean(true)}};
    struct value odd = {.kind = VALUE_OBJECT, .object = {rest, sizeof rest / sizeof *rest}};
    return host_call(host, module, name, &odd, 1, told, pool, err);
}
