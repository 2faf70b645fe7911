/* A policy in a process of its own: it does what it does in this one, and whatever its process does
 * instead of answering ends as a step that says what happened.
 *
 * This program is also the child: started with CHILD_ARGUMENT it is the real one, with "fake:NAME"
 * one that misbehaves. */
#include "script/child.h"
#include "script/frame.h"
#include "script/jail_filter.h"
#include "script_check.h"
#include "script_child_fakes.h"
#include "script_drive.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct sandbox_limits limits = {
    .work = 200000, .memory = 8 << 20, .value_size = 1 << 16, .print_size = 1 << 10};

/* --- the real child -------------------------------------------------------------------------- */

static const char entry[] = "return {start = function(policy, a) return policy(a) end}";
static const char helper[] = "return {twice = function(n) return 2 * n end}";

static bool find_module(void *context, const char *module, struct slice *text, const char **chunk)
{
    (void)context;
    bool is_entry = strcmp(module, "policy_entry") == 0;
    *text = slice_of(is_entry ? entry : helper);
    *chunk = is_entry ? "stdlib/policy_entry.lua" : "helper.lua";
    return is_entry || strcmp(module, "helper") == 0;
}

static bool open_library(void *context, const struct value *sources, struct slice policy,
                         struct error *err)
{
    (void)context;
    if (sources && slice_is(policy, "t.lua"))
        return true;
    return error_set(err, ERROR_INTERNAL, "no sources");
}

static bool open_child(struct child *child, const char *text)
{
    struct error err = {.message = ""};
    struct member source = {slice_of("t.lua"), value_text(text)};
    struct value sources = {.kind = VALUE_OBJECT, .object = {&source, 1}};
    struct child_policy policy = {
        .limits = limits, .name = "t.lua", .sources = &sources, .seed = UINT64_MAX};
    if (CHECK(child_open(child, &policy, &err)))
        return true;
    fprintf(stderr, "%s\n", err.message);
    return false;
}

static bool load(struct child *child, const char *text, struct sandbox_step *step,
                 struct pool *pool)
{
    struct error err = {.message = ""};
    if (open_child(child, text) && CHECK(child_opened(child, step, pool, &err)))
        return true;
    fprintf(stderr, "%s\n", err.message);
    return false;
}

/* --- the same as in one process -------------------------------------------------------------- */

static const char *const policies[] = {
    "return function(a) return a.n end",
    "local e = require 'effect' local h = require 'helper'\n"
    "return function(a) for i = 1, h.twice(a.n) do e.perform{kind='sleep', ['for']=i} end end",
    "local e = require 'effect'\n"
    "return function(a) local f = function() return e.perform{kind='x', at=math.random(1000)} end\n"
    "local r = e.parallel{f, f, function() return e.parallel{f} end}\n"
    "return {r, 1.0, 'a\\n\\u{20ac}', {}, e.array{}} end",
    "return function() error{message='no\\xff'} end",
    "return function() local x = nil; return x.y end",
    "print('loading') return function(a) print(a, 1, '\\xff\\0') for i = 1, 99 do print(i) end end",
    "return function() while true do end end",
    "return function() local s = 'x' while true do s = s .. s end end",
    "local n = 0 for i = 1, 60000 do n = n + i end\n"
    "return function() for i = 1, 30000 do n = n + i end return n end",
    "return function() return {f = print} end",
    "return function() return ('x'):rep(70000) end",
    "local e = require 'effect' return function() return e.perform{v = ('\\1'):rep(20000)} end",
    "return 7",
    "return function(",
    "error('while loading')",
};

static void run_here(struct drive *drive, const char *text)
{
    struct sandbox *sandbox = NULL;
    struct sandbox_hooks hooks = {find_module, note, drive};
    struct sandbox_step step;
    struct script_local local;
    struct error err;
    CHECK(sandbox_new(&sandbox, &limits, &hooks, &err));
    sandbox_load(sandbox, "t.lua", slice_of(text), &step, &drive->pool);
    log_step(drive, &step);
    if (step.state == SANDBOX_RETURNED) {
        CHECK(sandbox_mark(sandbox, &err));
        sandbox_seed(sandbox, UINT64_MAX);
        script_local_init(&local, sandbox);
        drive->script = &local.script;
        drive_on(drive);
    }
    sandbox_free(sandbox);
}

static void run_there(struct drive *drive, const char *text)
{
    struct child *child = NULL;
    struct child_params params = {.print = note, .context = drive};
    struct sandbox_step step;
    struct error err;
    if (!CHECK(child_new(&child, &params, &err)) || !load(child, text, &step, &drive->pool))
        return;
    log_step(drive, &step);
    if (step.state == SANDBOX_RETURNED) {
        drive->script = child_script(child);
        drive_on(drive);
    }
    child_free(child);
}

static void test_same_as_here(void)
{
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        struct drive here;
        struct drive there;
        open_drive(&here);
        open_drive(&there);
        run_here(&here, policies[i]);
        run_there(&there, policies[i]);
        bool printed = CHECK(
            slice_equal(buffer_slice(&here.printed), buffer_slice(&there.printed)));
        bool did = CHECK_TEXT(there.log.data, here.log.data);
        if (!printed || !did)
            fprintf(stderr, "policy %zu\n", i);
        close_drive(&here);
        close_drive(&there);
    }
}

/* --- children that misbehave ----------------------------------------------------------------- */

static void check_died(const struct sandbox_step *step, const char *message)
{
    char whole[ERROR_MESSAGE_MAX];
    snprintf(whole, sizeof whole, "the policy's process %s", message);
    CHECK(step->state == SANDBOX_DIED && step->error.code == ERROR_POLICY);
    CHECK_TEXT(step->error.message, whole);
}

enum { STEP_MS = 100, PATIENT_MS = 60000 };

/* `step_ms`: patient where it is not the waiting that is tried, since a busy machine is slow. */
static struct child *begin(const char *argument, int64_t step_ms)
{
    struct child *child = NULL;
    struct child_params params = {.step_ms = step_ms, .argument = argument};
    struct error err;
    CHECK(child_new(&child, &params, &err));
    return child;
}

/* What is said once is said ever after. */
static void test_misbehaviour(void)
{
    static char large[1 << 20];
    setenv("AWS_SECRET_ACCESS_KEY", "not for a policy", 1);
    memset(large, ' ', sizeof large - 1);
    for (size_t i = 0; i < sizeof fakes / sizeof *fakes; i++) {
        struct pool pool = {.max = 1 << 24};
        struct sandbox_step step;
        struct value nothing = value_null();
        bool slow = strstr(fakes[i].message, "did not answer within 100ms");
        struct child *child = begin(fakes[i].name, slow ? STEP_MS : PATIENT_MS);
        load(child, large, &step, &pool);
        check_died(&step, fakes[i].message);
        child_script(child)->ops->start(child_script(child), &nothing, &step, &pool);
        check_died(&step, fakes[i].message);
        child_free(child);
        pool_clear(&pool);
    }
}

/* It answered in time, and we came to hear it when the time for that was over. */
static void test_heard_late(void)
{
    struct pool pool = {.max = 1 << 24};
    struct sandbox_step step;
    struct error err;
    struct child *child = begin(NULL, STEP_MS);
    CHECK(open_child(child, "return function() end"));
    struct pollfd wanted = {.fd = child_descriptor(child), .events = POLLIN};
    CHECK(poll(&wanted, 1, 10000) == 1);
    poll(NULL, 0, STEP_MS);
    CHECK(child_opened(child, &step, &pool, &err));
    CHECK_TEXT(step.state == SANDBOX_DIED ? step.error.message : "", "");
    child_free(child);
    pool_clear(&pool);
}

/* --- answers that are none ------------------------------------------------------------------- */

static void test_nonsense(void)
{
    struct frame_question question = {.id = 1, .branch = 0, .branches = 0};
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        struct pool pool = {.max = 1 << 20};
        struct sandbox_step step;
        struct error err = {.message = ""};
        bool ok = CHECK(!frame_read_step(&step, &question, slice_of(nonsense[i].text), &pool,
                                         &err)) &&
                  CHECK(strncmp(err.message, nonsense[i].why, strlen(nonsense[i].why)) == 0);
        if (!ok)
            fprintf(stderr, "%s: %s\n", nonsense[i].text, err.message);
        pool_clear(&pool);
    }
}

static void test_long_message(void)
{
    char text[2 * ERROR_MESSAGE_MAX];
    char message[ERROR_MESSAGE_MAX + 1];
    struct frame_question question = {.id = 1, .branch = 0, .branches = 0};
    struct pool pool = {.max = 1 << 20};
    struct sandbox_step step;
    struct error err;
    memset(message, 'm', sizeof message - 1);
    message[sizeof message - 1] = '\0';
    for (size_t size = ERROR_MESSAGE_MAX; size >= ERROR_MESSAGE_MAX - 1; size--) {
        message[size] = '\0';
        snprintf(text, sizeof text,
                 "{\"branch\":0,\"chunk\":\"\",\"id\":1,\"line\":0,\"message\":\"%s\",\"state\":"
                 "\"spent\"}",
                 message);
        bool read = frame_read_step(&step, &question, slice_of(text), &pool, &err);
        CHECK(read == (size < ERROR_MESSAGE_MAX));
    }
    CHECK(step.error.code == ERROR_BUDGET);
    pool_clear(&pool);
}

static void test_nonsense_through_the_pipe(void)
{
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        char argument[32];
        struct pool pool = {.max = 1 << 20};
        struct sandbox_step step;
        snprintf(argument, sizeof argument, "nonsense:%zu", i);
        struct child *child = begin(argument, PATIENT_MS);
        load(child, "", &step, &pool);
        CHECK(step.state == SANDBOX_DIED);
        CHECK(strstr(step.error.message, "gave no answer that can be taken (") != NULL);
        child_free(child);
        pool_clear(&pool);
    }
}

static void test_no_jail(void)
{
    struct value sources = {.kind = VALUE_OBJECT};
    struct child_policy policy = {.limits = limits, .name = "t.lua", .sources = &sources};
    struct pool pool = {.max = 1 << 20};
    struct sandbox_step step;
    struct error err;
    struct child *child = begin("fake:no_jail", PATIENT_MS);
    CHECK(!child_load(child, &policy, &step, &pool, &err) && err.code == ERROR_IO);
    CHECK_TEXT(err.message, "there is no seccomp here");
    child_free(child);
    pool_clear(&pool);
}

static void test_unasked(void)
{
    struct pool pool = {.max = 1 << 20};
    struct sandbox_step step;
    struct value nothing = value_null();
    struct child *child = begin("fake:twice", PATIENT_MS);
    load(child, "", &step, &pool);
    CHECK(step.state == SANDBOX_RETURNED);
    child_script(child)->ops->start(child_script(child), &nothing, &step, &pool);
    check_died(&step, "spoke without being asked and was killed");
    child_free(child);
    pool_clear(&pool);
}

/* --- a child that waits ---------------------------------------------------------------------- */

static const char waiting[] = "local e = require 'effect' return function() e.perform{} end";

static struct child *begin_waiting(struct pool *pool)
{
    struct child *child = NULL;
    struct child_params params = {.print = NULL};
    struct sandbox_step step;
    struct error err;
    struct value nothing = value_null();
    CHECK(child_new(&child, &params, &err));
    load(child, waiting, &step, pool);
    child_script(child)->ops->start(child_script(child), &nothing, &step, pool);
    CHECK(step.state == SANDBOX_EFFECT);
    return child;
}

/* The number after "name:" in a file of /proc; -1 where it cannot be read. */
static long read_number(pid_t process, const char *file, const char *name)
{
    char path[64];
    char line[256];
    long number = -1;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)process, file);
    FILE *stream = fopen(path, "re");
    while (stream && fgets(line, sizeof line, stream)) {
        if (strncmp(line, name, strlen(name)) == 0)
            number = strtol(line + strlen(name), NULL, 10);
    }
    if (stream)
        fclose(stream);
    return number;
}

static int count_descriptors(pid_t process)
{
    char path[64];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)process);
    DIR *folder = opendir(path);
    for (struct dirent *item; folder && (item = readdir(folder)) != NULL;)
        count += item->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return count;
}

static void check_noticed(struct child *child, const char *message)
{
    struct pollfd wanted = {.fd = child_descriptor(child), .events = POLLIN};
    struct error err = {.message = ""};
    CHECK(poll(&wanted, 1, 10000) == 1);
    CHECK(child_is_gone(child, &err) && child_is_gone(child, &err));
    CHECK(strstr(err.message, message) != NULL);
    child_free(child);
}

/* A death is noticed when it happens. */
static void test_noticed(void)
{
    struct pool pool = {.max = 1 << 20};
    struct sandbox_step step;
    struct child *child = begin_waiting(&pool);
    CHECK(!child_is_gone(child, &step.error));
    kill(child_process(child), SIGKILL);
    check_noticed(child, "was killed by SIGKILL: from outside");
    child = begin("fake:twice", PATIENT_MS);
    load(child, "", &step, &pool);
    check_noticed(child, "spoke without being asked and was killed");
    pool_clear(&pool);
}

static void test_walls(void)
{
    struct pool pool = {.max = 1 << 20};
    struct child *child = begin_waiting(&pool);
    pid_t process = child_process(child);
    CHECK(read_number(process, "status", "Seccomp:") == 2);
    CHECK(read_number(process, "status", "NoNewPrivs:") == 1);
    int descriptors = count_descriptors(process); /* only root may look */
    CHECK(descriptors == 1 || (descriptors == 0 && geteuid() != 0));
    long dirty = read_number(process, "smaps_rollup", "Private_Dirty:");
    printf("a policy that waits: %ld KiB of private memory\n", dirty);
    CHECK(JAIL_SANITIZED || dirty < 4 << 10);
    child_free(child);
    pool_clear(&pool);
}

static void test_killed_while_waiting(void)
{
    struct pool pool = {.max = 1 << 20};
    struct sandbox_step step;
    struct value result = {.kind = VALUE_OBJECT};
    siginfo_t info;
    struct child *child = begin_waiting(&pool);
    kill(child_process(child), SIGTERM);
    CHECK(waitid(P_PID, (id_t)child_process(child), &info, WEXITED | WNOWAIT) == 0);
    child_script(child)->ops->resume(child_script(child), 0, &result, &step, &pool);
    check_died(&step, "was killed by SIGTERM: somebody stopped it");
    child_free(child);
    pool_clear(&pool);
}

static void test_freed_is_gone(void)
{
    struct pool pool = {.max = 1 << 20};
    struct child *child = begin_waiting(&pool);
    pid_t process = child_process(child);
    child_free(child);
    CHECK(kill(process, 0) != 0);
    pool_clear(&pool);
}

static int be_child(const char *argument)
{
    static const struct child_library library = {open_library, find_module, NULL};
    if (strcmp(argument, CHILD_ARGUMENT) == 0)
        return child_serve(&library);
    be_fake(argument);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"same_as_here", test_same_as_here},
        {"misbehaviour", test_misbehaviour},
        {"heard_late", test_heard_late},
        {"nonsense", test_nonsense},
        {"long_message", test_long_message},
        {"nonsense_through_the_pipe", test_nonsense_through_the_pipe},
        {"no_jail", test_no_jail},
        {"unasked", test_unasked},
        {"noticed", test_noticed},
        {"walls", test_walls},
        {"killed_while_waiting", test_killed_while_waiting},
        {"freed_is_gone", test_freed_is_gone},
    };
    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && (strchr(argv[1], ':') || strcmp(argv[1], CHILD_ARGUMENT) == 0))
        return be_child(argv[1]);
    return check_main(tests, sizeof tests / sizeof *tests, argc, argv);
}
