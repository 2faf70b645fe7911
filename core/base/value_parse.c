/* Reading JSON (RFC 8259), and the canonical form of it.
 *
 * Strict reading takes only what value_write would write. Most of a text shows that by itself, as
 * it is read: no white space, names in order, strings without escapes, short numbers. What does not
 * (an escape, a long number) must equal what the writer makes of it, byte by byte. */
#include "base/value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    const char *start, *at, *end;
    struct pool *pool;
    struct error *err;
    int depth;
    bool strange; /* so far something is not spelled as value_write does */
};

static bool parse_value(struct parser *parser, struct value *out);

static bool fail(struct parser *parser, const char *expected)
{
    size_t byte = (size_t)(parser->at - parser->start) + 1;
    if (parser->at == parser->end)
        return error_set(parser->err, ERROR_INVALID, "the JSON ends at byte %zu: expected %s", byte,
                         expected);
    unsigned char c = (unsigned char)*parser->at;
    if (c > 32 && c < 127)
        return error_set(parser->err, ERROR_INVALID, "byte %zu of the JSON is '%c': expected %s",
                         byte, c, expected);
    return error_set(parser->err, ERROR_INVALID, "byte %zu of the JSON is 0x%02x: expected %s",
                     byte, c, expected);
}

static void skip_space(struct parser *parser)
{
    const char *from = parser->at;
    while (parser->at < parser->end && (*parser->at == ' ' || *parser->at == '\t' ||
                                        *parser->at == '\n' || *parser->at == '\r'))
        parser->at++;
    parser->strange |= parser->at > from;
}

/* Compares what was read since `from` with what the writer makes of it. */
static void compare_spelling(struct parser *parser, const char *from, const struct value *value)
{
    struct buffer again;
    struct error ignored;
    struct slice text = {from, (size_t)(parser->at - from)};
    buffer_init(&again, text.size + 64);
    parser->strange |= parser->strange || !value_write(value, &again, &ignored) ||
                       !slice_equal(buffer_slice(&again), text);
    buffer_clear(&again);
}

static bool next_is(struct parser *parser, char c)
{
    if (parser->at == parser->end || *parser->at != c)
        return false;
    parser->at++;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool take_hex(struct parser *parser, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++) {
        int digit = parser->at < parser->end ? hex_digit(*parser->at) : -1;
        if (digit < 0)
            return fail(parser, "four hexadecimal digits after \\u");
        *code = *code * 16 + (uint32_t)digit;
        parser->at++;
    }
    return true;
}

static size_t encode_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[0] = (char)(marks[size] | code);
    return size;
}

static bool take_unicode(struct parser *parser, char **out)
{
    uint32_t code = 0;
    uint32_t low = 0;
    if (!take_hex(parser, &code))
        return false;
    if (code >= 0xDC00 && code <= 0xDFFF)
        return fail(parser, "a high surrogate before a low one");
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (!next_is(parser, '\\') || !next_is(parser, 'u'))
            return fail(parser, "the low half of a surrogate pair");
        if (!take_hex(parser, &low))
            return false;
        if (low < 0xDC00 || low > 0xDFFF)
            return fail(parser, "the low half of a surrogate pair");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    *out += encode_utf8(*out, code);
    return true;
}

static bool take_escape(struct parser *parser, char **out)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    if (next_is(parser, 'u'))
        return take_unicode(parser, out);
    const char *found = parser->at < parser->end && *parser->at ? strchr(from, *parser->at) : NULL;
    if (!found)
        return fail(parser, "one of \" \\ / b f n r t u after a backslash");
    parser->at++;
    *(*out)++ = to[found - from];
    return true;
}

/* Where the string that starts at `at` ends, and whether anything in it is escaped. */
static bool find_end(struct parser *parser, const char **quote, bool *escaped)
{
    const char *at = parser->at;
    *escaped = false;
    for (; at < parser->end && *at != '"'; at++) {
        if ((unsigned char)*at < 32) {
            parser->at = at;
            return fail(parser, "control characters to be escaped");
        }
        if (*at == '\\') {
            *escaped = true;
            at++;
            if (at == parser->end)
                break;
        }
    }
    if (at >= parser->end) {
        parser->at = parser->end;
        return fail(parser, "a closing quote");
    }
    *quote = at;
    return true;
}

static bool unescape(struct parser *parser, const char *quote, struct slice *out)
{
    char *text = pool_alloc(parser->pool, (size_t)(quote - parser->at) + 1, parser->err);
    if (!text)
        return false;
    char *at = text;
    while (parser->at < quote) {
        if (*parser->at != '\\') {
            *at++ = *parser->at++;
            continue;
        }
        parser->at++;
        if (!take_escape(parser, &at))
            return false;
    }
    *out = (struct slice){text, (size_t)(at - text)};
    return true;
}

static bool parse_string(struct parser *parser, struct slice *out)
{
    const char *quote = NULL;
    bool escaped = false;
    if (!find_end(parser, &quote, &escaped))
        return false;
    struct slice raw = {parser->at, (size_t)(quote - parser->at)};
    size_t good = value_utf8_end(raw);
    if (good < raw.size) {
        parser->at += good;
        return fail(parser, "UTF-8");
    }
    if (escaped && !unescape(parser, quote, out))
        return false;
    parser->at = quote + 1;
    if (escaped) {
        struct value value = value_string(*out);
        compare_spelling(parser, raw.data - 1, &value);
    } else {
        *out = raw;
    }
    return true;
}

static bool take_digits(struct parser *parser)
{
    const char *from = parser->at;
    while (parser->at < parser->end && *parser->at >= '0' && *parser->at <= '9')
        parser->at++;
    return parser->at > from || fail(parser, "a digit");
}

/* Moves past a number by the grammar of JSON; *integral tells whether it has neither '.' nor 'e'.
 */
static bool scan_number(struct parser *parser, bool *integral)
{
    *integral = true;
    next_is(parser, '-');
    if (!next_is(parser, '0') && !take_digits(parser))
        return false;
    if (next_is(parser, '.')) {
        *integral = false;
        if (!take_digits(parser))
            return false;
    }
    if (next_is(parser, 'e') || next_is(parser, 'E')) {
        *integral = false;
        if (!next_is(parser, '-'))
            next_is(parser, '+');
        return take_digits(parser);
    }
    return true;
}

enum { NUMBER_SIZE_MAX = 512, PLAIN_DIGITS = 15, PLAIN_PLACES = 6 };

/* "-12.5": digits and a point, of which a double holds every one: their quotient by a power of ten
 * that it holds as well is what strtod finds. False for all other spellings.
 *
 * No two such texts without needless zeros are one number, so that with few places and no exponent
 * there is no other way to write it; *sure says so. */
static bool read_plain(struct slice text, double *number, bool *sure)
{
    double whole = 0;
    double scale = 1;
    bool minus = text.data[0] == '-';
    int digits = 0;
    int places = -1;
    for (size_t i = minus; i < text.size; i++) {
        char c = text.data[i];
        if (c == '.') {
            places = 0;
            continue;
        }
        if (c < '0' || c > '9' || ++digits > PLAIN_DIGITS)
            return false;
        whole = whole * 10 + (c - '0');
        scale *= places >= 0 ? 10 : 1;
        places += places >= 0;
    }
    *number = minus ? -(whole / scale) : whole / scale;
    *sure = places <= PLAIN_PLACES && (places == 1 || text.data[text.size - 1] != '0') &&
            fabs(*number) >= 1e-4;
    return true;
}

static void take_float(struct parser *parser, const char *from, double number, bool sure,
                       struct value *out)
{
    *out = value_float(number);
    if (!sure)
        compare_spelling(parser, from, out);
}

static bool parse_number(struct parser *parser, struct value *out)
{
    const char *from = parser->at;
    bool integral = false;
    if (!scan_number(parser, &integral))
        return false;
    size_t size = (size_t)(parser->at - from);
    char text[NUMBER_SIZE_MAX];
    if (size >= sizeof text) {
        parser->at = from;
        return fail(parser, "a number of fewer than 512 characters");
    }
    double plain = 0;
    bool sure = false;
    if (!integral && read_plain((struct slice){from, size}, &plain, &sure)) {
        take_float(parser, from, plain, sure, out);
        return true;
    }
    memcpy(text, from, size);
    text[size] = '\0';
    errno = 0;
    long long integer = integral ? strtoll(text, NULL, 10) : 0;
    if (integral && errno == 0) {
        *out = value_integer(integer);
        parser->strange |= integer == 0 && size > 1; /* "-0" */
        return true;
    }
    double number = strtod(text, NULL);
    if (isfinite(number)) {
        take_float(parser, from, number, false, out);
        return true;
    }
    parser->at = from;
    return fail(parser, "a number that fits 64 bits");
}

/* Items are gathered in chunks that double, so that a long array costs no second pass. */
struct gather {
    void *items;
    size_t count, capacity, item_size;
};

static void *gather_next(struct gather *gather, struct parser *parser)
{
    if (gather->count == gather->capacity) {
        size_t capacity = gather->capacity ? gather->capacity * 2 : 8;
        void *items = pool_alloc(parser->pool, capacity * gather->item_size, parser->err);
        if (!items)
            return NULL;
        if (gather->count)
            memcpy(items, gather->items, gather->count * gather->item_size);
        gather->items = items;
        gather->capacity = capacity;
    }
    return (char *)gather->items + gather->count++ * gather->item_size;
}

static bool parse_array(struct parser *parser, struct value *out)
{
    struct gather gather = {.item_size = sizeof(struct value)};
    skip_space(parser);
    if (!next_is(parser, ']')) {
        do {
            struct value *item = gather_next(&gather, parser);
            if (!item || !parse_value(parser, item))
                return false;
            skip_space(parser);
        } while (next_is(parser, ','));
        if (!next_is(parser, ']'))
            return fail(parser, "',' or ']'");
    }
    *out = (struct value){.kind = VALUE_ARRAY};
    out->array.items = gather.items;
    out->array.count = gather.count;
    return true;
}

static bool parse_member(struct parser *parser, struct member *member)
{
    skip_space(parser);
    if (!next_is(parser, '"'))
        return fail(parser, "a name in quotes");
    if (!parse_string(parser, &member->name))
        return false;
    skip_space(parser);
    if (!next_is(parser, ':'))
        return fail(parser, "':'");
    return parse_value(parser, &member->value);
}

static bool parse_object(struct parser *parser, struct value *out)
{
    struct gather gather = {.item_size = sizeof(struct member)};
    struct slice before = {NULL, 0};
    skip_space(parser);
    if (!next_is(parser, '}')) {
        do {
            struct member *member = gather_next(&gather, parser);
            if (!member || !parse_member(parser, member))
                return false;
            parser->strange |= gather.count > 1 && slice_compare(before, member->name) > 0;
            before = member->name;
            skip_space(parser);
        } while (next_is(parser, ','));
        if (!next_is(parser, '}'))
            return fail(parser, "',' or '}'");
    }
    *out = (struct value){.kind = VALUE_OBJECT};
    out->object.members = gather.items;
    out->object.count = gather.count;
    return value_object_sort(out, parser->err);
}

static bool parse_word(struct parser *parser, struct value *out)
{
    static const struct {
        const char *word;
        struct value value;
    } words[] = {
        {"true", {.kind = VALUE_BOOLEAN, .boolean = true}},
        {"false", {.kind = VALUE_BOOLEAN}},
        {"null", {.kind = VALUE_NULL}},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t size = strlen(words[i].word);
        if ((size_t)(parser->end - parser->at) >= size &&
            memcmp(parser->at, words[i].word, size) == 0) {
            parser->at += size;
            *out = words[i].value;
            return true;
        }
    }
    return fail(parser, "a JSON value");
}

static bool parse_nested(struct parser *parser, struct value *out)
{
    if (parser->depth == VALUE_DEPTH_MAX)
        return fail(parser, "at most 64 levels of nesting");
    parser->depth++;
    bool ok = *parser->at++ == '[' ? parse_array(parser, out) : parse_object(parser, out);
    parser->depth--;
    return ok;
}

static bool parse_value(struct parser *parser, struct value *out)
{
    skip_space(parser);
    if (parser->at == parser->end)
        return fail(parser, "a JSON value");
    char c = *parser->at;
    if (c == '[' || c == '{')
        return parse_nested(parser, out);
    if (c == '"') {
        parser->at++;
        *out = value_string((struct slice){NULL, 0});
        return parse_string(parser, &out->string);
    }
    if (c == '-' || (c >= '0' && c <= '9'))
        return parse_number(parser, out);
    return parse_word(parser, out);
}

bool value_parse(struct value *out, struct slice text, bool strict, struct pool *pool,
                 struct error *err)
{
    struct parser parser = {text.data, text.data, text.data + text.size, pool, err, 0, !strict};
    if (!parse_value(&parser, out))
        return false;
    skip_space(&parser);
    if (parser.at != parser.end)
        return fail(&parser, "nothing after the value");
    return !strict || !parser.strange ||
           error_set(err, ERROR_INVALID, "JSON that is not in canonical form");
}
