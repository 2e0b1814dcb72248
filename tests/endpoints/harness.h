/* What Python calls to find endpoints. Read by cffi: types are only named here. */
#ifndef CAWS_TESTS_ENDPOINTS_HARNESS_H
#define CAWS_TESTS_ENDPOINTS_HARNESS_H

#include <caws/schema.h>

/* What rules are asked, and what they answer. In generated code's place of a client. */
typedef struct question question;

question *question_new(void); /* NULL when out of memory */
void question_free(question *q);

/* By the name of a built-in parameter ("AWS::Region"); text is borrowed. Return false for a name
 * that is unknown. */
bool question_set_text(question *q, const char *builtin, const char *text);
bool question_set_flag(question *q, const char *builtin, bool flag);

/* By the name of a parameter, whatever its source. Return false if the rules have none. */
bool rules_set_text(question *q, const caws_endpoint_rules *rules, const char *name,
                    const char *text);
bool rules_set_flag(question *q, const caws_endpoint_rules *rules, const char *name, bool flag);
bool rules_set_array(question *q, const caws_endpoint_rules *rules, const char *name); /* empty */
bool rules_add_text(question *q, const caws_endpoint_rules *rules, const char *name,
                    const char *text); /* to an array */

/* The rules alone, with the parameters set by name. Text of the error, or NULL. */
const char *rules_evaluate(question *q, const caws_endpoint_rules *rules);

/* As a client finds it: with built-ins, and with the context parameters set by name. */
const char *endpoint_find(question *q, const caws_endpoint_rules *rules);

/* The URL that was found; a signing_name, signing_region or unsupported_auth, or NULL; the headers
 * in their order: name and value in turn, NULL at the end. */
const char *found_url(const question *q);
const char *found_signing_name(const question *q);
const char *found_signing_region(const question *q);
const char *found_unsupported_auth(const question *q);
const char *found_header(const question *q, int index);

/* Calls of generated functions (given a question as their client): the error's text, or NULL. */
const char *found_error(const question *q);

/* Nanoseconds that one endpoint_find takes, as a mean of count. */
double endpoint_time(question *q, const caws_endpoint_rules *rules, int count);

#endif
