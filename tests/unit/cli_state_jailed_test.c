/* Journals that a locked-in process reads: it says of each what this process would, has nothing of
 * the operator's, and hides no run behind one that kills it. */
#include "check.h"
#include "cli/state_jailed.h"
#include "journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNS = 450 }; /* more than are open at once */

static struct error err;
static struct state state;
static state_name names[RUNS];
static char folder[] = "/tmp/tidelock-jailed-XXXXXX";

static void write_run(size_t number, const char *extra)
{
    struct journal journal;
    struct journal_file file;
    char path[PATH_MAX];
    snprintf(names[number], sizeof names[number], "20261130-%06zu-abcdef", number);
    CHECK(state_journal(&state, names[number], path, &err));
    int fd = journal_create(path, &err);
    CHECK(fd >= 0);
    journal_file_init(&file, fd, false);
    journal_init(&journal, &file.store);
    CHECK(journal_append(&journal, JOURNAL_RUN, 1000, slice_of("{\"policy\":\"a.lua\"}"), &err));
    CHECK(journal_append(&journal, JOURNAL_BEGIN, 1001, slice_of("{}"), &err));
    if (number % 3)
        CHECK(journal_append(&journal, JOURNAL_END, 2000 + (int64_t)number,
                             slice_of("{\"exit\":10,\"outcome\":\"rolled back\"}"), &err));
    CHECK(write(fd, extra, strlen(extra)) == (ssize_t)strlen(extra));
    journal_clear(&journal);
    close(fd);
}

static void begin(void)
{
    char path[64];
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/.tidelock", folder);
    CHECK(state_open(&state, path, STATE_IS_MADE, &err));
    for (size_t i = 0; i < RUNS; i++)
        write_run(i, i == 200 ? "{\"at\":1}\n" : i == 201 ? "{\"at" : "");
}

static void end(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(execlp("rm", "rm", "-rf", folder, (char *)NULL));
    CHECK(waitpid(child, NULL, 0) == child);
}

static void test_says_the_same(void)
{
    static struct state_run runs[RUNS];
    struct state_run alone;
    char path[PATH_MAX];
    begin();
    CHECK(state_journal(&state, names[300], path, &err) && unlink(path) == 0);
    for (int glance = 0; glance < 2; glance++) {
        CHECK(state_jailed_look(&state, (const state_name *)names, RUNS, glance, runs, &err));
        for (size_t i = 0; i < RUNS; i++) {
            CHECK(state_look(&state, names[i], &alone, &err));
            CHECK_TEXT(runs[i].run, names[i]);
            CHECK_TEXT(runs[i].policy, alone.policy);
            CHECK_TEXT(runs[i].outcome, alone.outcome);
            CHECK_TEXT(runs[i].reason, alone.reason);
            CHECK(runs[i].status == alone.status && runs[i].records == alone.records);
            CHECK(runs[i].exit == alone.exit && runs[i].last == alone.last);
        }
        CHECK(runs[200].status == STATE_UNREADABLE && runs[300].status == STATE_UNREADABLE);
        CHECK(runs[201].status == STATE_CUT_SHORT || runs[201].status == STATE_ENDED);
    }
    end();
}

/* What a reader finds of its surroundings, for the test to look at. */
struct found {
    size_t read;
    bool secret, opened, others;
};

static bool look_around(void *context, size_t index, const struct state_file *file,
                        struct error *why)
{
    struct found *found = context;
    char byte;
    (void)why;
    found->read += index == found->read && pread(file->fd, &byte, 1, 0) == 1 && byte == '{';
    found->secret |= getenv("AWS_SECRET_ACCESS_KEY") != NULL;
    found->opened |= open(file->path, O_RDONLY) >= 0 || errno != EACCES;
    found->others |= fcntl(99, F_GETFL) >= 0;
    return true;
}

static void test_has_nothing_of_ours(void)
{
    size_t done;
    struct found *found = mmap(NULL, sizeof *found, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    begin();
    CHECK(setenv("AWS_SECRET_ACCESS_KEY", "hidden", 1) == 0);
    CHECK(dup2(STDERR_FILENO, 99) == 99);
    CHECK(state_jailed_each(&state, (const state_name *)names, RUNS, look_around, found, &done,
                            &err));
    CHECK(done == RUNS && found->read == RUNS);
    CHECK(!found->secret && !found->opened && !found->others);
    close(99);
    end();
}

static bool refuse_or_die(void *context, size_t index, const struct state_file *file,
                          struct error *why)
{
    (void)file;
    if (index != 7)
        return true;
    if (context)
        abort();
    return error_set(why, ERROR_LIMIT, "the seventh");
}

static void test_ends_at_one(void)
{
    size_t done;
    begin();
    CHECK(!state_jailed_each(&state, (const state_name *)names, RUNS, refuse_or_die, NULL, &done,
                             &err));
    CHECK(done == 7);
    CHECK_TEXT(err.message, "the seventh");
    CHECK(!state_jailed_each(&state, (const state_name *)names, RUNS, refuse_or_die, &done, &done,
                             &err));
    CHECK(done == 7 && err.code == ERROR_POLICY);
    end();
}

CHECK_MAIN({"says_the_same", test_says_the_same}, {"has_nothing_of_ours", test_has_nothing_of_ours},
           {"ends_at_one", test_ends_at_one})
