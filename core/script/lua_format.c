/* string.format without addresses, with numbers that read the same on every processor. */
#include "lua_string.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    SPEC_LIMIT = 21,  /* the longest text after %, with the letter */
    FLOAT_ROOM = 512, /* %99.99f of the largest float takes 409 bytes */
    ITEM_TICKS = 2 * METER_TICKS,
    FLOAT_TICKS = 10 * METER_TICKS,
};

struct format {
    lua_State *L;
    struct meter meter;
    luaL_Buffer buffer;
    int arg, last_arg;
};

/* What stands between % and the letter. */
struct spec {
    const char *text; /* all of it, for messages */
    size_t size;      /* with the letter */
    bool left, plus, space, alternate, zero;
    int width;
    int precision; /* -1: none given */
    char letter;
};

/* One kind of conversion: its letters, the flags it takes, and whether it takes a precision. */
struct conversion {
    const char *letters;
    const char *flags;
    bool precision;
    void (*add)(struct format *f, const struct spec *spec);
};

static int bad_conversion(struct format *f, const char *what, const struct spec *spec,
                          const char *rest)
{
    lua_pushlstring(f->L, spec->text, spec->size);
    return luaL_error(f->L, "invalid conversion%s '%%%s'%s", what, lua_tostring(f->L, -1), rest);
}

static void add_padding(struct format *f, char c, size_t count)
{
    char *out = luaL_prepbuffsize(&f->buffer, count);
    memset(out, c, count);
    luaL_addsize(&f->buffer, count);
}

/* Adds text in a field of the spec's width. */
static void add_field(struct format *f, const struct spec *spec, const char *text, size_t size)
{
    size_t width = (size_t)spec->width;
    size_t padding = width > size ? width - size : 0;
    meter_bytes(&f->meter, size + padding);
    if (!spec->left)
        add_padding(f, ' ', padding);
    luaL_addlstring(&f->buffer, text, size);
    if (spec->left)
        add_padding(f, ' ', padding);
}

static void add_character(struct format *f, const struct spec *spec)
{
    char c = (char)(unsigned char)luaL_checkinteger(f->L, f->arg);
    add_field(f, spec, &c, 1);
}

/* Writes the digits of `value` before `end`; returns where they begin. */
static char *write_digits(char *end, lua_Unsigned value, unsigned base, const char *digits)
{
    for (; value > 0; value /= base)
        *--end = digits[value % base];
    return end;
}

static const char *integer_prefix(const struct spec *spec, bool negative, lua_Unsigned value)
{
    if (spec->alternate && value != 0 && spec->letter == 'x')
        return "0x";
    if (spec->alternate && value != 0 && spec->letter == 'X')
        return "0X";
    return negative ? "-" : spec->plus ? "+" : spec->space ? " " : "";
}

/* Sign or 0x, zeros up to the precision (or the width, with the flag 0), digits. */
static void add_digits(struct format *f, const struct spec *spec, const char *prefix,
                       const char *digits, size_t count)
{
    char text[256];
    size_t prefix_size = strlen(prefix);
    size_t wanted = spec->precision < 0 ? 1 : (size_t)spec->precision;
    if (spec->alternate && spec->letter == 'o' && wanted <= count)
        wanted = count + 1;
    if (spec->zero && !spec->left && spec->precision < 0 &&
        (size_t)spec->width > prefix_size + wanted)
        wanted = (size_t)spec->width - prefix_size;
    size_t zeros = wanted > count ? wanted - count : 0;
    memcpy(text, prefix, prefix_size);
    memset(text + prefix_size, '0', zeros);
    memcpy(text + prefix_size + zeros, digits, count);
    add_field(f, spec, text, prefix_size + zeros + count);
}

static void add_integer(struct format *f, const struct spec *spec)
{
    lua_Integer number = luaL_checkinteger(f->L, f->arg);
    bool is_signed = spec->letter == 'd' || spec->letter == 'i';
    bool negative = is_signed && number < 0;
    lua_Unsigned value = negative ? 0 - (lua_Unsigned)number : (lua_Unsigned)number;
    unsigned base = spec->letter == 'o' ? 8 : spec->letter == 'x' || spec->letter == 'X' ? 16 : 10;
    char room[32];
    char *end = room + sizeof room;
    char *digits = write_digits(end, value, base,
                                spec->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef");
    add_digits(f, spec, integer_prefix(spec, negative, value), digits, (size_t)(end - digits));
}

/* The C library prints floats exactly; what that costs grows with exponent and precision. */
static uint64_t float_ticks(const struct spec *spec, lua_Number number)
{
    int exponent = 0;
    if (isfinite(number))
        frexp(number, &exponent);
    uint64_t size = (uint64_t)(exponent < 0 ? -exponent : exponent);
    uint64_t precision = spec->precision < 0 ? 0 : (uint64_t)spec->precision;
    return FLOAT_TICKS + 2 * size + 2 * METER_TICKS * precision;
}

static void add_float(struct format *f, const struct spec *spec)
{
    lua_Number number = luaL_checknumber(f->L, f->arg);
    if (number != number)
        number = (lua_Number)NAN; /* without a sign: processors disagree about it */
    meter_add(&f->meter, float_ticks(spec, number));
    char form[SPEC_LIMIT + 2];
    form[0] = '%';
    memcpy(form + 1, spec->text, spec->size);
    form[1 + spec->size] = '\0';
    char *out = luaL_prepbuffsize(&f->buffer, FLOAT_ROOM);
    int size = snprintf(out, FLOAT_ROOM, form, number);
    luaL_addsize(&f->buffer, (size_t)size);
}

/* The argument as text, which takes its place: the buffer has to stay on top of the stack. */
static const char *argument_text(struct format *f, size_t *size)
{
    if (lua_type(f->L, f->arg) != LUA_TSTRING) {
        sandbox_tostring(f->L, f->arg);
        lua_replace(f->L, f->arg);
    }
    return lua_tolstring(f->L, f->arg, size);
}

static void add_string(struct format *f, const struct spec *spec)
{
    size_t size;
    const char *text = argument_text(f, &size);
    if (spec->precision >= 0 && size > (size_t)spec->precision)
        size = (size_t)spec->precision;
    add_field(f, spec, text, size);
}

static const struct conversion conversions[] = {
    {"c", "-", false, add_character},      {"di", "-+0 ", true, add_integer},
    {"u", "-0", true, add_integer},        {"oxX", "-#0", true, add_integer},
    {"aAeEfgG", "-+#0 ", true, add_float}, {"s", "-", true, add_string},
};

/* %q: text that reads back as the same value. */

static void add_escaped(struct format *f, unsigned char c, bool digit_follows)
{
    char *out = luaL_prepbuffsize(&f->buffer, 8);
    if (c == '"' || c == '\\' || c == '\n') {
        out[0] = '\\';
        out[1] = (char)c;
        luaL_addsize(&f->buffer, 2);
    } else if (c < 32 || c == 127) {
        meter_add(&f->meter, ITEM_TICKS);
        int size = snprintf(out, 8, digit_follows ? "\\%03u" : "\\%u", (unsigned)c);
        luaL_addsize(&f->buffer, (size_t)size);
    } else {
        luaL_addchar(&f->buffer, (char)c);
    }
}

static void add_quoted_string(struct format *f, const char *text, size_t size)
{
    meter_add(&f->meter, 4 * (uint64_t)size);
    luaL_addchar(&f->buffer, '"');
    for (size_t i = 0; i < size; i++) {
        char next = i + 1 < size ? text[i + 1] : '\0';
        add_escaped(f, (unsigned char)text[i], next >= '0' && next <= '9');
    }
    luaL_addchar(&f->buffer, '"');
}

static const char *special_float(lua_Number number)
{
    if (number != number)
        return "(0/0)";
    if (isinf(number))
        return number > 0 ? "1e9999" : "-1e9999";
    return NULL;
}

static void add_quoted_number(struct format *f)
{
    char *out = luaL_prepbuffsize(&f->buffer, 64);
    int size;
    if (lua_isinteger(f->L, f->arg)) {
        lua_Integer number = lua_tointeger(f->L, f->arg);
        /* In decimal the smallest integer would read back as a float. */
        size = number == LUA_MININTEGER ? snprintf(out, 64, "0x%llx", (unsigned long long)number)
                                        : snprintf(out, 64, "%lld", (long long)number);
    } else {
        lua_Number number = lua_tonumber(f->L, f->arg);
        const char *special = special_float(number);
        size = special ? snprintf(out, 64, "%s", special) : snprintf(out, 64, "%a", number);
    }
    luaL_addsize(&f->buffer, (size_t)size);
}

static void add_quoted(struct format *f, const struct spec *spec)
{
    if (spec->size != 1)
        luaL_error(f->L, "specifier '%%q' cannot have modifiers");
    size_t size;
    const char *text;
    switch (lua_type(f->L, f->arg)) {
    case LUA_TSTRING:
        text = lua_tolstring(f->L, f->arg, &size);
        add_quoted_string(f, text, size);
        return;
    case LUA_TNUMBER:
        meter_add(&f->meter, FLOAT_TICKS);
        add_quoted_number(f);
        return;
    case LUA_TNIL:
        luaL_addstring(&f->buffer, "nil");
        return;
    case LUA_TBOOLEAN:
        luaL_addstring(&f->buffer, lua_toboolean(f->L, f->arg) ? "true" : "false");
        return;
    }
    luaL_argerror(f->L, f->arg, "value has no literal form");
}

static bool set_flag(struct spec *spec, char c)
{
    switch (c) {
    case '-':
        return spec->left = true;
    case '+':
        return spec->plus = true;
    case ' ':
        return spec->space = true;
    case '#':
        return spec->alternate = true;
    case '0':
        return spec->zero = true;
    }
    return false;
}

/* At most two digits. */
static const char *read_size(const char *p, int *size)
{
    *size = 0;
    for (int i = 0; i < 2 && *p >= '0' && *p <= '9'; i++)
        *size = *size * 10 + (*p++ - '0');
    return p;
}

static void read_spec(struct format *f, struct spec *spec, const struct conversion *conversion)
{
    const char *p = spec->text;
    const char *letter = p + spec->size - 1;
    while (strchr(conversion->flags, *p) && set_flag(spec, *p))
        p++;
    if (*p != '0')
        p = read_size(p, &spec->width);
    if (*p == '.' && conversion->precision)
        p = read_size(p + 1, &spec->precision);
    if (p != letter)
        bad_conversion(f, " specification:", spec, "");
}

static const struct conversion *find_conversion(char letter)
{
    for (size_t i = 0; i < sizeof conversions / sizeof *conversions; i++)
        if (letter != '\0' && strchr(conversions[i].letters, letter))
            return &conversions[i];
    return NULL;
}

/* Lua refuses zero bytes where a field has a width or a precision, before it looks at either. */
static void check_zeros(struct format *f)
{
    size_t size;
    const char *text = argument_text(f, &size);
    meter_bytes(&f->meter, size);
    luaL_argcheck(f->L, !memchr(text, '\0', size), f->arg, "string contains zeros");
}

/* Converts the next argument; returns the format after the letter. */
static const char *add_item(struct format *f, const char *p)
{
    if (++f->arg > f->last_arg)
        luaL_argerror(f->L, f->arg, "no value");
    struct spec spec = {.text = p, .precision = -1};
    spec.size = strspn(p, "-+ #0123456789.") + 1;
    if (spec.size > SPEC_LIMIT)
        luaL_error(f->L, "invalid format (too long)");
    spec.letter = p[spec.size - 1];
    meter_add(&f->meter, ITEM_TICKS);
    if (spec.letter == 'q') {
        add_quoted(f, &spec);
        return p + spec.size;
    }
    const struct conversion *conversion = find_conversion(spec.letter);
    if (!conversion) {
        bad_conversion(f, "", &spec, " to 'format'");
        return p;
    }
    if (spec.size > 1) {
        if (spec.letter == 's')
            check_zeros(f);
        read_spec(f, &spec, conversion);
    }
    conversion->add(f, &spec);
    return p + spec.size;
}

/* string.format(format, ...) -> text */
int string_format(lua_State *L)
{
    size_t size;
    const char *p = string_check(L, 1, &size);
    const char *end = p + size;
    struct format f = {.L = L, .meter = {.L = L}, .arg = 1, .last_arg = lua_gettop(L)};
    luaL_buffinit(L, &f.buffer);
    while (p < end) {
        const char *escape = memchr(p, '%', (size_t)(end - p));
        const char *stop = escape ? escape : end;
        meter_bytes(&f.meter, (size_t)(stop - p));
        luaL_addlstring(&f.buffer, p, (size_t)(stop - p));
        if (!escape)
            break;
        p = escape + 1;
        if (*p == '%') {
            luaL_addchar(&f.buffer, '%');
            p++;
        } else {
            p = add_item(&f, p);
        }
    }
    meter_end(&f.meter);
    luaL_pushresult(&f.buffer);
    return 1;
}
