/* The wall that matters most: which system calls the locked-in process may still make. Every other
 * one ends it on the spot. */
#pragma once

#include "base/error.h"

/* Loads the filter into this process, for good; sets no_new_privs. */
bool jail_filter_load(struct error *err);

/* Whether this kernel, and the container around it, would take one. */
bool jail_filter_possible(void);

/* AddressSanitizer makes calls of its own, which such a build answers without ending the process.
 */
#if defined(__SANITIZE_ADDRESS__)
#define JAIL_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define JAIL_SANITIZED 1
#endif
#endif
#ifndef JAIL_SANITIZED
#define JAIL_SANITIZED 0
#endif
