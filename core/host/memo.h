/* Remembers what pure functions answered: a thousand simulated runs of one policy ask the same few
 * questions. Questions are compared by content, so what is remembered is what would be computed. */
#pragma once

#include "base/value.h"

enum { MEMO_VALUES_MAX = 3, MEMO_ANSWERS_MAX = 7, MEMO_BUCKETS = 1024 };

struct memo_question {
    int function; /* tells the functions that share a memo apart */
    struct slice operation;
    const struct value *values[MEMO_VALUES_MAX];
    size_t count;
};

struct memo_entry {
    struct memo_entry *next;
    uint64_t hash;
    struct memo_question question;
    struct value kept[MEMO_VALUES_MAX]; /* what question.values point to */
    struct value answers[MEMO_ANSWERS_MAX];
};

struct memo {
    struct pool pool;
    struct memo_entry *buckets[MEMO_BUCKETS];
};

void memo_init(struct memo *memo, size_t max);
void memo_clear(struct memo *memo); /* forgets everything; entries found before are gone */

/* NULL if it was never answered. Entries live until memo_clear. */
struct memo_entry *memo_find(const struct memo *memo, const struct memo_question *question);
/* Copies both. NULL when the memo is full: not an error, only not remembered. */
struct memo_entry *memo_add(struct memo *memo, const struct memo_question *question,
                            const struct value *answers, size_t count);
