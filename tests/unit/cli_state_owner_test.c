/* Whose the state folder is: what is in it is believed, so that it must be ours alone. */
#include "check.h"
#include "cli/state_control.h"
#include "journal/journal.h"

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
    CHECK(state_open(&state, path, STATE_IS_MADE, &err));
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

static void check_refused(const char *name, enum state_folder wanted, const char *part)
{
    char path[128];
    struct state other;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    CHECK(!state_open(&other, path, wanted, &err) && err.code == ERROR_INVALID);
    if (!CHECK(strstr(err.message, part) != NULL))
        fprintf(stderr, "    %s\n", err.message);
}

static mode_t mode_of(const char *path)
{
    struct stat about;
    return CHECK(stat(path, &about) == 0) ? about.st_mode & 0777 : 0;
}

/* A folder that is a link, or open to others, is neither made nor read nor written to. */
static void test_strange_folders(void)
{
    char path[128];
    char inner[160];
    open_state();
    snprintf(path, sizeof path, "%s/linked", folder);
    CHECK(symlink(".tidelock", path) == 0);
    check_refused("linked", STATE_MUST_BE, "linked is a link (to .tidelock)");
    check_refused("linked", STATE_IS_MADE, "linked is a link (to .tidelock)");
    check_refused("linked/", STATE_IS_MADE, "linked is a link (to .tidelock)");
    check_refused("linked", STATE_IS_MADE, "--state names another");
    snprintf(path, sizeof path, "%s/.tidelock", folder);
    CHECK(chmod(path, 0777) == 0);
    check_refused(".tidelock", STATE_IS_MADE, ".tidelock is open to others");
    CHECK(chmod(path, 0700) == 0);
    snprintf(inner, sizeof inner, "%s/locks", path);
    CHECK(rmdir(inner) == 0 && symlink("/etc", inner) == 0);
    check_refused(".tidelock", STATE_IS_MADE, "locks is a link (to /etc)");
    check_refused(".tidelock", STATE_MUST_BE, "locks is a link (to /etc)");
    remove_state();
}

/* What a run leaves is for its owner alone, and a link in its place leads nowhere. */
static void test_own_files(void)
{
    struct life life;
    struct state_control control;
    struct state_run about;
    char path[PATH_MAX];
    char other[64];
    open_state();
    mode_t mask = umask(0);
    begin(&life);
    record(&life, JOURNAL_RUN, 1000, "{}");
    CHECK(state_control_open(&state, life.run, &control, &err));
    umask(mask);
    CHECK(state_journal(&state, life.run, path, &err) && mode_of(path) == 0600);
    CHECK(state_control_path(&state, life.run, path, &err) && mode_of(path) == 0600);
    state_control_close(&control);
    snprintf(other, sizeof other, "%s/other", folder);
    CHECK(close(open(other, O_WRONLY | O_CREAT | O_EXCL, 0600)) == 0);
    CHECK(unlink(path) == 0 && symlink(other, path) == 0);
    CHECK(!state_control_open(&state, life.run, &control, &err));
    struct state_asked asked = {.request = REQUEST_ABORT};
    CHECK(!state_ask(&state, life.run, &asked, &about, &err));
    CHECK(strstr(err.message, ".control is a link (to ") != NULL);
    struct stat size;
    CHECK(stat(other, &size) == 0 && size.st_size == 0);
    CHECK(state_journal(&state, life.run, path, &err));
    CHECK(unlink(path) == 0 && symlink(other, path) == 0);
    CHECK(state_look(&state, life.run, &about, &err) && about.status == STATE_UNREADABLE);
    CHECK(strstr(about.reason, ".journal is a link (to ") != NULL);
    CHECK(!state_look(&state, "../../other", &about, &err));
    CHECK_TEXT(err.message, "\"../../other\" is not the name of a run");
    journal_clear(&life.journal);
    close(life.file.fd);
    remove_state();
}

CHECK_MAIN({"strange_folders", test_strange_folders}, {"own_files", test_own_files})
