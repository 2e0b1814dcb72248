/* A call and its credentials: those of the client, or what the chain of providers finds. */
#ifndef CAWS_CREDENTIALS_H
#define CAWS_CREDENTIALS_H

#include "pending.h"

/* Each returns whether the call goes on at once; else its transfer or resume_ms is to be waited
 * for, or error is filled. */

/* Sets p->credentials, which stays NULL for the client's own keys, and the next stage. */
bool caws_credentials_find(caws_pending *pending, int64_t now_ms);

/* A provider's answer has come, or the time that it wanted to wait is over. */
bool caws_credentials_go_on(caws_pending *pending, int64_t now_ms);

/* The keys to sign with, and their generation. */
const caws_credentials *caws_credentials_of(const caws_pending *pending, uint64_t *generation);

/* The account that they are of; NULL: unknown. */
const char *caws_credentials_account(const caws_pending *pending);

/* The service called them expired: true if others may be had, once a call. */
bool caws_credentials_renew(caws_pending *pending);

/* The call has ended, in whatever stage. */
void caws_credentials_done(caws_pending *pending);

#endif
