/* core/base but for its numerics, which have programs of their own. */
#include "base/array.h"
#include "base/digest.h"
#include "base/random.h"
#include "base/time.h"
#include "base/value.h"
#include "check.h"

#include <malloc.h>
#include <math.h>
#include <stdlib.h>

static struct pool pool = {.max = 64 << 20};
static struct error err;

static const char *canonical(const char *text)
{
    static struct buffer out = {.max = 1 << 20};
    struct value value;
    buffer_empty(&out);
    pool_reset(&pool);
    if (!value_parse(&value, slice_of(text), false, &pool, &err) ||
        !value_write(&value, &out, &err))
        return err.message;
    return out.data;
}

static void test_value_round_trip(void)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"{ \"b\" : [1, 2.0, 1e3], \"a\":\"x\\u00e9\\n\" }",
         "{\"a\":\"x\303\251\\n\",\"b\":[1,2.0,1000.0]}"},
        {"[]", "[]"},
        {"{}", "{}"},
        {"[{},[],null,true,false]", "[{},[],null,true,false]"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775808", "9.223372036854776e+18"},
        {"0.1", "0.1"},
        {"0.30000000000000004", "0.30000000000000004"},
        {"-0.0", "-0.0"},
        {"5e-324", "5e-324"},
        {"\"\\ud83d\\ude00\"", "\"\360\237\230\200\""},
        {"\"\\u0001\\b\\/\"", "\"\\u0001\\b/\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK_TEXT(canonical(rows[i].in), rows[i].out);
        char again[ERROR_MESSAGE_MAX];
        snprintf(again, sizeof again, "%s", canonical(rows[i].in));
        struct value value;
        CHECK(value_parse(&value, slice_of(again), true, &pool, &err));
    }
}

static void test_value_refuses(void)
{
    static const struct {
        const char *in, *message;
    } rows[] = {
        {"", "the JSON ends at byte 1: expected a JSON value"},
        {"[1,]", "byte 4 of the JSON is ']': expected a JSON value"},
        {"{\"a\":1,\"a\":2}", "the name \"a\" is twice in one object"},
        {"01", "byte 2 of the JSON is '1': expected nothing after the value"},
        {"1.", "the JSON ends at byte 3: expected a digit"},
        {"1e999", "byte 1 of the JSON is '1': expected a number that fits 64 bits"},
        {"\"\\ud800\"", "byte 8 of the JSON is '\"': expected the low half of a surrogate pair"},
        {"\"\xc0\x80\"", "byte 2 of the JSON is 0xc0: expected UTF-8"},
        {"\"abc", "the JSON ends at byte 5: expected a closing quote"},
        {"\"\\", "the JSON ends at byte 3: expected a closing quote"},
        {"nul", "byte 1 of the JSON is 'n': expected a JSON value"},
        {"NaN", "byte 1 of the JSON is 'N': expected a JSON value"},
        {"\"a\tb\"", "byte 3 of the JSON is 0x09: expected control characters to be escaped"},
        {"{1:2}", "byte 2 of the JSON is '1': expected a name in quotes"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_TEXT(canonical(rows[i].in), rows[i].message);
}

/* What is short is read and written by a way of its own: nothing tells it from the long one. */
static void test_short_numbers(void)
{
    struct value value;
    char text[64];
    for (int i = 0; i < 400000; i++) {
        double unit = i % 7 == 0 ? 7 : i % 7 == 1 ? 1e6 : i % 7 == 2 ? 1e7 : 100;
        double number = (i % 2 ? -1 : 1) * (double)((int64_t)i * 7919 % 1000003) / unit;
        if (i % 11 == 0 && number != 0)
            number = nextafter(number, 1e9);
        int digits = 15;
        do
            snprintf(text, sizeof text - 2, "%.*g", digits, number);
        while (strtod(text, NULL) != number && digits++ < 17);
        if (!strpbrk(text, ".e"))
            memcpy(text + strlen(text), ".0", 3);
        pool_reset(&pool);
        CHECK(value_parse(&value, slice_of(text), true, &pool, &err));
        CHECK(value.kind == VALUE_FLOAT && memcmp(&value.number, &number, sizeof number) == 0);
    }
}

static void test_value_depth(void)
{
    char text[300];
    for (int depth = 64; depth <= 65; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        text[2 * depth] = '\0';
        struct value value;
        pool_reset(&pool);
        CHECK(value_parse(&value, slice_of(text), true, &pool, &err) == (depth == 64));
    }
}

static void test_value_strict(void)
{
    static const char *const rows[] = {" 1", "{\"b\":1,\"a\":2}", "1.00", "\"\\u0061\"", "1E5"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct value value;
        CHECK(!value_parse(&value, slice_of(rows[i]), true, &pool, &err));
        CHECK_TEXT(err.message, "JSON that is not in canonical form");
        CHECK(value_parse(&value, slice_of(rows[i]), false, &pool, &err));
    }
}

/* What strict reading takes without writing it again is what the writer writes. */
static void check_spelling(const char *text)
{
    struct value value;
    struct buffer again = {.max = 1 << 20};
    pool_reset(&pool);
    if (!value_parse(&value, slice_of(text), false, &pool, &err))
        return;
    bool same = value_write(&value, &again, &err) && slice_is(buffer_slice(&again), text);
    CHECK(value_parse(&value, slice_of(text), true, &pool, &err) == same);
    buffer_clear(&again);
}

/* Numbers as long as doubles are told apart, and beyond; near powers of ten, with zeros at ends. */
static void test_value_spelled_numbers(void)
{
    struct random_stream random;
    random_open(&random, 20261130, RANDOM_VALUES, 0);
    char text[64];
    for (int i = 0; i < 200000; i++) {
        int size = 0;
        int digits = 1 + (int)random_below(&random, 18);
        int point = (int)random_below(&random, 20);
        bool nines = random_below(&random, 4) == 0;
        if (random_below(&random, 4) == 0)
            text[size++] = '-';
        for (int k = 0; k < digits; k++) {
            if (k == point)
                text[size++] = '.';
            text[size++] = nines ? '9' : (char)('0' + random_below(&random, 4) * 3);
        }
        if (random_below(&random, 8) == 0)
            size += snprintf(text + size, 8, "e%s%d", i % 2 ? "-" : "+",
                             (int)random_below(&random, 25));
        text[size] = '\0';
        check_spelling(text);
    }
}

/* A text in which a byte, or a few, are others. */
static void test_value_spelled_otherwise(void)
{
    static const char whole[] = "{\"a\":[1,-2.5,0.00101,1.0,1e+22,\"x\\n\\u0001\303\251\"],"
                                "\"b\":{\"\":null,\"\\\"\":true},\"c\":10.25}";
    static const char bytes[] = "0159.-+eE \\\"nu{}[],:/ab\n\177";
    struct random_stream random;
    random_open(&random, 20261130, RANDOM_VALUES, 1);
    char text[sizeof whole];
    check_spelling(whole);
    for (int i = 0; i < 200000; i++) {
        memcpy(text, whole, sizeof whole);
        for (int k = 0; k <= i % 3; k++)
            text[random_below(&random, sizeof whole - 1)] =
                bytes[random_below(&random, sizeof bytes - 1)];
        check_spelling(text);
    }
}

static void test_value_get(void)
{
    struct value value;
    pool_reset(&pool);
    CHECK(value_parse(&value, slice_of("{\"f\":1.5,\"i\":7,\"s\":\"x\",\"t\":true}"), true, &pool,
                      &err));
    CHECK(value_get_integer(&value, "i", 0) == 7);
    CHECK(value_get_number(&value, "f", 0) == 1.5);
    CHECK(value_get_number(&value, "i", 0) == 7.0);
    CHECK(value_get_boolean(&value, "t", false));
    CHECK(value_is_text(value_get(&value, "s"), "x"));
    CHECK(value_get(&value, "missing") == NULL);
    CHECK(value_get_integer(&value, "s", -1) == -1);
    struct value copy;
    struct pool other = {.max = 1 << 16};
    CHECK(value_copy(&copy, &value, &other, &err));
    CHECK(value_equal(&copy, &value));
    pool_clear(&other);
}

/* A number is for arrays and objects that stay; copies share it, and what is only like them has
 * none.
 */
static void test_value_keep(void)
{
    const char *text = "{\"a\":[1,{\"b\":2}],\"s\":\"x\"}";
    struct value value, copy, like;
    pool_reset(&pool);
    CHECK(value_parse(&value, slice_of(text), true, &pool, &err));
    CHECK(value_parse(&like, slice_of(text), true, &pool, &err));
    CHECK(value.kept == 0 && value_get(&value, "a")->kept == 0);
    value_keep(&value);
    CHECK(value_copy(&copy, &value, &pool, &err));
    const struct value *inner = value_get(&value, "a");
    CHECK(value.kept && inner->kept && inner->array.items[1].kept && value.kept != inner->kept);
    CHECK(inner->array.items[0].kept == 0 && value_get(&value, "s")->kept == 0);
    CHECK(copy.kept == value.kept && value_get(&copy, "a")->kept == inner->kept);
    CHECK(value_equal(&copy, &value) && value_equal(&like, &value) && like.kept == 0);
    unsigned number = value.kept;
    value_keep(&value);
    value_keep(&like);
    CHECK(value.kept == number && like.kept && like.kept != number && value_equal(&like, &value));
}

static void test_float_not_finite(void)
{
    struct buffer out = {.max = 100};
    struct value value = value_float(1e308 * 10);
    CHECK(!value_write(&value, &out, &err));
    CHECK_TEXT(err.message, "a number that is not finite (inf)");
    buffer_clear(&out);
}

static void test_buffer_max(void)
{
    struct buffer out;
    buffer_init(&out, 4);
    CHECK(buffer_append_text(&out, "abcd", &err));
    CHECK(!buffer_append_text(&out, "e", &err));
    CHECK(err.code == ERROR_LIMIT);
    CHECK_TEXT(out.data, "abcd");
    buffer_clear(&out);
}

static void test_pool(void)
{
    struct pool small;
    pool_init(&small, 200000);
    for (int round = 0; round < 3; round++) {
        char *a = pool_alloc(&small, 100000, &err);
        char *b = pool_alloc(&small, 90000, &err);
        CHECK(a && b);
        memset(a, 1, 100000);
        memset(b, 2, 90000);
        CHECK(pool_alloc(&small, 20000, &err) == NULL);
        pool_reset(&small);
    }
    pool_clear(&small);
}

static void test_error_cut(void)
{
    char long_text[2000];
    memset(long_text, 'a', sizeof long_text);
    memcpy(long_text + ERROR_MESSAGE_MAX - 2, "\303\251", 2);
    long_text[sizeof long_text - 1] = '\0';
    error_set(&err, ERROR_IO, "%s", long_text);
    CHECK(strlen(err.message) == ERROR_MESSAGE_MAX - 2);
    error_set(&err, ERROR_IO, "disk full");
    error_wrap(&err, "append to %s", "j");
    CHECK_TEXT(err.message, "append to j: disk full");
}

static void test_digest(void)
{
    char hex[DIGEST_HEX_SIZE + 1];
    struct slice parts[] = {slice_of("ab"), slice_of("c")};
    digest_hex(hex, parts, 2);
    CHECK_TEXT(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_durations(void)
{
    static const struct {
        const char *in;
        int64_t ms; /* -1: refused */
        const char *out;
    } rows[] = {
        {"90s", 90000, "1m30s"},
        {"5m", 300000, "5m"},
        {"1h30m", 5400000, "1h30m"},
        {"500ms", 500, "500ms"},
        {"0s", 0, "0s"},
        {"1d", 86400000, "1d"},
        {"", -1, ""},
        {"5", -1, ""},
        {"m", -1, ""},
        {"5 m", -1, ""},
        {"-5m", -1, ""},
        {"1.5h", -1, ""},
        {"5x", -1, ""},
        {"999999999d", -1, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms = -1;
        char text[32];
        CHECK(time_parse_duration(&ms, slice_of(rows[i].in), &err) == (rows[i].ms >= 0));
        CHECK(ms == rows[i].ms);
        if (ms < 0)
            continue;
        time_format_duration(text, ms);
        CHECK_TEXT(text, rows[i].out);
    }
}

static void test_instants(void)
{
    static const struct {
        const char *in, *out; /* NULL: refused */
    } rows[] = {
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
        {"2026-11-24T07:51:00+00:00", "2026-11-24T07:51:00Z"},
        {"2026-11-24T08:51:00.250+01:00", "2026-11-24T07:51:00.250Z"},
        {"2024-02-29 23:59:59", "2024-02-29T23:59:59Z"},
        {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
        {"2023-02-29T00:00:00Z", NULL},
        {"2026-13-01", NULL},
        {"yesterday", NULL},
        {"2026-11-24T07:51:00Zx", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms = 0;
        char text[32];
        CHECK(time_parse_instant(&ms, slice_of(rows[i].in), &err) == (rows[i].out != NULL));
        if (!rows[i].out)
            continue;
        time_format_instant(text, ms);
        CHECK_TEXT(text, rows[i].out);
    }
}

static void test_array(void)
{
    int *items = NULL;
    size_t capacity = 0;
    for (size_t count = 0; count < 1000; count++) {
        CHECK(array_reserve(&items, &capacity, count, sizeof *items, "numbers", &err));
        items[count] = (int)count;
    }
    CHECK(capacity == 1024 && items[999] == 999 && items[0] == 0);
    CHECK(!array_reserve(&items, &capacity, capacity, SIZE_MAX / 1024, "numbers", &err));
    CHECK_TEXT(err.message, "out of memory for numbers");
    CHECK(capacity == 1024 && items[999] == 999); /* as it was */
    free(items);
}

/* Of the heap, by a hundred pools with a word in each. AddressSanitizer's allocator does not tell.
 */
static void test_pools_begin_small(void)
{
    enum { POOLS = 100, EACH = 8 << 10 };
    static struct pool pools[POOLS];
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (size_t i = 0; i < POOLS; i++) {
        pool_init(&pools[i], 1 << 20);
        CHECK(pool_alloc(&pools[i], 8, &err) != NULL);
    }
    CHECK(mallinfo2().uordblks + mallinfo2().hblkhd - before < POOLS * EACH);
    for (size_t i = 0; i < POOLS; i++)
        pool_clear(&pools[i]);
}

CHECK_MAIN({"array", test_array}, {"value_round_trip", test_value_round_trip},
           {"value_refuses", test_value_refuses}, {"value_depth", test_value_depth},
           {"short_numbers", test_short_numbers}, {"value_strict", test_value_strict},
           {"value_spelled_numbers", test_value_spelled_numbers},
           {"value_spelled_otherwise", test_value_spelled_otherwise}, {"value_get", test_value_get},
           {"value_keep", test_value_keep}, {"float_not_finite", test_float_not_finite},
           {"buffer_max", test_buffer_max}, {"pool", test_pool},
           {"pools_begin_small", test_pools_begin_small}, {"error_cut", test_error_cut},
           {"digest", test_digest}, {"durations", test_durations}, {"instants", test_instants})
