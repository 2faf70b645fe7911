/* The state folder: runs come and go, are told apart, are looked at and are asked things. */
#include "check.h"
#include "cli/state_control.h"
#include "journal/recover.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct error err;
static struct state state;
static char folder[] = "/tmp/tidelock-state-XXXXXX";

static void open_state(void)
{
    char path[64];
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/.tidelock", folder);
    CHECK(!state_open(&state, path, STATE_MUST_BE, &err));
    CHECK(strstr(err.message, "/.tidelock: no run was begun here (--state names another") != NULL);
    CHECK(state_open(&state, path, STATE_MAY_BE, &err) && !state_is_there(&state));
    CHECK(state_open(&state, path, STATE_IS_MADE, &err));
    CHECK(state_open(&state, path, STATE_IS_MADE, &err) &&
          state_open(&state, path, STATE_MUST_BE, &err));
}

static void remove_state(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(execlp("rm", "rm", "-rf", folder, (char *)NULL));
    CHECK(waitpid(child, NULL, 0) == child);
}

struct life {
    char run[STATE_RUN_SIZE];
    struct journal journal;
    struct journal_file file;
};

static void begin(struct life *life)
{
    int fd = -1;
    CHECK(state_begin(&state, life->run, &fd, &err));
    journal_file_init(&life->file, fd, false);
    journal_init(&life->journal, &life->file.store);
}

static void record(struct life *life, enum journal_kind kind, int64_t at, const char *body)
{
    CHECK(journal_append(&life->journal, kind, at, slice_of(body), &err));
}

static void die(struct life *life)
{
    journal_clear(&life->journal);
    close(life->file.fd);
}

static struct state_run look(const struct life *life)
{
    struct state_run run;
    CHECK(state_look(&state, life->run, &run, &err));
    return run;
}

static void check_status(const struct life *life, enum state_status status)
{
    CHECK_TEXT(state_status_name(look(life).status), state_status_name(status));
}

/* --- lives ----------------------------------------------------------------------------------- */

static void test_promoted(void)
{
    struct life life;
    struct stat about;
    char path[PATH_MAX];
    open_state();
    begin(&life);
    check_status(&life, STATE_STARTING);
    record(&life, JOURNAL_RUN, 1000, "{\"policy\":\"canary.lua\"}");
    record(&life, JOURNAL_BEGIN, 1001, "{}");
    check_status(&life, STATE_RUNNING);
    record(&life, JOURNAL_COMMIT, 2000, "{}");
    record(&life, JOURNAL_END, 2001, "{\"exit\":0,\"outcome\":\"promoted\"}");
    die(&life);
    struct state_run run = look(&life);
    CHECK(run.status == STATE_ENDED && run.committed && run.exit == 0 && run.records == 4);
    CHECK(run.began == 1000 && run.last == 2001);
    CHECK_TEXT(run.outcome, "promoted");
    CHECK_TEXT(run.policy, "canary.lua");
    CHECK_TEXT(run.reason, "");
    CHECK(state_journal(&state, life.run, path, &err) && stat(path, &about) == 0);
    CHECK(stat(state.folder, &about) == 0 && (about.st_mode & 0777) == 0700);
    snprintf(path, sizeof path, "%.200s/.gitignore", state.folder);
    CHECK(access(path, F_OK) == 0);
    CHECK(state_locks(&state, path, &err) && access(path, W_OK) == 0);
    remove_state();
}

static void test_cut_short_and_taken_up(void)
{
    struct life life;
    struct recovery recovery;
    char path[PATH_MAX];
    open_state();
    begin(&life);
    record(&life, JOURNAL_RUN, 1000, "{}");
    record(&life, JOURNAL_BEGIN, 1000, "{}");
    die(&life);
    check_status(&life, STATE_CUT_SHORT);
    CHECK(state_journal(&state, life.run, path, &err));
    CHECK(recover_open(&recovery, path, &err));
    check_status(&life, STATE_RUNNING);
    journal_init(&life.journal, &recovery.file.store);
    journal_continue(&life.journal, &recovery.scan);
    record(&life, JOURNAL_ROLLBACK, 3000, "{\"reason\":\"its process died\"}");
    check_status(&life, STATE_ROLLING_BACK);
    record(&life, JOURNAL_ROLLBACK, 3001, "{\"reason\":\"again\"}");
    CHECK_TEXT(look(&life).reason, "its process died");
    journal_clear(&life.journal);
    recover_close(&recovery);
    check_status(&life, STATE_CUT_SHORT);
    remove_state();
}

static void test_odd_ones(void)
{
    struct life empty;
    struct life bad;
    char path[PATH_MAX];
    open_state();
    begin(&empty);
    die(&empty);
    check_status(&empty, STATE_NEVER_BEGUN);
    begin(&bad);
    record(&bad, JOURNAL_RUN, 1000, "{}");
    CHECK(write(bad.file.fd, "nonsense\n", 9) == 9);
    die(&bad);
    check_status(&bad, STATE_UNREADABLE);
    CHECK(strstr(look(&bad).reason, "line 2: it is not a journal record") != NULL);
    CHECK(state_journal(&state, "none", path, &err));
    remove_state();
}

/* --- which one ------------------------------------------------------------------------------- */

static void make_empty(const char *run)
{
    char path[PATH_MAX];
    CHECK(state_journal(&state, run, path, &err));
    close(open(path, O_WRONLY | O_CREAT, 0600));
}

static void check_found(const char *text, const char *run)
{
    char found[STATE_RUN_SIZE];
    if (CHECK(state_find(&state, text, found, &err)))
        CHECK_TEXT(found, run);
}

static void check_not_found(const char *text, const char *message)
{
    char found[STATE_RUN_SIZE];
    CHECK(!state_find(&state, text, found, &err));
    if (!CHECK(strstr(err.message, message) != NULL))
        CHECK_TEXT(err.message, message);
}

static void test_find(void)
{
    open_state();
    check_not_found("last", "/.tidelock yet (--state names another folder, ");
    make_empty("20261124-075100-1a2b3c");
    make_empty("20261124-075100-1affff");
    make_empty("20261125-000000-00b3c0");
    check_found("last", "20261125-000000-00b3c0");
    check_found("20261125", "20261125-000000-00b3c0");
    check_found("2b3c", "20261124-075100-1a2b3c");
    check_found("20261124-075100-1affff", "20261124-075100-1affff");
    check_not_found("20261124", "20261124 may be run 20261124-075100-1a2b3c or run "
                                "20261124-075100-1affff");
    check_not_found("x", "/.tidelock; the last one is 20261125-000000-00b3c0");
    check_not_found("", "there is no run  in ");
    remove_state();
}

static void test_list(void)
{
    struct state_run *runs;
    size_t count;
    struct pool pool = {.max = 1 << 20};
    char path[PATH_MAX];
    open_state();
    CHECK(state_list(&state, &runs, &count, &pool, &err) && count == 0);
    make_empty("20261125-000000-000000");
    make_empty("20261124-000000-000000");
    snprintf(path, sizeof path, "%.200s/runs/20261123-000000-000000.control", state.folder);
    close(open(path, O_WRONLY | O_CREAT, 0600));
    snprintf(path, sizeof path, "%.200s/runs/a-name-that-is-much-too-long-for-a-run.journal",
             state.folder);
    close(open(path, O_WRONLY | O_CREAT, 0600));
    CHECK(state_list(&state, &runs, &count, &pool, &err) && count == 2);
    CHECK_TEXT(runs[0].run, "20261124-000000-000000");
    CHECK(runs[1].status == STATE_NEVER_BEGUN);
    pool_clear(&pool);
    remove_state();
}

/* Names are of one form, and differ within a second. */
static void test_names(void)
{
    struct life lives[20];
    open_state();
    for (size_t i = 0; i < 20; i++) {
        begin(&lives[i]);
        const char *run = lives[i].run;
        CHECK(strlen(run) == 22 && run[8] == '-' && run[15] == '-' && strncmp(run, "20", 2) == 0);
        CHECK(strspn(run, "0123456789abcdef-") == 22);
        for (size_t k = 0; k < i; k++)
            CHECK(strcmp(run, lives[k].run) != 0);
    }
    for (size_t i = 0; i < 20; i++)
        die(&lives[i]);
    remove_state();
}

/* --- asking ---------------------------------------------------------------------------------- */

static bool ask(const struct life *life, enum request request)
{
    struct state_run about;
    return state_ask(&state, life->run, request, &about, &err);
}

static void hear(struct state_control *control, const char *request)
{
    struct state_asked asked;
    bool any;
    if (!CHECK(state_control_next(control, &asked, &any, &err)) || !CHECK(any == (request != NULL)))
        return;
    if (any)
        CHECK_TEXT(request_name(asked.request), request);
    if (any)
        CHECK(strstr(asked.by, " on ") != NULL && asked.at > 0);
}

static void test_ask(void)
{
    struct life life;
    struct state_control control;
    open_state();
    begin(&life);
    record(&life, JOURNAL_RUN, 1000, "{}");
    CHECK(state_control_open(&state, life.run, &control, &err));
    hear(&control, NULL);
    CHECK(ask(&life, REQUEST_PAUSE));
    CHECK(ask(&life, REQUEST_PROMOTE));
    hear(&control, "pause");
    hear(&control, "promote");
    hear(&control, NULL);
    state_control_close(&control);
    CHECK(state_control_open(&state, life.run, &control, &err)); /* another life begins anew */
    hear(&control, NULL);
    CHECK(ask(&life, REQUEST_ABORT));
    hear(&control, "abort");
    state_control_close(&control);
    die(&life);
    CHECK(!ask(&life, REQUEST_ABORT) && err.code == ERROR_CONFLICT);
    CHECK(strstr(err.message, "the process of run ") == err.message);
    remove_state();
}

static void test_ended_hears_nothing(void)
{
    struct life life;
    char message[128];
    open_state();
    begin(&life);
    record(&life, JOURNAL_RUN, 1000, "{}");
    record(&life, JOURNAL_END, 2001, "{\"exit\":10,\"outcome\":\"rolled back\"}");
    CHECK(!ask(&life, REQUEST_PROMOTE) && err.code == ERROR_CONFLICT);
    snprintf(message, sizeof message, "run %s has ended: rolled back", life.run);
    CHECK_TEXT(err.message, message);
    die(&life);
    remove_state();
}

static void test_rolling_back_hears_abort_only(void)
{
    struct life life;
    struct state_control control;
    char message[128];
    open_state();
    begin(&life);
    record(&life, JOURNAL_RUN, 1000, "{}");
    record(&life, JOURNAL_ROLLBACK, 2001, "{\"cause\":\"harm\",\"reason\":\"errors\"}");
    CHECK(state_control_open(&state, life.run, &control, &err));
    for (int i = REQUEST_PAUSE; i <= REQUEST_PROMOTE_FULL; i++) {
        CHECK(!ask(&life, (enum request)i) && err.code == ERROR_CONFLICT);
        snprintf(message, sizeof message, "run %s is rolling back", life.run);
        CHECK_TEXT(err.message, message);
    }
    CHECK(ask(&life, REQUEST_ABORT));
    hear(&control, "abort");
    state_control_close(&control);
    die(&life);
    remove_state();
}

static void check_paused(const struct life *life, const char *by, int64_t at)
{
    struct state_run run = look(life);
    CHECK_TEXT(run.paused_by, by);
    CHECK(run.paused_at == at && run.status == (at ? STATE_PAUSED : STATE_RUNNING));
}

/* Who paused it, and since when, for as long as it lasts. */
static void test_paused(void)
{
    struct life life;
    struct state_run about;
    open_state();
    begin(&life);
    record(&life, JOURNAL_RUN, 1000, "{}");
    record(&life, JOURNAL_BEGIN, 1001, "{}");
    record(&life, JOURNAL_REQUEST, 2000,
           "{\"applied\":true,\"at\":1900,\"by\":\"ann on ci-7\",\"request\":\"pause\"}");
    check_paused(&life, "ann on ci-7", 2000);
    record(&life, JOURNAL_REQUEST, 2100,
           "{\"applied\":false,\"at\":2100,\"by\":\"bob on b\",\"request\":\"pause\"}");
    check_paused(&life, "ann on ci-7", 2000);
    CHECK(state_control_open(&state, life.run, &(struct state_control){0}, &err));
    CHECK(state_ask(&state, life.run, REQUEST_PAUSE, &about, &err));
    CHECK(about.status == STATE_PAUSED);
    record(&life, JOURNAL_REQUEST, 2200,
           "{\"applied\":true,\"at\":1,\"by\":\"bob on b\",\"request\":\"resume\"}");
    check_paused(&life, "", 0);
    record(&life, JOURNAL_REQUEST, 2300,
           "{\"applied\":true,\"at\":1,\"by\":\"bob on b\",\"request\":\"pause\"}");
    check_paused(&life, "bob on b", 2300);
    record(&life, JOURNAL_REQUEST, 2400,
           "{\"applied\":true,\"at\":1,\"by\":\"bob on b\",\"request\":\"promote --full\"}");
    check_paused(&life, "", 0);
    record(&life, JOURNAL_REQUEST, 2500,
           "{\"applied\":true,\"at\":1,\"by\":\"bob on b\",\"request\":\"pause\"}");
    record(&life, JOURNAL_ROLLBACK, 3000, "{\"cause\":\"harm\",\"reason\":\"errors\"}");
    CHECK(look(&life).status == STATE_ROLLING_BACK && look(&life).paused_at == 0);
    die(&life);
    check_status(&life, STATE_CUT_SHORT);
    remove_state();
}

/* A name is written by whoever can write the file, and stands in journals and on terminals. */
static void test_names_of_people(void)
{
    struct life life;
    struct state_control control;
    struct state_asked asked;
    char path[PATH_MAX];
    char line[512];
    bool any = false;
    open_state();
    begin(&life);
    CHECK(state_control_open(&state, life.run, &control, &err));
    CHECK(state_control_path(&state, life.run, path, &err));
    int fd = open(path, O_WRONLY | O_APPEND);
    int size = snprintf(
        line, sizeof line,
        "{\"at\":1,\"by\":\"\\u001b[2J%s\xc3\xa4\xc3\xa4\",\"request\":\"pause\"}\n",
        "0123456789012345678901234567890123456789012345678901234567890123456789"
        "01234567890123456789012345678901234567890123456789");
    CHECK(write(fd, line, (size_t)size) == size);
    CHECK(state_control_next(&control, &asked, &any, &err) && any);
    CHECK(strncmp(asked.by, "?[2J0123", 8) == 0 && strlen(asked.by) == 126);
    close(fd);
    state_control_close(&control);
    die(&life);
    remove_state();
}

/* Whatever stands in the file, what comes after it is heard. */
static void test_nonsense_is_passed_over(void)
{
    static char longest[9000];
    struct life life;
    struct state_control control;
    struct state_asked asked;
    char path[PATH_MAX];
    bool any = true;
    open_state();
    begin(&life);
    record(&life, JOURNAL_RUN, 1000, "{}");
    CHECK(state_control_open(&state, life.run, &control, &err));
    snprintf(path, sizeof path, "%.200s/runs/%s.control", state.folder, life.run);
    int fd = open(path, O_WRONLY | O_APPEND);
    CHECK(write(fd, "{\"at\":1,\"by\":\"x\",\"request\":\"explode\"}\n{\"at\":1", 46) == 46);
    CHECK(!state_control_next(&control, &asked, &any, &err) && !any);
    CHECK_TEXT(err.message, "what was asked of the run is none of abort, pause, resume, promote");
    hear(&control, NULL); /* half a line */
    CHECK(write(fd, "\n\n", 2) == 2);
    CHECK(!state_control_next(&control, &asked, &any, &err));
    hear(&control, NULL); /* an empty one asks for nothing */
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\n';
    CHECK(write(fd, longest, sizeof longest) == sizeof longest);
    for (int i = 0; i < 3; i++)
        CHECK(!state_control_next(&control, &asked, &any, &err));
    CHECK(ask(&life, REQUEST_RESUME));
    hear(&control, "resume");
    close(fd);
    state_control_close(&control);
    die(&life);
    remove_state();
}

/* Somebody was killed as he asked, or the disk was full: what is asked next is heard all the same.
 */
static void test_torn_line(void)
{
    static const char torn[] = "{\"at\":1,\"by\":\"x\",\"request\":\"abort\"";
    struct life life;
    struct state_control control;
    struct state_asked asked;
    char path[PATH_MAX];
    bool any = true;
    open_state();
    begin(&life);
    record(&life, JOURNAL_RUN, 1000, "{}");
    CHECK(state_control_open(&state, life.run, &control, &err));
    CHECK(state_control_path(&state, life.run, path, &err));
    int fd = open(path, O_WRONLY | O_APPEND);
    CHECK(write(fd, torn, sizeof torn - 1) == sizeof torn - 1);
    hear(&control, NULL);
    CHECK(ask(&life, REQUEST_ABORT));
    CHECK(ask(&life, REQUEST_PAUSE));
    CHECK(!state_control_next(&control, &asked, &any, &err) && !any);
    hear(&control, "abort");
    hear(&control, "pause");
    hear(&control, NULL);
    close(fd);
    state_control_close(&control);
    die(&life);
    remove_state();
}

CHECK_MAIN({"promoted", test_promoted}, {"cut_short_and_taken_up", test_cut_short_and_taken_up},
           {"odd_ones", test_odd_ones}, {"find", test_find}, {"list", test_list},
           {"names", test_names}, {"ask", test_ask},
           {"ended_hears_nothing", test_ended_hears_nothing},
           {"rolling_back_hears_abort_only", test_rolling_back_hears_abort_only},
           {"paused", test_paused}, {"names_of_people", test_names_of_people},
           {"nonsense_is_passed_over", test_nonsense_is_passed_over}, {"torn_line", test_torn_line})
