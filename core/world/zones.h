/* The time zones that a run may ask about, from the files of the package tzdata. A process that is
 * about to lock itself in has those read before that its policy spells out. */
#pragma once

#include "base/zone.h"

struct zones;

bool zones_new(struct zones **out, struct error *err);
void zones_free(struct zones *zones);

/* Reads every zone whose name stands in the text, behind a quote or an equals sign; what is none is
 * passed over. */
void zones_read_named(struct zones *zones, struct slice text);
/* From now on no file is read any more. */
void zones_seal(struct zones *zones);

/* "Europe/Berlin", "UTC"; lives as long as they do. ERROR_INVALID: there is none of that name. */
bool zones_find(struct zones *zones, struct slice name, const struct zone **out, struct error *err);
