/* libcurl, loaded when the first loop is made. It brings thirty libraries along, and most verbs and
 * the process of every policy never open a connection: they start in half the time without it. */
#pragma once

#include "base/error.h"

#define CURL_DISABLE_TYPECHECK /* its macros want the names of functions */
#include <curl/curl.h>

#define LIBRARY_FUNCTIONS(X)                                                                       \
    X(curl_easy_cleanup)                                                                           \
    X(curl_easy_getinfo)                                                                           \
    X(curl_easy_init)                                                                              \
    X(curl_easy_setopt)                                                                            \
    X(curl_easy_strerror)                                                                          \
    X(curl_free)                                                                                   \
    X(curl_global_cleanup)                                                                         \
    X(curl_global_init)                                                                            \
    X(curl_multi_add_handle)                                                                       \
    X(curl_multi_cleanup)                                                                          \
    X(curl_multi_info_read)                                                                        \
    X(curl_multi_init)                                                                             \
    X(curl_multi_perform)                                                                          \
    X(curl_multi_poll)                                                                             \
    X(curl_multi_remove_handle)                                                                    \
    X(curl_multi_setopt)                                                                           \
    X(curl_multi_strerror)                                                                         \
    X(curl_slist_append)                                                                           \
    X(curl_slist_free_all)                                                                         \
    X(curl_url)                                                                                    \
    X(curl_url_cleanup)                                                                            \
    X(curl_url_get)                                                                                \
    X(curl_url_set)                                                                                \
    X(curl_version)

/* A member has the name of its function: library.curl_easy_init(). */
struct library {
#define X(name) __typeof__(&name) name;
    LIBRARY_FUNCTIONS(X)
#undef X
};

extern struct library library;

/* Loads it the first time it is called in a process; later calls return what the first one did. */
bool library_open(struct error *err);
