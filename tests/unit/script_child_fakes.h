/* Children that misbehave, and answers that are none: what a process might do that somebody else
 * has taken over. */
#pragma once

#include "script/child.h"
#include "script/frame.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIPE = 0 };

static void hear(void)
{
    char kind;
    struct buffer payload;
    buffer_init(&payload, FRAME_OPEN_MAX);
    if (frame_receive(PIPE, &kind, &payload, NULL) != FRAME_DONE)
        _exit(99);
    buffer_clear(&payload);
}

static void say(char kind, const char *payload)
{
    frame_send(PIPE, (enum frame_kind)kind, slice_of(payload), NULL);
}

static void hang(void)
{
    for (;;)
        pause();
}

static void die_of(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

static void claim_too_much(void)
{
    hear();
    (void)!write(PIPE,
                 "\xff\xff\xff\xff"
                 "a",
                 5);
    hang();
}

static void stop_in_the_middle(void)
{
    hear();
    (void)!write(PIPE,
                 "\0\0\0\x64"
                 "a{\"br",
                 10);
}

static void hang_in_the_middle(void)
{
    stop_in_the_middle();
    hang();
}

static void never_hear(void)
{
    hang();
}

static void flood(void)
{
    hear();
    for (;;)
        say(FRAME_PRINT, "0123456789012345678901234567890123456789");
}

static void flood_with_nothing(void)
{
    hear();
    for (;;)
        say(FRAME_PRINT, "");
}

static void hear_and_hang(void)
{
    hear();
    hang();
}

static void fault(void)
{
    hear();
    die_of(SIGSEGV);
}

static void be_killed(void)
{
    hear();
    die_of(SIGKILL);
}

static void leave(void)
{
    hear();
}

static void leave_at_once(void)
{
    _exit(3);
}

static void close_pipe(void)
{
    hear();
    close(PIPE);
    hang();
}

/* One answer, and one that nobody asked for. */
static void speak_twice(void)
{
    static const char step[] = "{\"branch\":0,\"id\":1,\"state\":\"returned\",\"value\":null}";
    char both[2 * (sizeof step + 4)];
    size_t size = sizeof step - 1;
    hear();
    for (int i = 0; i < 2; i++) {
        char *at = both + (size_t)i * (size + 5);
        memcpy(at, (char[]){0, 0, 0, (char)size, FRAME_STEP}, 5);
        memcpy(at + 5, step, size);
    }
    (void)!write(PIPE, both, 2 * (size + 5));
    hang();
}

/* Whether anything of the supervisor's has come along. */
static void look_around(void)
{
    extern char **environ;
    bool clean = true;
    for (char **variable = environ; *variable; variable++)
        clean = clean && strncmp(*variable, "LD_LIBRARY_PATH=", 16) == 0;
    _exit(clean && getsid(0) == getpid() ? 40 : 41);
}

static void fail_to_lock(void)
{
    hear();
    say(FRAME_FAILED, "there is no seccomp here");
    hang();
}

static const struct fake {
    const char *name;
    void (*act)(void);
    const char *message; /* of the step it ends as; that of loading */
} fakes[] = {
    {"fake:too_much", claim_too_much, "sent more than an answer may hold and was killed"},
    {"fake:stop", stop_in_the_middle, "ended by itself, with status 0"},
    {"fake:hang_in_the_middle", hang_in_the_middle, "did not answer within 100ms and was killed"},
    {"fake:never_hear", never_hear, "did not answer within 100ms and was killed"},
    {"fake:flood", flood, "printed more than it may and was killed"},
    {"fake:flood_with_nothing", flood_with_nothing, "did not answer within 100ms and was killed"},
    {"fake:hang", hear_and_hang, "did not answer within 100ms and was killed"},
    {"fake:fault", fault, "was killed by SIGSEGV: a fault in the interpreter"},
    {"fake:killed", be_killed,
     "was killed by SIGKILL: from outside; most likely the machine ran out of memory"},
    {"fake:leave", leave, "ended by itself, with status 0"},
    {"fake:leave_at_once", leave_at_once, "ended by itself, with status 3"},
    {"fake:close", close_pipe, "closed its pipe and was killed"},
    {"fake:around", look_around, "ended by itself, with status 40"},
};

static const struct nonsense {
    const char *text;
    const char *why;
} nonsense[] = {
    {"", "the JSON ends at byte 1: "},
    {"x", "byte 1 of the JSON is 'x': "},
    {"7", "an object of a step's members was expected"},
    {"{\"branch\":0, \"id\":1,\"state\":\"returned\",\"value\":7}",
     "JSON that is not in canonical form"},
    {"{\"id\":1,\"branch\":0,\"state\":\"returned\",\"value\":7}",
     "JSON that is not in canonical form"},
    {"{\"branch\":0,\"id\":1,\"state\":\"returned\",\"value\":7}x", "byte "},
    {"{\"branch\":0,\"id\":2,\"state\":\"returned\",\"value\":7}", "it answers another question"},
    {"{\"branch\":0,\"id\":1.0,\"state\":\"returned\",\"value\":7}", "it answers another question"},
    {"{\"branch\":1,\"id\":1,\"state\":\"returned\",\"value\":7}", "it is about another branch"},
    {"{\"branch\":0,\"id\":1,\"state\":\"died\",\"value\":7}", "its members do not make a step"},
    {"{\"branch\":0,\"id\":1,\"state\":7,\"value\":7}", "its members do not make a step"},
    {"{\"branch\":0,\"id\":1,\"state\":\"effect\",\"value\":[]}", "its members do not make a step"},
    {"{\"branch\":0,\"id\":1,\"more\":1,\"state\":\"effect\",\"value\":{}}",
     "its members do not make a step"},
    {"{\"a\":0,\"branch\":0,\"id\":1,\"state\":\"effect\"}", "its members do not make a step"},
    {"{\"branch\":0,\"count\":2,\"first\":1,\"id\":1,\"state\":\"parallel\"}",
     "its members do not make a step"},
    {"{\"branch\":0,\"count\":1,\"first\":0,\"id\":1,\"more\":1,\"state\":\"parallel\"}",
     "its members do not make a step"},
    {"{\"branch\":0,\"chunk\":\"\",\"id\":1,\"line\":1,\"message\":\"m\",\"more\":1,\"state\":"
     "\"spent\"}",
     "its members do not make a step"},
    {"{\"branch\":0,\"count\":0,\"first\":0,\"id\":1,\"state\":\"parallel\"}",
     "its members do not make a step"},
    {"{\"branch\":0,\"count\":262145,\"first\":0,\"id\":1,\"state\":\"parallel\"}",
     "its members do not make a step"},
    {"{\"branch\":0,\"chunk\":\"t.lua\",\"id\":1,\"line\":-1,\"message\":\"m\",\"state\":"
     "\"raised\"}",
     "its members do not make a step"},
    {"{\"branch\":0,\"chunk\":\"\\u0000\",\"id\":1,\"line\":1,\"message\":\"m\",\"state\":"
     "\"raised\"}",
     "its members do not make a step"},
    {"{\"branch\":0,\"chunk\":\"\",\"id\":1,\"line\":1,\"message\":\"\\u001b[2J\",\"state\":"
     "\"spent\"}",
     "its members do not make a step"},
    {"{\"branch\":0,\"chunk\":[],\"id\":1,\"line\":1,\"message\":\"m\",\"state\":\"spent\"}",
     "its members do not make a step"},
};

/* Through the pipe, with the words around them. */
static void answer_nonsense(const char *number)
{
    hear();
    say(FRAME_STEP, nonsense[strtoul(number, NULL, 10)].text);
    hang();
}

/* Acts as the argument says, if it names one of the above. */
static void be_fake(const char *argument)
{
    static const struct fake others[] = {{"fake:no_jail", fail_to_lock, NULL},
                                         {"fake:twice", speak_twice, NULL}};
    if (strncmp(argument, "nonsense:", 9) == 0)
        answer_nonsense(argument + 9);
    for (size_t i = 0; i < sizeof fakes / sizeof *fakes; i++) {
        if (strcmp(argument, fakes[i].name) == 0)
            fakes[i].act();
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(argument, others[i].name) == 0)
            others[i].act();
    }
}
