/* Calls to the servers of retry_scenarios.py, and what those say that they got. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <inttypes.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "servers.h"

static const caws_credentials test_keys = {"AKIDTEST", "secret-of-the-test", NULL};

static inline int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A client as programs make it: three attempts, and no endpoint, which each call brings along.
 * options may be NULL. */
static inline caws_client *new_client(const caws_client_options *options)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_client_options own = options != NULL ? *options : (caws_client_options){0};
    if (own.credentials == NULL)
        own.credentials = &test_keys;
    caws_client *client = caws_client_new(&own, &error);
    if (client == NULL)
        fail_msg("%s: %s", error.code, error.message);
    return client;
}

/* CreateExportTask at a URL; *task_id, if wanted, is freed by the test. options may be NULL. */
static inline caws_status call_url(caws_client *client, const char *url,
                                   const caws_call_options *options, char **task_id,
                                   caws_error *error)
{
    caws_call_options own = options != NULL ? *options : (caws_call_options){0};
    const caws_logs_create_export_task_input input = valid_input();
    caws_logs_create_export_task_output *out = NULL;
    own.endpoint_url = url;
    caws_status status = caws_call_with(client, &caws_operation_logs_create_export_task, &input,
                                        &own, (void *)&out, error);
    assert_true((status == CAWS_OK) == (out != NULL));
    if (task_id != NULL)
        *task_id = out != NULL && out->task_id != NULL ? strdup(out->task_id) : NULL;
    caws_output_free(out);
    return status;
}

/* The same for a path of the fault server, or of the server that a variable names. */
static inline caws_status call_on(caws_client *client, const char *variable, const char *path,
                                  const caws_call_options *options, caws_error *error)
{
    char url[512];
    snprintf(url, sizeof(url), "%s/%s", required_environment(variable), path);
    return call_url(client, url, options, NULL, error);
}

static inline caws_status call_path(caws_client *client, const char *path,
                                    const caws_call_options *options, caws_error *error)
{
    return call_on(client, "CAWS_TEST_FAULT_URL", path, options, error);
}

/* A taskId that is JSON text; the caller frees it. */
static inline cJSON *fetch_json(const char *variable, const char *path)
{
    caws_error error = CAWS_ERROR_INIT;
    const caws_client_options options = {.proxy = "", .credentials = &test_keys};
    caws_client *client = new_client(&options);
    char url[512];
    char *text = NULL;
    snprintf(url, sizeof(url), "%s/%s", required_environment(variable), path);
    if (call_url(client, url, NULL, &text, &error) != CAWS_OK)
        fail_msg("%s: %s", url, error.message);
    cJSON *json = cJSON_Parse(text);
    assert_non_null(json);
    free(text);
    caws_client_free(client);
    return json;
}

/* The requests that came for a name: an array; the caller frees it. */
static inline cJSON *records_of(const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "records/%s", name);
    return fetch_json("CAWS_TEST_FAULT_URL", path);
}

static inline double number_in(const cJSON *records, int index, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(cJSON_GetArrayItem(records, index), name);
    if (!cJSON_IsNumber(item))
        fail_msg("request %d has no number %s", index, name);
    return item->valuedouble;
}

static inline const char *text_in(const cJSON *records, int index, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(cJSON_GetArrayItem(records, index), name);
    if (!cJSON_IsString(item))
        fail_msg("request %d has no text %s", index, name);
    return item->valuestring;
}

/* NULL: it has none. */
static inline const char *header_in(const cJSON *records, int index, const char *name)
{
    const cJSON *headers = cJSON_GetObjectItem(cJSON_GetArrayItem(records, index), "headers");
    const cJSON *item = cJSON_GetObjectItem(headers, name);
    return item != NULL ? item->valuestring : NULL;
}

static inline bool is_signed(const cJSON *records, int index)
{
    return cJSON_IsTrue(cJSON_GetObjectItem(cJSON_GetArrayItem(records, index), "signature"));
}

static inline int count_of(const char *name)
{
    cJSON *records = records_of(name);
    int count = cJSON_GetArraySize(records);
    cJSON_Delete(records);
    return count;
}

static inline caws_client_counters counters_of(const caws_client *client)
{
    caws_client_counters counters;
    caws_client_count(client, &counters);
    return counters;
}

#endif
