/* What the tests of the state folder share: a folder of their own, and runs that live in it. */
#pragma once

#include "check.h"
#include "cli/state_control.h"
#include "journal/recover.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct error err;
static struct state state;
static char folder[] = "/tmp/tidelock-state-XXXXXX";

static inline void open_state(void)
{
    char path[64];
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/.tidelock", folder);
    CHECK(!state_open(&state, path, STATE_MUST_BE, &err));
    CHECK(strstr(err.message, "/.tidelock: no run was begun here (--state names another") != NULL);
    CHECK(state_open(&state, path, STATE_MAY_BE, &err) && !state_is_there(&state));
    CHECK(state_open(&state, path, STATE_IS_MADE, &err));
    CHECK(state_open(&state, path, STATE_IS_MADE, &err) &&
          state_open(&state, path, STATE_MUST_BE, &err));
}

static inline void remove_state(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(execlp("rm", "rm", "-rf", folder, (char *)NULL));
    CHECK(waitpid(child, NULL, 0) == child);
}

struct life {
    char run[STATE_RUN_SIZE];
    struct journal journal;
    struct journal_file file;
};

static inline void begin(struct life *life)
{
    int fd = -1;
    CHECK(state_begin(&state, life->run, &fd, &err));
    journal_file_init(&life->file, fd, false);
    journal_init(&life->journal, &life->file.store);
}

static inline void record(struct life *life, enum journal_kind kind, int64_t at, const char *body)
{
    CHECK(journal_append(&life->journal, kind, at, slice_of(body), &err));
}

static inline void die(struct life *life)
{
    journal_clear(&life->journal);
    close(life->file.fd);
}

static inline struct state_run look(const struct life *life)
{
    struct state_run run;
    CHECK(state_look(&state, life->run, &run, &err));
    return run;
}

static inline void check_status(const struct life *life, enum state_status status)
{
    CHECK_TEXT(state_status_name(look(life).status), state_status_name(status));
}
