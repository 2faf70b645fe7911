/* The canonical text of values. */
#include "base/value.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many bytes a well-formed character takes at its start, and the range of its second byte, by
 * the table of RFC 3629: it excludes overlong forms, surrogates and what lies beyond U+10FFFF. */
struct utf8_lead {
    unsigned char first, last; /* lead bytes */
    unsigned char low, high;   /* second byte */
    unsigned char size;
};

static const struct utf8_lead leads[] = {
    {0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static size_t character_size(const unsigned char *at, size_t left)
{
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
        const struct utf8_lead *lead = &leads[i];
        if (at[0] < lead->first || at[0] > lead->last)
            continue;
        if (lead->size > left)
            return 0;
        if (lead->size > 1 && (at[1] < lead->low || at[1] > lead->high))
            return 0;
        for (size_t k = 2; k < lead->size; k++) {
            if ((at[k] & 0xC0) != 0x80)
                return 0;
        }
        return lead->size;
    }
    return 0;
}

size_t value_utf8_end(struct slice text)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    size_t at = 0;
    while (at < text.size) {
        size_t size = bytes[at] < 0x80 ? 1 : character_size(bytes + at, text.size - at);
        if (size == 0)
            break;
        at += size;
    }
    return at;
}

/* What follows the backslash for bytes that must be escaped; 'u' means \u00XX; 0 means as it is. */
static char escape_of(unsigned char c)
{
    static const char control[32] = {'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n',
                                     'u', 'f', 'r', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
                                     'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u'};
    if (c < 32)
        return control[c];
    return c == '"' || c == '\\' ? (char)c : 0;
}

static size_t plain_run(struct slice string, size_t from)
{
    size_t end = from;
    while (end < string.size && !escape_of((unsigned char)string.data[end]))
        end++;
    return end;
}

static bool write_escape(unsigned char c, struct buffer *buffer, struct error *err)
{
    char escape = escape_of(c);
    if (escape == 'u')
        return buffer_append_format(buffer, err, "\\u%04x", c);
    return buffer_append(buffer, (struct slice){(char[]){'\\', escape}, 2}, err);
}

bool value_write_string(struct slice string, struct buffer *buffer, struct error *err)
{
    size_t bad = value_utf8_end(string);
    if (bad < string.size)
        return error_set(err, ERROR_INVALID, "text that is not UTF-8 (byte %zu is 0x%02x)", bad + 1,
                         (unsigned)(unsigned char)string.data[bad]);
    if (!buffer_append(buffer, slice_of("\""), err))
        return false;
    for (size_t at = 0; at < string.size;) {
        size_t end = plain_run(string, at);
        if (!buffer_append(buffer, (struct slice){string.data + at, end - at}, err))
            return false;
        if (end < string.size && !write_escape((unsigned char)string.data[end++], buffer, err))
            return false;
        at = end;
    }
    return buffer_append(buffer, slice_of("\""), err);
}

bool value_write_integer(int64_t integer, struct buffer *buffer, struct error *err)
{
    char digits[24];
    char *end = digits + sizeof digits;
    char *at = end;
    uint64_t rest = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (integer < 0)
        *--at = '-';
    return buffer_append(buffer, (struct slice){at, (size_t)(end - at)}, err);
}

enum { PLAIN_PLACES = 6 };

/* Most numbers are short: a whole number of 10^places-ths that has at most 15 digits is told by
 * these, as "%.15g" would, without its arbitrary precision. The division is exact enough: both
 * sides are whole numbers that a double holds. *size is 0 for all others. */
static void plain(char *text, size_t room, size_t *size, double number)
{
    double scale = 1;
    double size_of_it = fabs(number);
    *size = 0;
    if (!(size_of_it >= 1e-4 && size_of_it < 1e9))
        return;
    for (int places = 0; places <= PLAIN_PLACES; places++, scale *= 10) {
        double whole = nearbyint(size_of_it * scale);
        if (whole / scale != size_of_it)
            continue;
        int64_t all = (int64_t)whole;
        int64_t unit = (int64_t)scale;
        int shown = places ? places : 1;
        int length = snprintf(text, room, "%s%lld.%0*lld", number < 0 ? "-" : "",
                              (long long)(all / unit), shown, (long long)(all % unit));
        *size = (size_t)length;
        return;
    }
}

/* What 15 digits can say, %.15g says at its shortest; more than 17 are never needed. Subnormal
 * numbers hold fewer digits than that, so they are tried from one. */
static void shortest(char *text, size_t size, double number)
{
    int digits = number != 0 && fabs(number) < DBL_MIN ? 1 : 15;
    do
        snprintf(text, size, "%.*g", digits, number);
    while (strtod(text, NULL) != number && digits++ < 17);
}

bool value_write_float(double number, struct buffer *buffer, struct error *err)
{
    char text[40];
    if (!isfinite(number))
        return error_set(err, ERROR_INVALID, "a number that is not finite (%s)",
                         isnan(number) ? "nan"
                         : number > 0  ? "inf"
                                       : "-inf");
    size_t size;
    plain(text, sizeof text, &size, number);
    if (size > 0)
        return buffer_append(buffer, (struct slice){text, size}, err);
    shortest(text, sizeof text - 3, number);
    if (!strpbrk(text, ".e"))
        memcpy(text + strlen(text), ".0", 3);
    return buffer_append_text(buffer, text, err);
}

static bool write_array(const struct value *value, struct buffer *buffer, struct error *err)
{
    if (!buffer_append(buffer, slice_of("["), err))
        return false;
    for (size_t i = 0; i < value->array.count; i++) {
        if (i > 0 && !buffer_append(buffer, slice_of(","), err))
            return false;
        if (!value_write(&value->array.items[i], buffer, err))
            return false;
    }
    return buffer_append(buffer, slice_of("]"), err);
}

static bool write_object(const struct value *value, struct buffer *buffer, struct error *err)
{
    if (!buffer_append(buffer, slice_of("{"), err))
        return false;
    for (size_t i = 0; i < value->object.count; i++) {
        const struct member *member = &value->object.members[i];
        if (i > 0 && !buffer_append(buffer, slice_of(","), err))
            return false;
        if (!value_write_string(member->name, buffer, err) ||
            !buffer_append(buffer, slice_of(":"), err) || !value_write(&member->value, buffer, err))
            return false;
    }
    return buffer_append(buffer, slice_of("}"), err);
}

bool value_write(const struct value *value, struct buffer *buffer, struct error *err)
{
    switch (value->kind) {
    case VALUE_NULL:
        return buffer_append(buffer, slice_of("null"), err);
    case VALUE_BOOLEAN:
        return buffer_append(buffer, slice_of(value->boolean ? "true" : "false"), err);
    case VALUE_INTEGER:
        return value_write_integer(value->integer, buffer, err);
    case VALUE_FLOAT:
        return value_write_float(value->number, buffer, err);
    case VALUE_STRING:
        return value_write_string(value->string, buffer, err);
    case VALUE_ARRAY:
        return write_array(value, buffer, err);
    case VALUE_OBJECT:
        return write_object(value, buffer, err);
    }
    return false;
}
