/* A request as a person may be told of it: nothing in it is secret. Of one that is signed for AWS
 * the path is told; of any other only where it goes, since a path may be a password (a chat's
 * hook). Queries, headers and bodies are never told, but for the name of the operation. */
#pragma once

#include "net/net.h"

enum { TOLD_MAX = 320 };

/* "POST https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions UpdateAlias" */
void told_describe(char out[TOLD_MAX], const struct net_request *request);
