/* The io of a recorded case: its variables, its files, what the outside answered. */
#pragma once

#include "aws/credentials.h"
#include "suite.h"

enum { TRAFFIC_MAX = 16 };

struct traffic_exchange {
    const struct value *request; /* {"method", "uri", "headers"} */
    struct slice body;
    const struct value *response; /* {"status"} */
    struct slice answer;
};

struct traffic {
    struct credentials_io io;
    struct settings_files files;
    struct suite_environment environment;
    struct suite *suite;
    const char *name; /* of the case's folder */
    struct buffer text, environment_text;
    struct value recorded, variables;
    struct traffic_exchange exchanges[TRAFFIC_MAX];
    size_t count, used;
};

/* Reads env.json and http-traffic.json of the case in `folder` below the suite's. */
void traffic_open(struct traffic *traffic, struct suite *suite, const char *folder,
                  struct pool *pool);
/* Fails the case if a recorded request was not made. */
void traffic_close(struct traffic *traffic);
