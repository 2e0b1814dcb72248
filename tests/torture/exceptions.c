#include "exceptions.h"

const exception exceptions[] = {
    {"none", "", "", NULL, ""},
};

const size_t exception_count = sizeof(exceptions) / sizeof(exceptions[0]);
