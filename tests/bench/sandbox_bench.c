/* The six programs of tests/bench/sandbox in the sandbox and in plain lua5.4: processor time of
 * each, in one run.
 *
 *     sandbox_bench [FOLDER]      exit 1 if the median ratio is above the one wanted */
#include "script/sandbox.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const double wanted = 2.5;
static const char *const programs[] = {"numeric", "allocation", "strings",
                                       "tables",  "calls",      "sort"};

enum { PROGRAMS = sizeof programs / sizeof *programs, ROUNDS = 5, TEXT_MAX = 1 << 16 };

static const struct sandbox_limits limits = {.work = INT64_C(1) << 40,
                                             .memory = (size_t)256 << 20,
                                             .value_size = 1 << 10,
                                             .print_size = 1 << 10};

static _Noreturn void evaluate(const char *path)
{
    static char text[TEXT_MAX];
    struct sandbox *sandbox;
    struct sandbox_step step;
    struct pool pool;
    struct error err;
    struct sandbox_hooks hooks = {NULL, NULL, NULL};
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(text, 1, sizeof text, file) : 0;
    if (size == 0 || !sandbox_new(&sandbox, &limits, &hooks, &err))
        _exit(1);
    pool_init(&pool, 1 << 20);
    sandbox_eval(sandbox, path, (struct slice){text, size}, &step, &pool);
    if (step.state != SANDBOX_RETURNED)
        fprintf(stderr, "%s\n", step.error.message);
    _exit(step.state == SANDBOX_RETURNED ? 0 : 1);
}

static double seconds_of(pid_t child)
{
    struct rusage used;
    int status;
    if (child < 0 || wait4(child, &status, 0, &used) != child || status != 0) {
        fprintf(stderr, "a program failed\n");
        exit(1);
    }
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static double in_sandbox(const char *path)
{
    pid_t child = fork();
    if (child == 0)
        evaluate(path);
    return seconds_of(child);
}

static double in_plain_lua(const char *path)
{
    char *const arguments[] = {(char *)"lua5.4", (char *)path, NULL};
    pid_t child = -1;
    if (posix_spawnp(&child, "lua5.4", NULL, NULL, arguments, environ) != 0)
        child = -1;
    return seconds_of(child);
}

/* The best of a few rounds of each, taken in turns. */
static double ratio_of(const char *folder, const char *program)
{
    char path[4096];
    double plain = 1e9;
    double ours = 1e9;
    snprintf(path, sizeof path, "%s/%s.lua", folder, program);
    for (int i = 0; i < ROUNDS; i++) {
        double time = in_plain_lua(path);
        plain = time < plain ? time : plain;
        time = in_sandbox(path);
        ours = time < ours ? time : ours;
    }
    printf("%-12s lua5.4 %6.1f ms   sandbox %6.1f ms   ratio %.2f\n", program, plain * 1e3,
           ours * 1e3, ours / plain);
    return ours / plain;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    double ratios[PROGRAMS];
    for (int i = 0; i < PROGRAMS; i++)
        ratios[i] = ratio_of(argc > 1 ? argv[1] : "tests/bench/sandbox", programs[i]);
    qsort(ratios, PROGRAMS, sizeof *ratios, compare);
    double median = (ratios[PROGRAMS / 2 - 1] + ratios[PROGRAMS / 2]) / 2;
    printf("median ratio %.2f (wanted: at most %.1f)\n", median, wanted);
    return median <= wanted ? 0 : 1;
}
