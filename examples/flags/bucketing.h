/* Which users have a flag that is on for some percent of them. A user keeps the flag as the
 * percentage grows, and everybody who asks gets the same answer, on every machine.
 *
 *     double percent = ...;   the flag's attribute, as AppConfig serves it
 *     if (flag_is_on("new-checkout", user_id, percent)) ...
 *
 * Copy this file and bucketing.c into your application: they need nothing else. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { FLAG_BUCKETS = 10000 }; /* a percentage is exact to 0.01 */

/* The place of a user among the users of a flag: 0 to FLAG_BUCKETS - 1. */
uint32_t flag_bucket(const char *flag, const char *user);

/* `percent` beyond 0 to 100, or no number, is the nearest of them, or 0. */
bool flag_is_on(const char *flag, const char *user, double percent);
