#include "lua_string.h"

#include <string.h>

/* What a processor would call native is fixed here: little-endian, 64-bit sizes, alignment up to 8.
 */
enum {
    PACK_SHORT = 2,
    PACK_INT = 4,
    PACK_LONG = 8,
    PACK_ALIGN = 8,
    PACK_INTEGER_LIMIT = 16,
    PACK_WORD = sizeof(lua_Integer),
};

enum item_kind {
    ITEM_SIGNED,
    ITEM_UNSIGNED,
    ITEM_FLOAT,
    ITEM_DOUBLE,
    ITEM_FIXED,   /* c: text of a given size */
    ITEM_COUNTED, /* s: text after its length */
    ITEM_ZERO,    /* z: text up to a zero byte */
    ITEM_PAD,     /* x */
    ITEM_ALIGN,   /* X */
    ITEM_NONE,    /* only sets how what follows is read */
};

struct reader {
    lua_State *L;
    struct meter meter;
    const char *p;
    bool big;     /* big-endian */
    size_t align; /* the largest alignment in force */
};

struct item {
    enum item_kind kind;
    size_t size;
    size_t padding; /* bytes before it */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits after an option; stops before a digit that might overflow. */
static size_t read_number(struct reader *r, size_t otherwise)
{
    size_t number = 0;
    if (!is_digit(*r->p))
        return otherwise;
    do
        number = number * 10 + (size_t)(*r->p++ - '0');
    while (is_digit(*r->p) && number <= ((size_t)INT_MAX - 9) / 10);
    return number;
}

static size_t read_limited(struct reader *r, size_t otherwise)
{
    size_t size = read_number(r, otherwise);
    if (size < 1 || size > PACK_INTEGER_LIMIT)
        luaL_error(r->L, "integral size (%d) out of limits [1,%d]", (int)size, PACK_INTEGER_LIMIT);
    return size;
}

/* How an option without a number of its own is read. */
struct fixed_option {
    char letter;
    enum item_kind kind;
    size_t size;
};

static const struct fixed_option fixed_options[] = {
    {'b', ITEM_SIGNED, 1},
    {'B', ITEM_UNSIGNED, 1},
    {'h', ITEM_SIGNED, PACK_SHORT},
    {'H', ITEM_UNSIGNED, PACK_SHORT},
    {'l', ITEM_SIGNED, PACK_LONG},
    {'L', ITEM_UNSIGNED, PACK_LONG},
    {'j', ITEM_SIGNED, PACK_WORD},
    {'J', ITEM_UNSIGNED, PACK_WORD},
    {'T', ITEM_UNSIGNED, PACK_LONG},
    {'f', ITEM_FLOAT, 4},
    {'d', ITEM_DOUBLE, 8},
    {'n', ITEM_DOUBLE, 8},
    {'z', ITEM_ZERO, 0},
    {'x', ITEM_PAD, 1},
    {'X', ITEM_ALIGN, 0},
    {' ', ITEM_NONE, 0},
};

static struct item make_item(enum item_kind kind, size_t size)
{
    return (struct item){.kind = kind, .size = size, .padding = 0};
}

static struct item read_fixed_option(struct reader *r, char letter)
{
    for (size_t i = 0; i < sizeof fixed_options / sizeof *fixed_options; i++)
        if (fixed_options[i].letter == letter)
            return make_item(fixed_options[i].kind, fixed_options[i].size);
    luaL_error(r->L, "invalid format option '%c'", letter);
    return make_item(ITEM_NONE, 0);
}

static struct item read_option(struct reader *r)
{
    char letter = *r->p++;
    size_t size;
    switch (letter) {
    case 'i':
        return make_item(ITEM_SIGNED, read_limited(r, PACK_INT));
    case 'I':
        return make_item(ITEM_UNSIGNED, read_limited(r, PACK_INT));
    case 's':
        return make_item(ITEM_COUNTED, read_limited(r, PACK_LONG));
    case 'c':
        size = read_number(r, SIZE_MAX);
        if (size == SIZE_MAX)
            luaL_error(r->L, "missing size for format option 'c'");
        return make_item(ITEM_FIXED, size);
    case '<':
        r->big = false;
        break;
    case '>':
        r->big = true;
        break;
    case '=':
        r->big = false;
        break;
    case '!':
        r->align = read_limited(r, PACK_ALIGN);
        break;
    default:
        return read_fixed_option(r, letter);
    }
    return make_item(ITEM_NONE, 0);
}

/* X aligns as the option after it would; that option is not packed itself. */
static size_t read_alignment(struct reader *r)
{
    struct item next = make_item(ITEM_FIXED, 0);
    if (*r->p != '\0')
        next = read_option(r);
    if (next.kind == ITEM_FIXED || next.size == 0)
        luaL_argerror(r->L, 1, "invalid next option for option 'X'");
    return next.size;
}

/* Reads the next option; `at` is how many bytes stand before it. */
static struct item read_item(struct reader *r, size_t at)
{
    meter_add(&r->meter, METER_TICKS);
    struct item item = read_option(r);
    size_t align = item.size;
    if (item.kind == ITEM_ALIGN)
        align = read_alignment(r);
    if (align <= 1 || item.kind == ITEM_FIXED || item.kind == ITEM_PAD || item.kind == ITEM_NONE)
        return item;
    if (align > r->align)
        align = r->align;
    if (align & (align - 1))
        luaL_argerror(r->L, 1, "format asks for alignment not power of 2");
    item.padding = (align - (at & (align - 1))) & (align - 1);
    return item;
}

static void reader_init(struct reader *r, lua_State *L, const char *format)
{
    *r = (struct reader){.L = L, .meter = {.L = L}, .p = format, .big = false, .align = 1};
}

/* The low `size` bytes of `value`, the rest filled with its sign. */
static void write_integer(char *out, lua_Unsigned value, size_t size, bool negative, bool big)
{
    for (size_t i = 0; i < size; i++) {
        unsigned byte = i < PACK_WORD ? (unsigned)(value >> (8 * i)) & 0xff : negative ? 0xff : 0;
        out[big ? size - 1 - i : i] = (char)(unsigned char)byte;
    }
}

static void add_integer(luaL_Buffer *buffer, const struct reader *r, lua_Unsigned value,
                        size_t size, bool negative)
{
    write_integer(luaL_prepbuffsize(buffer, size), value, size, negative, r->big);
    luaL_addsize(buffer, size);
}

static void pack_integer(luaL_Buffer *buffer, struct reader *r, const struct item *item, int arg)
{
    lua_Integer value = luaL_checkinteger(r->L, arg);
    bool is_signed = item->kind == ITEM_SIGNED;
    if (item->size < PACK_WORD && is_signed) {
        lua_Integer limit = (lua_Integer)1 << (item->size * 8 - 1);
        luaL_argcheck(r->L, -limit <= value && value < limit, arg, "integer overflow");
    } else if (item->size < PACK_WORD) {
        luaL_argcheck(r->L, (lua_Unsigned)value < (lua_Unsigned)1 << (item->size * 8), arg,
                      "unsigned overflow");
    }
    add_integer(buffer, r, (lua_Unsigned)value, item->size, is_signed && value < 0);
}

static void pack_float(luaL_Buffer *buffer, struct reader *r, const struct item *item, int arg)
{
    lua_Number value = luaL_checknumber(r->L, arg);
    uint64_t bits = 0;
    if (value != value) { /* one NaN for all processors */
        bits = item->kind == ITEM_FLOAT ? 0x7fc00000 : 0x7ff8000000000000;
    } else if (item->kind == ITEM_FLOAT) {
        float narrow = (float)value;
        uint32_t half;
        memcpy(&half, &narrow, sizeof half);
        bits = half;
    } else {
        memcpy(&bits, &value, sizeof bits);
    }
    add_integer(buffer, r, bits, item->size, false);
}

static void add_zeros(luaL_Buffer *buffer, size_t count)
{
    memset(luaL_prepbuffsize(buffer, count), 0, count);
    luaL_addsize(buffer, count);
}

static void pack_text(luaL_Buffer *buffer, struct reader *r, const struct item *item, int arg)
{
    size_t size;
    const char *text = string_check(r->L, arg, &size);
    meter_bytes(&r->meter, size);
    if (item->kind == ITEM_FIXED) {
        luaL_argcheck(r->L, size <= item->size, arg, "string longer than given size");
        meter_bytes(&r->meter, item->size - size);
    } else if (item->kind == ITEM_COUNTED) {
        luaL_argcheck(r->L, item->size >= sizeof size || size < (size_t)1 << (item->size * 8), arg,
                      "string length does not fit in given size");
        add_integer(buffer, r, size, item->size, false);
    } else {
        luaL_argcheck(r->L, !memchr(text, '\0', size), arg, "string contains zeros");
    }
    luaL_addlstring(buffer, text, size);
    if (item->kind == ITEM_FIXED)
        add_zeros(buffer, item->size - size);
    else if (item->kind == ITEM_ZERO)
        luaL_addchar(buffer, '\0');
}

/* string.pack(format, value...) -> bytes */
int string_pack(lua_State *L)
{
    size_t size;
    luaL_Buffer buffer;
    struct reader r;
    reader_init(&r, L, string_check(L, 1, &size));
    int arg = 1;
    lua_pushnil(L); /* a missing argument reads this, not what the buffer keeps on the stack */
    luaL_buffinit(L, &buffer);
    while (*r.p != '\0') {
        struct item item = read_item(&r, luaL_bufflen(&buffer));
        add_zeros(&buffer, item.padding);
        switch (item.kind) {
        case ITEM_SIGNED:
        case ITEM_UNSIGNED:
            pack_integer(&buffer, &r, &item, ++arg);
            break;
        case ITEM_FLOAT:
        case ITEM_DOUBLE:
            pack_float(&buffer, &r, &item, ++arg);
            break;
        case ITEM_FIXED:
        case ITEM_COUNTED:
        case ITEM_ZERO:
            pack_text(&buffer, &r, &item, ++arg);
            break;
        case ITEM_PAD:
            luaL_addchar(&buffer, '\0');
            break;
        case ITEM_ALIGN:
        case ITEM_NONE:
            break;
        }
    }
    meter_end(&r.meter);
    luaL_pushresult(&buffer);
    return 1;
}

/* string.packsize(format) -> bytes */
int string_packsize(lua_State *L)
{
    size_t size;
    struct reader r;
    reader_init(&r, L, string_check(L, 1, &size));
    size_t total = 0;
    while (*r.p != '\0') {
        struct item item = read_item(&r, total);
        luaL_argcheck(L, item.kind != ITEM_COUNTED && item.kind != ITEM_ZERO, 1,
                      "variable-length format");
        size_t more = item.padding + item.size;
        luaL_argcheck(L, total <= (size_t)INT_MAX - more, 1, "format result too large");
        total += more;
    }
    meter_end(&r.meter);
    lua_pushinteger(L, (lua_Integer)total);
    return 1;
}

static lua_Integer read_integer(struct reader *r, const char *in, const struct item *item)
{
    lua_Unsigned value = 0;
    size_t size = item->size;
    size_t low = size < PACK_WORD ? size : PACK_WORD;
    for (size_t i = low; i-- > 0;)
        value = value << 8 | (unsigned char)in[r->big ? size - 1 - i : i];
    if (size < PACK_WORD && item->kind == ITEM_SIGNED) {
        lua_Unsigned sign = (lua_Unsigned)1 << (size * 8 - 1);
        return (lua_Integer)((value ^ sign) - sign);
    }
    unsigned char filler = item->kind == ITEM_SIGNED && (lua_Integer)value < 0 ? 0xff : 0;
    for (size_t i = low; i < size; i++)
        if ((unsigned char)in[r->big ? size - 1 - i : i] != filler)
            luaL_error(r->L, "%d-byte integer does not fit into Lua Integer", (int)size);
    return (lua_Integer)value;
}

static lua_Number read_float(struct reader *r, const char *in, const struct item *item)
{
    struct item plain = make_item(ITEM_UNSIGNED, item->size);
    uint64_t bits = (uint64_t)read_integer(r, in, &plain);
    if (item->kind == ITEM_DOUBLE) {
        lua_Number value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    uint32_t half = (uint32_t)bits;
    float narrow;
    memcpy(&narrow, &half, sizeof narrow);
    return (lua_Number)narrow;
}

/* Pushes `size` bytes of text; the data must hold them. */
static void push_text(struct reader *r, const char *text, size_t size)
{
    meter_bytes(&r->meter, size);
    lua_pushlstring(r->L, text, size);
}

/* Pushes the item at `in`, of which `left` bytes are there; returns how many bytes it took. */
static size_t unpack_item(struct reader *r, const struct item *item, const char *in, size_t left)
{
    struct item length = make_item(ITEM_UNSIGNED, item->size);
    size_t size = item->size;
    switch (item->kind) {
    case ITEM_SIGNED:
    case ITEM_UNSIGNED:
        lua_pushinteger(r->L, read_integer(r, in, item));
        return size;
    case ITEM_FLOAT:
    case ITEM_DOUBLE:
        lua_pushnumber(r->L, read_float(r, in, item));
        return size;
    case ITEM_FIXED:
        push_text(r, in, size);
        return size;
    case ITEM_COUNTED: {
        size_t text_size = (size_t)read_integer(r, in, &length);
        luaL_argcheck(r->L, text_size <= left - size, 2, "data string too short");
        push_text(r, in + size, text_size);
        return size + text_size;
    }
    case ITEM_ZERO: {
        const char *end = memchr(in, '\0', left);
        luaL_argcheck(r->L, end, 2, "unfinished string for format 'z'");
        push_text(r, in, (size_t)(end - in));
        return (size_t)(end - in) + 1;
    }
    case ITEM_PAD:
    case ITEM_ALIGN:
    case ITEM_NONE:
        break;
    }
    return size;
}

/* string.unpack(format, bytes [, position]) -> value..., next position */
int string_unpack(lua_State *L)
{
    size_t format_size, size;
    struct reader r;
    reader_init(&r, L, string_check(L, 1, &format_size));
    const char *data = string_check(L, 2, &size);
    size_t at = string_start(luaL_optinteger(L, 3, 1), size) - 1;
    luaL_argcheck(L, at <= size, 3, "initial position out of string");
    int count = 0;
    while (*r.p != '\0') {
        struct item item = read_item(&r, at);
        luaL_argcheck(L, item.padding + item.size <= size - at, 2, "data string too short");
        at += item.padding;
        luaL_checkstack(L, 2, "too many results");
        at += unpack_item(&r, &item, data + at, size - at);
        if (item.kind <= ITEM_ZERO)
            count++;
    }
    meter_end(&r.meter);
    lua_pushinteger(L, (lua_Integer)at + 1);
    return count + 1;
}
