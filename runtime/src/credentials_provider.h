/* What the providers of the credential chain share: the state of a fetch, and their answers. */
#ifndef CAWS_CREDENTIALS_PROVIDER_H
#define CAWS_CREDENTIALS_PROVIDER_H

#include "credentials_fetch.h"
#include "process.h"

typedef enum caws_provider_result {
    CAWS_PROVIDER_FOUND,  /* fetch->found is filled */
    CAWS_PROVIDER_NEXT,   /* it has none; why is noted, or there was no memory for that */
    CAWS_PROVIDER_FAIL,   /* as before, and nobody else is asked; fetch->status says what it is */
    CAWS_PROVIDER_MEMORY, /* out of memory */
    CAWS_PROVIDER_SEND,   /* fetch->request is to be sent, then the provider is called again */
    CAWS_PROVIDER_WAIT    /* it is to be called again after fetch->wait_ms */
} caws_provider_result;

struct caws_fetch {
    caws_credential_sources sources;
    size_t provider;      /* the one that is asked */
    caws_buffer failures; /* what each has said so far */
    caws_status status;   /* of CAWS_PROVIDER_FAIL */
    caws_found_credentials *found;

    /* For the provider that is asked; zeroed before it is. */
    int step;
    int attempts; /* made in this step */
    int64_t wait_ms;

    caws_fetch_request request;
    caws_buffer url;
    caws_buffer token; /* a header's value; secret */
    /* Instance metadata. */
    caws_buffer base_url; /* without a slash at its end */
    caws_buffer role;
    int64_t max_attempts;
    int64_t timeout_s;
    /* credential_process. */
    caws_process process;
};

/* Notes what a provider says: "; " and the text go to the failures. Text from outside is made fit
 * by the caller (caws_excerpt), and is no secret. Returns CAWS_PROVIDER_NEXT. */
caws_provider_result caws_provider_note(caws_fetch *fetch, const char *format, ...)
    CAWS_PRINTF(2, 3);

/* The system's words for an errno value. */
enum { CAWS_ERRNO_TEXT_SIZE = 128 };
const char *caws_errno_text(int number, char text[CAWS_ERRNO_TEXT_SIZE]);

/* NULL for NULL and for nothing but white space, which count as unset. */
const char *caws_provider_value(const char *value);

/* A variable's value by that rule. */
const char *caws_provider_variable(const caws_fetch *fetch, const char *name);

/* The chosen profile's property; no value without files. */
caws_property_value caws_provider_property(const caws_fetch *fetch, const char *name);

/* Key id, secret and token, if there is one, are fit for headers: else noted, named as names tell.
 */
caws_provider_result caws_provider_use(caws_fetch *fetch, const caws_found_credentials *found,
                                       const char *const names[3]);

typedef enum caws_credentials_form {
    CAWS_CREDENTIALS_HTTP,   /* Code, Token and Expiration, as containers and instances have it */
    CAWS_CREDENTIALS_PROCESS /* Version, SessionToken; Expiration may be missing */
} caws_credentials_form;

/* Reads JSON. who begins the note if it is no good; known: source, outlasting, and the account id
 * if the answer has none. */
caws_provider_result caws_provider_read(caws_fetch *fetch, const char *text, size_t length,
                                        caws_credentials_form form, const char *who,
                                        const caws_found_credentials *known);

/* Notes an HTTP status that is not 200 with the words of a JSON answer, or why there was none. */
caws_provider_result caws_provider_note_answer(caws_fetch *fetch, const char *who,
                                               const caws_fetch_answer *answer);

/* The providers, in files of their own. answer: NULL but after CAWS_PROVIDER_SEND. */
caws_provider_result caws_profile_provider(caws_fetch *fetch, const caws_fetch_answer *answer);
caws_provider_result caws_container_provider(caws_fetch *fetch, const caws_fetch_answer *answer);
caws_provider_result caws_instance_provider(caws_fetch *fetch, const caws_fetch_answer *answer);

/* The part of the profile's that a program answers; who: how messages begin. */
caws_provider_result caws_process_provider(caws_fetch *fetch, const char *command, const char *who);

#endif
