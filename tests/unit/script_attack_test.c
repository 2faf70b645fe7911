/* What was tried against sandboxes like this one, and what must come of it: an ordinary error, or a
 * spent budget. Each row runs twice from the same mark and must end the same way after the same
 * work, and all of them once more in two other processes with other addresses. */
#include "script/wrap.h"
#include "script_attacks.h"

#include <sys/wait.h>
#include <unistd.h>

static const struct sandbox_limits small = {
    .work = 6000000, .memory = 8 << 20, .value_size = 64 << 10, .print_size = 1 << 10};

enum {
    ATTACKS = sizeof attacks / sizeof *attacks,
    INNER_ATTACKS = sizeof inner_attacks / sizeof *inner_attacks,
};

static const char *const state_names[] = {"effect", "parallel", "returned", "raised", "spent"};

/* Those that make sense in this build. */
static int attack_count(void)
{
    return wrap_in_force() ? ATTACKS + INNER_ATTACKS : ATTACKS;
}

static const struct attack *attack_at(int i)
{
    return i < ATTACKS ? &attacks[i] : &inner_attacks[i - ATTACKS];
}

static void check_attack(struct box *box, const struct attack *attack)
{
    char first[ERROR_MESSAGE_MAX];
    snprintf(first, sizeof first, "%s", box_eval(box, attack->text));
    int64_t work = sandbox_work_used(box->sandbox);
    size_t memory = sandbox_memory_used(box->sandbox);
    bool ok = CHECK(box->step.state == attack->state);
    ok = CHECK(strstr(first, attack->shows) != NULL) && ok;
    ok = CHECK_TEXT(box_eval(box, attack->text), first) && ok;
    ok = CHECK(sandbox_work_used(box->sandbox) == work) && ok;
    ok = CHECK(sandbox_memory_used(box->sandbox) == memory) && ok;
    if (!ok)
        fprintf(stderr, "%s: %s: %s\n", attack->name, state_names[box->step.state], first);
}

static void test_attacks(void)
{
    struct box box;
    box_open(&box, &small, NULL);
    for (int i = 0; i < attack_count(); i++)
        check_attack(&box, attack_at(i));
    box_close(&box);
}

static void test_print_is_limited(void)
{
    struct box box;
    box_open(&box, &small, NULL);
    box_eval(&box, "for i = 1, 1000 do print('tick') end");
    CHECK(box.printed.size < small.print_size + 100);
    CHECK(strstr(box.printed.data, "the rest is dropped") != NULL);
    box_close(&box);
}

/* How far each row came, for comparison between processes. */
static void trace(void)
{
    struct box box;
    box_open(&box, &small, NULL);
    for (int i = 0; i < attack_count(); i++) {
        const struct attack *attack = attack_at(i);
        const char *text = box_eval(&box, attack->text);
        printf("%s: %lld %zu %.300s\n", attack->name, (long long)sandbox_work_used(box.sandbox),
               sandbox_memory_used(box.sandbox), text);
    }
    box_close(&box);
}

static void read_trace(struct buffer *out, char *const *environment)
{
    int ends[2];
    struct error err;
    if (!CHECK(pipe(ends) == 0))
        return;
    pid_t child = fork();
    if (child == 0) {
        char *const arguments[] = {"script_attack_test", "--trace", NULL};
        dup2(ends[1], STDOUT_FILENO);
        execve("/proc/self/exe", arguments, environment);
        _exit(127);
    }
    close(ends[1]);
    char block[4096];
    for (ssize_t got; (got = read(ends[0], block, sizeof block)) > 0;)
        CHECK(buffer_append(out, (struct slice){block, (size_t)got}, &err));
    close(ends[0]);
    int status = 1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void test_other_processes(void)
{
    static char many[3000];
    memset(many, 'x', sizeof many - 1);
    memcpy(many, "A=", 2);
    char *const one[] = {"LC_ALL=C", "ASAN_OPTIONS=detect_leaks=0", NULL};
    char *const other[] = {many,
                           "LC_ALL=de_DE.UTF-8",
                           "TZ=Asia/Kolkata",
                           "ASAN_OPTIONS=detect_leaks=0",
                           "GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2",
                           NULL};
    struct buffer a;
    struct buffer b;
    buffer_init(&a, 1 << 20);
    buffer_init(&b, 1 << 20);
    read_trace(&a, one);
    read_trace(&b, other);
    CHECK(a.size > ATTACKS * 10);
    CHECK_TEXT(b.data, a.data);
    buffer_clear(&a);
    buffer_clear(&b);
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"attacks", test_attacks},
        {"print_is_limited", test_print_is_limited},
        {"other_processes", test_other_processes},
    };
    if (argc == 2 && strcmp(argv[1], "--trace") == 0) {
        trace();
        return 0;
    }
    return check_main(tests, sizeof tests / sizeof *tests, argc, argv);
}
