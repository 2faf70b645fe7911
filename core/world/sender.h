/* One HTTP request as trusted Lua asks for it, sent once, and its answer as a value. What is secret
 * in it is added here: headers out of the environment, and AWS's signature.
 *
 *     {"method","url","body"?,"headers":[[name, text or {"env","prefix"?}]...],
 *      "sign"?: {"service","region","skew","other_than"?}}
 *
 *     {"status","headers":[[name, text]...],"body","at"}       the whole answer
 *     {"lost":true,"sent","message","at"}                      `sent` is false if no byte has left
 *
 * `at` is when that was (ms). The answer to a signed one has `keys`, a number that tells the keys
 * it was signed with from others: as `other_than` of the next one it asks for new keys. If there
 * are none, the answer is {"lost":true,"refused":true,"sent":false,"message":""}. */
#pragma once

#include "host/task.h"
#include "world/signer.h"

struct sender;

struct sender_params {
    struct net *net;
    struct signer *signer; /* NULL: nothing is signed */
    const char *ca_bundle; /* NULL: the system's */
};

bool sender_new(struct sender **out, const struct sender_params *params, struct error *err);
void sender_free(struct sender *sender);

/* Answers the ask once there is an answer. False if the request cannot be sent as it is. */
bool sender_send(struct sender *sender, const struct value *request, struct task_ask *ask,
                 struct error *err);
/* What this ask asked for is not waited for any more: it is cut. */
void sender_drop(struct sender *sender, struct task_ask *ask);
