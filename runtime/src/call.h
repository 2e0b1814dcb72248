/* One call of an operation, for the runtime's own use. */
#ifndef CAWS_CALL_H
#define CAWS_CALL_H

#include <caws/schema.h>

/* As caws_call, but error is not NULL, and output receives the struct itself (NULL: not wanted, or
 * the operation has none). */
caws_status caws_call_once(caws_client *client, const caws_operation *operation, const void *input,
                           void **output, caws_error *error);

#endif
