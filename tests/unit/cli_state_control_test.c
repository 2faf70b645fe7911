/* What is asked of a run through its control file, whatever has become of that. */
#include "base/clock.h"
#include "state_check.h"

/* --- asking ---------------------------------------------------------------------------------- */

static bool ask(const struct life *life, enum request request)
{
    struct state_run about;
    struct state_asked asked = {.request = request};
    return state_ask(&state, life->run, &asked, &about, &err);
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
    struct state_asked pause = {.request = REQUEST_PAUSE};
    CHECK(state_ask(&state, life.run, &pause, &about, &err));
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
    CHECK_TEXT(err.message, "what was asked of the run is none of abort, pause, resume, promote, "
                            "approve, reject");
    hear(&control, NULL); /* half a line */
    CHECK(write(fd, "\n\n", 2) == 2);
    CHECK(!state_control_next(&control, &asked, &any, &err));
    hear(&control, NULL); /* an empty one asks for nothing */
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\n';
    CHECK(write(fd, longest, sizeof longest) == sizeof longest);
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
    CHECK(!state_control_next(&control, &asked, &any, &err) && any); /* both at once */
    CHECK(asked.request == REQUEST_ABORT);
    hear(&control, "pause");
    hear(&control, NULL);
    close(fd);
    state_control_close(&control);
    die(&life);
    remove_state();
}

/* --- a file that is damaged ------------------------------------------------------------------- */

static void open_life(struct life *life, struct state_control *control, char path[PATH_MAX])
{
    open_state();
    begin(life);
    record(life, JOURNAL_RUN, 1000, "{}");
    CHECK(state_control_open(&state, life->run, control, &err));
    CHECK(state_control_path(&state, life->run, path, &err));
}

static void close_life(struct life *life, struct state_control *control)
{
    state_control_close(control);
    die(life);
    remove_state();
}

/* Zeros as a power cut leaves them, more than anybody reads in a second; and other people's lines.
 * What is asked then is heard at once, and the rest told once. */
static void test_a_file_that_grew(void)
{
    static char lines[1 << 20];
    for (size_t i = 0; i < sizeof lines; i++)
        lines[i] = i % 2 ? '\n' : 'x';
    for (int zeros = 0; zeros < 2; zeros++) {
        struct life life;
        struct state_control control;
        struct state_asked asked;
        char path[PATH_MAX];
        bool any = false;
        open_life(&life, &control, path);
        int fd = open(path, O_WRONLY | O_APPEND);
        if (zeros)
            CHECK(ftruncate(fd, (off_t)200 << 30) == 0);
        else
            CHECK(write(fd, lines, sizeof lines) == sizeof lines);
        CHECK(ask(&life, REQUEST_ABORT));
        CHECK(!state_control_next(&control, &asked, &any, &err) && any);
        CHECK(asked.request == REQUEST_ABORT);
        CHECK(strstr(err.message, "grew by more than anybody asks") != NULL);
        hear(&control, NULL);
        close(fd);
        close_life(&life, &control);
    }
}

/* What was heard before is not heard again, and what is asked after it is. */
static void test_a_file_that_was_cut(void)
{
    for (int whole = 0; whole < 2; whole++) {
        struct life life;
        struct state_control control;
        char path[PATH_MAX];
        struct stat about;
        open_life(&life, &control, path);
        CHECK(ask(&life, REQUEST_PAUSE) && stat(path, &about) == 0);
        CHECK(ask(&life, REQUEST_RESUME));
        hear(&control, "pause");
        hear(&control, "resume");
        for (int64_t now = clock_wall(); now == clock_wall();)
            continue;
        CHECK(truncate(path, whole ? 0 : about.st_size) == 0);
        CHECK(ask(&life, REQUEST_ABORT));
        hear(&control, "abort");
        hear(&control, NULL);
        close_life(&life, &control);
    }
}

/* Who asks at a file that the run does not hear is told, and what to do instead. */
static void test_a_file_that_nobody_hears(void)
{
    for (int instead = 0; instead < 3; instead++) {
        struct life life;
        struct state_control control;
        char path[PATH_MAX];
        open_life(&life, &control, path);
        CHECK(unlink(path) == 0);
        if (instead == 1)
            close(open(path, O_WRONLY | O_CREAT, 0600));
        if (instead == 2)
            CHECK(mkdir(path, 0700) == 0);
        CHECK(!ask(&life, REQUEST_ABORT) && err.code == ERROR_CONFLICT);
        CHECK(strstr(err.message, "does not hear what is asked of it") != NULL);
        CHECK(strstr(err.message, "SIGTERM") || strstr(err.message, "kill -TERM"));
        CHECK(instead != 2 || rmdir(path) == 0);
        close_life(&life, &control);
    }
}

CHECK_MAIN({"ask", test_ask}, {"ended_hears_nothing", test_ended_hears_nothing},
           {"rolling_back_hears_abort_only", test_rolling_back_hears_abort_only},
           {"paused", test_paused}, {"names_of_people", test_names_of_people},
           {"nonsense_is_passed_over", test_nonsense_is_passed_over}, {"torn_line", test_torn_line},
           {"a_file_that_grew", test_a_file_that_grew},
           {"a_file_that_was_cut", test_a_file_that_was_cut},
           {"a_file_that_nobody_hears", test_a_file_that_nobody_hears})
