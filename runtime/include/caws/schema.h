/*
 * Schema: the constant tables that generated code is made of. For generated code only; programs use
 * the typed headers (<caws/logs.h>).
 *
 * An operation points to its service, its input type and its output type. A structure type points
 * to its members, one row each, in the model's order; a member points to its type. Types point to
 * types, so lists of lists, maps and recursion need no special case. For the model
 *
 *     "CancelExportTaskRequest": {"type": "structure", "required": ["taskId"],
 *         "members": {"taskId": {"shape": "ExportTaskId"}}},
 *     "ExportTaskId": {"type": "string", "min": 1, "max": 512}
 *
 * the generator writes
 *
 *     static const caws_constraints export_task_id_constraints = {
 *         .flags = CAWS_HAS_MIN | CAWS_HAS_MAX, .min = 1, .max = 512};
 *     static const caws_type export_task_id_type = {
 *         .name = "ExportTaskId", .kind = CAWS_KIND_STRING,
 *         .constraints = &export_task_id_constraints};
 *     static const caws_member input_members[] = {
 *         {"taskId", &export_task_id_type, offsetof(caws_logs_cancel_export_task_input, task_id),
 *          CAWS_MEMBER_REQUIRED, NULL},
 *     };
 *     static const caws_type input_type = {
 *         .name = "CancelExportTaskRequest", .kind = CAWS_KIND_STRUCTURE, .members = input_members,
 *         .member_count = 1, .size = sizeof(caws_logs_cancel_export_task_input)};
 *
 * Unset fields are 0 and mean "none". How a kind looks in memory is told in <caws/values.h>.
 */
#ifndef CAWS_SCHEMA_H
#define CAWS_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <caws/call.h>
#include <caws/client.h>
#include <caws/error.h>
#include <caws/export.h>
#include <caws/paginator.h>
#include <caws/values.h>
#include <caws/waiter.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever a table changes its layout or meaning. Generated code compares it. */
#define CAWS_SCHEMA_VERSION 5

typedef enum caws_kind {
    CAWS_KIND_BOOLEAN,
    CAWS_KIND_INTEGER, /* 32 bits: byte, short and integer of the model */
    CAWS_KIND_LONG,    /* 64 bits */
    CAWS_KIND_DOUBLE,  /* float and double of the model */
    CAWS_KIND_TIMESTAMP,
    CAWS_KIND_STRING,
    CAWS_KIND_BLOB,
    CAWS_KIND_LIST,      /* members: one row, the item */
    CAWS_KIND_MAP,       /* members: two rows, key and value, offsets within an entry */
    CAWS_KIND_STRUCTURE, /* unions too */
    CAWS_KIND_DOCUMENT   /* any JSON value, as its text */
} caws_kind;

/* A string as an object of its own, which a linker can drop with the table that points at it:
 * string literals of a file are one section. */
#define CAWS_TEXT(text) ((const char[]){text})

typedef enum caws_timestamp_format {
    CAWS_TIMESTAMP_DEFAULT, /* the protocol's own */
    CAWS_TIMESTAMP_UNIX,    /* seconds since 1970, with fraction */
    CAWS_TIMESTAMP_ISO8601, /* 2015-08-30T12:36:00.123Z */
    CAWS_TIMESTAMP_RFC822   /* Sun, 30 Aug 2015 12:36:00 GMT */
} caws_timestamp_format;

/*
 * A pattern as a deterministic automaton over Unicode characters. A character's class is
 * ascii[c] below 128, else that of the range it is in (ranges are sorted; a character in none has
 * class 0). State 0 rejects for good; matching starts in state 1; next state =
 * next[state * class_count + class]; a value matches if it ends in a state whose bit in accept is
 * set (bit s % 8 of byte s / 8).
 */
typedef struct caws_pattern_range {
    uint32_t first;
    uint32_t last : 24;
    uint32_t class_index : 8;
} caws_pattern_range;

typedef struct caws_pattern {
    const char *source; /* the regular expression, for error messages */
    const uint8_t *ascii;
    const caws_pattern_range *ranges;
    const uint16_t *next;
    const uint8_t *accept;
    uint16_t range_count;
    uint16_t state_count;
    uint16_t class_count;
} caws_pattern;

enum { /* caws_constraints.flags */
       CAWS_HAS_MIN = 1,
       CAWS_HAS_MAX = 2,
       CAWS_HAS_MAX_BYTES = 4
};

typedef struct caws_constraints {
    int64_t
        min; /* characters of a string, bytes of a blob, items of a list or map, or a number's */
    int64_t max;       /* value */
    int64_t max_bytes; /* of a string as UTF-8 */
    const caws_pattern *pattern;
    uint32_t flags;
} caws_constraints;

typedef struct caws_type caws_type;
typedef struct caws_member caws_member;

enum { /* caws_type.flags */
       CAWS_TYPE_UNION = 1,
       CAWS_TYPE_SENSITIVE = 2,   /* never in logs or error messages */
       CAWS_TYPE_FLATTENED = 4,   /* lists and maps without a wrapping XML element */
       CAWS_TYPE_EVENT_STREAM = 8 /* a union sent one member at a time */
};

struct caws_type {
    const char *name; /* of the shape in the model */
    const caws_member *members;
    const caws_constraints *constraints;
    uint32_t size;         /* of the struct; of one item of a list; of one entry of a map */
    uint16_t member_count; /* rows of members */
    uint8_t kind;          /* caws_kind */
    uint8_t flags;
    uint8_t timestamp_format; /* caws_timestamp_format */
};

typedef enum caws_location {
    CAWS_LOCATION_BODY,
    CAWS_LOCATION_HEADER,
    CAWS_LOCATION_HEADERS, /* a map; the location name is the prefix of the header names */
    CAWS_LOCATION_URI,
    CAWS_LOCATION_QUERYSTRING,
    CAWS_LOCATION_STATUS_CODE,
    CAWS_LOCATION_PAYLOAD /* the member is the whole body */
} caws_location;

/* What few members have. */
typedef struct caws_member_traits {
    const char *location_name; /* the name on the wire where it is not the member's */
    const char *xml_namespace;
    const char *xml_namespace_prefix;
    uint8_t location;         /* caws_location */
    uint8_t timestamp_format; /* caws_timestamp_format */
} caws_member_traits;

enum { /* caws_member.flags */
       CAWS_MEMBER_REQUIRED = 1,
       CAWS_MEMBER_IDEMPOTENCY_TOKEN = 2, /* filled in with a UUID when absent */
       CAWS_MEMBER_HOST_LABEL = 4,        /* substituted in the operation's host prefix */
       CAWS_MEMBER_JSON_VALUE = 8,        /* a JSON text inside a header */
       CAWS_MEMBER_STREAMING = 16,        /* a body of unknown length */
       CAWS_MEMBER_EVENT_HEADER = 32,     /* in an event: sent as a header of the frame */
       CAWS_MEMBER_EVENT_PAYLOAD = 64,    /* in an event: the frame's payload */
       CAWS_MEMBER_XML_ATTRIBUTE = 128
};

struct caws_member {
    const char *name; /* in the API; on the wire too unless traits say otherwise */
    const caws_type *type;
    uint32_t offset; /* in the C struct (map rows: in the entry) */
    uint32_t flags;
    const caws_member_traits *traits; /* NULL: none */
};

/* Types without constraints of their own, shared by all services. */
extern CAWS_API const caws_type caws_type_boolean;
extern CAWS_API const caws_type caws_type_integer;
extern CAWS_API const caws_type caws_type_long;
extern CAWS_API const caws_type caws_type_double;
extern CAWS_API const caws_type caws_type_timestamp;
extern CAWS_API const caws_type caws_type_string;
extern CAWS_API const caws_type caws_type_blob;
extern CAWS_API const caws_type caws_type_document;

enum {                           /* caws_exception.flags */
       CAWS_EXCEPTION_FAULT = 1, /* the service's fault, not the request's */
       CAWS_EXCEPTION_RETRYABLE = 2,
       CAWS_EXCEPTION_THROTTLING = 4
};

typedef struct caws_exception {
    const char *code;      /* on the wire */
    const caws_type *type; /* NULL: no members beyond the message */
    uint16_t value;        /* of the generated enum, from 1 */
    uint16_t flags;
} caws_exception;

/* How requests and answers look on the wire. A program links the protocols it uses. */
typedef struct caws_protocol caws_protocol;
extern CAWS_API const caws_protocol caws_protocol_json;

enum {                                   /* caws_service.flags */
       CAWS_SERVICE_QUERY_COMPATIBLE = 1 /* spoke the query protocol once: error codes are still
                                            those, sent beside the names of the exceptions */
};

/*
 * Endpoint rules: where a service is, as conditions and results. For the rule set (part of one)
 *
 *     "rules": [{"type": "tree",
 *         "conditions": [{"fn": "aws.partition", "argv": [{"ref": "Region"}], "assign": "Found"}],
 *         "rules": [{"type": "endpoint",
 *             "conditions": [{"fn": "booleanEquals", "argv": [{"ref": "UseFIPS"}, true]}],
 *             "endpoint": {"url": "https://logs-fips.{Region}.{Found#dnsSuffix}"}}, ...
 *
 * whose parameters are Region and UseFIPS, the generator writes
 *
 *     static const char text[] = "Region\0" "UseFIPS\0" "https://logs-fips.\0" ".\0" ...;
 *     static const caws_rule_parameter parameters[] = {
 *         {0, CAWS_RULE_REGION, 0, 0},
 *         {7, CAWS_RULE_USE_FIPS, CAWS_RULE_REQUIRED, ...},
 *     };
 *     static const caws_rule_function *const functions[] = {&caws_rule_partition};
 *     static const caws_rule_node nodes[] = {
 *         {CAWS_RULE_NONE, 0, 0},
 *         ...
 *         {CAWS_RULE_ASSIGN, 1, 2}, {CAWS_RULE_CALL, 1, 0}, {CAWS_RULE_REF, 0, 0},
 *         {CAWS_RULE_EQUAL, 2, 0}, {CAWS_RULE_REF, 0, 1}, {CAWS_RULE_BOOLEAN, 0, 1},
 *         {CAWS_RULE_ENDPOINT, 1, 0}, {CAWS_RULE_JOIN, 4, 0}, {CAWS_RULE_TEXT, 0, 15},
 *             {CAWS_RULE_REF, 0, 0}, {CAWS_RULE_TEXT, 0, 34},
 *             {CAWS_RULE_ITEM, 1, 1}, {CAWS_RULE_REF, 0, 2},
 *     };
 *     static const uint16_t conditions[] = {2, 5, ...};
 *     static const caws_rule rules[] = {{0, 1, 0, 9}, {1, 1, 8, 2}, ...};
 *
 * An expression is a node and, behind it, the expressions that are its arguments: count of them.
 * Each of parameters and variables has a number, parameters first; here Found is 2. A value that
 * has attributes is an array of them, so dnsSuffix is item 1 of Found. Expressions that are equal
 * stand in nodes once. Numbers instead of pointers keep the tables small and free of relocations.
 */
typedef enum caws_rule_kind {
    CAWS_RULE_NONE,
    CAWS_RULE_TEXT,    /* value: where it begins in text */
    CAWS_RULE_BOOLEAN, /* value: 0 or 1 */
    CAWS_RULE_INTEGER, /* value: itself */
    CAWS_RULE_ARRAY,   /* of the arguments */
    CAWS_RULE_REF,     /* value: number of the parameter or variable */
    CAWS_RULE_ASSIGN,  /* value: number of the variable that keeps the argument */
    CAWS_RULE_ITEM,    /* value: which item of the argument; absent if there are fewer */
    CAWS_RULE_JOIN,    /* the arguments as one text; absent if one of them is */
    CAWS_RULE_IS_SET,
    CAWS_RULE_NOT,
    CAWS_RULE_EQUAL, /* two texts or two booleans */
    CAWS_RULE_CALL,  /* value: index in functions */
    /* Results: */
    CAWS_RULE_ERROR,    /* its message */
    CAWS_RULE_ENDPOINT, /* its URL, then any of the following */
    CAWS_RULE_SIGNING_NAME,
    CAWS_RULE_SIGNING_REGION,
    CAWS_RULE_UNSUPPORTED_AUTH, /* the name of a way to sign, if caws has none of those wanted */
    CAWS_RULE_HEADER            /* value: its name in text */
} caws_rule_kind;

enum {
    CAWS_RULES_MAX_VALUES = 64,   /* parameters and variables of a rule set */
    CAWS_RULES_MAX_ARGUMENTS = 12 /* of a node */
};

typedef struct caws_rule_node {
    uint8_t kind; /* caws_rule_kind */
    uint8_t count;
    uint16_t value;
} caws_rule_node;

/* A rule holds if all of its conditions do: they are neither absent nor false. */
typedef struct caws_rule {
    uint16_t first_condition; /* conditions: expressions, as indexes of nodes */
    uint16_t condition_count;
    uint16_t result; /* index of a node; 0: a tree, whose first rule is the next in the table */
    uint16_t next;   /* the rule to go on with if this one does not hold; 0: none, which fails */
} caws_rule;

typedef enum caws_rule_source {
    CAWS_RULE_CONTEXT, /* the operation and its input, if anything */
    CAWS_RULE_REGION,
    CAWS_RULE_USE_FIPS,
    CAWS_RULE_USE_DUAL_STACK,
    CAWS_RULE_CUSTOM_ENDPOINT,
    CAWS_RULE_ACCOUNT_ID,
    CAWS_RULE_ACCOUNT_ID_MODE
} caws_rule_source;

enum {                        /* caws_rule_parameter.flags */
       CAWS_RULE_REQUIRED = 1 /* without a value or default the rules fail */
};

typedef struct caws_rule_parameter {
    uint16_t name;  /* where it begins in text */
    uint8_t source; /* caws_rule_source */
    uint8_t flags;
    uint16_t default_value; /* index of a node; 0: none */
} caws_rule_parameter;

/* A function that rules call. A program links those that its services use. */
typedef struct caws_rule_function caws_rule_function;
extern CAWS_API const caws_rule_function caws_rule_is_valid_host_label;
extern CAWS_API const caws_rule_function caws_rule_is_virtual_hostable_s3_bucket;
extern CAWS_API const caws_rule_function caws_rule_parse_arn;
extern CAWS_API const caws_rule_function caws_rule_parse_url;
extern CAWS_API const caws_rule_function caws_rule_partition;
extern CAWS_API const caws_rule_function caws_rule_substring;
extern CAWS_API const caws_rule_function caws_rule_uri_encode;

typedef struct caws_endpoint_rules {
    const char *text;
    const caws_rule_node *nodes;
    const uint16_t *conditions;
    const caws_rule *rules;
    const caws_rule_parameter *parameters;
    const caws_rule_function *const *functions; /* NULL: none */
    uint16_t rule_count;                        /* at least one */
    uint8_t parameter_count;
    uint8_t value_count; /* parameters and variables: up to CAWS_RULES_MAX_VALUES */
} caws_endpoint_rules;

/* A path through an input or output: member indexes, one a structure; lists on the way are
 * projected. */
typedef struct caws_path {
    const uint16_t *steps;
    uint16_t step_count;
} caws_path;

typedef enum caws_context_kind {
    CAWS_CONTEXT_FALSE, /* constants: of a boolean, */
    CAWS_CONTEXT_TRUE,
    CAWS_CONTEXT_TEXT,  /* and of a string */
    CAWS_CONTEXT_FIRST, /* the first value that is found, a string or boolean */
    CAWS_CONTEXT_ALL    /* an array of the strings that are found; of maps, the keys */
} caws_context_kind;

/* One thing that an operation tells the endpoint rules. */
typedef struct caws_context_parameter {
    const char *text;      /* CAWS_CONTEXT_TEXT */
    caws_path path;        /* CAWS_CONTEXT_FIRST, CAWS_CONTEXT_ALL: where in the input to look */
    const caws_path *each; /* paths to follow from every value there, in this order; NULL: none */
    uint8_t parameter;     /* index in the rules' parameters; the first row with a value counts */
    uint8_t kind;          /* caws_context_kind */
    uint8_t each_count;
} caws_context_parameter;

/* Reads parameters out of an input. A program links it if one of its operations has any. */
typedef struct caws_context_reader caws_context_reader;
extern CAWS_API const caws_context_reader caws_context_read;

/* What few operations have: their own part in the endpoint. */
typedef struct caws_context {
    const char *host_prefix;           /* in front of the endpoint's host; NULL: none */
    const caws_context_reader *reader; /* &caws_context_read; NULL: there are no parameters */
    const caws_context_parameter *parameters; /* that the service's endpoint rules get */
    uint16_t parameter_count;
} caws_context;

typedef struct caws_service {
    const char *service_id;      /* "CloudWatch Logs" */
    const char *endpoint_prefix; /* "logs": the first label of the endpoint */
    const char *signing_name;    /* "logs": in the credential scope */
    const char *target_prefix;   /* "Logs_20140328": before the operation in x-amz-target */
    const char *json_version;    /* "1.1" */
    const caws_protocol *protocol;
    const caws_endpoint_rules
        *endpoint_rules;              /* NULL: https://<endpoint prefix>.<region>.<domain> */
    const caws_exception *exceptions; /* every modeled exception of the service, sorted by code */
    uint16_t exception_count;
    uint16_t flags;
    uint16_t max_attempts;   /* where the client is set to none; 0: 3 */
    uint16_t retry_delay_ms; /* the longest before the first retry, if not throttled; 0: 50 */
} caws_service;

enum { /* caws_operation.flags */
       CAWS_OPERATION_NO_AUTH = 1,
       CAWS_OPERATION_UNSIGNED_PAYLOAD = 2,
       CAWS_OPERATION_IDEMPOTENT = 4,
       CAWS_OPERATION_LONG_POLLING = 8 /* its callers call again at once: failures that the client
                                          has no retries left for are held back */
};

struct caws_operation { /* declared in <caws/call.h> */
    const char *name;
    const caws_service *service;
    const caws_type *input;  /* NULL: none */
    const caws_type *output; /* NULL: none */
    const char *http_method;
    const char *request_uri;
    const caws_context *context; /* NULL: the service's endpoint is the operation's */
    uint32_t flags;
};

/*
 * Calls an operation: validates, encodes, finds the endpoint, signs, sends, decodes.
 * input: the operation's input struct; borrowed; NULL stands for one with every member absent.
 * output: the address of a pointer to the operation's output struct. It is set to NULL first, and
 * on success to a struct that the caller frees with caws_output_free. NULL if the operation has no
 * output, or the caller does not want it.
 * error: filled on failure; NULL is accepted. Returns error's status.
 */
CAWS_API caws_status caws_call(caws_client *client, const caws_operation *operation,
                               const void *input, void *output, caws_error *error);

/*
 * The handler of an event stream: a generated struct of callbacks. It begins so, and has one
 * callback for each kind of event behind it, and nothing else; a callback that is NULL wants no
 * such events.
 */
typedef struct caws_stream_handler {
    void *context;                     /* handed to every callback */
    bool (*keep_going)(void *context); /* NULL: always */
} caws_stream_handler;

/* One kind of message in an event stream. */
typedef struct caws_event {
    const char *name;      /* on the wire: the header :event-type, or :exception-type */
    const caws_type *type; /* the event's struct; NULL: an exception */
    const char *exception; /* its code in the service's table; NULL: an event */
    uint32_t callback;     /* the callback's offset in the handler */
    bool (*deliver)(const void *handler, const void *event); /* calls it, with the right types */
} caws_event;

/* An operation that answers with events. If it has an output too, that is a row named
 * "initial-response". */
struct caws_stream { /* declared in <caws/call.h> */
    const caws_operation *operation;
    const caws_event *events;
    uint16_t event_count;
};

/* As caws_call_stream_with, without options. */
CAWS_API caws_status caws_call_stream(caws_client *client, const caws_stream *stream,
                                      const void *input, const void *handler, caws_error *error);

typedef enum caws_wait_state {
    CAWS_WAIT_RETRY,
    CAWS_WAIT_SUCCESS,
    CAWS_WAIT_FAILURE
} caws_wait_state;

typedef enum caws_matcher {
    CAWS_MATCH_PATH,     /* the one value at the path equals expected */
    CAWS_MATCH_PATH_ALL, /* there are values, and all equal expected */
    CAWS_MATCH_PATH_ANY, /* one of the values equals expected */
    CAWS_MATCH_STATUS,   /* the HTTP status is expected_status */
    CAWS_MATCH_ERROR,    /* the error code is expected */
    CAWS_MATCH_SUCCESS,  /* there was no error */
    CAWS_MATCH_ANY_ERROR /* there was an error */
} caws_matcher;

typedef struct caws_acceptor {
    caws_path argument; /* CAWS_MATCH_PATH...: strings or booleans */
    caws_path message; /* a failure's own text: a member of the structure that argument ends in (the
                          paths differ in the last step only); no steps: there is none */
    const char *expected; /* "true" and "false" for booleans */
    int expected_status;
    uint8_t matcher; /* caws_matcher */
    uint8_t state;   /* caws_wait_state */
} caws_acceptor;

typedef struct caws_waiter {
    const char *name;
    const caws_operation *operation;
    const caws_acceptor *acceptors; /* the first that matches decides; none: go on */
    uint16_t acceptor_count;
    uint16_t max_attempts;
    uint32_t delay_ms;
} caws_waiter;

/*
 * Calls the waiter's operation until an acceptor decides. Arguments and ownership as in caws_call;
 * output receives the last answer, on success only. Errors: those of the operation;
 * CAWS_ERROR_WAITER with the resource's own text when an acceptor calls the state a failure (code
 * is that state where it is text);
 * CAWS_ERROR_TIMEOUT at the deadline; CAWS_ERROR_CANCELLED when the progress callback returns
 * false.
 */
CAWS_API caws_status caws_wait(caws_client *client, const caws_waiter *waiter, const void *input,
                               const caws_wait_options *options, void *output, caws_error *error);

/* Where a page tells how to ask for the one after. */
typedef struct caws_page_token {
    uint16_t input;   /* index of the input's member: a string, integer, long or map */
    caws_path output; /* to a member of the same kind, maps of the same type; no lists on the way */
} caws_page_token;

typedef struct caws_pagination {
    const caws_operation *operation;
    const caws_page_token *tokens; /* at least one; there is a page after if any is present */
    uint16_t token_count;
    caws_path more_results; /* to a boolean: unless it is true there is no page after; no steps:
                               there is none */
} caws_pagination;

/*
 * A paginator of the pagination's operation; nothing is sent yet. input as in caws_call, but what
 * it points to and client are borrowed until the paginator is freed. Errors: CAWS_ERROR_MEMORY,
 * with NULL returned.
 */
CAWS_API caws_paginator *caws_paginate(caws_client *client, const caws_pagination *pagination,
                                       const void *input, caws_error *error);

/*
 * Asks for the next page.
 * paginator: of the same pagination (else CAWS_ERROR_INVALID_INPUT); NULL: returns false and leaves
 * error as caws_paginate left it.
 * page: the address of a pointer to the operation's output struct, const. It receives the page,
 * which belongs to the paginator and lives until the next call or caws_paginator_free; NULL if
 * there is none. Returns true with a page. Returns false at the end, with status CAWS_OK, and on
 * failure with an error of the operation; the next call then asks for the same page again.
 */
CAWS_API bool caws_paginate_next(caws_paginator *paginator, const caws_pagination *pagination,
                                 void *page, caws_error *error);

/* The values of a string enum, in the model's order; value i has the enum constant i + 1. */
typedef struct caws_enum {
    const char *const *values;
    uint16_t count;
} caws_enum;

/* The constant of text, or 0 if text is NULL or none of the values. */
CAWS_API int caws_enum_from_string(const caws_enum *table, const char *text);

/* The generated struct of the exception in error, if it is the one with this value; else NULL. */
CAWS_API const void *caws_exception_detail(const caws_error *error, int value);

#ifdef __cplusplus
}
#endif

#endif
