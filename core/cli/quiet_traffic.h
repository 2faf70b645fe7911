/* Metrics that are made up, for who rehearses a policy and has none. */
#pragma once

#include "base/bytes.h"

/* A recording of a thousand requests a minute, for so many minutes, none of which fails. Of what
 * else a policy's judges look at there is nothing: what it asks of AWS does not depend on what they
 * would find. Clear the buffer in any case. */
bool quiet_traffic_make(struct buffer *out, int minutes, struct error *err);
