/* Looks at every character once, in pieces as they come: bytes to characters, characters to what
 * may be sent. */
#include "cli/plain.h"

#include "base/value.h"

#include <string.h>

static bool show_byte(unsigned char byte, struct buffer *out, struct error *err)
{
    return buffer_append_format(out, err, "\\x%02x", byte);
}

static bool show_held(struct plain *plain, struct buffer *out, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < plain->size; i++)
        ok = show_byte((unsigned char)plain->held[i], out, err);
    plain->size = 0;
    return ok;
}

/* --- characters ------------------------------------------------------------------------------ */

static bool is_obeyed(unsigned c)
{
    static const struct {
        unsigned first, last;
    } ranges[] = {
        {0x80, 0x9F},     /* C1 */
        {0x2028, 0x2029}, /* separators of lines */
        {0x202A, 0x202E}, /* what comes next runs the other way */
        {0x2066, 0x2069},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    }
    return false;
}

/* Of two bytes or three; no longer one is obeyed. */
static unsigned decode(const char *bytes, size_t size)
{
    enum { TAIL_BITS = 6, TAIL = 0x3F, SECOND = 0x1F, THIRD = 0x0F };
    unsigned first = (unsigned char)bytes[0];
    unsigned code = first & (size == 2 ? SECOND : THIRD);
    for (size_t i = 1; i < size; i++)
        code = code << TAIL_BITS | ((unsigned char)bytes[i] & TAIL);
    return code;
}

static bool add_character(struct plain *plain, struct buffer *out, struct error *err)
{
    struct slice bytes = {plain->held, plain->size};
    if (value_utf8_end(bytes) != bytes.size)
        return show_held(plain, out, err);
    unsigned code = bytes.size < 4 ? decode(bytes.data, bytes.size) : 0;
    plain->size = 0;
    return is_obeyed(code) ? buffer_append_format(out, err, "\\u%04x", code)
                           : buffer_append(out, bytes, err);
}

/* --- ASCII ----------------------------------------------------------------------------------- */

/* GitHub's runner trims a line before it looks for "::", and finds "##[" anywhere; the one of Azure
 * finds "##vso[" anywhere. That one of them reads this is not always to be seen: not from within a
 * container that a step has started. */
static bool break_command(const struct plain *plain, char c, struct buffer *out, struct error *err)
{
    bool first = !plain->begun && c == ':';
    bool inner = plain->hashes >= 2 && c != '\0' && strchr("[vV", c);
    return (!first && !inner) || buffer_append_text(out, first ? "." : " ", err);
}

static bool add_ascii(struct plain *plain, char c, struct buffer *out, struct error *err)
{
    enum { ESCAPE = '\33', DELETE = 0x7F };
    bool ours = plain->ours && (c == ESCAPE || c == '\r');
    bool stays = c == '\n' || c == '\t' || (c >= ' ' && c < DELETE);
    bool ok = break_command(plain, c, out, err) &&
              (stays || ours ? buffer_append(out, (struct slice){&c, 1}, err)
                             : show_byte((unsigned char)c, out, err));
    plain->hashes = c == '#' ? plain->hashes + 1 : 0;
    plain->begun = c != '\n' && (plain->begun || (c != ' ' && c != '\t' && !ours));
    return ok;
}

/* --- bytes ----------------------------------------------------------------------------------- */

/* How long the character is that begins with this byte; 0: none does. */
static size_t length_of(unsigned char first)
{
    enum { TWO = 0xC2, THREE = 0xE0, FOUR = 0xF0, NONE = 0xF5 };
    if (first < TWO || first >= NONE)
        return 0;
    return first < THREE ? 2 : first < FOUR ? 3 : 4;
}

static bool add_byte(struct plain *plain, char c, struct buffer *out, struct error *err)
{
    enum { CONTINUES = 0x80, KIND = 0xC0 };
    unsigned char byte = (unsigned char)c;
    if (plain->size > 0 && (byte & KIND) == CONTINUES) {
        plain->held[plain->size++] = c;
        return plain->size < plain->whole || add_character(plain, out, err);
    }
    if (!show_held(plain, out, err))
        return false;
    if (byte < CONTINUES)
        return add_ascii(plain, c, out, err);
    plain->hashes = 0;
    plain->whole = length_of(byte);
    if (plain->whole == 0)
        return show_byte(byte, out, err);
    plain->held[plain->size++] = c;
    return true;
}

/* Whether another line of the same message begins behind this byte, at the margin. */
static bool is_further(struct slice text, size_t i)
{
    return text.data[i] == '\n' && i + 1 < text.size && !strchr(" \t\n", text.data[i + 1]);
}

bool plain_add(struct plain *plain, struct slice text, struct buffer *out, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < text.size; i++) {
        ok = add_byte(plain, text.data[i], out, err);
        if (ok && plain->message && is_further(text, i))
            ok = buffer_append_text(out, "  ", err);
    }
    return ok;
}

bool plain_json(struct slice json, struct buffer *out, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < json.size; i++) {
        bool second = i > 0 && json.data[i] == '#' && json.data[i - 1] == '#';
        ok = second ? buffer_append_text(out, "\\u0023", err)
                    : buffer_append(out, (struct slice){json.data + i, 1}, err);
    }
    return ok;
}

bool plain_end(struct plain *plain, struct buffer *out, struct error *err)
{
    return show_held(plain, out, err);
}
