/* Paths and queries in the one spelling that AWS signs: every byte but letters, digits and "-._~"
 * as %XX in capitals. */
#pragma once

#include "base/bytes.h"

/* Appends `bytes` encoded. */
bool uri_encode(struct slice bytes, struct buffer *out, struct error *err);

/* Appends the canonical path of the one that is sent, which starts with '/' or is empty.
 *
 * `normalize`: "." and ".." are resolved and empty segments dropped. `encode_once`: what is sent is
 * taken as encoded, and only brought into the one spelling; otherwise its '%' are encoded once
 * more. S3 wants the second and not the first, all others the first and not the second. */
bool uri_canonical_path(struct slice path, bool normalize, bool encode_once, struct buffer *out,
                        struct error *err);

/* Appends the parameters of `query` (without its '?'), sorted by name, then by value. A '+' is a
 * plus, not a space; a '%' that starts no escape is itself; "name" alone is "name=". */
bool uri_canonical_query(struct slice query, struct buffer *out, struct error *err);
