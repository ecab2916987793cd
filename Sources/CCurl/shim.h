/* libcurl for Swift: what is variadic or a macro in C, as inline functions with one type each.
   The parentheses around a name keep the compiler from expanding curl's type-checking macro of the same name. */
#ifndef STEWARD_CCURL_H
#define STEWARD_CCURL_H

#include <curl/curl.h>
#include <sys/socket.h>

/* CURLOPT_READFUNCTION, CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION: (bytes, size, count, user pointer). */
typedef size_t (*cc_io_fn)(char *, size_t, size_t, void *);

/* Initialises the library. Call it once before any other thread uses libcurl. */
static inline CURLcode cc_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

/* An option that takes a number, an enumeration or a switch (0 or 1). */
static inline CURLcode cc_set_long(CURL *handle, CURLoption option, long value) {
    return (curl_easy_setopt)(handle, option, value);
}

/* An option that takes a large number, such as CURLOPT_POSTFIELDSIZE_LARGE and CURLOPT_INFILESIZE_LARGE. */
static inline CURLcode cc_set_off(CURL *handle, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(handle, option, value);
}

/* An option that takes a string. libcurl copies it, so that it may be freed at once. */
static inline CURLcode cc_set_str(CURL *handle, CURLoption option, const char *value) {
    return (curl_easy_setopt)(handle, option, value);
}

/* An option that takes a pointer: user data of a callback, CURLOPT_COPYPOSTFIELDS, CURLOPT_ERRORBUFFER. */
static inline CURLcode cc_set_ptr(CURL *handle, CURLoption option, const void *value) {
    return (curl_easy_setopt)(handle, option, value);
}

/* An option that takes a list: CURLOPT_HTTPHEADER, CURLOPT_MAIL_RCPT. The list has to outlive the transfer. */
static inline CURLcode cc_set_slist(CURL *handle, CURLoption option, struct curl_slist *value) {
    return (curl_easy_setopt)(handle, option, value);
}

/* An option that takes a callback which moves bytes. */
static inline CURLcode cc_set_io(CURL *handle, CURLoption option, cc_io_fn value) {
    return (curl_easy_setopt)(handle, option, value);
}

/* Called before a socket is opened: returns one, or CURL_SOCKET_BAD to refuse the address. */
static inline CURLcode cc_set_open_socket(CURL *handle, curl_opensocket_callback value) {
    return (curl_easy_setopt)(handle, CURLOPT_OPENSOCKETFUNCTION, value);
}

/* Called before a request goes out on a connection, new or kept: (user pointer, remote address, local address, ports). */
static inline CURLcode cc_set_prereq(CURL *handle, curl_prereq_callback value) {
    return (curl_easy_setopt)(handle, CURLOPT_PREREQFUNCTION, value);
}

/* The socket that libcurl would have opened by itself. */
static inline curl_socket_t cc_open_socket(const struct curl_sockaddr *address) {
    return socket(address->family, address->socktype, address->protocol);
}

static inline CURLcode cc_info_long(CURL *handle, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(handle, info, value);
}

static inline CURLcode cc_info_off(CURL *handle, CURLINFO info, curl_off_t *value) {
    return (curl_easy_getinfo)(handle, info, value);
}

/* A string that belongs to the handle; NULL when there is none. */
static inline CURLcode cc_info_str(CURL *handle, CURLINFO info, const char **value) {
    return (curl_easy_getinfo)(handle, info, value);
}

static inline CURLMcode cc_multi_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}

/* The result of a message CURLMSG_DONE: the member of a union that Swift cannot name. */
static inline CURLcode cc_msg_result(const CURLMsg *message) { return message->data.result; }

/* What a read callback returns to end the transfer with CURLE_ABORTED_BY_CALLBACK. */
static inline size_t cc_read_abort(void) { return CURL_READFUNC_ABORT; }

/* CURLOPT_MAIL_RCPT_ALLLOWFAILS under a name that is spelled as one expects: mail goes to the recipients that are
   accepted, and the caller has to learn by itself which were not. */
static inline CURLcode cc_set_mail_rcpt_allow_fails(CURL *handle, long value) {
    return (curl_easy_setopt)(handle, CURLOPT_MAIL_RCPT_ALLLOWFAILS, value);
}

#endif
