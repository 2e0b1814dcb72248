#include "user_agent.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "timestamp.h"

/* One for each bit, as https://github.com/boto/botocore has them in useragent.py. */
static const char feature_letters[] = "BCEFNegnvwz0";

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The characters of an HTTP token (RFC 9110, 5.6.2). '#' stands before a value, and may be in it.
 */
static void append_token(caws_buffer *buffer, const char *text)
{
    for (; *text != '\0'; text++)
        caws_buffer_append_char(
            buffer,
            is_letter_or_digit(*text) || strchr("!#$%&'*+-.^_`|~", *text) != NULL ? *text : '-');
}

static void append_pair(caws_buffer *buffer, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    caws_buffer_append_string(buffer, name);
    append_token(buffer, value);
}

static void append_system(caws_buffer *buffer, const struct utsname *system)
{
    bool linux_ = strcmp(system->sysname, "Linux") == 0;
    bool macos = strcmp(system->sysname, "Darwin") == 0;
    if (linux_ || macos) {
        caws_buffer_append_string(buffer, linux_ ? " os/linux" : " os/macos");
        append_pair(buffer, "#", system->release);
    } else { /* the format has no other names for what is POSIX */
        caws_buffer_append_string(buffer, " os/other");
        append_pair(buffer, " md/", system->sysname);
        append_pair(buffer, "#", system->sysname[0] != '\0' ? system->release : NULL);
    }
    append_pair(buffer, " md/arch#", system->machine);
}

static const char *keep(caws_buffer *buffer, caws_arena *arena)
{
    const char *text =
        caws_buffer_ok(buffer)
            ? caws_arena_copy(arena, buffer->data != NULL ? buffer->data : "", buffer->length)
            : NULL;
    caws_buffer_clear(buffer);
    return text;
}

bool caws_user_agent_init(caws_user_agent *agent, const char *app_id,
                          const char *execution_environment, const struct utsname *system,
                          caws_arena *arena)
{
    struct utsname own;
    caws_buffer text = CAWS_BUFFER_INIT;
    if (system == NULL) {
        memset(&own, 0, sizeof(own));
        (void)uname(&own);
        system = &own;
    }
    caws_buffer_append_string(&text, "caws/" CAWS_VERSION " ua/2.1");
    append_system(&text, system);
    caws_buffer_append_string(&text, " lang/c#11");
    append_pair(&text, " exec-env/", execution_environment);
    agent->head = keep(&text, arena);
    append_pair(&text, " app/", app_id);
    agent->tail = keep(&text, arena);
    return agent->head != NULL && agent->tail != NULL;
}

/* In lower case, and '_' for a space. */
static void append_service(caws_buffer *buffer, const char *service_id)
{
    for (; *service_id != '\0'; service_id++) {
        char c = *service_id;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        caws_buffer_append_char(buffer, c == ' ' ? '_' : is_letter_or_digit(c) ? c : '-');
    }
}

bool caws_user_agent_append(caws_buffer *buffer, const caws_user_agent *agent,
                            const char *service_id, unsigned features)
{
    caws_buffer_append_string(buffer, agent->head);
    caws_buffer_append_string(buffer, " api/");
    append_service(buffer, service_id);
    caws_buffer_append_string(buffer, "#" CAWS_VERSION);
    const char *before = " m/";
    for (size_t i = 0; feature_letters[i] != '\0'; i++)
        if ((features >> i & 1U) != 0) {
            caws_buffer_append_string(buffer, before);
            caws_buffer_append_char(buffer, feature_letters[i]);
            before = ",";
        }
    return caws_buffer_append_string(buffer, agent->tail);
}

void caws_attempt_header(char out[CAWS_ATTEMPT_HEADER_SIZE], int attempt, int max_attempts,
                         int64_t ttl)
{
    int length = 0;
    if (ttl != 0) {
        caws_civil t = caws_civil_from_unix(ttl);
        length =
            snprintf(out, CAWS_ATTEMPT_HEADER_SIZE, "ttl=%04" PRId64 "%02u%02uT%02u%02u%02uZ; ",
                     t.year, t.month, t.day, t.hour, t.minute, t.second);
    }
    (void)snprintf(out + length, CAWS_ATTEMPT_HEADER_SIZE - (size_t)length, "attempt=%d; max=%d",
                   attempt, max_attempts);
}
