/* Instants and durations, in milliseconds, and their text. No clock here: time comes from a world.
 */
#pragma once

#include "base/bytes.h"

/* "90s", "5m", "2h", "1h30m", "500ms", "1d": one or more of number+unit; ERROR_INVALID otherwise.
 */
bool time_parse_duration(int64_t *ms, struct slice text, struct error *err);
/* The shortest such text: 90000 -> "1m30s", 0 -> "0s". */
void time_format_duration(char text[32], int64_t ms);
/* ISO 8601 in UTC or with an offset: "2026-11-24T07:51:00Z", "...:00.250+01:00", "2026-11-24
 * 07:51:00". */
bool time_parse_instant(int64_t *ms, struct slice text, struct error *err);
/* "2026-11-24T07:51:00Z", with ".250" where there are milliseconds. */
void time_format_instant(char text[32], int64_t ms);
