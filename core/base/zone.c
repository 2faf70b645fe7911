/* TZif: a header, a block of 32-bit times that nobody needs any more, a second header, a block of
 * 64-bit times, and the rule for later in the notation of POSIX's TZ
 * ("CET-1CEST,M3.5.0,M10.5.0/3"). The bytes are a file of the system's, and still nothing is
 * believed of them. */
#include "base/zone.h"

#include "base/array.h"
#include "base/zone_rule.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER_SIZE = 44, TYPE_SIZE = 6, TIMES_MAX = 4096, TYPES_MAX = 256, SECOND = 1000 };

/* The end of the year 9999: beyond it no clock is set. */
#define TIME_MAX_S INT64_C(253402300799)

enum { OFFSET_MAX_S = 26 * 3600 };

struct reader {
    const unsigned char *at;
    size_t left;
};

static const unsigned char *take(struct reader *reader, size_t size)
{
    const unsigned char *taken = reader->at;
    if (reader->left < size)
        return NULL;
    reader->at += size;
    reader->left -= size;
    return taken;
}

static int64_t number(const unsigned char *bytes, size_t size)
{
    uint64_t value = bytes[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return (int64_t)value;
}

/* How many there are of everything in the block that follows. */
struct header {
    char version;
    size_t isut, isstd, leaps, times, types, chars;
};

static bool read_header(struct reader *reader, struct header *header, struct error *err)
{
    enum { VERSION = 4, COUNTS = 20, COUNT = 6, WIDTH = 4 };
    const unsigned char *bytes = take(reader, HEADER_SIZE);
    size_t *counts[COUNT] = {&header->isut,  &header->isstd, &header->leaps,
                             &header->times, &header->types, &header->chars};
    if (!bytes || memcmp(bytes, "TZif", VERSION) != 0)
        return error_set(err, ERROR_INVALID, "it is no TZif file");
    header->version = (char)bytes[VERSION];
    for (size_t i = 0; i < COUNT; i++) {
        int64_t count = number(bytes + COUNTS + WIDTH * i, WIDTH);
        if (count < 0 || count > TIMES_MAX)
            return error_set(err, ERROR_INVALID, "a TZif file has %lld of something",
                             (long long)count);
        *counts[i] = (size_t)count;
    }
    return header->types > 0 && header->types <= TYPES_MAX && header->version >= '2'
               ? true
               : error_set(err, ERROR_INVALID, "it is no TZif file of version 2 or later");
}

static size_t block_size(const struct header *header, size_t width)
{
    return header->times * (width + 1) + header->types * TYPE_SIZE + header->chars +
           header->leaps * (width + 4) + header->isstd + header->isut;
}

static bool add_jump(struct zone *zone, size_t *capacity, int64_t at_s, int64_t offset_s,
                     struct error *err)
{
    if (at_s < -TIME_MAX_S || at_s > TIME_MAX_S || offset_s < -OFFSET_MAX_S ||
        offset_s > OFFSET_MAX_S)
        return error_set(err, ERROR_INVALID, "a TZif file has a time of no clock");
    if (zone->count > 0 && zone->jumps[zone->count - 1].at >= at_s * SECOND)
        return error_set(err, ERROR_INVALID, "the times of a TZif file do not rise");
    if (!array_reserve(&zone->jumps, capacity, zone->count, sizeof *zone->jumps, "a time zone",
                       err))
        return false;
    zone->jumps[zone->count++] = (struct zone_jump){at_s * SECOND, offset_s * SECOND};
    return true;
}

/* The times, the type that each begins, and the types, of which the first holds before all. */
static bool read_times(struct zone *zone, size_t *capacity, const struct header *header,
                       const unsigned char *block, struct error *err)
{
    enum { WIDTH = 8 };
    const unsigned char *kinds = block + header->times * WIDTH;
    const unsigned char *types = kinds + header->times;
    if (!add_jump(zone, capacity, -TIME_MAX_S, number(types, 4), err))
        return false;
    for (size_t i = 0; i < header->times; i++) {
        int64_t at = number(block + i * WIDTH, WIDTH);
        if (kinds[i] >= header->types)
            return error_set(err, ERROR_INVALID, "a TZif file has a time of no type");
        if (at <= -TIME_MAX_S) /* the big bang, in some files */
            continue;
        if (!add_jump(zone, capacity, at, number(types + TYPE_SIZE * kinds[i], 4), err))
            return false;
    }
    return true;
}

/* What is written down goes before the rule. */
static bool follow_rule(struct zone *zone, size_t *capacity, const struct zone_rule *rule,
                        struct error *err)
{
    enum { FIRST = 1970, LAST = 2200 };
    int64_t written = zone->jumps[zone->count - 1].at;
    for (int year = FIRST; year <= LAST; year++) {
        struct zone_change changes[2];
        size_t count = zone_rule_year(rule, year, changes);
        for (size_t i = 0; i < count; i++) {
            bool later = changes[i].at * SECOND > written &&
                         changes[i].at * SECOND > zone->jumps[zone->count - 1].at;
            if (later && !add_jump(zone, capacity, changes[i].at, changes[i].offset, err))
                return false;
        }
    }
    return true;
}

/* "\n" rule "\n"; an empty one says that nothing is known of later. */
static bool read_rule(struct zone *zone, size_t *capacity, struct reader *reader, struct error *err)
{
    struct zone_rule rule;
    if (reader->left < 2 || reader->at[0] != '\n' || reader->at[reader->left - 1] != '\n')
        return error_set(err, ERROR_INVALID, "a TZif file does not end with its rule");
    struct slice text = {(const char *)reader->at + 1, reader->left - 2};
    if (text.size == 0)
        return true;
    return zone_rule_parse(&rule, text, err) && follow_rule(zone, capacity, &rule, err);
}

static bool cut_short(struct error *err)
{
    return error_set(err, ERROR_INVALID, "a TZif file is cut short");
}

bool zone_parse(struct zone *zone, struct slice bytes, struct error *err)
{
    struct reader reader = {(const unsigned char *)bytes.data, bytes.size};
    struct header header;
    size_t capacity = 0;
    *zone = (struct zone){NULL, 0};
    if (!read_header(&reader, &header, err))
        return false;
    if (!take(&reader, block_size(&header, 4)))
        return cut_short(err);
    if (!read_header(&reader, &header, err))
        return false;
    const unsigned char *block = take(&reader, block_size(&header, 8));
    if (!block)
        return cut_short(err);
    return read_times(zone, &capacity, &header, block, err) &&
           read_rule(zone, &capacity, &reader, err);
}

void zone_clear(struct zone *zone)
{
    free(zone->jumps);
    *zone = (struct zone){NULL, 0};
}

/* The last that is not after it. */
static size_t place(const struct zone *zone, int64_t at)
{
    size_t low = 0;
    size_t high = zone->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->jumps[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int64_t zone_offset(const struct zone *zone, int64_t at)
{
    return zone->count ? zone->jumps[place(zone, at)].offset : 0;
}

int64_t zone_next_jump(const struct zone *zone, int64_t at)
{
    size_t next = zone->count ? place(zone, at) + 1 : 0;
    return next < zone->count ? zone->jumps[next].at : INT64_MAX;
}
