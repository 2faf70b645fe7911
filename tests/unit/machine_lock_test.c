/* Locks of the machine: two folders, one resource; locks whose files are taken away; locks that are
 * added while others are held. */
#include "check.h"
#include "journal/lock.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct error err;
static char top[] = "/tmp/tidelock-machine-XXXXXX"; /* and the AWS of this test alone */
static char folders[2][sizeof top + 2];

static void make_folders(void)
{
    memcpy(top + sizeof top - 7, "XXXXXX", 6);
    CHECK(mkdtemp(top) != NULL);
    for (int i = 0; i < 2; i++) {
        snprintf(folders[i], sizeof folders[i], "%s/%d", top, i);
        CHECK(mkdir(folders[i], 0700) == 0);
    }
}

static void empty_folder(const char *folder)
{
    char command[] = "rm -rf \"$0\"/*";
    pid_t child = fork();
    if (child == 0)
        _exit(execlp("sh", "sh", "-c", command, folder, (char *)NULL));
    CHECK(waitpid(child, NULL, 0) == child);
}

static void remove_folders(void)
{
    empty_folder(top);
    CHECK(rmdir(top) == 0);
}

static struct lock_claim claim_of(const char *run)
{
    struct lock_claim claim = {.left = NULL};
    holder_init(&claim.holder, run, 1795000000000);
    return claim;
}

static struct lock_name name_of(const char *key)
{
    return (struct lock_name){slice_of(key), slice_of(key), slice_of(top)};
}

static struct lock_set *take(int folder, const char *run, const char *key)
{
    struct lock_set *set = NULL;
    struct lock_claim claim = claim_of(run);
    struct lock_name name = name_of(key);
    return lock_targets(&set, folders[folder], &name, 1, &claim, &err) ? set : NULL;
}

static void test_two_folders(void)
{
    char expected[256 + PATH_MAX];
    char here[PATH_MAX];
    make_folders();
    struct lock_set *first = take(0, "20261124-075100-1a2b3c", "a");
    CHECK(first && !take(1, "r2", "a") && err.code == ERROR_CONFLICT);
    snprintf(expected, sizeof expected,
             "a is locked by run 20261124-075100-1a2b3c (process %d of user %d on this machine), "
             "started in %s",
             (int)getpid(), (int)geteuid(), getcwd(here, sizeof here));
    CHECK_TEXT(err.message, expected);
    struct lock_set *other = take(1, "r2", "b");
    CHECK(other != NULL);
    lock_release(first);
    first = take(1, "r2", "a");
    CHECK(first && !take(0, "r1", "a"));
    lock_release(first);
    lock_release(other);
    remove_folders();
}

/* Resources of the same name in another AWS have nothing to do with each other. */
static void test_elsewhere(void)
{
    struct lock_claim claim = claim_of("r2");
    struct lock_name name = name_of("a");
    struct lock_set *set = NULL;
    make_folders();
    struct lock_set *first = take(0, "r1", "a");
    name.elsewhere = slice_of(folders[1]);
    CHECK(first && lock_targets(&set, folders[1], &name, 1, &claim, &err));
    lock_release(set);
    lock_release(first);
    remove_folders();
}

/* The folder's own lock is gone with its file; the machine's is not. */
static void test_files_taken_away(void)
{
    make_folders();
    struct lock_set *first = take(0, "r1", "a");
    CHECK(lock_stands(first, folders[0], &err));
    empty_folder(folders[0]);
    CHECK(!lock_stands(first, folders[0], &err) && err.code == ERROR_CONFLICT);
    CHECK(strstr(err.message, ".lock was removed") != NULL);
    CHECK(!take(0, "r2", "a") && err.code == ERROR_CONFLICT);
    CHECK(strstr(err.message, "a is locked by run r1 (process ") != NULL);
    lock_release(first);
    first = take(0, "r2", "a");
    CHECK(first && lock_stands(first, folders[0], &err));
    CHECK(rename(folders[0], folders[1]) == 0);
    CHECK(!lock_stands(first, folders[0], &err));
    CHECK(strstr(err.message, ".lock was moved away") != NULL);
    CHECK(lock_stands(first, folders[1], &err));
    lock_release(first);
    remove_folders();
}

/* The holder is killed, or stands still. */
static void test_holders(void)
{
    int ends[2];
    char byte;
    make_folders();
    CHECK(pipe(ends) == 0);
    pid_t holder = fork();
    if (holder == 0) {
        take(0, "r1", "a");
        (void)!write(ends[1], "x", 1);
        for (;;)
            pause();
    }
    CHECK(read(ends[0], &byte, 1) == 1);
    CHECK(kill(holder, SIGSTOP) == 0 && !take(1, "r2", "a") && err.code == ERROR_CONFLICT);
    kill(holder, SIGKILL);
    CHECK(waitpid(holder, NULL, 0) == holder);
    struct lock_set *set = take(1, "r2", "a");
    CHECK(set != NULL);
    lock_release(set);
    close(ends[0]);
    close(ends[1]);
    remove_folders();
}

static void test_one_more(void)
{
    struct lock_claim mine = claim_of("r1");
    struct lock_claim theirs = claim_of("r2");
    struct lock_name a = name_of("a");
    struct lock_name b = name_of("b");
    make_folders();
    struct lock_set *first = take(0, "r1", "a");
    struct lock_set *second = take(1, "r2", "c");
    CHECK(first && second && lock_more(first, folders[0], &a, &mine, &err));
    CHECK(lock_more(first, folders[0], &b, &mine, &err));
    CHECK(!lock_more(second, folders[1], &b, &theirs, &err) && err.code == ERROR_CONFLICT);
    CHECK(strstr(err.message, "b is locked by run r1 (") != NULL);
    CHECK(!lock_more(second, folders[0], &b, &theirs, &err)); /* by the folder's own lock */
    CHECK_TEXT(theirs.other.run, "r1");
    lock_release(first);
    CHECK(lock_more(second, folders[1], &b, &theirs, &err));
    CHECK(!take(0, "r1", "b"));
    lock_release(second);
    remove_folders();
}

/* What a stranger binds beside a lock is shown as no run, whatever it says. */
static void test_no_label(void)
{
    struct lock_set *set = NULL;
    struct lock_claim claim = claim_of("\033[2Jr/1");
    struct lock_name name = name_of("a");
    make_folders();
    CHECK(lock_targets(&set, folders[0], &name, 1, &claim, &err) && !take(1, "r2", "a"));
    CHECK_TEXT(err.message, "a is locked by a process of this machine");
    lock_release(set);
    remove_folders();
}

CHECK_MAIN({"two_folders", test_two_folders}, {"elsewhere", test_elsewhere},
           {"files_taken_away", test_files_taken_away}, {"holders", test_holders},
           {"one_more", test_one_more}, {"no_label", test_no_label})
