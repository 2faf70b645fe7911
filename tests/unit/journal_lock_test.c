/* Locks that outlive no holder, and runs that are taken up from the disk. */
#include "check.h"
#include "journal/lock.h"
#include "journal/recover.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct error err;
static char folder[] = "/tmp/tidelock-lock-XXXXXX";

static void make_folder(void)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    CHECK(mkdtemp(folder) != NULL);
}

static void remove_folder(void)
{
    char command[] = "rm -rf \"$0\"";
    pid_t child = fork();
    if (child == 0)
        _exit(execlp("sh", "sh", "-c", command, folder, (char *)NULL));
    CHECK(waitpid(child, NULL, 0) == child);
}

static const char *in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* --- targets --------------------------------------------------------------------------------- */

static struct holder found;
static lock_left_fn *left;
static char asked[64];

static bool leaves_a_wreck(void *context, const struct holder *before, struct error *error)
{
    snprintf(context, sizeof asked, "%s", before->run);
    return strcmp(before->run, "r1") != 0 || error_set(error, ERROR_CONFLICT, "recover r1 first");
}

static struct lock_set *take(const char *run, const char *first, const char *second)
{
    char labels[2][64];
    snprintf(labels[0], sizeof labels[0], "the %s", first);
    snprintf(labels[1], sizeof labels[1], "the %s", second);
    struct slice here = slice_of(folder); /* others run this test, too */
    struct lock_name targets[] = {{slice_of(first), slice_of(labels[0]), here},
                                  {slice_of(second), slice_of(labels[1]), here}};
    struct lock_claim claim = {.left = left, .context = &asked};
    struct lock_set *set = NULL;
    holder_init(&claim.holder, run, 1795000000000);
    snprintf(claim.holder.host, sizeof claim.holder.host, "here");
    claim.holder.process = 7;
    bool taken = lock_targets(&set, folder, targets, 2, &claim, &err);
    found = claim.other;
    return taken ? set : NULL;
}

/* A run that left something to be done is named by the lock until it was seen to, by itself. */
static void test_who_held_it_before(void)
{
    make_folder();
    lock_release(take("r1", "a", "b"));
    left = leaves_a_wreck;
    for (int i = 0; i < 2; i++) {
        CHECK(!take("r2", "b", "c") && err.code == ERROR_CONFLICT);
        CHECK_TEXT(err.message, "recover r1 first");
    }
    lock_release(take("r3", "c", "d"));
    CHECK_TEXT(asked, "r2");
    struct lock_set *again = take("r1", "a", "b"); /* it itself is not asked */
    CHECK(again != NULL);
    lock_release(again);
    left = NULL;
    lock_release(take("r4", "a", "b"));
    left = leaves_a_wreck;
    lock_release(take("r5", "a", "b"));
    CHECK_TEXT(asked, "r4");
    left = NULL;
    remove_folder();
}

static void test_one_at_a_time(void)
{
    make_folder();
    struct lock_set *first = take("r1", "listener a", "listener b");
    CHECK(first && !take("r2", "listener b", "listener c") && err.code == ERROR_CONFLICT);
    CHECK_TEXT(err.message, "the listener b is locked by run r1 (process 7 on here, since "
                            "2026-11-18T11:06:40Z)");
    CHECK_TEXT(found.run, "r1");
    struct lock_set *other = take("r3", "listener c", "listener d"); /* r2 kept nothing of it */
    CHECK(other != NULL);
    lock_release(first);
    struct lock_set *second = take("a longer name than before", "listener b", "listener b");
    CHECK(second && !take("r4", "listener b", "listener a"));
    CHECK(strstr(err.message, "by run a longer name than before (") != NULL);
    lock_release(second);
    second = take("r5", "listener b", "listener a");
    CHECK(second && !take("r6", "listener b", "x") && strstr(err.message, "by run r5 (") != NULL);
    lock_release(second);
    lock_release(other);
    lock_release(NULL);
    remove_folder();
}

/* The holder is killed; nobody has to clean up. */
static void test_dead_holder(void)
{
    int ends[2];
    char byte;
    make_folder();
    CHECK(pipe(ends) == 0);
    pid_t holder = fork();
    if (holder == 0) {
        take("r1", "a", "b");
        (void)!write(ends[1], "x", 1);
        for (;;)
            pause();
    }
    CHECK(read(ends[0], &byte, 1) == 1);
    CHECK(!take("r2", "a", "b"));
    kill(holder, SIGKILL);
    CHECK(waitpid(holder, NULL, 0) == holder);
    struct lock_set *set = take("r2", "a", "b");
    CHECK(set != NULL);
    lock_release(set);
    close(ends[0]);
    close(ends[1]);
    remove_folder();
}

static void test_nameless_holder(void)
{
    char path[PATH_MAX];
    char key[DIGEST_HEX_SIZE + 1];
    struct slice target = slice_of("a");
    make_folder();
    digest_hex(key, &target, 1);
    snprintf(path, sizeof path, "%s/%s.lock", folder, key);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    CHECK(lock_file(fd, path, &err) && write(fd, "{\"run\":\"r", 9) == 9);
    CHECK(!take("r2", "a", "a"));
    CHECK_TEXT(err.message, "the a is locked by another run");
    close(fd);
    remove_folder();
}

static void test_no_folder(void)
{
    CHECK(!take("r", "a", "b") && err.code == ERROR_IO);
    CHECK(strstr(err.message, "No such file or directory") != NULL);
}

/* --- journals -------------------------------------------------------------------------------- */

static void write_journal(const char *path, size_t records)
{
    struct journal journal;
    struct journal_file file;
    int fd = journal_create(path, &err);
    journal_file_init(&file, fd, true);
    journal_init(&journal, &file.store);
    for (size_t i = 0; i < records; i++) {
        enum journal_kind kind = i == 0 ? JOURNAL_RUN : i == 1 ? JOURNAL_BEGIN : JOURNAL_EFFECT;
        CHECK(journal_append(&journal, kind, 1000, slice_of("{}"), &err));
    }
    journal_clear(&journal);
    close(fd);
}

static size_t size_of(const char *path)
{
    struct stat about = {.st_size = 0};
    CHECK(stat(path, &about) == 0);
    return (size_t)about.st_size;
}

static void append_bytes(const char *path, const char *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_APPEND);
    CHECK(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    close(fd);
}

static size_t count_records(const char *path)
{
    struct recovery recovery;
    size_t count = 0;
    if (CHECK(recover_look(&recovery, path, &err)))
        count = recovery.scan.tail == JOURNAL_WHOLE ? recovery.scan.count : 0;
    recover_close(&recovery);
    return count;
}

static void write_bytes(const char *path, const char *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    close(fd);
}

/* Torn anywhere, it is gone on with as if the torn record had never been begun. */
static void test_torn_and_gone_on_with(void)
{
    struct recovery recovery;
    struct journal_memory memory;
    struct journal journal;
    size_t ends[4];
    make_folder();
    const char *path = in_folder("j");
    journal_memory_init(&memory, 1 << 20);
    journal_init(&journal, &memory.store);
    for (size_t i = 0; i < 4; i++) {
        CHECK(journal_append(&journal, JOURNAL_RUN, 1000, slice_of("{}"), &err));
        ends[i] = memory.bytes.size;
    }
    journal_clear(&journal);
    for (size_t size = ends[2]; size <= ends[3]; size += size + 9 < ends[3] ? 9 : 1) {
        write_bytes(path, memory.bytes.data, size);
        CHECK(recover_open(&recovery, path, &err));
        CHECK(recovery.scan.count == (size == ends[3] ? 4 : 3));
        CHECK(recovery.cut == (size == ends[3] ? 0 : size - ends[2]));
        journal_init(&journal, &recovery.file.store);
        journal_continue(&journal, &recovery.scan);
        CHECK(journal_append(&journal, JOURNAL_ROLLBACK, 2000, slice_of("{}"), &err));
        journal_clear(&journal);
        recover_close(&recovery);
        CHECK(count_records(path) == (size == ends[3] ? 5 : 4));
    }
    CHECK(access(in_folder("j.new"), F_OK) != 0);
    journal_memory_clear(&memory);
    remove_folder();
}

static void test_zeros_are_cut(void)
{
    struct recovery recovery;
    static const char zeros[300];
    make_folder();
    const char *path = in_folder("j");
    write_journal(path, 2);
    append_bytes(path, zeros, sizeof zeros);
    CHECK(recover_open(&recovery, path, &err) && recovery.cut == sizeof zeros);
    recover_close(&recovery);
    CHECK(count_records(path) == 2);
    remove_folder();
}

/* What is on the disk is never what was there before, but what was read of it. */
static void test_written_anew(void)
{
    struct recovery recovery;
    struct stat before;
    struct stat after;
    make_folder();
    const char *path = in_folder("j");
    write_journal(path, 2);
    CHECK(stat(path, &before) == 0);
    CHECK(recover_open(&recovery, path, &err));
    CHECK(stat(path, &after) == 0 && before.st_ino != after.st_ino);
    CHECK(before.st_size == after.st_size);
    recover_close(&recovery);
    remove_folder();
}

static void change_byte(const char *path, off_t at)
{
    int fd = open(path, O_WRONLY);
    CHECK(fd >= 0 && pwrite(fd, "~", 1, at) == 1);
    close(fd);
}

/* The intact part is gone on with; each damaged file is kept as it was. */
static void test_damage_is_kept_beside(void)
{
    static const char *const kept[] = {"j.damaged", "j.damaged-2"};
    struct recovery recovery;
    char path[256];
    make_folder();
    snprintf(path, sizeof path, "%s", in_folder("j"));
    write_journal(path, 4);
    size_t size = size_of(path);
    for (size_t i = 0; i < 2; i++) {
        size_t before = size_of(path);
        change_byte(path, (off_t)before - 20);
        CHECK(recover_open(&recovery, path, &err) && recovery.scan.tail == JOURNAL_DAMAGED);
        CHECK(recovery.scan.count == 3 - i && recovery.cut > 0);
        recover_close(&recovery);
        CHECK(size_of(in_folder(kept[i])) == before);
        CHECK(size_of(path) < before && count_records(path) == 3 - i);
    }
    CHECK(size_of(in_folder("j.damaged")) == size);
    remove_folder();
}

/* What is damaged before a run has begun is nothing to go on from. */
static void test_damage_is_left_alone(void)
{
    struct recovery recovery;
    make_folder();
    const char *path = in_folder("j");
    write_journal(path, 3);
    size_t size = size_of(path);
    int fd = open(path, O_WRONLY);
    CHECK(pwrite(fd, "9", 1, 6) == 1);
    close(fd);
    CHECK(!recover_open(&recovery, path, &err) && err.code == ERROR_DAMAGED);
    CHECK(size_of(path) == size);
    CHECK(recover_look(&recovery, path, &err) && recovery.scan.tail == JOURNAL_DAMAGED);
    CHECK(recovery.scan.count == 0 && strstr(recovery.scan.damage.message, "line 1: ") != NULL);
    recover_close(&recovery);
    CHECK(!recover_open(&recovery, in_folder("none"), &err) && err.code == ERROR_INVALID);
    remove_folder();
}

/* The lock of a run goes from hand to hand with its file. */
static void test_one_recovery(void)
{
    struct recovery first;
    struct recovery second;
    bool held;
    make_folder();
    const char *path = in_folder("j");
    write_journal(path, 2);
    CHECK(lock_is_held(path, &held, &err) && !held);
    int run = open(path, O_WRONLY | O_APPEND);
    CHECK(lock_file(run, path, &err));
    CHECK(lock_is_held(path, &held, &err) && held);
    CHECK(!recover_open(&first, path, &err) && err.code == ERROR_CONFLICT);
    CHECK(strstr(err.message, "is in use by a process that is still running") != NULL);
    close(run);
    CHECK(recover_open(&first, path, &err));
    CHECK(lock_is_held(path, &held, &err) && held);
    CHECK(!recover_open(&second, path, &err) && err.code == ERROR_CONFLICT);
    recover_close(&first);
    CHECK(lock_is_held(path, &held, &err) && !held);
    CHECK(recover_open(&second, path, &err));
    recover_close(&second);
    CHECK(lock_is_held(in_folder("none"), &held, &err) && !held);
    remove_folder();
}

static bool has_opened(pid_t process, const char *path)
{
    char link[64];
    char target[PATH_MAX];
    for (int fd = 3; fd < 32; fd++) {
        snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)process, fd);
        ssize_t size = readlink(link, target, sizeof target - 1);
        if (size > 0 && (size_t)size == strlen(path) && memcmp(target, path, (size_t)size) == 0)
            return true;
    }
    return false;
}

static _Noreturn void recover_when_told(int go, const char *path)
{
    struct recovery recovery;
    char byte;
    CHECK(read(go, &byte, 1) == 1);
    bool refused = !recover_open(&recovery, path, &err) && err.code == ERROR_CONFLICT;
    _exit(refused ? 0 : 1);
}

/* While one waits for the lock of the old file, another puts a new one in its place. */
static void test_replaced_while_waiting(void)
{
    int ends[2];
    int status = -1;
    make_folder();
    char *path = strdup(in_folder("j"));
    write_journal(path, 2);
    write_journal(in_folder("j.other"), 2);
    CHECK(pipe(ends) == 0);
    pid_t other = fork();
    if (other == 0)
        recover_when_told(ends[0], path);
    int old = open(path, O_RDWR);
    int fresh = open(in_folder("j.other"), O_RDWR);
    CHECK(lock_file(old, path, &err) && lock_file(fresh, path, &err));
    CHECK(write(ends[1], "x", 1) == 1);
    while (!has_opened(other, path))
        sched_yield();
    CHECK(rename(in_folder("j.other"), path) == 0);
    close(old); /* free, but no longer the journal */
    CHECK(waitpid(other, &status, 0) == other && status == 0);
    close(fresh);
    close(ends[0]);
    close(ends[1]);
    free(path);
    remove_folder();
}

/* A link that a stranger put where a lock or a new journal goes would have cut what it leads to. */
static void test_links_are_left_alone(void)
{
    struct recovery recovery;
    char lock[256];
    DIR *names;
    make_folder();
    write_bytes(in_folder("other"), "kept", 4);
    lock_release(take("r1", "a", "a"));
    CHECK((names = opendir(folder)) != NULL);
    for (struct dirent *item; names && (item = readdir(names)) != NULL;) {
        if (strstr(item->d_name, ".lock"))
            snprintf(lock, sizeof lock, "%s/%.100s", folder, item->d_name);
    }
    closedir(names);
    CHECK(unlink(lock) == 0 && symlink("other", lock) == 0);
    CHECK(!take("r2", "a", "a") && err.code == ERROR_INVALID);
    CHECK(strstr(err.message, ".lock is a link (to other)") != NULL);
    write_journal(in_folder("j"), 2);
    CHECK(symlink("other", in_folder("j.new")) == 0);
    CHECK(!recover_open(&recovery, in_folder("j"), &err));
    CHECK(strstr(err.message, "j.new is a link (to other)") != NULL);
    struct stat about;
    CHECK(stat(in_folder("other"), &about) == 0 && about.st_size == 4);
    remove_folder();
}

/* Nobody but its owner reads a journal or a lock. */
static void test_modes(void)
{
    struct recovery recovery;
    struct stat about;
    make_folder();
    mode_t mask = umask(0);
    write_journal(in_folder("j"), 2);
    CHECK(stat(in_folder("j"), &about) == 0 && (about.st_mode & 0777) == 0600);
    CHECK(chmod(in_folder("j"), 0644) == 0);
    CHECK(!recover_open(&recovery, in_folder("j"), &err) && strstr(err.message, "open to others"));
    CHECK(chmod(in_folder("j"), 0600) == 0);
    CHECK(recover_open(&recovery, in_folder("j"), &err));
    recover_close(&recovery);
    umask(mask);
    CHECK(stat(in_folder("j"), &about) == 0 && (about.st_mode & 0777) == 0600);
    remove_folder();
}

CHECK_MAIN({"links_are_left_alone", test_links_are_left_alone}, {"modes", test_modes},
           {"who_held_it_before", test_who_held_it_before}, {"one_at_a_time", test_one_at_a_time},
           {"dead_holder", test_dead_holder}, {"nameless_holder", test_nameless_holder},
           {"no_folder", test_no_folder}, {"torn_and_gone_on_with", test_torn_and_gone_on_with},
           {"zeros_are_cut", test_zeros_are_cut}, {"written_anew", test_written_anew},
           {"damage_is_left_alone", test_damage_is_left_alone},
           {"damage_is_kept_beside", test_damage_is_kept_beside},
           {"one_recovery", test_one_recovery},
           {"replaced_while_waiting", test_replaced_while_waiting})
