/* The state folder: runs come and go, are told apart and looked at. */
#include "state_check.h"

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
    struct state_run run;
    state_name *names;
    size_t count;
    char path[PATH_MAX];
    open_state();
    CHECK(state_names(&state, &names, &count, &err) && count == 0);
    free(names);
    make_empty("20261125-000000-000000");
    make_empty("20261124-000000-000000");
    snprintf(path, sizeof path, "%.200s/runs/20261123-000000-000000.control", state.folder);
    close(open(path, O_WRONLY | O_CREAT, 0600));
    snprintf(path, sizeof path, "%.200s/runs/a-name-that-is-much-too-long-for-a-run.journal",
             state.folder);
    close(open(path, O_WRONLY | O_CREAT, 0600));
    CHECK(state_names(&state, &names, &count, &err) && count == 2);
    CHECK_TEXT(names[0], "20261124-000000-000000");
    CHECK(state_glance(&state, names[1], &run, &err) && run.status == STATE_NEVER_BEGUN);
    free(names);
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

CHECK_MAIN({"promoted", test_promoted}, {"cut_short_and_taken_up", test_cut_short_and_taken_up},
           {"odd_ones", test_odd_ones}, {"find", test_find}, {"list", test_list},
           {"names", test_names})
