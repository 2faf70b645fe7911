/* All text leaves through two streams that look at it; messages go to standard error, above one
 * line that is redrawn. */
#include "cli/terminal.h"

#include "cli/files.h"
#include "cli/plain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MAX_SIZE = 1024 };

/* --- the way out ----------------------------------------------------------------------------- */

static struct stream {
    int fd;
    bool data;   /* bytes for a program, which are nobody's to change */
    bool logged; /* by a runner that may look for commands: a pipe leads there, a file does not */
    struct plain plain;
} out = {.fd = STDOUT_FILENO}, messages = {.fd = STDERR_FILENO, .plain.message = true};

static bool send_plain(struct stream *stream, struct slice text)
{
    enum { LONGEST = 6, SPARE = 64 }; /* bytes that one becomes */
    struct buffer shown;
    struct error err;
    buffer_init(&shown, text.size * LONGEST + SPARE);
    bool ok = plain_add(&stream->plain, text, &shown, &err);
    errno = ENOMEM;
    ok = ok && files_write_all(stream->fd, buffer_slice(&shown));
    int problem = errno;
    buffer_clear(&shown);
    errno = problem;
    return ok;
}

static ssize_t send(void *context, const char *bytes, size_t size)
{
    struct stream *stream = context;
    struct slice text = {bytes, size};
    bool ok = stream->data ? files_write_all(stream->fd, text) : send_plain(stream, text);
    return ok ? (ssize_t)size : 0;
}

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value && *value;
}

bool terminal_open(void)
{
    static const cookie_io_functions_t functions = {.write = send};
    struct stat about;
    bool runner = is_set("GITHUB_ACTIONS") || is_set("TF_BUILD");
    FILE *to_out = fopencookie(&out, "w", functions);
    FILE *to_messages = fopencookie(&messages, "w", functions);
    if (!to_out || !to_messages)
        return false;
    out.logged = runner && (fstat(STDOUT_FILENO, &about) != 0 || !S_ISREG(about.st_mode));
    setvbuf(to_out, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, BUFSIZ);
    setvbuf(to_messages, NULL, _IONBF, 0);
    stdout = to_out;
    stderr = to_messages;
    return true;
}

/* What was written before goes the usual way. */
static bool write_as(bool *how, struct slice bytes, const char *end)
{
    fflush(stdout);
    *how = true;
    fwrite(bytes.data, 1, bytes.size, stdout);
    fputs(end, stdout);
    fflush(stdout);
    *how = false;
    return !ferror(stdout);
}

bool terminal_report(struct slice text)
{
    return text.size == 0 || write_as(&out.plain.ours, text, "");
}

bool terminal_data(struct slice bytes, const char *end)
{
    bool to_people = false;
    bool *how = isatty(STDOUT_FILENO) ? &to_people : &out.data;
    struct buffer escaped;
    struct error ignored;
    if (!out.logged)
        return write_as(how, bytes, end);
    buffer_init(&escaped, bytes.size * sizeof "\\u0023" + 1);
    bool ok = plain_json(bytes, &escaped, &ignored) && write_as(how, buffer_slice(&escaped), end);
    buffer_clear(&escaped);
    return ok;
}

/* As data, though a log reads it: the one thing that is meant to be obeyed. */
void terminal_command(enum terminal_stream stream, struct slice line)
{
    if (stream == TERMINAL_OUT)
        write_as(&out.data, line, "");
    messages.data = stream == TERMINAL_MESSAGES;
    if (messages.data)
        fwrite(line.data, 1, line.size, stderr);
    messages.data = false;
}

void terminal_plain(char *text, size_t size)
{
    struct plain plain = {.message = true};
    struct buffer shown;
    struct error err;
    buffer_init(&shown, size - 1);
    if (!plain_add(&plain, slice_of(text), &shown, &err))
        plain_end(&plain, &shown, &err); /* the rest has no room */
    snprintf(text, size, "%.*s", (int)shown.size, shown.size ? shown.data : "");
    buffer_clear(&shown);
}

/* --- the line -------------------------------------------------------------------------------- */

static const char eraser[] = "\r\33[K";
static const char more[] = "...";

static struct {
    char text[LINE_MAX_SIZE];
    size_t size; /* 0: there is none */
    bool shown;
} line;

bool terminal_is_live(void)
{
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && !(terminal && strcmp(terminal, "dumb") == 0);
}

const char *terminal_eraser(void)
{
    return terminal_is_live() ? eraser : "";
}

static size_t columns(void)
{
    enum { USUAL = 80 };
    struct winsize size = {0};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL;
}

size_t terminal_fitting(struct slice text, size_t columns)
{
    for (size_t i = 0; i < text.size; i++) {
        bool begins = ((unsigned char)text.data[i] & 0xc0) != 0x80;
        if (begins && columns-- == 0)
            return i;
    }
    return text.size;
}

/* The last column stays free: some terminals wrap when it is written to. */
static void show(void)
{
    struct slice text = {line.text, line.size};
    size_t width = columns() - 1;
    size_t mark = strlen(more) < width ? strlen(more) : width;
    bool fits = terminal_fitting(text, width) == text.size;
    int size = (int)terminal_fitting(text, fits ? width : width - mark);
    messages.plain.ours = true;
    fprintf(stderr, "%s%.*s%.*s", eraser, size, line.text, fits ? 0 : (int)mark, more);
    fflush(stderr);
    messages.plain.ours = false;
    line.shown = true;
}

void terminal_draw(struct slice text)
{
    line.size = text.size < sizeof line.text ? text.size : sizeof line.text;
    memcpy(line.text, text.data, line.size);
    show();
}

static void hide(void)
{
    messages.plain.ours = true;
    if (line.shown)
        fputs(eraser, stderr);
    messages.plain.ours = line.shown = false;
}

void terminal_end(void)
{
    hide();
    line.size = 0;
}

void terminal_say(const char *format, ...)
{
    va_list arguments;
    hide();
    fputs("tidelock: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    if (line.size)
        show();
}
