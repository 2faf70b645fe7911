/* The journal: the append-only record of a run, and the only truth about it. One canonical JSON
 * object per line (docs/journal.md), each carrying the hash of the one before.
 *
 * Storage errors are final: after one, every append fails and nothing may be sent any more. */
#pragma once

#include "base/digest.h"
#include "base/value.h"

#define JOURNAL_KINDS(X)                                                                           \
    X(RUN, "run")                                                                                  \
    X(BEGIN, "begin")                                                                              \
    X(EFFECT, "effect")                                                                            \
    X(RESULT, "result")                                                                            \
    X(TICK, "tick")                                                                                \
    X(REQUEST, "request")                                                                          \
    X(COMMIT, "commit")                                                                            \
    X(ROLLBACK, "rollback")                                                                        \
    X(PROBE, "probe")                                                                              \
    X(UNDO, "undo")                                                                                \
    X(UNDONE, "undone")                                                                            \
    X(VERIFIED, "verified")                                                                        \
    X(END, "end")

enum journal_kind {
#define X(name, text) JOURNAL_##name,
    JOURNAL_KINDS(X)
#undef X
};

/* What a RUN record says as its "format": what records mean, and what their members are called. */
enum { JOURNAL_FORMAT = 3, JOURNAL_FORMAT_OLDEST = 2 };
enum { JOURNAL_RECORD_SIZE_MAX = 8 << 20 };

/* The last millisecond of the year 9999: times of records are 0 to this. */
#define JOURNAL_TIME_MAX INT64_C(253402300799999)

const char *journal_kind_name(enum journal_kind kind);
bool journal_kind_parse(enum journal_kind *kind, struct slice name); /* false: no such kind */

/* Where the bytes go. A file, memory, or a test's faulty disk. */
struct journal_store {
    bool (*append)(struct journal_store *store, struct slice bytes, struct error *err);
    bool (*sync)(struct journal_store *store, struct error *err);
    /* Sets space for so many more bytes aside. NULL where none is ever short. */
    bool (*reserve)(struct journal_store *store, size_t size, struct error *err);
};

struct journal {
    struct journal_store *store;
    struct buffer line;
    char prev[DIGEST_HEX_SIZE + 1];
    int64_t next_seq;
    bool failed;
    bool grouped, unsynced;
};

void journal_init(struct journal *journal, struct journal_store *store);
void journal_clear(struct journal *journal);
/* Goes on after what a scan found. */
struct journal_scan;
void journal_continue(struct journal *journal, const struct journal_scan *scan);

/* `body` is canonical JSON of an object. Durable when it returns true, unless records are grouped:
 * then all since the last journal_sync become durable together. */
bool journal_append(struct journal *journal, enum journal_kind kind, int64_t at, struct slice body,
                    struct error *err);
/* Whether records are grouped from now on. */
bool journal_group(struct journal *journal, bool grouped, struct error *err);
bool journal_sync(struct journal *journal, struct error *err);
/* From now on so many bytes can be appended, even if the disk is full by then. Where that cannot be
 * had, the journal goes on as it was. */
bool journal_reserve(struct journal *journal, size_t size, struct error *err);
/* The line last appended, without its newline; valid until the next append. */
struct slice journal_last_line(const struct journal *journal);

/* A store on a file descriptor (fdatasync), and one in memory. */
struct journal_file {
    struct journal_store store;
    int fd;
    bool durable;      /* false: no sync (simulations keep nothing that a crash could lose) */
    int64_t written;   /* bytes, by this process */
    int64_t before;    /* bytes that were there */
    int64_t allocated; /* the file has blocks up to here, those behind its end included */
    bool plain;        /* its file system allocates nothing behind an end: a reserve file does */
    int reserve;       /* that file, which has no name; -1: none */
    size_t reserved;   /* its size */
};
void journal_file_init(struct journal_file *file, int fd, bool durable);
/* Whether it holds what was written and nothing else; `path` is for the message. */
bool journal_file_stands(const struct journal_file *file, const char *path, struct error *err);
/* Whether it has no name any more. */
bool journal_file_is_gone(const struct journal_file *file);
/* Gives back what was set aside and not used. */
void journal_file_release(struct journal_file *file);
/* Creates `path`, which must not exist, and makes its name durable; -1 and *err otherwise. */
int journal_create(const char *path, struct error *err);
/* Makes the names in a file's folder durable. */
bool journal_sync_folder(const char *path, struct error *err);

struct journal_memory {
    struct journal_store store;
    struct buffer bytes;
};
void journal_memory_init(struct journal_memory *memory, size_t max);
void journal_memory_clear(struct journal_memory *memory);

struct journal_record {
    int64_t seq, at;
    enum journal_kind kind;
    struct value body; /* in the pool given to the scan; strings point into the scanned bytes */
    struct slice line; /* without the newline */
};

/* The body, also of a record whose scan has not kept it: that is read anew. */
bool journal_body(const struct journal_record *record, struct value *body, struct pool *pool,
                  struct error *err);

enum journal_tail {
    JOURNAL_WHOLE,   /* ends with a whole record */
    JOURNAL_TORN,    /* the last write did not finish: whole up to `good` bytes */
    JOURNAL_DAMAGED, /* bytes changed after they were written: intact up to `good` bytes */
};

struct journal_scan {
    struct journal_record *records; /* in the pool */
    size_t count;
    size_t good; /* bytes that verified */
    enum journal_tail tail;
    struct error damage; /* of a damaged one: which line, and what is wrong with it */
    char last_hash[DIGEST_HEX_SIZE + 1];
    int64_t next_seq;
};

/* Reads one line, which must be one that a journal wrote; of which journal, and where in it, is not
 * looked at. */
bool journal_read_line(struct journal_record *record, struct slice line, struct pool *pool,
                       struct error *err);
/* Reads a journal as far as it is intact. */
bool journal_read_intact(struct journal_scan *scan, struct slice bytes, struct pool *pool,
                         struct error *err);
/* The same for who asks what the run did. Ticks, nearly all of a long journal, are checked like the
 * rest, and then forgotten: their bodies are null (journal_body). */
bool journal_read_deeds(struct journal_scan *scan, struct slice bytes, struct pool *pool,
                        struct error *err);
/* The same for who lists many: a tick is followed by its frame, and what it says is not even
 * checked. */
bool journal_skim(struct journal_scan *scan, struct slice bytes, struct pool *pool,
                  struct error *err);
/* Reads a whole one. ERROR_DAMAGED names the line for anything but a torn last one. */
bool journal_read(struct journal_scan *scan, struct slice bytes, struct pool *pool,
                  struct error *err);
