/* The text of one element of an XML error answer. Front ends of JSON services (and emulators) sign
 * errors that they find before the service is reached in XML. */
#ifndef CAWS_XML_TEXT_H
#define CAWS_XML_TEXT_H

#include <stdbool.h>

#include <caws/export.h>

#include "arena.h"

/* The text of the first <name>...</name> in xml (NUL-terminated), which has no elements inside,
 * with the five predefined entities replaced; NULL if there is none. False: out of memory. */
CAWS_MUST_USE bool caws_xml_element_text(const char *xml, const char *name, caws_arena *arena,
                                         const char **out);

#endif
