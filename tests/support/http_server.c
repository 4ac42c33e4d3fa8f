/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A web server for tests: one thread accepts, one serves each connection, one request each. */
#include "tests/support/http_server.h"

#include <gio/gio.h>
#include <string.h>

#define MAX_REQUEST 8192
#define SURPLUS     100

struct HttpServer {
    const char *bytes;
    gsize n;
    GSocket *socket;
    guint16 port;
    GCancellable *stop;
    GThread *thread;
    GPtrArray *connections; /* GThread * */
    void (*on_half)(void *data);
    void *half_data;
    GMutex lock; /* of what follows */
    int count;
    gint64 range;
};

typedef struct {
    HttpServer *server;
    GSocket *socket;
    char *kind;   /* "good" */
    char *path;   /* "/good/net.onnx" */
    gint64 start; /* of Range; -1 */
} Request;

static void say(const Request *r, const void *bytes, gsize n)
{
    const char *at = bytes;
    while (n > 0) {
        gssize done = g_socket_send(r->socket, at, n, r->server->stop, NULL);
        if (done <= 0)
            return;
        at += done;
        n -= (gsize)done;
    }
}

static void say_line(const Request *r, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void say_line(const Request *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    say(r, text, strlen(text));
    say(r, "\r\n", 2);
}

/* Bytes FROM .. TO - 1 of the file, and what stands beyond its end. */
static void say_part(const Request *r, gsize from, gsize to)
{
    static const char beyond[SURPLUS];
    gsize n = r->server->n;
    if (from < n)
        say(r, r->server->bytes + from, MIN(to, n) - from);
    if (to > n)
        say(r, beyond, to - n);
}

/* TOTAL 0: it does not say. */
static gsize say_head(const Request *r, gsize total, gboolean takes_ranges)
{
    gsize from = takes_ranges && r->start > 0 ? (gsize)r->start : 0;
    if (from > 0) {
        say_line(r, "HTTP/1.1 206 Partial Content");
        say_line(r,
                 "Content-Range: bytes %" G_GSIZE_FORMAT "-%" G_GSIZE_FORMAT
                 "/%" G_GSIZE_FORMAT,
                 from, total - 1, total);
    } else {
        say_line(r, "HTTP/1.1 200 OK");
    }
    if (total > 0)
        say_line(r, "Content-Length: %" G_GSIZE_FORMAT, total - from);
    say_line(r, "Connection: close");
    say_line(r, "%s", "");
    return from;
}

static void wait_for_the_end(const Request *r)
{
    g_socket_condition_wait(r->socket, G_IO_IN | G_IO_HUP, r->server->stop, NULL);
}

static void redirect(const Request *r, const char *to)
{
    say_line(r, "HTTP/1.1 302 Found");
    say_line(r, "Location: %s", to);
    say_line(r, "Content-Length: 0");
    say_line(r, "Connection: close");
    say_line(r, "%s", "");
}

static void serve_broken(const Request *r)
{
    gsize n = r->server->n, half = n / 2, from = say_head(r, n, TRUE);
    if (from < half)
        say_part(r, from, half);
    else if (strcmp(r->kind, "cut") == 0)
        say_part(r, from, n);
    if (strcmp(r->kind, "stall") == 0)
        wait_for_the_end(r);
    if (strcmp(r->kind, "fill") == 0) {
        r->server->on_half(r->server->half_data);
        say_part(r, half, n);
    }
}

static void serve_wrong(const Request *r)
{
    g_autofree char *copy = g_memdup2(r->server->bytes, r->server->n);
    gsize from = say_head(r, r->server->n, TRUE);
    copy[r->server->n / 4] ^= 1;
    say(r, copy + from, r->server->n - from);
}

static void serve(const Request *r)
{
    static const char *const broken[] = {"cut", "shut", "stall", "fill", NULL};
    static const char pointer[] = "version https://git-lfs.github.com/spec/v1\n";
    const char *kind = r->kind;
    gsize n = r->server->n;
    if (g_strv_contains(broken, kind)) {
        serve_broken(r);
    } else if (strcmp(kind, "good") == 0 || strcmp(kind, "plain") == 0) {
        say_part(r, say_head(r, n, *kind == 'g'), n);
    } else if (strcmp(kind, "wrong") == 0) {
        serve_wrong(r);
    } else if (strcmp(kind, "large") == 0) {
        say_part(r, say_head(r, n + SURPLUS, TRUE), n + SURPLUS);
    } else if (strcmp(kind, "unsaid") == 0) {
        say_part(r, say_head(r, 0, FALSE), n + SURPLUS);
    } else if (strcmp(kind, "small") == 0) {
        say_head(r, strlen(pointer), FALSE);
        say(r, pointer, strlen(pointer));
    } else if (strcmp(kind, "away") == 0) {
        redirect(r, "/good/net.onnx");
    } else if (strcmp(kind, "loop") == 0) {
        redirect(r, r->path);
    } else if (strcmp(kind, "local") == 0) {
        redirect(r, "file:///proc/self/exe");
    } else if (strcmp(kind, "silent") != 0) {
        say_line(r, "HTTP/1.1 404 Not Found");
        say_line(r, "Content-Length: 5");
        say_line(r, "Connection: close");
        say_line(r, "%s", "");
        say(r, "none\n", 5);
    }
}

/* Reads the request's head; FALSE: there is none. */
static gboolean read_request(Request *r)
{
    char text[MAX_REQUEST + 1] = "";
    gsize n = 0;
    while (!strstr(text, "\r\n\r\n") && n < MAX_REQUEST) {
        gssize more =
            g_socket_receive(r->socket, text + n, MAX_REQUEST - n, r->server->stop, NULL);
        if (more <= 0)
            return FALSE;
        n += (gsize)more;
        text[n] = '\0';
    }
    g_auto(GStrv) words = g_strsplit(text, " ", 3);
    g_auto(GStrv) parts = g_strsplit(words[1] ? words[1] : "", "/", 3);
    const char *range = strstr(text, "\r\nRange: bytes=");
    r->path = g_strdup(words[1] ? words[1] : "");
    r->kind = g_strdup(parts[0] && parts[1] ? parts[1] : "");
    r->start = range ? g_ascii_strtoll(strchr(range, '=') + 1, NULL, 10) : -1;
    return TRUE;
}

static gpointer serve_connection(gpointer data)
{
    Request *r = data;
    if (read_request(r)) {
        g_mutex_lock(&r->server->lock);
        r->server->count++;
        r->server->range = r->start;
        g_mutex_unlock(&r->server->lock);
        serve(r);
    }
    g_socket_close(r->socket, NULL);
    g_object_unref(r->socket);
    g_free(r->kind);
    g_free(r->path);
    g_free(r);
    return NULL;
}

static gpointer accept_all(gpointer data)
{
    HttpServer *server = data;
    GSocket *socket;
    while ((socket = g_socket_accept(server->socket, server->stop, NULL))) {
        Request *r = g_new0(Request, 1);
        r->server = server;
        r->socket = socket;
        g_ptr_array_add(server->connections,
                        g_thread_new("connection", serve_connection, r));
    }
    return NULL;
}

HttpServer *http_server_new(const void *bytes, gsize n)
{
    HttpServer *server = g_new0(HttpServer, 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) any = g_inet_socket_address_new(loopback, 0);
    server->bytes = bytes;
    server->n = n;
    server->stop = g_cancellable_new();
    server->connections = g_ptr_array_new();
    g_mutex_init(&server->lock);
    server->socket = g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_TCP, &error);
    g_assert_no_error(error);
    g_socket_bind(server->socket, any, TRUE, &error);
    g_assert_no_error(error);
    g_socket_listen(server->socket, &error);
    g_assert_no_error(error);
    g_autoptr(GSocketAddress) own = g_socket_get_local_address(server->socket, &error);
    g_assert_no_error(error);
    server->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(own));
    server->thread = g_thread_new("server", accept_all, server);
    return server;
}

void http_server_free(HttpServer *server)
{
    g_cancellable_cancel(server->stop);
    g_thread_join(server->thread);
    for (guint i = 0; i < server->connections->len; i++)
        g_thread_join(server->connections->pdata[i]);
    g_ptr_array_unref(server->connections);
    g_object_unref(server->socket);
    g_object_unref(server->stop);
    g_mutex_clear(&server->lock);
    g_free(server);
}

guint16 http_server_get_port(const HttpServer *server)
{
    return server->port;
}

void http_server_on_half(HttpServer *server, void (*call)(void *data), void *data)
{
    server->on_half = call;
    server->half_data = data;
}

int http_server_get_count(HttpServer *server)
{
    g_mutex_lock(&server->lock);
    int count = server->count;
    g_mutex_unlock(&server->lock);
    return count;
}

gint64 http_server_get_range(HttpServer *server)
{
    g_mutex_lock(&server->lock);
    gint64 range = server->range;
    g_mutex_unlock(&server->lock);
    return range;
}
