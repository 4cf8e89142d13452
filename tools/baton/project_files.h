/* Which files of this machine the paths in loader.cfg mean. */
#ifndef BATON_TOOL_PROJECT_FILES_H
#define BATON_TOOL_PROJECT_FILES_H

#include "project.h"

/* Fills files, count and kernel. False: one is missing that has to be there. Others that are
 * missing are lines of the message as well. */
bool project_collect(const struct project_request *request, bool sample, struct message *message,
                     struct project *project);

#endif
