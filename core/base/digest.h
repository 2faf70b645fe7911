/* SHA-256, by OpenSSL. */
#pragma once

#include "base/bytes.h"

enum { DIGEST_HEX_SIZE = 64 };

/* The digest of the parts one after another, as 64 lower-case hex digits and a NUL. */
void digest_hex(char hex[DIGEST_HEX_SIZE + 1], const struct slice *parts, size_t count);
