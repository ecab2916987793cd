/* wire_load: closed-loop load for the Step Functions API, so light that the client is not what is measured.
 *
 *   cc -O2 -o wire_load wire_load.c
 *   wire_load PORT CONNECTIONS SECONDS COUNT OPERATION BODY
 *
 * Every connection sends the request again as soon as it has its answer, until SECONDS have passed or COUNT requests
 * were sent (0: no limit). Prints one JSON line: requests, errors, seconds, cpu (seconds of this process), and
 * latencies in milliseconds. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 16 };

struct connection {
    int socket;
    size_t have;
    double sent_at;
    char bytes[ROOM];
};

static char request[ROOM];
static size_t request_length;
static long sent, limit, answered, errors;
static double end;
static double *latencies;
static long latency_room;
static int active;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

static void stop(const char *what) {
    perror(what);
    exit(1);
}

static void open_connection(struct connection *connection, int port, int poll) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int yes = 1;
    connection->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection->socket, (struct sockaddr *)&address, sizeof address)) stop("connect");
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, connection->socket, &event)) stop("epoll_ctl");
}

static void send_request(struct connection *connection) {
    if ((limit && sent >= limit) || now() >= end) {
        active--;
        return;
    }
    sent++;
    connection->have = 0;
    connection->sent_at = now();
    for (size_t done = 0; done < request_length;) {
        ssize_t count = write(connection->socket, request + done, request_length - done);
        if (count < 0 && errno != EINTR) stop("write");
        if (count > 0) done += count;
    }
}

/* Whether the whole answer is there. */
static int is_complete(struct connection *connection) {
    connection->bytes[connection->have] = 0;
    char *head_end = strstr(connection->bytes, "\r\n\r\n");
    if (!head_end) return 0;
    char *length = strcasestr(connection->bytes, "\r\ncontent-length:");
    size_t body = length && length < head_end ? strtoul(length + 17, NULL, 10) : 0;
    return connection->have >= (size_t)(head_end - connection->bytes) + 4 + body;
}

static void receive(struct connection *connection) {
    ssize_t count = read(connection->socket, connection->bytes + connection->have, ROOM - 1 - connection->have);
    if (count <= 0) stop("the server closed the connection");
    connection->have += count;
    if (!is_complete(connection)) return;
    if (strncmp(connection->bytes, "HTTP/1.1 200", 12) && errors++ == 0)
        fprintf(stderr, "%.600s\n", connection->bytes);
    if (answered == latency_room) {
        latency_room = latency_room ? latency_room * 2 : ROOM;
        latencies = realloc(latencies, latency_room * sizeof *latencies);
        if (!latencies) stop("realloc");
    }
    latencies[answered++] = now() - connection->sent_at;
    send_request(connection);
}

static int by_size(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static double quantile(double part) { return answered ? latencies[(long)((answered - 1) * part)] * 1000 : 0; }

int main(int count, char **arguments) {
    if (count != 7) {
        fprintf(stderr, "usage: wire_load PORT CONNECTIONS SECONDS COUNT OPERATION BODY\n");
        return 2;
    }
    int port = atoi(arguments[1]), connections = atoi(arguments[2]), poll = epoll_create1(0);
    limit = atol(arguments[4]);
    request_length = snprintf(
        request, sizeof request,
        "POST / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-Amz-Target: AWSStepFunctions.%s\r\n"
        "Content-Type: application/x-amz-json-1.0\r\nContent-Length: %zu\r\n\r\n%s",
        port, arguments[5], strlen(arguments[6]), arguments[6]);
    if (request_length >= sizeof request) {
        fprintf(stderr, "the body is too long\n");
        return 2;
    }
    struct connection *all = calloc(connections, sizeof *all);
    if (!all) stop("calloc");
    for (int i = 0; i < connections; i++) open_connection(&all[i], port, poll);
    double start = now();
    end = start + atof(arguments[3]);
    active = connections;
    for (int i = 0; i < connections; i++) send_request(&all[i]);
    while (active > 0) {
        struct epoll_event events[256];
        int ready = epoll_wait(poll, events, 256, 90000);
        if (ready == 0) {
            fprintf(stderr, "no answer for 90 seconds\n");
            return 1;
        }
        for (int i = 0; i < ready; i++) receive(events[i].data.ptr);
    }
    double seconds = now() - start;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    qsort(latencies, answered, sizeof *latencies, by_size);
    printf(
        "{\"requests\": %ld, \"errors\": %ld, \"seconds\": %.3f, \"cpu\": %.3f, \"p50_ms\": %.3f, \"p99_ms\": %.3f}\n",
        answered, errors, seconds, cpu, quantile(0.5), quantile(0.99));
    return errors > 0;
}
