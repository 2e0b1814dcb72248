/* Which partition a region is in. */
#ifndef CAWS_ENDPOINT_PARTITION_H
#define CAWS_ENDPOINT_PARTITION_H

#include <stddef.h>

#include "partitions.h"

/* The partition of a region; of one that is unknown, the first: aws. NULL in builds that know none.
 */
const caws_partition *caws_partition_find(const char *region, size_t length);

#endif
