/* Appends to the two files that the runner names, and prints commands past the filter that keeps
 * everybody else's from the log (cli/plain.h). */
#include "cli/github.h"

#include "base/entropy.h"
#include "cli/files.h"
#include "cli/terminal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE_MAX = 1 << 20, ROOM = 4096, KEPT_MAX = PAGE_MAX - ROOM, TEXT_MAX = 65536 };

static struct {
    bool on, grouped, full;
    int summary, output;
    struct buffer kept;
    uint64_t mark[2]; /* ends an output; drawn before walls keep chance out */
} github = {.summary = -1, .output = -1};

static int open_named(const char *variable)
{
    const char *path = getenv(variable);
    return path && *path ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW) : -1;
}

void github_open(void)
{
    const char *on = getenv("GITHUB_ACTIONS");
    struct error ignored;
    github.on = on && *on;
    if (!github.on)
        return;
    github.summary = open_named("GITHUB_STEP_SUMMARY");
    github.output = open_named("GITHUB_OUTPUT");
    if (!entropy_fill(github.mark, sizeof github.mark, &ignored) && github.output >= 0) {
        close(github.output);
        github.output = -1;
    }
    buffer_init(&github.kept, KEPT_MAX);
}

bool github_is_on(void)
{
    return github.on;
}

size_t github_descriptors(int out[GITHUB_DESCRIPTORS])
{
    size_t count = 0;
    if (github.summary >= 0)
        out[count++] = github.summary;
    if (github.output >= 0)
        out[count++] = github.output;
    return count;
}

/* --- the page -------------------------------------------------------------------------------- */

/* Leaves out "\33[...m". */
static size_t skip_colour(struct slice text, size_t at)
{
    size_t end = at + 1;
    if (end >= text.size || text.data[end] != '[')
        return at + 1;
    while (end < text.size && text.data[end] != 'm')
        end++;
    return end + 1;
}

void github_keep(struct slice text)
{
    struct error ignored;
    if (github.summary < 0)
        return;
    for (size_t i = 0; i < text.size && !github.full;) {
        bool coloured = text.data[i] == '\33';
        github.full = !coloured &&
                      !buffer_append(&github.kept, (struct slice){text.data + i, 1}, &ignored);
        i = coloured ? skip_colour(text, i) : i + 1;
    }
}

/* One backtick more than there are anywhere in a row: nothing in it ends what is inside. */
static size_t fence_of(struct slice text, size_t least)
{
    size_t longest = least;
    size_t row = 0;
    for (size_t i = 0; i < text.size; i++) {
        row = text.data[i] == '`' ? row + 1 : 0;
        longest = row >= longest ? row + 1 : longest;
    }
    return longest;
}

static bool add_fence(struct buffer *page, size_t size, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < size; i++)
        ok = buffer_append_text(page, "`", err);
    return ok;
}

/* A line of code within a paragraph. */
static bool add_code(struct buffer *page, const char *text, struct error *err)
{
    size_t fence = fence_of(slice_of(text), 1);
    bool ok = add_fence(page, fence, err) && buffer_append_text(page, " ", err);
    for (; ok && *text; text++)
        ok = buffer_append(page, (struct slice){*text == '\n' ? " " : text, 1}, err);
    return ok && buffer_append_text(page, " ", err) && add_fence(page, fence, err);
}

static bool make_page(struct buffer *page, const struct github_end *end, struct error *err)
{
    enum { LEAST = 3 };
    struct slice story = buffer_slice(&github.kept);
    size_t fence = fence_of(story, LEAST);
    bool ok = buffer_append_format(page, err, "### %s ", end->exit == 0 ? "✅" : "❌") &&
              add_code(page, end->what, err) &&
              buffer_append_format(page, err, " %s\n\n", end->outcome);
    if (ok && end->reason && *end->reason)
        ok = add_code(page, end->reason, err) && buffer_append_text(page, "\n\n", err);
    if (!ok || story.size == 0)
        return ok;
    return add_fence(page, fence, err) && buffer_append_text(page, "text\n", err) &&
           buffer_append(page, story, err) &&
           (!github.full || buffer_append_text(page, "\n(cut here)\n", err)) &&
           add_fence(page, fence, err) && buffer_append_text(page, "\n\n", err);
}

void github_page(struct slice markdown)
{
    if (github.summary < 0)
        return;
    if (!files_write_all(github.summary, markdown))
        terminal_say("the step's summary could not be written");
}

/* --- outputs and annotations ----------------------------------------------------------------- */

void github_output(const char *name, const char *value)
{
    char mark[40];
    struct buffer text;
    struct error ignored;
    if (github.output < 0)
        return;
    snprintf(mark, sizeof mark, "%016" PRIx64 "%016" PRIx64, github.mark[0], github.mark[1]);
    buffer_init(&text, TEXT_MAX);
    if (buffer_append_format(&text, &ignored, "%s<<%s\n%s\n%s\n", name, mark, value, mark) &&
        !files_write_all(github.output, buffer_slice(&text)))
        terminal_say("the step's outputs could not be written");
    buffer_clear(&text);
}

static bool add_escaped(struct buffer *out, const char *text, bool property, struct error *err)
{
    bool ok = true;
    for (; ok && *text; text++) {
        bool escaped = *text == '%' || *text == '\n' || *text == '\r' ||
                       (property && (*text == ':' || *text == ','));
        ok = escaped ? buffer_append_format(out, err, "%%%02X", (unsigned char)*text)
                     : buffer_append(out, (struct slice){text, 1}, err);
    }
    return ok;
}

void github_annotate(bool error, const char *title, const char *text)
{
    struct buffer line;
    struct error ignored;
    if (!github.on)
        return;
    buffer_init(&line, TEXT_MAX);
    if (buffer_append_text(&line, error ? "::error title=" : "::notice title=", &ignored) &&
        add_escaped(&line, title, true, &ignored) && buffer_append_text(&line, "::", &ignored) &&
        add_escaped(&line, text, false, &ignored) && buffer_append_text(&line, "\n", &ignored))
        terminal_command(TERMINAL_MESSAGES, buffer_slice(&line));
    buffer_clear(&line);
}

void github_group(const char *verb)
{
    char line[64];
    if (!github.on)
        return;
    snprintf(line, sizeof line, "::group::tidelock %s\n", verb);
    terminal_command(TERMINAL_OUT, slice_of(line));
    github.grouped = true;
}

void github_end(const struct github_end *end)
{
    char exit[16];
    char title[512];
    struct buffer page;
    struct error ignored;
    if (!github.on)
        return;
    if (github.grouped)
        terminal_command(TERMINAL_OUT, slice_of("::endgroup::\n"));
    snprintf(title, sizeof title, "%s: %s", end->what, end->outcome);
    github_annotate(end->exit != 0, title,
                    end->reason && *end->reason ? end->reason : end->outcome);
    buffer_init(&page, PAGE_MAX);
    if (make_page(&page, end, &ignored))
        github_page(buffer_slice(&page));
    buffer_clear(&page);
    buffer_clear(&github.kept);
    snprintf(exit, sizeof exit, "%d", end->exit);
    github_output("outcome", end->outcome);
    github_output("exit_status", exit);
    if (end->run)
        github_output("run", end->run);
    if (end->reason && *end->reason)
        github_output("reason", end->reason);
}
