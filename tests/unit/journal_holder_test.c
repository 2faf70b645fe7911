/* What a lock's file says of the run that holds it or held it last. */
#include "base/digest.h"
#include "check.h"
#include "journal/lock.h"

#include <fcntl.h>
#include <stdlib.h>
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

static struct lock_set *take(const char *run, const char *first, const char *second)
{
    char labels[2][64];
    snprintf(labels[0], sizeof labels[0], "the %s", first);
    snprintf(labels[1], sizeof labels[1], "the %s", second);
    struct lock_name targets[] = {{.key = slice_of(first), .label = slice_of(labels[0])},
                                  {.key = slice_of(second), .label = slice_of(labels[1])}};
    struct lock_claim claim = {.left = NULL};
    struct lock_set *set = NULL;
    holder_init(&claim.holder, run, 1795000000000);
    snprintf(claim.holder.host, sizeof claim.holder.host, "here");
    claim.holder.process = 7;
    bool taken = lock_targets(&set, folder, targets, 2, &claim, &err);
    return taken ? set : NULL;
}

enum { ANY = -2 };

static struct holder told;
static size_t tellings;

static bool keep_holder(void *context, const struct holder *holder, struct error *error)
{
    (void)context;
    (void)error;
    told = *holder;
    tellings++;
    return true;
}

static void check_told(const char *run, size_t count, int64_t changed, const char *ended)
{
    tellings = 0;
    told = (struct holder){.changed = -1};
    CHECK(holder_each(folder, run, keep_holder, NULL, &err) && tellings == count);
    CHECK(told.changed == changed || changed == ANY);
    CHECK_TEXT(told.ended, ended);
}

/* What a run changes is written down beside its journal; its next process goes on from there, and
 * another run begins anew. */
static void test_changes_are_noted(void)
{
    make_folder();
    struct lock_set *set = take("r1", "a", "b");
    check_told("r1", 2, -1, "");
    CHECK(set && lock_note_change(set, slice_of("a"), 7, &err));
    CHECK(!lock_note_change(set, slice_of("c"), 8, &err) && err.code == ERROR_INTERNAL);
    struct lock_claim claim = {.left = NULL};
    struct lock_name third = {.key = slice_of("c"), .label = slice_of("the c")};
    holder_init(&claim.holder, "r1", 0);
    CHECK(lock_more(set, folder, &third, &claim, &err));
    CHECK(lock_more(set, folder, &third, &claim, &err)); /* it is one of them by now */
    CHECK(lock_note_change(set, slice_of("c"), 8, &err));
    CHECK(!take("r2", "c", "c") && err.code == ERROR_CONFLICT);
    lock_release(set);
    check_told("r1", 3, ANY, "");
    set = take("r1", "a", "a");
    CHECK(set && lock_note_end(set, "promoted", &err));
    lock_release(set);
    lock_release(take("r2", "b", "c"));
    check_told("r1", 1, 7, "promoted");
    check_told("r2", 2, -1, "");
    check_told("r3", 0, -1, "");
    remove_folder();
}

static const char *lock_path(const char *name)
{
    char key[DIGEST_HEX_SIZE + 1];
    char file[DIGEST_HEX_SIZE + 8];
    struct slice target = slice_of(name);
    digest_hex(key, &target, 1);
    snprintf(file, sizeof file, "%s.lock", key);
    return in_folder(file);
}

/* A write that is cut anywhere leaves what the one before it said; and who cannot read what the
 * last run said does not begin. */
static void test_cut_notes(void)
{
    static char bytes[64 << 10];
    make_folder();
    struct lock_set *set = take("r1", "a", "a");
    CHECK(lock_note_change(set, slice_of("a"), 7, &err));
    int fd = open(lock_path("a"), O_RDWR);
    ssize_t size = pread(fd, bytes, sizeof bytes, 0);
    CHECK(lock_note_change(set, slice_of("a"), 8, &err));
    static char later[64 << 10];
    CHECK(pread(fd, later, sizeof later, 0) >= size && size > 0);
    size_t first = 0;
    while (bytes[first] == later[first])
        first++;
    for (size_t cut = first; cut < first + 100; cut++) {
        CHECK(pwrite(fd, bytes, (size_t)size, 0) == size);
        CHECK(pwrite(fd, later, cut, 0) == (ssize_t)cut);
        check_told("r1", 1, ANY, "");
        CHECK(told.changed == 7 || told.changed == 8);
    }
    lock_release(set);
    CHECK(ftruncate(fd, 10) == 0 && !take("r2", "a", "a") && err.code == ERROR_CONFLICT);
    CHECK(strstr(err.message, "who changed the a last cannot be read") != NULL);
    CHECK(ftruncate(fd, 0) == 0);
    lock_release(take("r2", "a", "a"));
    close(fd);
    remove_folder();
}

CHECK_MAIN({"changes_are_noted", test_changes_are_noted}, {"cut_notes", test_cut_notes})
