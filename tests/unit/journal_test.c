/* The journal: what is written is read back, and what was changed, torn or mixed up is told apart.
 */
#include "check.h"
#include "journal/journal.h"
#include "journal/reserve.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct error err;
static struct pool pool = {.max = 16 << 20};
static struct journal_memory memory;

static void write_sample(size_t records)
{
    struct journal journal;
    journal_memory_init(&memory, 1 << 20);
    journal_init(&journal, &memory.store);
    for (size_t i = 0; i < records; i++) {
        char body[64];
        snprintf(body, sizeof body,
                 "{\"a\":0,\"hash\":\"x\",\"id\":%zu,\"text\":\"a,\\\"hash\\\":\\\"\"}", i);
        CHECK(journal_append(&journal, i ? JOURNAL_EFFECT : JOURNAL_RUN, 1000 * (int64_t)i,
                             slice_of(body), &err));
    }
    journal_clear(&journal);
}

static bool read_back(struct journal_scan *scan, const char *data, size_t size)
{
    pool_reset(&pool);
    return journal_read(scan, (struct slice){data, size}, &pool, &err);
}

static void test_round_trip(void)
{
    struct journal_scan scan;
    write_sample(5);
    CHECK(read_back(&scan, memory.bytes.data, memory.bytes.size));
    CHECK(scan.count == 5 && scan.tail == JOURNAL_WHOLE && scan.next_seq == 5);
    CHECK(scan.records[0].kind == JOURNAL_RUN);
    CHECK(scan.records[3].at == 3000);
    CHECK(value_get_integer(&scan.records[3].body, "id", -1) == 3);
    journal_memory_clear(&memory);
}

static void test_goes_on(void)
{
    struct journal_scan scan;
    struct journal journal;
    write_sample(3);
    CHECK(read_back(&scan, memory.bytes.data, memory.bytes.size));
    journal_init(&journal, &memory.store);
    journal_continue(&journal, &scan);
    CHECK(journal_append(&journal, JOURNAL_END, 9, slice_of("{}"), &err));
    CHECK(read_back(&scan, memory.bytes.data, memory.bytes.size));
    CHECK(scan.count == 4);
    journal_clear(&journal);
    journal_memory_clear(&memory);
}

/* Cut anywhere, the journal is the longest whole prefix and says that it is torn. */
static void test_torn_everywhere(void)
{
    struct journal_scan scan;
    write_sample(4);
    size_t ends = 0;
    for (size_t size = 0; size <= memory.bytes.size; size++) {
        bool at_end = size == 0 || memory.bytes.data[size - 1] == '\n';
        ends += size > 0 && at_end;
        CHECK(read_back(&scan, memory.bytes.data, size));
        CHECK(scan.count == ends);
        CHECK(scan.tail == (at_end ? JOURNAL_WHOLE : JOURNAL_TORN));
    }
    journal_memory_clear(&memory);
}

static void test_zero_tail_is_torn(void)
{
    struct journal_scan scan;
    write_sample(4);
    CHECK(read_back(&scan, memory.bytes.data, memory.bytes.size));
    size_t last = (size_t)(scan.records[3].line.data - memory.bytes.data);
    memset(memory.bytes.data + last + 20, 0, memory.bytes.size - last - 20);
    CHECK(read_back(&scan, memory.bytes.data, memory.bytes.size));
    CHECK(scan.count == 3 && scan.tail == JOURNAL_TORN);
    journal_memory_clear(&memory);
}

/* Any byte of a finished record that changes is damage, the last record included; only a change
 * that makes the last line look unfinished may pass for torn. */
static void test_flips_are_damage(void)
{
    struct journal_scan scan;
    write_sample(3);
    for (size_t i = 0; i < memory.bytes.size; i++) {
        for (int bit = 0; bit < 8; bit++) {
            memory.bytes.data[i] ^= (char)(1 << bit);
            bool read = read_back(&scan, memory.bytes.data, memory.bytes.size);
            bool torn = read && scan.tail == JOURNAL_TORN && scan.count == 2;
            CHECK(!read || torn);
            CHECK(read || err.code == ERROR_DAMAGED || err.code == ERROR_INVALID);
            memory.bytes.data[i] ^= (char)(1 << bit);
        }
    }
    journal_memory_clear(&memory);
}

static void test_lines_swapped_or_missing(void)
{
    struct journal_scan scan;
    write_sample(3);
    CHECK(read_back(&scan, memory.bytes.data, memory.bytes.size));
    size_t second = scan.records[0].line.size + 1;
    CHECK(!read_back(&scan, memory.bytes.data + second, memory.bytes.size - second));
    CHECK_TEXT(err.message,
               "line 1: record 1 stands where 0 was expected: lines are missing or out "
               "of order");
    journal_memory_clear(&memory);
}

/* A line whose parts fit each other and which is nevertheless none of ours: one hash covers it,
 * another stands where ours would. */
static void test_made_up_line(void)
{
    static char text[1 << 14];
    char hash[DIGEST_HEX_SIZE + 1];
    char padding[1 << 12];
    struct journal_scan scan;
    memset(padding, 'x', sizeof padding - 1);
    padding[sizeof padding - 1] = '\0';
    snprintf(text, sizeof text,
             "{\"at\":0,\"body\":{},\"hash\":\"%s\",\"kind\":\"run\",\"prev\":\"%064d\",\"seq\":0,"
             "\"z\":{\"a\":0",
             padding, 0);
    struct slice parts[] = {slice_of(text), slice_of("}}")};
    digest_hex(hash, parts, 2);
    size_t size = strlen(text);
    snprintf(text + size, sizeof text - size, ",\"hash\":\"%s\"}}\n", hash);
    CHECK(!read_back(&scan, text, strlen(text)));
    CHECK_TEXT(err.message, "line 1: it is not a journal record");
}

/* A disk that fails on its n-th operation, and ever after works again. */
struct bad_disk {
    struct journal_store store;
    int until_failure;
};

static bool bad_operation(struct journal_store *store, struct error *error)
{
    struct bad_disk *disk = (struct bad_disk *)store;
    if (disk->until_failure-- != 0)
        return true;
    return error_set(error, ERROR_IO, "writing the journal: No space left on device");
}

static bool bad_append(struct journal_store *store, struct slice bytes, struct error *error)
{
    (void)bytes;
    return bad_operation(store, error);
}

static void test_failure_is_final(void)
{
    for (int n = 0; n < 6; n++) {
        struct bad_disk disk = {{bad_append, bad_operation, NULL}, n};
        struct journal journal;
        journal_init(&journal, &disk.store);
        int appended = 0;
        while (journal_append(&journal, JOURNAL_RUN, 0, slice_of("{}"), &err))
            appended++;
        CHECK(appended == n / 2);
        CHECK(!journal_append(&journal, JOURNAL_RUN, 0, slice_of("{}"), &err));
        CHECK_TEXT(err.message, "the journal failed before: nothing more is written to it");
        journal_clear(&journal);
    }
}

static void test_file(void)
{
    char folder[] = "/tmp/tidelock-journal-XXXXXX";
    char path[64];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/j", folder);
    int fd = journal_create(path, &err);
    CHECK(fd >= 0);
    CHECK(journal_create(path, &err) < 0 && err.code == ERROR_INVALID);
    struct journal_file file;
    struct journal journal;
    journal_file_init(&file, fd, true);
    journal_init(&journal, &file.store);
    CHECK(journal_append(&journal, JOURNAL_RUN, 0, slice_of("{}"), &err));
    close(fd);
    CHECK(!journal_append(&journal, JOURNAL_END, 0, slice_of("{}"), &err) && err.code == ERROR_IO);
    journal_clear(&journal);
    unlink(path);
    rmdir(folder);
}

/* What is set aside is behind the end of the file, or beside it; it is given back, and no more is
 * promised than the user's limit allows. */
static void test_reserve(void)
{
    enum { SIZE = 300 << 10, BLOCK = 512 };
    for (int plain = 0; plain < 2; plain++) {
        char folder[] = "/tmp/tidelock-journal-XXXXXX";
        char path[64];
        struct stat about;
        struct journal_file file;
        struct journal journal;
        struct rlimit limit;
        CHECK(mkdtemp(folder) != NULL);
        snprintf(path, sizeof path, "%s/j", folder);
        int fd = journal_create(path, &err);
        journal_file_init(&file, fd, true);
        file.plain = plain;
        journal_init(&journal, &file.store);
        CHECK(journal_reserve(&journal, SIZE, &err));
        CHECK(fstat(plain ? file.reserve : fd, &about) == 0);
        CHECK(about.st_blocks * BLOCK >= SIZE &&
              (size_t)about.st_size == (plain ? file.reserved : 0));
        CHECK(journal_append(&journal, JOURNAL_RUN, 0, slice_of("{}"), &err));
        CHECK(journal_reserve(&journal, SIZE, &err));
        CHECK(plain ? reserve_let_go(&file, ENOSPC) && !reserve_let_go(&file, ENOSPC)
                    : !reserve_let_go(&file, ENOSPC));
        journal_file_release(&file);
        CHECK(fstat(fd, &about) == 0 && about.st_blocks * BLOCK < SIZE / 2);
        CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
        struct rlimit small = {SIZE, limit.rlim_max};
        CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
        CHECK(!journal_reserve(&journal, SIZE, &err) && err.code == ERROR_IO);
        CHECK_TEXT(err.message,
                   "setting space aside for the records of a rollback: File too large");
        CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
        CHECK(journal_append(&journal, JOURNAL_END, 0, slice_of("{}"), &err));
        journal_clear(&journal);
        close(fd);
        unlink(path);
        CHECK(rmdir(folder) == 0); /* the file beside it has no name */
    }
}

static void write_ticks(void)
{
    struct journal journal;
    journal_memory_init(&memory, 1 << 20);
    journal_init(&journal, &memory.store);
    for (int i = 0; i < 8; i++)
        CHECK(journal_append(&journal, i % 3 ? JOURNAL_TICK : JOURNAL_EFFECT, i,
                             slice_of("{\"id\":3,\"kind\":\"tick\",\"x\":[1.5,{}]}"), &err));
    journal_clear(&journal);
}

/* What is not kept is checked like the rest, and can be had again. */
static void test_deeds(void)
{
    struct journal_scan scan;
    struct value body;
    write_ticks();
    struct slice all = {memory.bytes.data, memory.bytes.size};
    pool_reset(&pool);
    CHECK(journal_read_deeds(&scan, all, &pool, &err) && scan.count == 8);
    for (size_t i = 0; i < scan.count; i++) {
        CHECK((scan.records[i].body.kind == VALUE_NULL) == (i % 3 != 0));
        CHECK(journal_body(&scan.records[i], &body, &pool, &err));
        CHECK(value_get_integer(&body, "id", -1) == 3 && value_get(&body, "x"));
    }
    for (size_t i = 0; i < all.size; i++) {
        struct journal_scan whole;
        memory.bytes.data[i] ^= 1;
        pool_reset(&pool);
        CHECK(journal_read_deeds(&scan, all, &pool, &err));
        CHECK(journal_read_intact(&whole, all, &pool, &err));
        CHECK(scan.count == whole.count && scan.tail == whole.tail && scan.good == whole.good);
        CHECK_TEXT(scan.damage.message, whole.damage.message);
        memory.bytes.data[i] ^= 1;
    }
    journal_memory_clear(&memory);
}

/* Who skims sees the same records, damage included, but for what a tick says: the line behind it is
 * held to the hash that the tick bears. */
static void test_skim(void)
{
    struct journal_scan scan;
    struct journal_scan whole;
    size_t unseen = 0;
    write_ticks();
    struct slice all = {memory.bytes.data, memory.bytes.size};
    for (size_t i = 0; i < all.size; i++) {
        memory.bytes.data[i] ^= 1;
        pool_reset(&pool);
        CHECK(journal_skim(&scan, all, &pool, &err));
        CHECK(journal_read_deeds(&whole, all, &pool, &err));
        unseen += scan.count > whole.count;
        CHECK(scan.count >= whole.count);
        CHECK(scan.count == whole.count || whole.count % 3 != 0); /* the tick that was changed */
        if (scan.tail == whole.tail && scan.count == whole.count)
            CHECK_TEXT(scan.damage.message, whole.damage.message);
        memory.bytes.data[i] ^= 1;
    }
    pool_reset(&pool);
    CHECK(journal_skim(&scan, all, &pool, &err) && journal_read_deeds(&whole, all, &pool, &err));
    CHECK(scan.count == whole.count && scan.good == whole.good && scan.tail == whole.tail);
    CHECK_TEXT(scan.last_hash, whole.last_hash);
    for (size_t i = 0; i < scan.count; i++) {
        CHECK(scan.records[i].at == whole.records[i].at &&
              scan.records[i].kind == whole.records[i].kind);
        CHECK(scan.records[i].seq == whole.records[i].seq);
        CHECK(slice_equal(scan.records[i].line, whole.records[i].line));
    }
    CHECK(unseen > 0);
    journal_memory_clear(&memory);
}

CHECK_MAIN({"skim", test_skim}, {"round_trip", test_round_trip}, {"goes_on", test_goes_on},
           {"torn_everywhere", test_torn_everywhere}, {"zero_tail_is_torn", test_zero_tail_is_torn},
           {"flips_are_damage", test_flips_are_damage},
           {"lines_swapped_or_missing", test_lines_swapped_or_missing},
           {"made_up_line", test_made_up_line}, {"failure_is_final", test_failure_is_final},
           {"deeds", test_deeds}, {"file", test_file}, {"reserve", test_reserve})
