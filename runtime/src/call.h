/* One call of an operation that waits for its end, for the runtime's own use. */
#ifndef CAWS_CALL_H
#define CAWS_CALL_H

#include <caws/call.h>

/* As caws_call_with, but output receives the struct itself (NULL: not wanted, or the operation has
 * none). */
caws_status caws_call_once(caws_client *client, const caws_operation *operation, const void *input,
                           const caws_call_options *options, void **output, caws_error *error);

#endif
