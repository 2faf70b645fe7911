/* What a unit of work costs. Programs are generated that do the most with the least: every function
 * of the sandbox and every operator, on long texts, large tables and chains of metatables, for
 * ever. None may take more than so much processor time for a unit of its budget; otherwise the
 * budget would not bound the time, and where a run ends would depend on the machine.
 *
 * A unit is compared with that of a plain loop in the same process, which is what a machine makes
 * of one instruction. The time that passed is enough to acquit a program; before it is found
 * guilty, the processor's own clock is asked, over many runs. */
#include "script/inside.h"
#include "script/wrap.h"
#include "script_attacks.h"

#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
    SETUP_WORK = 20000000,
    SHORT_WORK = 50000,  /* most of it after the text was compiled */
    LONG_WORK = 1000000, /* for what takes some work to build */
    MEMORY = 48 << 20,
    LOOP_NS = 4,   /* of a unit of the plain loop on the machine where the limit was set */
    UNIT_NS = 100, /* the most that a unit may take on that machine */
    RATIO_MAX = UNIT_NS / LOOP_NS,
    END_SECONDS = 60, /* of processor time, for one program */
    AGAIN = 3,        /* times, before the processor's own clock is asked */
    CAREFUL_NS = 200000000,
    TEXT_MAX = 1024,
    FUNCTIONS_MAX = 64,
    NAME_ROOM = 32,
    STRIDE = 31, /* of the calls with several values: not all of them are tried */
};

/* What the programs work on; globals, made once. */
static const char setup[] =
    "S = ('x'):rep(100000)\n"
    "S2 = ('x'):rep(99999) .. 'y'\n"
    "ZEROS = ('\\0'):rep(60000)\n"
    "DIGITS = (' '):rep(60000) .. '1'\n"
    "WORDS = ('one two '):rep(2000)\n"
    "SETS = '[' .. ('a'):rep(30000) .. ']'\n"
    "FORMAT = ('%s'):rep(50)\n"
    "LIST = {} for i = 1, 5000 do LIST[i] = i end\n"
    "TEXTS = {} for i = 1, 200 do TEXTS[i] = ('t' .. i):rep(100) end\n"
    "NAMES = {} for i = 1, 3000 do NAMES['name' .. i] = i end\n"
    "EMPTIED = {} for i = 1, 5000 do EMPTIED[i] = i end for i = 1, 5000 do EMPTIED[i] = nil end\n"
    "GONE = {} for i = 1, 5000 do GONE['name' .. i] = i end "
    "for i = 1, 5000 do GONE['name' .. i] = nil end\n"
    "POWERS = {} for i = 0, 62 do POWERS[1 << i] = true end\n"
    "ALIKE = {} for i = 1, 3 do ALIKE[i] = i end for i = 2, 62 do ALIKE[1 << i] = i end "
    "for i = 1, 20 do ALIKE[i * 63] = i end\n"
    "HALF = {} for i = 1, 5000 do HALF[i] = i end for i = 2500, 5000 do HALF[i] = nil end\n"
    "local function chain(event, length, last) local c = last "
    "for i = 1, length do c = setmetatable({}, {[event] = c}) end return c end\n"
    "INDEXED = chain('__index', 1900, {x = 1})\n"
    "ASSIGNED = chain('__newindex', 1900, {})\n"
    "CALLED = chain('__call', 3000, function() end)\n"
    "LYING = setmetatable({}, {__len = function() return 1 << 40 end})\n"
    "local all = {} for _, e in ipairs {'add', 'sub', 'mul', 'div', 'mod', 'pow', 'unm', 'idiv', "
    "'band', 'bor', 'bxor', 'shl', 'shr', 'bnot', 'eq', 'lt', 'le', 'len', 'index', 'newindex', "
    "'call', 'tostring'} do all['__' .. e] = function() return '' end end\n"
    "EVENTS = setmetatable({}, all)\n"
    "FEW = setmetatable({}, {__name = S})\n"
    "MANY = function(...) return ... end\n"
    "NOTHING = function() end\n"
    "DEEP = load('local a = {} a.a = a return function() return a' .. ('.a'):rep(240) .. "
    "'.b.c end')()\n"
    "return true";

static const char *const values[] = {
    "nil",      "0",      "-1",    "3",       "1 << 62", "2.5",    "1e308", "0/0",     "'%s'",
    "'x-y'",    "'.-b'",  "S",     "S2",      "ZEROS",   "DIGITS", "WORDS", "SETS",    "FORMAT",
    "LIST",     "TEXTS",  "NAMES", "EMPTIED", "GONE",    "POWERS", "ALIKE", "HALF",    "INDEXED",
    "ASSIGNED", "CALLED", "LYING", "EVENTS",  "FEW",     "MANY",   "DEEP",  "NOTHING",
};

static const char *const operators[] = {"+", "-",  "*",  "/",  "//", "%", "^",  "&",  "|",
                                        "~", "<<", ">>", "..", "==", "<", "<=", "and"};

/* Bodies of functions in which %s stands for a value. */
static const char *const shapes[] = {
    "return #%s",
    "return -%s",
    "return ~%s",
    "return not %s",
    "return %s.x",
    "%s.x = nil",
    "%s.y = 1",
    "%s[1] = 1",
    "return %s:x()",
    "return %s()",
    "return %s(1, 2, 3)",
    "for i = 1, %s do break end",
    "for i = %s, 1 do break end",
    "for k in %s do break end",
    "for k in pairs(%s) do break end",
    "for k in ipairs(%s) do break end",
    "local t = {[%s] = 1}",
    "local t = {%s, %s, %s}",
    "return MANY(table.unpack(%s, 1, 200))",
    "return select('#', table.unpack(%s, 1, 5000))",
    "return select(-1, table.unpack(%s, 1, 5000))",
    "local t = {table.unpack(%s, 1, 5000)}",
    "local a <const>, b = %s, %s return a == b",
    "return load(%s, %s, %s, %s)",
    "return load(function() return %s end, %s)",
    "return tonumber(%s, 36)",
    "return select(%s, 1, 2)",
    "error(%s, 1)",
    "error(%s, 2)",
    "return rawequal(%s, %s)",
    "return xpcall(error, function(m) return m end, %s)",
    "return ('%%10s'):format(%s)",
    "return ('%%-99.99s'):format(%s)",
    "return ('%%q'):format(%s)",
    "return ('%%5.2f %%d %%x'):format(%s, %s, %s)",
    "return (%s):gsub('.', '%%0%%0')",
    "return (%s):gsub('%%w+', NAMES)",
    "return (%s):gsub('x', NOTHING, 3)",
    "return (%s):find('x', 1, true)",
    "return (%s):find('xy', 1, true)",
    "return (%s):find(('x'):rep(1000) .. 'z', 1, true)",
    "return (%s):find('x*y', -5)",
    "return (%s):find('[^x]')",
    "return (%s):find('%%f[y]')",
    "for w in (%s):gmatch('%%S+') do break end",
    "return (%s):sub(2, -2)",
    "return (%s):byte(1, 4000)",
    "return (%s):rep(3, 'y')",
    "return table.concat(%s, ', ')",
    "return table.concat({%s, %s})",
    "return table.insert(%s, 1, 1)",
    "return table.remove(%s, 1)",
    "return table.move(%s, 1, 3000, 2, {})",
    "return table.sort(%s, function() return false end)",
    "return table.unpack(%s)",
    "return next(%s, 100)",
    "return next(%s, 'name77')",
    "return require(%s)",
    "return setmetatable({}, {__index = %s}).x",
    "local t = setmetatable({}, {__newindex = %s}) t.x = 1",
    "return setmetatable({}, {__call = %s})()",
    "return setmetatable({}, {__eq = %s}) == {}",
    "return tostring(setmetatable({}, {__tostring = %s}))",
    "return tostring(setmetatable({}, {__name = %s}))",
    "assert(false, %s)",
    "print(%s)",
    "require('effect').fail(%s)",
    "require('effect').array(%s)",
    "require('effect').perform(%s)",
    "require('effect').perform {a = %s}",
    "require('effect').parallel(%s)",
    "return math.max(table.unpack(%s, 1, 2000))",
    "return math.floor(%s)",
    "return math.random(%s)",
    "return utf8.len(%s)",
    "return utf8.len(%s, -1)",
    "return ipairs(%s)(%s, 20000)",
    "local f f = function(n, ...) if n > 0 then return f(n - 1, n, ...) end end f(200)",
    "local f f = function(n) if n > 0 then return (f(n - 1)) end error(%s, 150) end f(150)",
};

/* The functions that are called with every one and two of the values, by the name a program has
 * for each. */
static const char functions[] =
    "local names = {} local function add(prefix, from) for name, value in pairs(from) do "
    "if type(value) == 'function' then names[#names + 1] = prefix .. name end end end "
    "add('', _G) for _, l in ipairs {'string', 'table', 'math', 'utf8'} do add(l .. '.', _G[l]) "
    "end table.sort(names) return names";

enum {
    VALUES = sizeof values / sizeof *values,
    OPERATORS = sizeof operators / sizeof *operators,
    SHAPES = sizeof shapes / sizeof *shapes,
};

static struct box box;
static double loop_ns; /* of a unit of the plain loop */
static int programs;

static double clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static const char *under_way;

/* A single instruction may be what takes for ever: then nothing else ends the program. */
static void give_up(int signal_number)
{
    static const char told[] = "this program does not end: ";
    (void)signal_number;
    bool ok = write(STDERR_FILENO, told, sizeof told - 1) > 0 &&
              write(STDERR_FILENO, under_way, strlen(under_way)) > 0 &&
              write(STDERR_FILENO, "\n", 1) > 0;
    _exit(ok ? 1 : 2);
}

static void watch_for_end(const char *text)
{
    struct itimerval limit = {.it_value.tv_sec = END_SECONDS};
    under_way = text;
    signal(SIGPROF, give_up);
    setitimer(ITIMER_PROF, &limit, NULL);
}

/* Runs the text until it ends or its budget does: adds how long that took and how many units. */
static void run_text(const char *text, clockid_t clock, double *took, double *units)
{
    box_rewind(&box);
    watch_for_end(text);
    double before = clock_ns(clock);
    sandbox_eval(box.sandbox, "t.lua", slice_of(text), &box.step, &box.pool);
    *took += clock_ns(clock) - before;
    int64_t work = sandbox_work_used(box.sandbox);
    *units += (double)(work > SHORT_WORK ? work : SHORT_WORK);
}

/* Time that passed for a unit: at least what the processor took, and known to the nanosecond. */
static double passed_ns(const char *text)
{
    double took = 0;
    double units = 0;
    run_text(text, CLOCK_MONOTONIC, &took, &units);
    return took / units;
}

/* Time of the processor for a unit, over many runs: that clock may tick seldom. */
static double processor_ns(const char *text)
{
    double took = 0;
    double units = 0;
    while (took < CAREFUL_NS)
        run_text(text, CLOCK_PROCESS_CPUTIME_ID, &took, &units);
    return took / units;
}

/* Where the tools of a build slow down some things and not others, and where nothing is paid for
 * inside instructions, some of the programs are run and no price is asked. */
#if defined __SANITIZE_ADDRESS__ || defined TIDELOCK_GC_STRESS
enum { PRICED = false, EVERY = 50 };
#else
enum { PRICED = true, EVERY = 1 };
#endif

static bool is_priced(void)
{
    return PRICED && wrap_in_force();
}

static void check_price(const char *text)
{
    if (programs++ % EVERY != 0)
        return;
    bool cheap = passed_ns(text) <= loop_ns * RATIO_MAX || !is_priced();
    for (int i = 0; i < AGAIN && !cheap; i++)
        cheap = passed_ns(text) <= loop_ns * RATIO_MAX;
    if (cheap)
        return;
    double ns = processor_ns(text);
    double loop = processor_ns("while true do end"); /* the machine may be slower by now */
    if (!CHECK(ns <= loop * RATIO_MAX))
        fprintf(stderr, "%.0f ns a unit, %.0f times that of a loop: %s\n", ns, ns / loop, text);
}

static void open_priced(int64_t work, const char *text)
{
    static const struct sandbox_limits limits = {
        .work = SETUP_WORK, .memory = MEMORY, .value_size = 1 << 20, .print_size = 1 << 10};
    struct error err;
    box_open(&box, &limits, NULL);
    sandbox_load(box.sandbox, "t.lua", slice_of(text), &box.step, &box.pool);
    if (!CHECK(box.step.state == SANDBOX_RETURNED))
        fprintf(stderr, "%s\n", box.step.error.message);
    box.sandbox->limits.work = work;
    CHECK(sandbox_mark(box.sandbox, &err));
    programs = 0;
    loop_ns = processor_ns("while true do end");
}

static void close_priced(const char *what)
{
    printf("%d %s, a unit of a loop takes %.1f ns\n", programs, what, loop_ns);
    box_close(&box);
}

/* A program that does `body`, whatever comes of it, for ever. */
static void check_body(const char *body)
{
    char text[TEXT_MAX + 64];
    snprintf(text, sizeof text, "local function f() %s end while true do pcall(f) end", body);
    check_price(text);
}

static void test_operators(void)
{
    char body[TEXT_MAX];
    open_priced(SHORT_WORK, setup);
    for (int i = 0; i < VALUES * VALUES; i++) {
        const char *a = values[i / VALUES];
        const char *b = values[i % VALUES];
        snprintf(body, sizeof body, "return %s %s %s", a, operators[i % OPERATORS], b);
        check_body(body);
        snprintf(body, sizeof body, "return (%s)[%s]", a, b);
        check_body(body);
        snprintf(body, sizeof body, "local t = %s t[%s] = 1", a, b);
        check_body(body);
    }
    for (int i = 0; i < VALUES * OPERATORS; i++) {
        const char *a = values[i / OPERATORS];
        snprintf(body, sizeof body, "return %s %s %s", a, operators[i % OPERATORS], a);
        check_body(body);
    }
    close_priced("programs of operators");
}

/* The value in the place of each %s; %% becomes %. */
static void fill(char *body, const char *shape, const char *value)
{
    size_t used = 0;
    for (const char *c = shape; *c && used < TEXT_MAX / 2; c++) {
        if (c[0] == '%' && c[1] == 's' && (c == shape || c[-1] != '%'))
            used += (size_t)snprintf(body + used, TEXT_MAX / 2, "%s", value), c++;
        else if (c[0] == '%' && c[1] == '%')
            body[used++] = *c++;
        else
            body[used++] = *c;
    }
    body[used] = '\0';
}

static void test_shapes(void)
{
    char body[TEXT_MAX];
    open_priced(SHORT_WORK, setup);
    for (int i = 0; i < SHAPES * VALUES; i++) {
        fill(body, shapes[i / VALUES], values[i % VALUES]);
        check_body(body);
    }
    close_priced("programs of shapes");
}

/* The names of the sandbox's functions; how many. */
static int list_functions(char names[FUNCTIONS_MAX][NAME_ROOM])
{
    int count = 0;
    box_rewind(&box);
    sandbox_eval(box.sandbox, "t.lua", slice_of(functions), &box.step, &box.pool);
    if (!CHECK(box.step.state == SANDBOX_RETURNED && box.step.value.kind == VALUE_ARRAY))
        fprintf(stderr, "%s\n", box.step.error.message);
    for (; count < FUNCTIONS_MAX && count < (int)box.step.value.array.count; count++) {
        struct slice name = box.step.value.array.items[count].string;
        snprintf(names[count], NAME_ROOM, "%.*s", (int)name.size, name.data);
    }
    return count;
}

/* With one value, with two, and with two and a third. */
static void test_functions(void)
{
    char body[TEXT_MAX];
    char names[FUNCTIONS_MAX][NAME_ROOM];
    open_priced(LONG_WORK, "return 1");
    int count = list_functions(names);
    box_close(&box);
    open_priced(SHORT_WORK, setup);
    CHECK(count > 40 && count < FUNCTIONS_MAX);
    for (int i = 0; i < count * VALUES; i++) {
        snprintf(body, sizeof body, "return %s(%s)", names[i / VALUES], values[i % VALUES]);
        check_body(body);
    }
    for (int i = 0; i < count * VALUES * VALUES; i += STRIDE) {
        const char *name = names[i / VALUES / VALUES];
        const char *a = values[i / VALUES % VALUES];
        const char *b = values[i % VALUES];
        snprintf(body, sizeof body, "return %s(%s, %s)", name, a, b);
        check_body(body);
        snprintf(body, sizeof body, "return %s(%s, %s, %s)", name, a, b, values[i * 7 % VALUES]);
        check_body(body);
    }
    close_priced("calls");
}

/* What was tried against the sandbox, at length. */
static void test_attacks(void)
{
    enum { ATTACKS = sizeof attacks / sizeof *attacks };
    enum { INNER_ATTACKS = sizeof inner_attacks / sizeof *inner_attacks };
    open_priced(LONG_WORK, "return 1");
    for (int i = 0; i < ATTACKS; i++)
        check_price(attacks[i].text);
    for (int i = 0; i < INNER_ATTACKS; i++)
        check_price(inner_attacks[i].text);
    close_priced("attacks");
}

CHECK_MAIN({"operators", test_operators}, {"shapes", test_shapes}, {"functions", test_functions},
           {"attacks", test_attacks})
