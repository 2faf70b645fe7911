/* Lines, words, comments and names, as the shared files have them. */
#include "aws/text.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

struct slice text_trim(struct slice text)
{
    while (text.size > 0 && is_blank(text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

struct slice text_take_line(struct slice *rest)
{
    const char *end = memchr(rest->data, '\n', rest->size);
    struct slice line = {rest->data, end ? (size_t)(end - rest->data) : rest->size};
    size_t used = line.size + (end ? 1 : 0);
    rest->data += used;
    rest->size -= used;
    return line;
}

struct slice text_take_word(struct slice *rest)
{
    size_t used = 0;
    while (used < rest->size && !is_blank(rest->data[used]))
        used++;
    struct slice word = {rest->data, used};
    *rest = text_trim((struct slice){rest->data + used, rest->size - used});
    return word;
}

struct slice text_strip_comment(struct slice line, bool behind_blank)
{
    for (size_t i = 0; i < line.size; i++) {
        bool mark = line.data[i] == '#' || line.data[i] == ';';
        if (mark && (!behind_blank || (i > 0 && is_blank(line.data[i - 1])))) {
            line.size = i;
            break;
        }
    }
    return text_trim(line);
}

bool text_split(struct slice line, struct slice *name, struct slice *value)
{
    const char *equals = line.size > 0 ? memchr(line.data, '=', line.size) : NULL;
    if (!equals)
        return false;
    size_t before = (size_t)(equals - line.data);
    *name = text_trim((struct slice){line.data, before});
    *value = text_trim((struct slice){equals + 1, line.size - before - 1});
    return true;
}

bool text_is_name(struct slice name)
{
    static const char others[] = "-/.%@_:+";
    for (size_t i = 0; i < name.size; i++) {
        char c = lower(name.data[i]);
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!plain && !memchr(others, c, sizeof others - 1))
            return false;
    }
    return name.size > 0;
}

bool text_starts(struct slice text, const char *start)
{
    size_t size = strlen(start);
    return text.size >= size && memcmp(text.data, start, size) == 0;
}

bool text_equal_names(struct slice a, struct slice b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++) {
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    }
    return true;
}

void text_lower(char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        text[i] = lower(text[i]);
}

void text_skip_mark(struct slice *text)
{
    if (text->size >= 3 && memcmp(text->data, "\xEF\xBB\xBF", 3) == 0) {
        text->data += 3;
        text->size -= 3;
    }
}
