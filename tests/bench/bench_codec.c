/*
 * Times how caws writes and reads a large JSON text, against cJSON:
 *
 *     bench_codec encode|decode FILE TURNS
 *
 * encode: FILE is a PutLogEvents request. caws: its protocol's encode_request, headers and all,
 * without validation; cJSON: cJSON_PrintUnformatted, and cJSON_PrintBuffered told the size, both of
 * a tree that was made before. Prints a line a turn, in MB/s: caws, unformatted, buffered.
 * decode: FILE is a GetLogEvents page. caws: its protocol's decode_response, from the text to the
 * output struct, checks included; cJSON: cJSON_ParseWithLength alone, up to its tree. Prints a
 * line a turn, in MB/s: caws, parse; and both again with freeing the result counted.
 *
 * All live in this process, and so in one heap, and take turns. Times are of the CPU, with what
 * malloc and page faults take. What is written and read is checked.
 */
#include <caws/logs.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "protocol.h"

typedef struct text {
    char *data; /* a NUL follows */
    size_t length;
} text;

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double megabytes_per_second(size_t length, double seconds)
{
    return (double)length / 1e6 / seconds;
}

/* The generated functions come here (the linker's --wrap) with their tables, instead of to the
 * network: output is where the operation goes. */
caws_status __wrap_caws_call(caws_client *client, const caws_operation *operation,
                             const void *input, void *output, caws_error *error);

caws_status __wrap_caws_call(caws_client *client, const caws_operation *operation,
                             const void *input, void *output, caws_error *error)
{
    (void)client, (void)input, (void)error;
    memcpy(output, &operation, sizeof(operation));
    return CAWS_OK;
}

static const caws_operation *put_log_events(void)
{
    caws_logs_put_log_events_output *table = NULL;
    (void)caws_logs_put_log_events(NULL, NULL, &table, NULL);
    return (const caws_operation *)(const void *)table;
}

static const caws_operation *get_log_events(void)
{
    caws_logs_get_log_events_output *table = NULL;
    (void)caws_logs_get_log_events(NULL, NULL, &table, NULL);
    return (const caws_operation *)(const void *)table;
}

static const char *string_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* The input with the tree's values, which stay the tree's. The caller frees the items. */
static caws_logs_put_log_events_input input_of(const cJSON *tree)
{
    const cJSON *events = cJSON_GetObjectItemCaseSensitive(tree, "logEvents");
    size_t count = (size_t)cJSON_GetArraySize(events);
    caws_logs_input_log_event *items = calloc(count, sizeof(*items));
    size_t i = 0;
    const cJSON *event;
    cJSON_ArrayForEach(event, events)
    {
        if (items == NULL)
            break;
        items[i].timestamp = caws_i64(
            (int64_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(event, "timestamp")));
        items[i++].message = string_of(event, "message");
    }
    return (caws_logs_put_log_events_input){
        .log_group_name = string_of(tree, "logGroupName"),
        .log_stream_name = string_of(tree, "logStreamName"),
        .log_events = {items, i},
    };
}

/* Each of these returns the seconds it took, or a negative number if the result is wrong. */

static double encode_caws(const caws_operation *operation, const void *input, const text *expected,
                          caws_request *request)
{
    caws_error error = CAWS_ERROR_INIT;
    double began = cpu_seconds();
    caws_status status =
        operation->service->protocol->encode_request(operation, input, request, &error);
    double took = cpu_seconds() - began;
    bool right = status == CAWS_OK && request->body.length == expected->length &&
                 memcmp(request->body.data, expected->data, expected->length) == 0;
    caws_request_reset(request); /* as a connection does between calls */
    caws_error_clear(&error);
    return right ? took : -1;
}

static double print_cjson(const cJSON *tree, bool buffered, const text *expected)
{
    double began = cpu_seconds();
    char *printed = buffered ? cJSON_PrintBuffered(tree, (int)expected->length + 64, 0)
                             : cJSON_PrintUnformatted(tree);
    double took = cpu_seconds() - began;
    bool right = printed != NULL && strcmp(printed, expected->data) == 0;
    cJSON_free(printed);
    return right ? took : -1;
}

static bool bench_encode(const text *file, long turns)
{
    cJSON *tree = cJSON_ParseWithLength(file->data, file->length);
    const caws_logs_put_log_events_input input = input_of(tree);
    caws_request request = {.method = NULL};
    bool right = true;
    for (long turn = -1; turn < turns && right; turn++) { /* the first is the warm-up */
        double caws = encode_caws(put_log_events(), &input, file, &request);
        double unformatted = print_cjson(tree, false, file);
        double buffered = print_cjson(tree, true, file);
        right = caws > 0 && unformatted > 0 && buffered > 0;
        if (turn >= 0 && right)
            printf("%.2f %.2f %.2f\n", megabytes_per_second(file->length, caws),
                   megabytes_per_second(file->length, unformatted),
                   megabytes_per_second(file->length, buffered));
    }
    caws_request_clear(&request);
    free((void *)input.log_events.items);
    cJSON_Delete(tree);
    return right;
}

/* Whether the page has the tree's events. */
static bool same_events(const caws_logs_get_log_events_output *page, const cJSON *tree)
{
    size_t i = 0;
    const cJSON *event;
    cJSON_ArrayForEach(event, cJSON_GetObjectItemCaseSensitive(tree, "events"))
    {
        if (i == page->events.count ||
            (double)page->events.items[i].ingestion_time.value !=
                cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(event, "ingestionTime")) ||
            strcmp(page->events.items[i].message, string_of(event, "message")) != 0)
            return false;
        i++;
    }
    return i > 0 && i == page->events.count;
}

/* An answer's body as the transport leaves it: grown piece by piece, and gone after the call. */
static bool receive(caws_buffer *body, const text *file)
{
    enum { PIECE = 16 * 1024 }; /* libcurl's */
    for (size_t at = 0; at < file->length; at += PIECE)
        (void)caws_buffer_append(body, file->data + at,
                                 file->length - at < PIECE ? file->length - at : PIECE);
    return caws_buffer_ok(body);
}

/* *freeing: seconds that giving the result back took, in both of these. */
static double decode_caws(const caws_operation *operation, const text *file, const cJSON *expected,
                          double *freeing)
{
    caws_error error = CAWS_ERROR_INIT;
    caws_response response = {.http_status = 200};
    bool right = receive(&response.body, file);
    double began = cpu_seconds();
    caws_logs_get_log_events_output *page = caws_output_new(operation->output->size);
    right = right && page != NULL &&
            operation->service->protocol->decode_response(operation, &response, page, &error) ==
                CAWS_OK;
    double took = cpu_seconds() - began;
    caws_buffer_clear(&response.body);
    right = right && same_events(page, expected);
    began = cpu_seconds();
    caws_output_free(page);
    *freeing = cpu_seconds() - began;
    caws_error_clear(&error);
    return right ? took : -1;
}

static double parse_cjson(const text *file, double *freeing)
{
    caws_buffer body = CAWS_BUFFER_INIT;
    bool right = receive(&body, file);
    double began = cpu_seconds();
    cJSON *tree = right ? cJSON_ParseWithLength(body.data, body.length) : NULL;
    double took = cpu_seconds() - began;
    caws_buffer_clear(&body);
    right = tree != NULL;
    began = cpu_seconds();
    cJSON_Delete(tree);
    *freeing = cpu_seconds() - began;
    return right ? took : -1;
}

static bool bench_decode(const text *file, long turns)
{
    cJSON *expected = cJSON_ParseWithLength(file->data, file->length);
    bool right = true;
    for (long turn = -1; turn < turns && right; turn++) {
        double page_free = 0;
        double tree_free = 0;
        double caws = decode_caws(get_log_events(), file, expected, &page_free);
        double parse = parse_cjson(file, &tree_free);
        right = caws > 0 && parse > 0;
        if (turn >= 0 && right)
            printf("%.2f %.2f %.2f %.2f\n", megabytes_per_second(file->length, caws),
                   megabytes_per_second(file->length, parse),
                   megabytes_per_second(file->length, caws + page_free),
                   megabytes_per_second(file->length, parse + tree_free));
    }
    cJSON_Delete(expected);
    return right;
}

static text read_file(const char *path)
{
    enum { LARGEST = 16 * 1024 * 1024 };
    text file = {malloc(LARGEST), 0};
    FILE *stream = fopen(path, "rb");
    if (stream != NULL && file.data != NULL) {
        file.length = fread(file.data, 1, LARGEST - 1, stream);
        file.data[file.length] = '\0';
    }
    if (stream != NULL)
        (void)fclose(stream);
    return file;
}

int main(int argc, char **argv)
{
    long turns = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
    bool encode = turns > 0 && strcmp(argv[1], "encode") == 0;
    if (turns <= 0 || (!encode && strcmp(argv[1], "decode") != 0)) {
        fputs("usage: bench_codec encode|decode FILE TURNS\n", stderr);
        return 2;
    }
    text file = read_file(argv[2]);
    bool right =
        file.length > 0 && (encode ? bench_encode(&file, turns) : bench_decode(&file, turns));
    if (!right)
        fprintf(stderr, "%s: not written or read as it is\n", argv[2]);
    free(file.data);
    return !right;
}
