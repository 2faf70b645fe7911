/* Memory that held a secret. Nothing here grows: growing leaves copies behind. */
#pragma once

#include "base/value.h"

/* Room for `max` bytes at once. */
bool secret_open(struct buffer *buffer, size_t max, struct error *err);
void secret_wipe(struct buffer *buffer);     /* overwrites all of it; size 0 */
void secret_clear(struct buffer *buffer);    /* wipes and frees */
void secret_wipe_slice(struct slice bytes);  /* of memory that is ours to write */
void secret_wipe_value(struct value *value); /* the strings in it, likewise */
