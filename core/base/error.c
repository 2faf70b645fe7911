/* Messages of errors, cut at a whole character. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum error_code error_of_path(int number)
{
    static const int refusals[] = {EACCES, EEXIST, EISDIR,  ELOOP, ENAMETOOLONG,
                                   ENOENT, ENXIO,  ENOTDIR, EPERM, EROFS};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if (refusals[i] == number)
            return ERROR_INVALID;
    }
    return ERROR_IO;
}

/* vsnprintf may have cut a UTF-8 character in two: drop the part that is left. */
static void cut_at_character(char *text, size_t size)
{
    size_t end = size;
    while (end > 0 && ((unsigned char)text[end - 1] & 0xC0) == 0x80)
        end--;
    if (end > 0 && (unsigned char)text[end - 1] >= 0xC0)
        text[end - 1] = '\0';
}

static void write_message(char *out, size_t size, const char *format, va_list arguments)
{
    int length = vsnprintf(out, size, format, arguments);
    if (length < 0)
        out[0] = '\0';
    else if ((size_t)length >= size)
        cut_at_character(out, size - 1);
}

bool error_set(struct error *err, enum error_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    err->code = code;
    write_message(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    return false;
}

bool error_wrap(struct error *err, const char *format, ...)
{
    char before[ERROR_MESSAGE_MAX];
    char message[ERROR_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    write_message(before, sizeof before, format, arguments);
    va_end(arguments);
    memcpy(message, err->message, sizeof message);
    return error_set(err, err->code, "%s: %s", before, message);
}
