/** @file
 * The client: configuration, credentials and connections, shared by every service. */
#ifndef CAWS_CLIENT_H
#define CAWS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <caws/error.h>
#include <caws/export.h>
#include <caws/stats.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Holds configuration, credentials, connections and signing keys; belongs to no service. Safe to
 * share between threads: any number of calls may run on one client at once. It starts no thread and
 * does no network I/O before the first call.
 */
typedef struct caws_client caws_client;

/** What is logged: this and all above. */
typedef enum caws_log_level {
    CAWS_LOG_ERROR = 1, /**< a call failed */
    CAWS_LOG_INFO = 2,  /**< one line a request: operation, host, HTTP status, request id, time */
    CAWS_LOG_DEBUG = 3  /**< the endpoint that a service got, what is ignored in shared files */
} caws_log_level;

/**
 * Receives one line (NUL-terminated, without newline) for the length of the call. May be called
 * from any thread that uses the client. Lines never contain secrets or request and response bodies;
 * that of a failure has its message, which quotes the beginning of an error answer without a code.
 */
typedef void (*caws_log_callback)(void *context, caws_log_level level, const char *line);

/** How much of the model's constraints is checked before a request is sent. */
typedef enum caws_validation {
    /** Required members, lengths, ranges, counts, patterns. */
    CAWS_VALIDATE_ALL = 0,
    /** Required members, and what cannot be sent at all (strings that are not UTF-8, unions without
     * exactly one member): for a program older than the service, whose limits grow. */
    CAWS_VALIDATE_REQUIRED = 1
} caws_validation;

/** Long-lived or temporary access keys. Strings are copied; the client wipes its copies. */
typedef struct caws_credentials {
    const char *access_key_id;     /**< required */
    const char *secret_access_key; /**< required */
    const char *session_token;     /**< NULL: none */
} caws_credentials;

/** What a credentials callback fills in. */
typedef struct caws_provided_credentials {
    caws_credentials credentials; /**< copied when the callback has returned */
    int64_t expires;              /**< seconds since 1970; 0: never */
    const char *failure;          /**< where it returns false: why, for people; NULL: no reason */
    const char *account_id;       /**< as the option of that name */
} caws_provided_credentials;

/**
 * Gives credentials, and is called again before they expire, or when the service calls them
 * expired. In the thread of a call that needs them, one call at a time; it must not make calls with
 * the same client, which would wait for it. Returns false if there are none. The texts have to live
 * until it is called again.
 */
typedef bool (*caws_credentials_callback)(void *context, caws_provided_credentials *credentials);

/** A setting that options can turn on, turn off, or leave to environment and files. */
typedef enum caws_toggle {
    CAWS_TOGGLE_DEFAULT = 0,
    CAWS_TOGGLE_ON = 1,
    CAWS_TOGGLE_OFF = 2
} caws_toggle;

/** Whether and how a call that failed is repeated. */
typedef enum caws_retry_mode {
    CAWS_RETRY_DEFAULT = 0,  /**< what environment and files say; else standard */
    CAWS_RETRY_STANDARD = 1, /**< after a pause, and no more than a quota for all calls allows */
    CAWS_RETRY_ADAPTIVE = 2, /**< as standard, and calls slow down while the service throttles */
    CAWS_RETRY_OFF = 3       /**< never */
} caws_retry_mode;

/**
 * All members are optional: NULL or 0 means the environment, then the profile in the shared config
 * and credentials files, then the default. docs/configuration.md has a table of the names there.
 */
typedef struct caws_client_options {
    /** Else AWS_REGION, AWS_DEFAULT_REGION, the profile's region. */
    const char *region;
    /** Else credentials_callback; else AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
     * AWS_SESSION_TOKEN, unless option profile is set; else what the first call that needs them
     * finds: the profile's, a container's, the instance's. */
    const caws_credentials *credentials;
    /** http(s)://host[:port][/path] for every service; else the variables AWS_ENDPOINT_URL_ with
     * the service behind it, AWS_ENDPOINT_URL; else the profile's services section and
     * endpoint_url; else made from region and service. */
    const char *endpoint_url;
    /** PEM file to trust instead of the system's certificates; else AWS_CA_BUNDLE, the profile's
     * ca_bundle. Verification cannot be turned off. */
    const char *ca_bundle;
    /** Name look-up, connect and TLS handshake; 0: as AWS_DEFAULTS_MODE or the profile's
     * defaults_mode has it, else 10,000. */
    int32_t connect_timeout_ms;
    /** A whole request with its answer; of a stream of events, until it begins, and then any
     * silence in it; 0: 60,000. */
    int32_t timeout_ms;
    /** Of an answer's text, of a stream one event; 0: 67,108,864 (64 MiB). An output may take 16
     * times as much memory, and always 1 MiB. */
    size_t max_response_bytes;
    caws_validation validation; /**< what is checked before a request is sent */
    caws_log_callback log;      /**< NULL: nothing is logged, nothing formatted */
    void *log_context;          /**< handed to log */
    caws_log_level log_level;   /**< 0: CAWS_LOG_INFO */
    /** Some operations have a host of their own, which is the service's with a prefix ("stream-"):
     * true leaves the prefix away; else AWS_DISABLE_HOST_PREFIX_INJECTION, the profile's
     * disable_host_prefix_injection. It goes in front of an endpoint_url's host too, unless that is
     * an IP address or a name without a dot. */
    bool no_host_prefix;
    /** The profile in the shared files, which has to exist; else AWS_PROFILE, "default". */
    const char *profile;
    /** Else AWS_USE_FIPS_ENDPOINT, the profile's use_fips_endpoint. */
    caws_toggle use_fips_endpoint;
    /** Else AWS_USE_DUALSTACK_ENDPOINT, the profile's use_dualstack_endpoint. */
    caws_toggle use_dualstack_endpoint;
    caws_retry_mode retry_mode; /**< else AWS_RETRY_MODE, the profile's retry_mode */
    /** The most requests that a call sends, at least 1; 0: AWS_MAX_ATTEMPTS, the profile's
     * max_attempts, 3 (of DynamoDB and its streams 4). */
    int32_t max_attempts;
    /** Names the program in the user agent: at most 50 characters, of which those that a header's
     * token may not have become '-'; else AWS_SDK_UA_APP_ID, the profile's sdk_ua_app_id. */
    const char *app_id;
    /** A proxy's URL, as libcurl takes it; "": none; NULL: the variables that libcurl reads at each
     * call (https_proxy, no_proxy ...). */
    const char *proxy;
    caws_credentials_callback credentials_callback; /**< see option credentials */
    void *credentials_context;                      /**< handed to it */
    /** The account that option credentials are of, "123456789012"; NULL: unknown. Of other
     * credentials AWS_ACCOUNT_ID, the profile's aws_account_id, or whoever gives them tells it. */
    const char *account_id;
    /** Whether a service that has endpoints of their own for accounts (DynamoDB) is called there:
     * "preferred" (where the account is known), "disabled", "required" (a call fails else); NULL:
     * AWS_ACCOUNT_ID_ENDPOINT_MODE, the profile's account_id_endpoint_mode, preferred. */
    const char *account_id_endpoint_mode;
} caws_client_options;

/** Receives one setting: its name, its value as text (secrets masked, "(none)" if it is not set)
 * and what it is from ("option region", "AWS_REGION", "/home/me/.aws/config:3: region", "default").
 * The texts live for the length of the call. */
typedef void (*caws_setting_callback)(void *context, const char *name, const char *value,
                                      const char *source);

/**
 * Makes a client. options may be NULL; everything it points to is copied. Settings in
 * environment and shared files are read here and not again; where containers and instances have
 * their credentials, a call that needs some looks up in the environment (which a program with
 * threads does not change with setenv). Returns NULL and fills error with CAWS_ERROR_MEMORY,
 * CAWS_ERROR_CONFIGURATION (an option, variable or file is malformed, or has no such profile) or
 * CAWS_ERROR_CREDENTIALS (half a key pair). A region or credentials that are missing altogether,
 * and a malformed endpoint URL, are reported by the first call that needs them. Without the option,
 * proxies are libcurl's own matter: it reads http_proxy, https_proxy and no_proxy at each call.
 * After fork() a child may use and free
 * its parent's client, on connections of its own, if no call was running at the fork; loops
 * (caws/loop.h) it can only free. The caller owns the client and frees it with caws_client_free.
 */
CAWS_API caws_client *caws_client_new(const caws_client_options *options, caws_error *error);

/** Closes the connections, wipes the secrets and frees the client. No call may be running on it.
 * NULL is accepted. */
CAWS_API void caws_client_free(caws_client *client);

/** Tells what the client is set to and where each setting came from: calls callback once a setting.
 * An endpoint_url that several places set comes once a place, the one that is used first. */
CAWS_API void caws_client_describe(const caws_client *client, caws_setting_callback callback,
                                   void *context);

/** What the client has done so far. Any thread may ask at any time. For NULL all is 0. */
CAWS_API void caws_client_count(const caws_client *client, caws_client_counters *counters);

#ifdef __cplusplus
}
#endif

#endif
