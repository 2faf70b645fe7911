/* What verbs have in common: how a failure is told and which exit status it has, the output's
 * format, and the parameters given with -p. */
#include "cli/verb.h"

#include "cli/github.h"
#include "cli/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void verb_tell(const char *verb, const char *message)
{
    char title[64];
    fprintf(stderr, "tidelock %s: %s\n", verb, message);
    snprintf(title, sizeof title, "tidelock %s", verb);
    github_annotate(true, title, message);
}

int verb_fail(const char *verb, const struct error *err)
{
    verb_tell(verb, err->message);
    switch (err->code) {
    case ERROR_INVALID:
    case ERROR_POLICY:
    case ERROR_BUDGET:
    case ERROR_DAMAGED:
    case ERROR_LIMIT:
        return EXIT_USAGE;
    case ERROR_NONE:
    case ERROR_IO:
    case ERROR_UNANSWERED:
    case ERROR_CONFLICT:
    case ERROR_KILLED:
    case ERROR_ENDED:
    case ERROR_INTERNAL:
        return EXIT_TOOL;
    }
    return EXIT_TOOL;
}

void verb_tell_report(const struct value *report)
{
    for (size_t i = 0; report && report->kind == VALUE_ARRAY && i < report->array.count; i++) {
        struct slice line = report->array.items[i].string;
        fprintf(stderr, "%.*s\n", (int)line.size, line.data);
    }
}

bool verb_print(const struct value *value, struct error *err)
{
    enum { LINE_MAX_SIZE = 256 << 20 };
    struct buffer text;
    buffer_init(&text, LINE_MAX_SIZE);
    bool ok = value_write(value, &text, err);
    if (ok)
        terminal_data(buffer_slice(&text), "\n");
    buffer_clear(&text);
    return ok;
}

int verb_flush(int status)
{
    bool lost = ferror(stdout);
    if (fflush(stdout) == 0 && !lost)
        return status;
    /* What failed before kept no reason: the same end gives the same. */
    if (lost && write(1, "\n", 1) == 1)
        errno = EIO;
    if (errno != EPIPE && status != EXIT_TOOL) /* then it has been told */
        fprintf(stderr, "tidelock: writing the output: %s\n", strerror(errno));
    return status == EXIT_DONE ? EXIT_TOOL : status;
}

int verb_flush_act(int status)
{
    bool lost = ferror(stdout);
    bool ok = fflush(stdout) == 0 && !lost;
    if (!ok && status == EXIT_DONE)
        fprintf(stderr,
                "tidelock: it was done as asked; only telling of it failed (writing the "
                "output: %s)\n",
                strerror(lost ? EIO : errno));
    else if (!ok)
        fprintf(stderr, "tidelock: writing the output failed; it ended with exit status %d\n",
                status);
    return status;
}

bool verb_format(const struct options *options, enum format *format, struct error *err)
{
    static const char *const names[] = {"text", "json", "jsonl"};
    const char *text = options_text(options, "format", "text");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) == 0) {
            *format = (enum format)i;
            return true;
        }
    }
    return error_set(err, ERROR_INVALID, "--format is text, json or jsonl, not \"%s\"", text);
}

bool verb_arguments(const struct options *options, struct value *out, struct pool *pool,
                    struct error *err)
{
    size_t count = 0;
    while (options_use(options, "parameter", count))
        count++;
    if (!value_array(out, count, pool, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *text = options_use(options, "parameter", i);
        const char *equals = strchr(text, '=');
        struct value *pair = &out->array.items[i];
        if (!equals || equals == text)
            return error_set(err, ERROR_INVALID, "-p %s: expected name=value", text);
        if (!value_array(pair, 2, pool, err))
            return false;
        pair->array.items[0] = value_string((struct slice){text, (size_t)(equals - text)});
        pair->array.items[1] = value_text(equals + 1);
    }
    return true;
}
