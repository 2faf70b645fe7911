/* tidelock VERB [options] FILE: finds the verb, parses its options, runs it. */
#include "cli/github.h"
#include "cli/policy_child.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "script/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct verb *const verbs[] = {
    &verb_new,     &verb_check, &verb_test,         &verb_simulate, &verb_power,
    &verb_plan,    &verb_run,   &verb_status,       &verb_pause,    &verb_resume,
    &verb_promote, &verb_abort, &verb_approve,      &verb_recover,  &verb_rollback,
    &verb_replay,  &verb_show,  &verb_record,       &verb_import,   &verb_iam,
    &verb_doctor,  &verb_eval,  &verb_capabilities, &verb_version,  &verb_completions,
    &verb_man,
};

enum { VERB_COUNT = sizeof verbs / sizeof *verbs };

const struct verb *const *const verb_all = verbs;
const size_t verb_all_count = VERB_COUNT;

const struct verb_exit verb_exits[] = {
    {"0", "done as asked"},
    {"1", "tool or environment error"},
    {"2", "usage or policy refused"},
    {"3", "a difference"},
    {"10", "rolled back"},
    {"11", "rolled back as a person asked"},
    {"13", "another process has the target or the run"},
    {"14", "not restored"},
    {"15", "no decision"},
    {"16", "the policy failed"},
    {"130 and 143", "ended by SIGINT and SIGTERM"},
};
const size_t verb_exit_count = sizeof verb_exits / sizeof *verb_exits;

static void print_exits(FILE *out)
{
    enum { TEXT_MAX = 4096 };
    char text[TEXT_MAX] = "`tidelock VERB --help` tells more. Exit status:";
    for (size_t i = 0; i < verb_exit_count; i++) {
        size_t size = strlen(text);
        snprintf(text + size, sizeof text - size, " %s %s%s", verb_exits[i].status,
                 verb_exits[i].meaning, i + 1 < verb_exit_count ? "," : ".");
    }
    options_print_wrapped(out, text, 0, 0);
}

static void print_usage(FILE *out)
{
    enum { COLUMN = 17 };
    fprintf(out, "usage: tidelock VERB [options] FILE\n\n");
    for (size_t i = 0; i < VERB_COUNT; i++) {
        fprintf(out, "  %-14s ", verbs[i]->name);
        options_print_wrapped(out, verbs[i]->line, COLUMN, COLUMN);
    }
    fputc('\n', out);
    print_exits(out);
}

static void print_help(const struct verb *verb)
{
    printf("usage: tidelock %s%s%s%s\n\n", verb->name, verb->spec_count ? " [options]" : "",
           *verb->operands ? " " : "", verb->operands);
    options_print_wrapped(stdout, verb->line, 0, 0);
    if (verb->more)
        options_print_wrapped(stdout, verb->more, 0, 0);
    if (verb->spec_count) {
        printf("\n");
        options_print_help(verb->specs, verb->spec_count);
    }
    printf("\nexample:\n  %s\n", verb->example);
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    }
    return NULL;
}

static int unknown_verb(const char *name)
{
    const char *names[VERB_COUNT];
    for (size_t i = 0; i < VERB_COUNT; i++)
        names[i] = verbs[i]->name;
    const char *closest = options_closest(name, names, VERB_COUNT);
    fprintf(stderr, "tidelock: there is no verb %s", name);
    if (closest)
        fprintf(stderr, "; did you mean %s?", closest);
    fprintf(stderr, "\n(`tidelock --help` lists them)\n");
    return EXIT_USAGE;
}

static bool check_operands(const struct verb *verb, const struct options *options,
                           struct error *err)
{
    if (options->operand_count < verb->operands_min)
        return error_set(err, ERROR_INVALID, "%s is missing (see tidelock %s --help)",
                         verb->operands, verb->name);
    if (options->operand_count > verb->operands_max)
        return error_set(err, ERROR_INVALID, "\"%s\" is one argument too many",
                         options->operands[verb->operands_max]);
    return true;
}

static bool asks_for_help(int count, char **arguments)
{
    for (int i = 0; i < count && strcmp(arguments[i], "--") != 0; i++) {
        if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0)
            return true;
    }
    return false;
}

static int run_verb(const struct verb *verb, int count, char **arguments)
{
    struct options options;
    struct error err;
    if (asks_for_help(count, arguments)) {
        print_help(verb);
        return EXIT_DONE;
    }
    bool ok = options_parse(&options, verb->specs, verb->spec_count, count, arguments, &err) &&
              check_operands(verb, &options, &err);
    int status = ok ? verb->run(&options) : verb_fail(verb->name, &err);
    options_clear(&options);
    return status;
}

/* A program started with 0, 1 or 2 closed would take a journal for its standard output. What is put
 * in their place cannot be used, so that output that goes nowhere is an error. */
static void fill_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY); /* the lowest free one is this one */
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], CHILD_ARGUMENT) == 0)
        return policy_child();
    fill_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit of the user's is an error of writing, not a death */
    signal(SIGCHLD, SIG_DFL); /* where it was ignored, nobody would learn how a child ended */
    if (!terminal_open())
        return EXIT_TOOL;
    github_open();
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return EXIT_DONE;
    }
    const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
    const struct verb *verb = find_verb(name);
    int status = verb ? run_verb(verb, argc - 2, argv + 2) : unknown_verb(name);
    return verb && verb->acts ? verb_flush_act(status) : verb_flush(status);
}
