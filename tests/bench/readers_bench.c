/* Makes the journals that readers.sh has read, and reads one as a later process does.
 *
 *     readers_bench make FOLDER      state/runs: a thousand of 1 MB; large.journal: 100 MB
 *     readers_bench read JOURNAL */
#include "journal/recover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUNS = 1000, RUN_SIZE = 1 << 20, LARGE_SIZE = 100 << 20 };

static struct error err;

static void stop(void)
{
    fprintf(stderr, "readers_bench: %s\n", err.message);
    exit(1);
}

/* What a tick of a watch looks like. */
static const char tick[] =
    "{\"id\":12,\"judges\":[{\"baseline_events\":1204.0,\"baseline_rate\":0.00101,"
    "\"baseline_trials\":1192004.0,\"canary_events\":13.0,\"canary_rate\":0.00104,"
    "\"canary_trials\":12503.0,\"judge\":\"ratio\",\"log_e\":-0.41,\"log_e_max\":0.52,\"name\":"
    "\"errors\",\"says\":[\"canary 0.104 % (13 of 12503),\",\"baseline 0.101 % (1204 of 1192004)\"]"
    ",\"threshold\":4.605,\"verdict\":\"undecided\"}],\"periods\":[{\"at\":1772442060000,"
    "\"metrics\":{\"errors\":{\"baseline\":14.0,\"canary\":1.0},\"requests\":{\"baseline\":10411.0,"
    "\"canary\":541.0}}}],\"share\":5.0,\"tick\":1,\"verdict\":\"undecided\"}";

static void append(struct journal *journal, enum journal_kind kind, const char *body)
{
    if (!journal_append(journal, kind, 1772442000000 + journal->next_seq, slice_of(body), &err))
        stop();
}

/* In one write: a thousand files are to be there soon. */
static void make(const char *path, size_t size)
{
    struct journal_memory memory;
    struct journal journal;
    struct journal_file file;
    journal_memory_init(&memory, 2 * size + (1 << 20));
    journal_init(&journal, &memory.store);
    append(&journal, JOURNAL_RUN,
           "{\"format\":2,\"policy\":\"step_canary.lua\",\"world\":\"live\"}");
    append(&journal, JOURNAL_BEGIN, "{\"params\":{},\"policy\":{\"name\":\"p\"},\"targets\":[]}");
    while (memory.bytes.size < size)
        append(&journal, JOURNAL_TICK, tick);
    append(&journal, JOURNAL_COMMIT, "{}");
    append(&journal, JOURNAL_END, "{\"exit\":0,\"outcome\":\"promoted\"}");
    int fd = journal_create(path, &err);
    journal_file_init(&file, fd, false);
    if (fd < 0 || !file.store.append(&file.store, buffer_slice(&memory.bytes), &err))
        stop();
    close(fd);
    journal_clear(&journal);
    journal_memory_clear(&memory);
}

static void make_all(void)
{
    char path[128];
    mkdir("state", 0700);
    mkdir("state/runs", 0700);
    mkdir("state/locks", 0700);
    for (int i = 0; i < RUNS; i++) {
        snprintf(path, sizeof path, "state/runs/20261124-%06d-1a2b3c.journal", i);
        make(path, RUN_SIZE);
    }
    make("large.journal", LARGE_SIZE);
}

static void read_one(const char *path)
{
    struct recovery recovery;
    if (!recover_look(&recovery, path, &err))
        stop();
    if (recovery.scan.tail != JOURNAL_WHOLE) {
        fprintf(stderr, "readers_bench: %s is not whole\n", path);
        exit(1);
    }
    recover_close(&recovery);
}

int main(int argc, char **argv)
{
    bool makes = argc == 3 && strcmp(argv[1], "make") == 0;
    if (makes && chdir(argv[2]) == 0)
        make_all();
    else if (argc == 3 && strcmp(argv[1], "read") == 0)
        read_one(argv[2]);
    else
        return fprintf(stderr, "usage: readers_bench make FOLDER | read JOURNAL\n"), 2;
    return 0;
}
