#include <caws/version.h>

const char *caws_version(void)
{
    return CAWS_VERSION;
}
