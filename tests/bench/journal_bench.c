/* Appending to the journal with sync, against a bare loop of write and fdatasync over the same
 * bytes, in turns in one run. Prints the middle ratio of the rounds.
 *
 *     journal_bench FOLDER */
#include "journal/journal.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RECORDS = 400, ROUNDS = 9, TEXT_MAX = 1 << 20 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int open_file(const char *folder, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        perror(path);
        exit(1);
    }
    return fd;
}

/* What a tick of a watch looks like. */
static const char body[] =
    "{\"id\":12,\"judges\":[{\"baseline_events\":1204.0,\"baseline_rate\":0.00101,"
    "\"baseline_trials\":1192004.0,\"canary_events\":13.0,\"canary_rate\":0.00104,"
    "\"canary_trials\":12503.0,\"difference\":0.00003,\"floor_passed\":false,\"judge\":\"ratio\","
    "\"log_e\":-0.41,\"log_e_max\":0.52,\"name\":\"ratio\",\"safe_log_e_max\":1.2,"
    "\"safe_threshold\":2.995,\"threshold\":4.605,\"verdict\":\"undecided\"}],\"periods\":[{\"at\":"
    "1772442060000,\"metrics\":{\"errors\":{\"baseline\":14.0,\"canary\":1.0},\"requests\":"
    "{\"baseline\":10411.0,\"canary\":541.0}}}],\"share\":5.0,\"tick\":1,\"verdict\":"
    "\"undecided\"}";

static double time_journal(const char *folder)
{
    struct journal_file file;
    struct journal journal;
    struct error err;
    int fd = open_file(folder, "journal");
    journal_file_init(&file, fd, true);
    journal_init(&journal, &file.store);
    double start = seconds();
    for (int i = 0; i < RECORDS; i++) {
        if (!journal_append(&journal, JOURNAL_TICK, 1772442060000 + i, slice_of(body), &err)) {
            fprintf(stderr, "%s\n", err.message);
            exit(1);
        }
    }
    double taken = seconds() - start;
    journal_clear(&journal);
    close(fd);
    return taken;
}

/* The lines that the journal wrote, written again. */
static double time_bare(const char *folder, char *text, size_t size)
{
    int fd = open_file(folder, "bare");
    double start = seconds();
    for (char *line = text; line < text + size;) {
        char *end = memchr(line, '\n', (size_t)(text + size - line));
        size_t length = (size_t)(end - line) + 1;
        if (write(fd, line, length) != (ssize_t)length || fdatasync(fd) != 0) {
            perror("bare");
            exit(1);
        }
        line = end + 1;
    }
    double taken = seconds() - start;
    close(fd);
    return taken;
}

static size_t read_journal(const char *folder, char *text)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/journal", folder);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, TEXT_MAX);
    if (size <= 0) {
        perror(path);
        exit(1);
    }
    close(fd);
    return (size_t)size;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static char text[TEXT_MAX];
    double ratios[ROUNDS];
    double journal = 0;
    double bare = 0;
    if (argc != 2) {
        fprintf(stderr, "usage: journal_bench FOLDER\n");
        return 2;
    }
    for (int i = 0; i < ROUNDS; i++) {
        double ours = time_journal(argv[1]);
        double theirs = time_bare(argv[1], text, read_journal(argv[1], text));
        ratios[i] = ours / theirs;
        journal += ours;
        bare += theirs;
    }
    qsort(ratios, ROUNDS, sizeof *ratios, compare);
    printf("journal append and sync  %8.1f us a record\n", 1e6 * journal / ROUNDS / RECORDS);
    printf("write and fdatasync      %8.1f us a record\n", 1e6 * bare / ROUNDS / RECORDS);
    printf("ratio                    %8.3f (wanted: at most 1.10)\n", ratios[ROUNDS / 2]);
    return 0;
}
