/* completions, man: what shells and man(1) are told of the command line. */
#include "cli/completions.h"
#include "cli/files.h"
#include "cli/manual.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int run_completions(const struct options *options)
{
    struct error err;
    return completions_print(options->operands[0], verb_all, verb_all_count, &err)
               ? EXIT_DONE
               : verb_fail("completions", &err);
}

/* --- man ------------------------------------------------------------------------------------- */

static const struct option_spec man_specs[] = {
    {"output", 'o', OPTION_TEXT, false, "FOLDER", "write every page into this folder"},
};

static void print_page(FILE *out, const struct verb *verb)
{
    if (verb)
        manual_print_verb(out, verb);
    else
        manual_print(out, verb_all, verb_all_count);
}

/* Writes one that was there before anew: these are nobody's own. */
static bool write_page(const char *folder, const struct verb *verb, struct error *err)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/tidelock%s%s.1", folder, verb ? "-" : "",
                        verb ? verb->name : "");
    if (size < 0 || (size_t)size >= sizeof path)
        return error_set(err, ERROR_INVALID, "--output: the path is too long");
    FILE *out = fopen(path, "w");
    if (!out)
        return error_set(err, ERROR_INVALID, "%s: %s", path, strerror(errno));
    print_page(out, verb);
    bool failed = ferror(out);
    if (fclose(out) != 0 || failed)
        return error_set(err, ERROR_IO, "writing %s: %s", path, strerror(errno));
    return true;
}

static bool write_pages(const char *folder, struct error *err)
{
    bool ok = write_page(folder, NULL, err);
    for (size_t i = 0; ok && i < verb_all_count; i++)
        ok = write_page(folder, verb_all[i], err);
    return ok;
}

static bool print_one(const char *name, struct error *err)
{
    for (size_t i = 0; i < verb_all_count; i++) {
        if (strcmp(verb_all[i]->name, name) == 0) {
            print_page(stdout, verb_all[i]);
            return true;
        }
    }
    return error_set(err, ERROR_INVALID, "there is no verb %s", name);
}

static int run_man(const struct options *options)
{
    struct error err;
    const char *folder = options_text(options, "output", NULL);
    bool ok = true;
    if (folder)
        ok = write_pages(folder, &err);
    else if (options->operand_count > 0)
        ok = print_one(options->operands[0], &err);
    else
        print_page(stdout, NULL);
    return ok ? EXIT_DONE : verb_fail("man", &err);
}

const struct verb verb_completions = {
    .name = "completions",
    .operands = "bash|zsh|fish",
    .operands_min = 1,
    .operands_max = 1,
    .run = run_completions,
    .line = "Prints what a shell needs to complete verbs, options and runs.",
    .example = "source <(tidelock completions bash)",
};

const struct verb verb_man = {
    .name = "man",
    .operands = "[VERB]",
    .operands_max = 1,
    .specs = man_specs,
    .spec_count = sizeof man_specs / sizeof *man_specs,
    .run = run_man,
    .line = "Prints a page of the manual, for man(1): of a verb, or of them all.",
    .example = "tidelock man run | man -l -",
};
