/* A hash table of questions and answers, compared by content. */
#include "host/memo.h"

#include <string.h>

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

/* Of a long text its size, beginning and end: is_same() tells the rest apart. */
static uint64_t hash_text(uint64_t hash, struct slice text)
{
    uint64_t word = text.size;
    hash = mix(hash, word);
    if (text.size >= sizeof word) {
        memcpy(&word, text.data, sizeof word);
        hash = mix(hash, word);
        memcpy(&word, text.data + text.size - sizeof word, sizeof word);
        return mix(hash, word);
    }
    for (size_t at = 0; at < text.size; at++)
        word = word << 8 | (unsigned char)text.data[at];
    return mix(hash, word);
}

/* Equal values of which one has no number have different hashes: they are remembered twice. */
static uint64_t hash_value(uint64_t hash, const struct value *value)
{
    uint64_t bits = 0;
    hash = mix(hash, (uint64_t)value->kind);
    if (value->kept)
        return mix(hash, value->kept);
    switch (value->kind) {
    case VALUE_NULL:
        return hash;
    case VALUE_BOOLEAN:
        return mix(hash, value->boolean);
    case VALUE_INTEGER:
        return mix(hash, (uint64_t)value->integer);
    case VALUE_FLOAT:
        memcpy(&bits, &value->number, sizeof bits);
        return mix(hash, bits);
    case VALUE_STRING:
        return hash_text(hash, value->string);
    case VALUE_ARRAY:
        for (size_t i = 0; i < value->array.count; i++)
            hash = hash_value(hash, &value->array.items[i]);
        return mix(hash, value->array.count);
    case VALUE_OBJECT:
        for (size_t i = 0; i < value->object.count; i++) /* like questions have the same names */
            hash = hash_value(hash, &value->object.members[i].value);
        return mix(hash, value->object.count);
    }
    return hash;
}

static uint64_t hash_question(const struct memo_question *question)
{
    uint64_t hash = hash_text((uint64_t)question->function, question->operation);
    for (size_t i = 0; i < question->count; i++)
        hash = hash_value(hash, question->values[i]);
    return hash;
}

static bool is_same(const struct memo_question *a, const struct memo_question *b)
{
    if (a->function != b->function || a->count != b->count ||
        !slice_equal(a->operation, b->operation))
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!value_equal(a->values[i], b->values[i]))
            return false;
    }
    return true;
}

void memo_init(struct memo *memo, size_t max)
{
    *memo = (struct memo){0};
    pool_init(&memo->pool, max);
}

void memo_clear(struct memo *memo)
{
    pool_clear(&memo->pool);
    memset(memo->buckets, 0, sizeof memo->buckets);
}

struct memo_entry *memo_find(const struct memo *memo, const struct memo_question *question)
{
    uint64_t hash = hash_question(question);
    struct memo_entry *entry = memo->buckets[hash % MEMO_BUCKETS];
    while (entry && !(entry->hash == hash && is_same(&entry->question, question)))
        entry = entry->next;
    return entry;
}

static bool copy_question(struct memo_entry *entry, const struct memo_question *question,
                          struct pool *pool, struct error *err)
{
    entry->question = *question;
    if (!pool_copy(pool, question->operation, &entry->question.operation, err))
        return false;
    for (size_t i = 0; i < question->count; i++) {
        if (!value_copy(&entry->kept[i], question->values[i], pool, err))
            return false;
        entry->question.values[i] = &entry->kept[i];
    }
    return true;
}

struct memo_entry *memo_add(struct memo *memo, const struct memo_question *question,
                            const struct value *answers, size_t count)
{
    struct error ignored;
    struct memo_entry *entry = pool_alloc(&memo->pool, sizeof *entry, &ignored);
    if (!entry)
        return NULL;
    *entry = (struct memo_entry){.hash = hash_question(question)};
    if (!copy_question(entry, question, &memo->pool, &ignored))
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!value_copy(&entry->answers[i], &answers[i], &memo->pool, &ignored))
            return NULL;
        value_keep(&entry->answers[i]);
    }
    struct memo_entry **bucket = &memo->buckets[entry->hash % MEMO_BUCKETS];
    entry->next = *bucket;
    *bucket = entry;
    return entry;
}
