/* Parses a command line by a table of options, and prints the table for --help. */
#include "cli/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_SIZE = 40 };

/* Levenshtein's distance, row by row; names longer than a few words are never close. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_SIZE + 1];
    size_t size = strlen(b);
    if (strlen(a) > NAME_MAX_SIZE || size > NAME_MAX_SIZE)
        return NAME_MAX_SIZE;
    for (size_t k = 0; k <= size; k++)
        row[k] = k;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t k = 1; k <= size; k++) {
            size_t change = diagonal + (a[i] != b[k - 1]);
            size_t step = (row[k] < row[k - 1] ? row[k] : row[k - 1]) + 1;
            diagonal = row[k];
            row[k] = change < step ? change : step;
        }
    }
    return row[size];
}

/* Whether one is how the other begins: "out" and "output". */
static bool begins_like(const char *a, const char *b)
{
    enum { SHORT = 3 }; /* fewer letters are the beginning of too much */
    size_t size = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
    return size >= SHORT && strncmp(a, b, size) == 0;
}

const char *options_closest(const char *text, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t best_distance = 3;
    for (size_t i = 0; i < count; i++) {
        size_t d = begins_like(text, names[i]) ? 1 : distance(text, names[i]);
        if (d < best_distance) {
            best_distance = d;
            best = names[i];
        }
    }
    return best;
}

static bool unknown_option(const struct options *options, const char *text, struct error *err)
{
    const char *names[OPTIONS_MAX];
    char name[NAME_MAX_SIZE + 1];
    size_t size = strcspn(text + 2, "=");
    snprintf(name, sizeof name, "%.*s", (int)(size > NAME_MAX_SIZE ? NAME_MAX_SIZE : size),
             text + 2);
    for (size_t i = 0; i < options->spec_count; i++)
        names[i] = options->specs[i].name;
    const char *closest = options_closest(name, names, options->spec_count);
    if (closest)
        return error_set(err, ERROR_INVALID, "there is no option --%s; did you mean --%s?", name,
                         closest);
    return error_set(err, ERROR_INVALID, "there is no option --%s", name);
}

static bool find_spec(const struct options *options, const char *argument, size_t *index,
                      const char **value, struct error *err)
{
    bool is_long = argument[1] == '-';
    const char *equals = is_long ? strchr(argument, '=') : NULL;
    size_t size = equals ? (size_t)(equals - argument) - 2 : strlen(argument + 2);
    for (size_t i = 0; i < options->spec_count; i++) {
        const struct option_spec *spec = &options->specs[i];
        bool is_name = is_long && strlen(spec->name) == size &&
                       memcmp(spec->name, argument + 2, size) == 0;
        bool is_letter = !is_long && spec->letter && argument[1] == spec->letter;
        if (!is_name && !is_letter)
            continue;
        *index = i;
        *value = equals ? equals + 1 : is_letter && argument[2] ? argument + 2 : NULL;
        return true;
    }
    if (!is_long)
        return error_set(err, ERROR_INVALID, "there is no option %s", argument);
    return unknown_option(options, argument, err);
}

static bool read_integer(const struct option_spec *spec, const char *text, int64_t *out,
                         struct error *err)
{
    char *end = NULL;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (errno == ERANGE)
        return error_set(err, ERROR_INVALID, "--%s must be at most %lld, not %s", spec->name,
                         (long long)INT64_MAX, text);
    if (errno != 0 || end == text || *end != '\0')
        return error_set(err, ERROR_INVALID, "--%s must be a whole number, not \"%s\"", spec->name,
                         text);
    return true;
}

static bool take_value(struct options *options, size_t index, const char *text, struct error *err)
{
    const struct option_spec *spec = &options->specs[index];
    struct option_value *value = &options->values[index];
    if (value->given && !spec->repeats)
        return error_set(err, ERROR_INVALID, "--%s is given twice", spec->name);
    value->given = true;
    value->text = text;
    options->uses[options->use_count++] = (struct option_use){index, text};
    return spec->kind != OPTION_INTEGER || read_integer(spec, text, &value->integer, err);
}

static bool take_option(struct options *options, int count, char **argv, int *at, struct error *err)
{
    size_t index = 0;
    const char *value = NULL;
    if (!find_spec(options, argv[*at], &index, &value, err))
        return false;
    const struct option_spec *spec = &options->specs[index];
    if (spec->kind == OPTION_FLAG && value)
        return error_set(err, ERROR_INVALID, "--%s takes no value", spec->name);
    if (spec->kind != OPTION_FLAG && !value) {
        if (*at + 1 >= count)
            return error_set(err, ERROR_INVALID, "--%s needs a value: %s", spec->name,
                             spec->argument);
        value = argv[++*at];
    }
    return take_value(options, index, value, err);
}

bool options_parse(struct options *options, const struct option_spec *specs, size_t spec_count,
                   int count, char **argv, struct error *err)
{
    *options = (struct options){.specs = specs, .spec_count = spec_count};
    options->uses = calloc((size_t)count + 1, sizeof *options->uses);
    options->operands = calloc((size_t)count + 1, sizeof *options->operands);
    if (!options->uses || !options->operands)
        return error_set(err, ERROR_LIMIT, "out of memory for the command line");
    bool only_operands = false;
    for (int i = 0; i < count; i++) {
        if (!only_operands && strcmp(argv[i], "--") == 0) {
            only_operands = true;
        } else if (only_operands || argv[i][0] != '-' || argv[i][1] == '\0') {
            options->operands[options->operand_count++] = argv[i];
        } else if (!take_option(options, count, argv, &i, err)) {
            return false;
        }
    }
    return true;
}

void options_clear(struct options *options)
{
    free(options->uses);
    free(options->operands);
    *options = (struct options){0};
}

const struct option_value *options_get(const struct options *options, const char *name)
{
    static const struct option_value absent;
    for (size_t i = 0; i < options->spec_count; i++) {
        if (strcmp(options->specs[i].name, name) == 0)
            return &options->values[i];
    }
    return &absent;
}

bool options_given(const struct options *options, const char *name)
{
    return options_get(options, name)->given;
}

const char *options_text(const struct options *options, const char *name, const char *fallback)
{
    const struct option_value *value = options_get(options, name);
    return value->given ? value->text : fallback;
}

int64_t options_integer(const struct options *options, const char *name, int64_t fallback)
{
    const struct option_value *value = options_get(options, name);
    return value->given ? value->integer : fallback;
}

const char *options_use(const struct options *options, const char *name, size_t index)
{
    for (size_t i = 0; i < options->use_count; i++) {
        if (strcmp(options->specs[options->uses[i].spec].name, name) == 0 && index-- == 0)
            return options->uses[i].text;
    }
    return NULL;
}

void options_print_wrapped(FILE *out, const char *text, int column, int indent)
{
    enum { WIDTH = 80 };
    bool first = true;
    bool broken = false;
    while (*text) {
        int size = (int)strcspn(text, " \n");
        if (broken || (!first && column + 1 + size > WIDTH)) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (!first) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", size, text);
        column += size;
        text += size;
        broken = *text == '\n';
        text += *text != '\0';
        first = false;
    }
    fputc('\n', out);
}

void options_print_help(const struct option_spec *specs, size_t count)
{
    enum { COLUMN = 31 };
    for (size_t i = 0; i < count; i++) {
        char head[64];
        char letter[8] = "    ";
        if (specs[i].letter)
            snprintf(letter, sizeof letter, "-%c, ", specs[i].letter);
        snprintf(head, sizeof head, "%s--%s%s%s", letter, specs[i].name,
                 specs[i].argument ? " " : "", specs[i].argument ? specs[i].argument : "");
        if (strlen(head) > COLUMN - 3) /* it takes a line of its own */
            printf("  %s\n%*s", head, COLUMN, "");
        else
            printf("  %-28s ", head);
        options_print_wrapped(stdout, specs[i].help, COLUMN, COLUMN);
    }
}
