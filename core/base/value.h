/* Canonical values: the only thing that crosses a border (policy, engine, journal, trusted state).
 *
 * The text form is JSON with exactly one spelling per value: object names sorted by byte and
 * unique, no white space, integers as digits, floats as the shortest text that reads back the same,
 * always with '.' or 'e' so that 1.0 is not 1; strings are UTF-8 with only what must be escaped
 * escaped; no NaN and no infinity. */
#pragma once

#include "base/bytes.h"

#define VALUE_KINDS(X)                                                                             \
    X(NULL, "null")                                                                                \
    X(BOOLEAN, "boolean")                                                                          \
    X(INTEGER, "integer")                                                                          \
    X(FLOAT, "float")                                                                              \
    X(STRING, "string")                                                                            \
    X(ARRAY, "array")                                                                              \
    X(OBJECT, "object")

enum value_kind {
#define X(name, text) VALUE_##name,
    VALUE_KINDS(X)
#undef X
};

struct value {
    enum value_kind kind;
    unsigned kept; /* the number of an array or object that is (value_keep); 0: none */
    union {
        bool boolean;
        int64_t integer;
        double number;
        struct slice string;
        struct {
            struct value *items;
            size_t count;
        } array;
        struct {
            struct member *members; /* sorted by name, unique */
            size_t count;
        } object;
    };
};

struct member {
    struct slice name;
    struct value value;
};

/* Levels of nesting that a text may have, and those of a value that a Lua state gives away: records
 * and documents around it still fit. */
enum { VALUE_DEPTH_MAX = 64, VALUE_DEPTH_GIVEN = 48 };

const char *value_kind_name(enum value_kind kind);

/* Constructors for scalars; the string is borrowed. */
struct value value_null(void);
struct value value_boolean(bool boolean);
struct value value_integer(int64_t integer);
struct value value_float(double number);
struct value value_string(struct slice string);
struct value value_text(const char *text);

/* Containers in `pool`; items and members start as null. */
bool value_array(struct value *out, size_t count, struct pool *pool, struct error *err);
bool value_object(struct value *out, size_t count, struct pool *pool, struct error *err);
/* Sorts the members of an object that was filled in any order; ERROR_INVALID if a name is twice. */
bool value_object_sort(struct value *object, struct error *err);

/* NULL if `value` is not an object or has no such member. Those with a C string are inline: the
 * compiler knows how long a literal is. */
const struct value *value_find(const struct value *value, struct slice name);

static inline const struct value *value_get(const struct value *value, const char *name)
{
    return value_find(value, slice_of(name));
}

bool value_is_text(const struct value *value, const char *text); /* false for NULL too */

/* The member as text/integer/number/boolean, or the fallback when absent or of another kind.
 * value_get_number takes integers too. */
static inline struct slice value_get_slice(const struct value *value, const char *name,
                                           const char *fallback)
{
    const struct value *found = value_get(value, name);
    return found && found->kind == VALUE_STRING ? found->string : slice_of(fallback);
}

static inline int64_t value_get_integer(const struct value *value, const char *name,
                                        int64_t fallback)
{
    const struct value *found = value_get(value, name);
    return found && found->kind == VALUE_INTEGER ? found->integer : fallback;
}

static inline double value_get_number(const struct value *value, const char *name, double fallback)
{
    const struct value *found = value_get(value, name);
    if (found && found->kind == VALUE_INTEGER)
        return (double)found->integer;
    return found && found->kind == VALUE_FLOAT ? found->number : fallback;
}

static inline bool value_get_boolean(const struct value *value, const char *name, bool fallback)
{
    const struct value *found = value_get(value, name);
    return found && found->kind == VALUE_BOOLEAN ? found->boolean : fallback;
}

/* For what stays and is not changed any more: gives each array and object in it a number of its
 * own, unless it has one. Copies have the same, and who has the same is equal: in a thousand runs
 * of one policy the same few values meet again and again. */
void value_keep(struct value *value);

/* What two values share, or whose numbers are the same, is not looked at twice. */
bool value_equal(const struct value *a, const struct value *b); /* 1 and 1.0 differ */
int value_depth(const struct value *value);                     /* 0 where nothing is nested */
bool value_copy(struct value *out, const struct value *from, struct pool *pool, struct error *err);

/* Reads JSON text. `strict` demands the canonical form byte for byte (journals, frames); otherwise
 * any RFC 8259 text is taken, names get sorted, a duplicate name is an error, and integers beyond
 * 64 bits become floats. Strings point into `text` where nothing was escaped: keep it. Errors name
 * the byte. */
bool value_parse(struct value *out, struct slice text, bool strict, struct pool *pool,
                 struct error *err);

/* Appends the canonical text. */
bool value_write(const struct value *value, struct buffer *buffer, struct error *err);

/* The canonical text of single things, for writers that need no tree. */
bool value_write_string(struct slice string, struct buffer *buffer, struct error *err);
bool value_write_integer(int64_t integer, struct buffer *buffer, struct error *err);
bool value_write_float(double number, struct buffer *buffer, struct error *err);

/* The first of `count` bytes that is not UTF-8 (no surrogates, no overlong forms), or `count`. */
size_t value_utf8_end(struct slice text);
