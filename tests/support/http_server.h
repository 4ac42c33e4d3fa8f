/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A web server on loopback that serves one file, well or badly. The first part of a request's path says how:
 *
 *   /good/...      whole, or from where Range says
 *   /plain/...     whole, whatever Range says
 *   /cut/...       the connection ends in the middle; from the middle on all is well
 *   /shut/...      the connection ends in the middle, and nothing comes from there on
 *   /stall/...     in the middle it waits for ever, and nothing comes from there on
 *   /fill/...      in the middle it calls what http_server_on_half was given
 *   /wrong/...     one byte is another
 *   /large/...     100 bytes more, and says so
 *   /unsaid/...    100 bytes more, without saying how many
 *   /small/...     "version https://git-lfs..."
 *   /away/...      redirects to /good/
 *   /loop/...      redirects to itself
 *   /local/...     redirects to a file of this machine
 *   /silent/...    ends without a word
 *   anything else  404 */
#ifndef TESTS_HTTP_SERVER_H
#define TESTS_HTTP_SERVER_H

#include <glib.h>

typedef struct HttpServer HttpServer;

HttpServer *http_server_new(const void *bytes, gsize n);
void http_server_free(HttpServer *server);
guint16 http_server_get_port(const HttpServer *server);
void http_server_on_half(HttpServer *server, void (*call)(void *data), void *data);
/* Requests so far, and where the last one's Range began (-1: it had none). */
int http_server_get_count(HttpServer *server);
gint64 http_server_get_range(HttpServer *server);

#endif
