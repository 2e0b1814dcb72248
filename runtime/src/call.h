/* One call of an operation that waits for its end, for the runtime's own use. */
#ifndef CAWS_CALL_H
#define CAWS_CALL_H

#include <caws/call.h>
#include <caws/schema.h>

#include "http.h"

/* As caws_call_with, but error is not NULL, and output receives the struct itself (NULL: not
 * wanted, or the operation has none). */
caws_status caws_call_once(caws_client *client, const caws_operation *operation, const void *input,
                           const caws_call_options *options, void **output, caws_error *error);

/* As caws_call_once, without output: a 2xx answer goes to the sink. Answers that are not 2xx are
 * decoded as for other calls. options->keep_going ends the stream well. */
caws_status caws_call_stream_once(caws_client *client, const caws_operation *operation,
                                  const void *input, const caws_call_options *options,
                                  const caws_http_sink *sink, caws_error *error);

#endif
