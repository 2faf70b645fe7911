/* The machine that matches Lua's patterns: single items, sets, captures, and the stack of choices.
 */
#include "lua_pattern.h"

#include <string.h>

/* ASCII classes as bit maps of the lower 128 bytes, by letter; no locale has a say. */
struct class
{
    uint64_t low, high;
};

static const struct class classes[26] = {
    ['a' - 'a'] = {0, 0x07fffffe07fffffe},
    ['c' - 'a'] = {0x00000000ffffffff, 0x8000000000000000},
    ['d' - 'a'] = {0x03ff000000000000, 0},
    ['g' - 'a'] = {0xfffffffe00000000, 0x7fffffffffffffff},
    ['l' - 'a'] = {0, 0x07fffffe00000000},
    ['p' - 'a'] = {0xfc00fffe00000000, 0x78000001f8000001},
    ['s' - 'a'] = {0x0000000100003e00, 0},
    ['u' - 'a'] = {0, 0x0000000007fffffe},
    ['w' - 'a'] = {0x03ff000000000000, 0x07fffffe07fffffe},
    ['x' - 'a'] = {0x03ff000000000000, 0x0000007e0000007e},
    ['z' - 'a'] = {0x0000000000000001, 0}, /* the zero byte: an old name that Lua still knows */
};

/* What one character of the subject is compared with. */
enum item_kind { ITEM_CHAR, ITEM_ANY, ITEM_CLASS, ITEM_SET };

struct item {
    enum item_kind kind;
    bool inverted;
    char byte;
    const uint64_t *bits; /* two words for a class, four for a set */
    const char *end;      /* the pattern after it */
};

/* A place to come back to when the rest of the pattern does not match. */
enum choice_kind {
    CHOICE_OPENED, /* a capture to forget */
    CHOICE_CLOSED, /* a capture to open again */
    CHOICE_LESS,   /* * and +: give one character back */
    CHOICE_MORE,   /* -: take one more */
    CHOICE_SKIP,   /* ?: go on without */
};

struct choice {
    enum choice_kind kind;
    int capture;
    const char *subject;
    const char *pattern; /* where the rest begins */
    union {
        size_t count;     /* CHOICE_LESS */
        const char *item; /* CHOICE_MORE */
    } of;
};

struct machine {
    struct pattern *pattern;
    const char *s;
    const char *p;
    size_t depth;
    struct choice choices[PATTERN_DEPTH];
};

/* A machine has many choices, and none is read that was not pushed. Filling them with zeros, as the
 * build does with what is left open, would cost more than most matches and be paid by nobody. */
#if defined __has_attribute
#if __has_attribute(uninitialized)
#define UNFILLED __attribute__((uninitialized))
#endif
#endif
#ifndef UNFILLED
#define UNFILLED
#endif

enum { STEP_TICKS = 4 };

static const struct class *find_class(char letter)
{
    unsigned index = ((unsigned char)letter | 0x20u) - 'a';
    if (index >= 26 || (unsigned char)letter < 'A')
        return NULL;
    const struct class *class = &classes[index];
    return class->low | class->high ? class : NULL;
}

static bool is_upper(char letter)
{
    return letter >= 'A' && letter <= 'Z';
}

/* The end of the set that begins at `p` ('['). */
static const char *find_set_end(struct pattern *m, const char *p)
{
    const char *start = p++;
    if (p < m->text_end && *p == '^')
        p++;
    do { /* a ']' in the first place stands for itself */
        if (p >= m->text_end)
            luaL_error(m->meter.L, "malformed pattern (missing ']')");
        p += *p == '%' && p + 1 < m->text_end ? 2 : 1;
    } while (p >= m->text_end || *p != ']');
    meter_add(&m->meter, (uint64_t)(p - start));
    return p + 1;
}

static void set_add(uint64_t *bits, unsigned char byte)
{
    bits[byte >> 6] |= UINT64_C(1) << (byte & 63);
}

static void set_add_escape(uint64_t *bits, char letter)
{
    const struct class *class = find_class(letter);
    if (!class) {
        set_add(bits, (unsigned char)letter);
        return;
    }
    uint64_t flip = is_upper(letter) ? ~UINT64_C(0) : 0;
    bits[0] |= class->low ^ flip;
    bits[1] |= class->high ^ flip;
    bits[2] |= flip;
    bits[3] |= flip;
}

static void set_add_range(uint64_t *bits, unsigned char first, unsigned char last)
{
    for (unsigned c = first; c <= last; c++)
        set_add(bits, (unsigned char)c);
}

/* Fills in the bits of the set whose text, without brackets, is from `p` to `end`. */
static void read_set(struct pattern_set *set, const char *p, const char *end)
{
    memset(set->bits, 0, sizeof set->bits);
    bool inverted = *p == '^';
    if (inverted)
        p++;
    while (p < end) {
        if (*p == '%') {
            set_add_escape(set->bits, p[1]);
            p += 2;
        } else if (p[1] == '-' && p + 2 < end) {
            set_add_range(set->bits, (unsigned char)p[0], (unsigned char)p[2]);
            p += 3;
        } else {
            set_add(set->bits, (unsigned char)*p++);
        }
    }
    if (inverted)
        for (int i = 0; i < 4; i++)
            set->bits[i] = ~set->bits[i];
}

/* A set is read once and remembered by its place, unless a pattern has more than there is room for.
 */
static const struct pattern_set *find_set(struct pattern *m, const char *p)
{
    struct pattern_set *set = &m->sets[(size_t)(p - m->text) % PATTERN_SETS];
    if (set->item == p)
        return set;
    const char *end = find_set_end(m, p);
    set->item = NULL;
    meter_add(&m->meter, 32 + 4 * (uint64_t)(end - p));
    read_set(set, p + 1, end - 1);
    set->item = p;
    set->end = end;
    return set;
}

static void read_escape(struct pattern *m, const char *p, struct item *item)
{
    if (p + 1 >= m->text_end)
        luaL_error(m->meter.L, "malformed pattern (ends with '%%')");
    const struct class *class = find_class(p[1]);
    *item = (struct item){.kind = class ? ITEM_CLASS : ITEM_CHAR,
                          .inverted = class && is_upper(p[1]),
                          .byte = p[1],
                          .bits = class ? &class->low : NULL,
                          .end = p + 2};
}

static inline void read_item(struct pattern *m, const char *p, struct item *item)
{
    if (*p == '%') {
        read_escape(m, p, item);
    } else if (*p == '[') {
        const struct pattern_set *set = find_set(m, p);
        *item = (struct item){.kind = ITEM_SET, .bits = set->bits, .end = set->end};
    } else {
        enum item_kind kind = *p == '.' ? ITEM_ANY : ITEM_CHAR;
        *item = (struct item){.kind = kind, .byte = *p, .end = p + 1};
    }
}

static inline bool item_matches(const struct item *item, unsigned char c)
{
    switch (item->kind) {
    case ITEM_CHAR:
        return c == (unsigned char)item->byte;
    case ITEM_ANY:
        return true;
    case ITEM_SET:
        return item->bits[c >> 6] >> (c & 63) & 1;
    case ITEM_CLASS:
        return (c < 128 && (item->bits[c >> 6] >> (c & 63) & 1)) != item->inverted;
    }
    return false;
}

static struct choice *push_choice(struct machine *k, enum choice_kind kind, const char *pattern)
{
    if (k->depth == PATTERN_DEPTH)
        luaL_error(k->pattern->meter.L, "pattern too complex");
    struct choice *choice = &k->choices[k->depth++];
    choice->kind = kind;
    choice->subject = k->s;
    choice->pattern = pattern;
    return choice;
}

static bool open_capture(struct machine *k)
{
    struct pattern *m = k->pattern;
    bool position = k->p + 1 < m->text_end && k->p[1] == ')';
    if (m->captures >= PATTERN_CAPTURES)
        luaL_error(m->meter.L, "too many captures");
    m->capture[m->captures].start = k->s;
    m->capture[m->captures].length = position ? PATTERN_POSITION : PATTERN_UNFINISHED;
    m->captures++;
    push_choice(k, CHOICE_OPENED, NULL);
    k->p += position ? 2 : 1;
    return true;
}

static bool close_capture(struct machine *k)
{
    struct pattern *m = k->pattern;
    int index = m->captures - 1;
    while (index >= 0 && m->capture[index].length != PATTERN_UNFINISHED)
        index--;
    if (index < 0)
        luaL_error(m->meter.L, "invalid pattern capture");
    m->capture[index].length = k->s - m->capture[index].start;
    push_choice(k, CHOICE_CLOSED, NULL)->capture = index;
    k->p++;
    return true;
}

/* %bxy: from an x to the y that balances it. */
static bool match_balance(struct machine *k)
{
    struct pattern *m = k->pattern;
    if (m->text_end - k->p < 4)
        luaL_error(m->meter.L, "malformed pattern (missing arguments to '%%b')");
    char opening = k->p[2];
    char closing = k->p[3];
    if (k->s == m->subject_end || *k->s != opening)
        return false;
    size_t open = 1;
    for (const char *s = k->s + 1; s < m->subject_end; s++) {
        meter_add(&m->meter, 1);
        if (*s == closing) {
            if (--open == 0) {
                k->s = s + 1;
                k->p += 4;
                return true;
            }
        } else if (*s == opening) {
            open++;
        }
    }
    return false;
}

/* %f[set]: between a character outside the set and one inside; '\0' stands at both ends. */
static bool match_frontier(struct machine *k)
{
    struct pattern *m = k->pattern;
    const char *p = k->p + 2;
    if (p >= m->text_end || *p != '[')
        luaL_error(m->meter.L, "missing '[' after '%%f' in pattern");
    struct item item;
    read_item(m, p, &item);
    unsigned char before = k->s == m->subject ? 0 : (unsigned char)k->s[-1];
    unsigned char after = k->s == m->subject_end ? 0 : (unsigned char)*k->s;
    k->p = item.end;
    return !item_matches(&item, before) && item_matches(&item, after);
}

/* %1: what capture 1 matched, again. */
static bool match_again(struct machine *k)
{
    struct pattern *m = k->pattern;
    int index = k->p[1] - '1';
    if (index < 0 || index >= m->captures || m->capture[index].length == PATTERN_UNFINISHED)
        luaL_error(m->meter.L, "invalid capture index %%%d", index + 1);
    ptrdiff_t length = m->capture[index].length;
    if (length < 0 || m->subject_end - k->s < length)
        return false;
    meter_bytes(&m->meter, (size_t)length);
    if (memcmp(k->s, m->capture[index].start, (size_t)length) != 0)
        return false;
    k->s += length;
    k->p += 2;
    return true;
}

/* Takes as many characters as match; the choice left behind gives them back one by one. */
static bool match_many(struct machine *k, const struct item *item, size_t least)
{
    struct pattern *m = k->pattern;
    const char *s = k->s;
    while (s < m->subject_end && item_matches(item, (unsigned char)*s)) {
        meter_add(&m->meter, 1);
        s++;
    }
    size_t count = (size_t)(s - k->s);
    if (count < least)
        return false;
    k->s += least;
    push_choice(k, CHOICE_LESS, item->end + 1)->of.count = count - least;
    k->s = s;
    k->p = item->end + 1;
    return true;
}

static bool match_item(struct machine *k)
{
    struct pattern *m = k->pattern;
    struct item item;
    read_item(m, k->p, &item);
    char suffix = item.end < m->text_end ? *item.end : '\0';
    if (suffix == '*' || suffix == '+')
        return match_many(k, &item, suffix == '+');
    if (suffix == '-') {
        push_choice(k, CHOICE_MORE, item.end + 1)->of.item = k->p;
        k->p = item.end + 1;
        return true;
    }
    bool matches = k->s < m->subject_end && item_matches(&item, (unsigned char)*k->s);
    if (suffix == '?') {
        if (matches) {
            push_choice(k, CHOICE_SKIP, item.end + 1);
            k->s++;
        }
        k->p = item.end + 1;
        return true;
    }
    if (!matches)
        return false;
    k->s++;
    k->p = item.end;
    return true;
}

/* One part of the pattern: false at a dead end. */
static inline bool advance(struct machine *k)
{
    struct pattern *m = k->pattern;
    char next = k->p + 1 < m->text_end ? k->p[1] : '\0';
    switch (*k->p) {
    case '(':
        return open_capture(k);
    case ')':
        return close_capture(k);
    case '$':
        if (k->p + 1 != m->text_end)
            break;
        k->p++;
        return k->s == m->subject_end;
    case '%':
        if (next == 'b')
            return match_balance(k);
        if (next == 'f')
            return match_frontier(k);
        if (next >= '0' && next <= '9')
            return match_again(k);
        break;
    }
    return match_item(k);
}

static bool take_more(struct machine *k, struct choice *choice)
{
    struct item item;
    if (choice->subject >= k->pattern->subject_end)
        return false;
    read_item(k->pattern, choice->of.item, &item);
    return item_matches(&item, (unsigned char)*choice->subject++);
}

/* Back to the last choice that has something left to try: false if none has. */
static bool retreat(struct machine *k)
{
    while (k->depth > 0) {
        struct choice *choice = &k->choices[k->depth - 1];
        bool alive = false;
        switch (choice->kind) {
        case CHOICE_OPENED:
            k->pattern->captures--;
            break;
        case CHOICE_CLOSED:
            k->pattern->capture[choice->capture].length = PATTERN_UNFINISHED;
            break;
        case CHOICE_LESS:
            alive = choice->of.count > 0;
            k->s = choice->subject + (alive ? --choice->of.count : 0);
            break;
        case CHOICE_MORE:
            alive = take_more(k, choice);
            k->s = choice->subject;
            break;
        case CHOICE_SKIP:
            k->s = choice->subject;
            k->p = choice->pattern;
            k->depth--;
            return true;
        }
        if (alive) {
            k->p = choice->pattern;
            return true;
        }
        k->depth--;
    }
    return false;
}

void pattern_init(struct pattern *m, lua_State *L, const char *subject, size_t subject_size,
                  const char *text, size_t text_size)
{
    m->meter = (struct meter){.L = L, .ticks = text_size};
    m->subject = subject;
    m->subject_end = subject + subject_size;
    m->text = text;
    m->text_end = text + text_size;
    m->captures = 0;
    for (int i = 0; i < PATTERN_SETS; i++)
        m->sets[i].item = NULL;
}

const char *pattern_match(struct pattern *m, const char *start)
{
    struct machine machine UNFILLED;
    machine.pattern = m;
    machine.s = start;
    machine.p = m->text;
    machine.depth = 0;
    m->captures = 0;
    meter_add(&m->meter, STEP_TICKS);
    while (machine.p < m->text_end) {
        meter_add(&m->meter, STEP_TICKS);
        if (!advance(&machine) && !retreat(&machine))
            return NULL;
    }
    return machine.s;
}

void pattern_push_capture(struct pattern *m, int index, const char *start, const char *end)
{
    lua_State *L = m->meter.L;
    if (index >= m->captures) {
        if (index != 0)
            luaL_error(L, "invalid capture index %%%d", index + 1);
        meter_bytes(&m->meter, (size_t)(end - start));
        lua_pushlstring(L, start, (size_t)(end - start));
        return;
    }
    const struct pattern_capture *capture = &m->capture[index];
    if (capture->length == PATTERN_UNFINISHED)
        luaL_error(L, "unfinished capture");
    if (capture->length == PATTERN_POSITION) {
        lua_pushinteger(L, capture->start - m->subject + 1);
        return;
    }
    meter_bytes(&m->meter, (size_t)capture->length);
    lua_pushlstring(L, capture->start, (size_t)capture->length);
}

int pattern_push_captures(struct pattern *m, const char *start, const char *end, bool whole)
{
    int count = m->captures == 0 && whole ? 1 : m->captures;
    luaL_checkstack(m->meter.L, count, "too many captures");
    for (int i = 0; i < count; i++)
        pattern_push_capture(m, i, start, end);
    return count;
}
