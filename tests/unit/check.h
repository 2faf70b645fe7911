/* The harness of the C unit programs: a test is a function, a program a table of them.
 *
 *     static void test_sum(void) { CHECK(sum(1, 2) == 3); CHECK_TEXT(name(), "three"); }
 *     CHECK_MAIN({"sum", test_sum}, {"...", ...})
 *
 * `program NAME...` runs only the named ones. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct check_test {
    const char *name;
    void (*run)(void);
};

static int check_failures;

static inline bool check_report(bool ok, const char *file, int line, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s:%d: %s\n", file, line, what);
        check_failures++;
    }
    return ok;
}

static inline bool check_text(const char *got, const char *want, const char *file, int line)
{
    bool ok = got && want && strcmp(got, want) == 0;
    if (!ok) {
        fprintf(stderr, "%s:%d: got  \"%s\"\n", file, line, got ? got : "(null)");
        fprintf(stderr, "%s:%d: want \"%s\"\n", file, line, want ? want : "(null)");
        check_failures++;
    }
    return ok;
}

#define CHECK(condition) check_report((condition), __FILE__, __LINE__, #condition)
#define CHECK_TEXT(got, want) check_text((got), (want), __FILE__, __LINE__)

static inline int check_main(const struct check_test *tests, size_t count, int argc, char **argv)
{
    size_t ran = 0;
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        bool wanted = argc < 2;
        for (int k = 1; k < argc; k++)
            wanted = wanted || strcmp(argv[k], tests[i].name) == 0;
        if (!wanted)
            continue;
        int before = check_failures;
        tests[i].run();
        ran++;
        if (check_failures > before) {
            failed++;
            fprintf(stderr, "FAILED %s\n", tests[i].name);
        }
    }
    printf("%zu passed, %zu failed\n", ran - failed, failed);
    return failed ? 1 : 0;
}

#define CHECK_MAIN(...)                                                                            \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        static const struct check_test tests[] = {__VA_ARGS__};                                    \
        return check_main(tests, sizeof tests / sizeof *tests, argc, argv);                        \
    }
