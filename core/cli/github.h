/* What a job of GitHub Actions is told beside its log, by itself wherever GITHUB_ACTIONS is set: a
 * page in Markdown for the step's summary, outputs for later steps, a group around the timeline and
 * an annotation with how it ended. Text of others goes into the page inside a fence that it cannot
 * close, into outputs behind a mark that it cannot know, and into annotations with its line ends
 * escaped: it can add no command of its own.
 *
 * Nothing is masked: what is secret is never printed, nor handed to the log to be masked there. */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>

/* Before a process locks itself in: the files are opened now. Nothing elsewhere. */
void github_open(void);
bool github_is_on(void);
/* Their descriptors, to be kept open behind walls; returns how many. */
enum { GITHUB_DESCRIPTORS = 2 };
size_t github_descriptors(int out[GITHUB_DESCRIPTORS]);

/* Keeps a piece of the timeline for the page; colours are left out. */
void github_keep(struct slice text);
/* The timeline from here to github_end is a group of the log. */
void github_group(const char *verb);

/* How it ended. `what`: "tidelock run checkout"; `run` may be NULL. */
struct github_end {
    const char *what, *outcome, *reason, *run;
    int exit;
};
void github_end(const struct github_end *end);

/* On the run's own page, in place of a look at the log. */
void github_annotate(bool error, const char *title, const char *text);
/* A page that is Markdown already (lua/report/plan_markdown.lua). */
void github_page(struct slice markdown);
void github_output(const char *name, const char *value);
