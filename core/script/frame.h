/* Frames: how a policy's process and the supervisor talk over their pipe. A frame is its length in
 * four bytes, the highest first, one letter for its kind, and so many bytes. The supervisor asks,
 * the child answers each question with any number of prints and one step.
 *
 * All but what print() wrote is canonical JSON, read strictly. The supervisor takes nothing in a
 * frame for granted: lengths, kinds, the number of the question and that of the branch, and what
 * may follow what are checked. */
#pragma once

#include "script/sandbox.h"

enum frame_kind {
    FRAME_OPEN = 'o',   /* to the child: {"id","limits","plain","policy","seed","sources"} */
    FRAME_START = 's',  /* to the child: {"arguments","id"} */
    FRAME_RESUME = 'r', /* to the child: {"branch","id"[,"result"]} */
    FRAME_PRINT = 'p',  /* from the child: bytes */
    FRAME_STEP = 'a',   /* from the child: frame_write_step */
    FRAME_FAILED = 'f', /* from the child, in place of its first step: text; it is of no use */
};

enum {
    FRAME_SPARE = 16 << 10, /* what stands around the value in a step's frame, at most */
    FRAME_OPEN_MAX = 96 << 20,
};

enum frame_end {
    FRAME_DONE,
    FRAME_CLOSED,    /* nobody is at the other end any more */
    FRAME_LATE,      /* the time is over */
    FRAME_GIVEN_UP,  /* whoever waited has something else to do */
    FRAME_TOO_LARGE, /* more than the buffer may hold */
};

/* How long the other end is waited for, where the descriptor is non-blocking; one that blocks knows
 * no time limit. */
struct frame_wait {
    int64_t until;               /* on the steady clock */
    bool (*ends)(void *context); /* asked now and then: it is not waited for any more; or NULL */
    void *context;
};

/* wait NULL: as long as it takes. */
enum frame_end frame_send(int fd, enum frame_kind kind, struct slice payload,
                          const struct frame_wait *wait);
enum frame_end frame_receive(int fd, char *kind, struct buffer *payload,
                             const struct frame_wait *wait);

/* What the answer to a question must fit. */
struct frame_question {
    int64_t id;
    int branch;   /* the one that is carried on */
    int branches; /* made so far: a group's begin here */
};

/* A step as canonical JSON: {"branch","id","state"} and "value", or "count" and "first", or
 * "chunk", "line" and "message". Text that is not UTF-8 is made so. */
bool frame_write_step(const struct sandbox_step *step, int64_t id, struct buffer *text,
                      struct error *err);
/* What the step holds lies in the pool. */
bool frame_read_step(struct sandbox_step *step, const struct frame_question *question,
                     struct slice text, struct pool *pool, struct error *err);
