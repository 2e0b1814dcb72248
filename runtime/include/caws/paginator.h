/**
 * @file
 * What all paginators share. The paginators themselves are generated, beside the operation whose
 * pages they give: `caws_<service>_paginate_<operation>`.
 *
 *     caws_paginator *pages = caws_logs_paginate_describe_export_tasks(client, &input, &error);
 *     const caws_logs_describe_export_tasks_output *page = NULL;
 *     while (caws_logs_paginate_describe_export_tasks_next(pages, &page, &error))
 *         for (size_t i = 0; i < page->export_tasks.count; i++)
 *             puts(page->export_tasks.items[i].task_id);
 *     caws_paginator_free(pages);
 *     if (error.status != CAWS_OK)
 *         fprintf(stderr, "%s: %s\n", error.code, error.message);
 *
 * A page may have no items and still not be the last.
 */
#ifndef CAWS_PAGINATOR_H
#define CAWS_PAGINATOR_H

#include <caws/call.h>
#include <caws/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The pages of one operation, in their order. It borrows the client and what the input points to
 * (not the input struct itself, which it copies) until it is freed, and owns the page it gave last.
 * Not for two threads at once.
 *
 * It ends when the service gives no token for a page after, gives an empty one, says that there are
 * no more results, or gives the very token again that it was just asked with: services that can be
 * asked for ever end that way (GetLogEvents).
 */
typedef struct caws_paginator caws_paginator;

/**
 * Where the page after the last one begins: what to put in the input's token member to go on there
 * with another paginator, or in another process. Before the first page it is what the input had;
 * after a failure, where the page that failed begins. It lives until the next page is asked for or
 * the paginator is freed.
 * NULL: there is no page after, or before the first page: it begins with the first.
 * NULL also, at all times, for the few operations that need more than one token or one that is not
 * text; the page has what is needed, and the comment of the paginator names the members.
 * paginator: NULL is accepted, and gives NULL.
 */
CAWS_API const char *caws_paginator_token(const caws_paginator *paginator);

/** Options for the calls that get the pages from now on: each page is a call, with a deadline of
 * its own. They are copied; what they point to is borrowed until the paginator is freed or gets
 * others. options: NULL: none. paginator: NULL is accepted. */
CAWS_API void caws_paginator_set_options(caws_paginator *paginator,
                                         const caws_call_options *options);

/** Frees the paginator and its last page. NULL is accepted. */
CAWS_API void caws_paginator_free(caws_paginator *paginator);

#ifdef __cplusplus
}
#endif

#endif
