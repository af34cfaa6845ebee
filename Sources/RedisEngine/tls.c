/* Why by OpenSSL itself and not by hiredis: hiredis 0.14 has no TLS, and what has writes by write(2), which raises SIGPIPE in the host's thread.
 * Here OpenSSL reads and writes memory, and `transport.c` the socket. */
#define _GNU_SOURCE
#include "tls.h"

#include <stdio.h>

#if __has_include(<openssl/ssl.h>) && !defined(ACCELERANT_WITHOUT_OPENSSL)

#include "tls_context.h"
#include "transport.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>

/* Bytes that are moved at once: more than a record of TLS has. */
#define PORTION 17408

struct tls {
    SSL_CTX *context;
    SSL *session;
    /* What came from the socket and is to be read, and what is to be sent. They belong to the session. */
    BIO *received, *outgoing;
    int descriptor;
    /* Whether the server has sent anything. */
    int has_heard;
    /* Why it failed; empty if that is not known. */
    char trouble[160];
    int32_t is_mistake;
    char portion[PORTION];
};

const char *tls_refusal(void) { return NULL; }

void tls_end(struct tls *tls) {
    if (!tls) return;
    SSL_free(tls->session);
    SSL_CTX_free(tls->context);
    free(tls);
    /* Why: the thread's list of errors is the host's, too. */
    ERR_clear_error();
}

/* Whose certificate it has to be. */
static int expect(SSL *session, const char *host) {
    unsigned char number[sizeof(struct in6_addr)];
    if (inet_pton(AF_INET, host, number) == 1 || inet_pton(AF_INET6, host, number) == 1) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host);
    }
    SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(session, host) == 1 && SSL_set_tlsext_host_name(session, host) == 1;
}

/* Sends what the session has to say. */
static int32_t flush(struct tls *tls, int64_t deadline) {
    int size;
    while ((size = BIO_read(tls->outgoing, tls->portion, PORTION)) > 0) {
        int32_t status = transport_send(tls->descriptor, tls->portion, (size_t)size, deadline);
        if (status != TIER_OK) return status;
    }
    return TIER_OK;
}

static void note(struct tls *tls, int32_t is_mistake, const char *words, const char *more) {
    tls->is_mistake = is_mistake;
    snprintf(tls->trouble, sizeof tls->trouble, "%s%s", words, more);
}

/* What the server's alert says of this client. RFC 8446 6.2 has the numbers. */
static void note_alert(struct tls *tls, int alert) {
    const char *words = SSL_alert_desc_string_long(alert);
    switch (alert) {
    case TLS13_AD_CERTIFICATE_REQUIRED: note(tls, 1, "the server wants a certificate of the client: name it by `sslcert` and `sslkey`", ""); break;
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED: note(tls, 1, "the server refuses the certificate of `sslcert`: ", words); break;
    case SSL_AD_HANDSHAKE_FAILURE: note(tls, 1, "the server ended TLS: handshake failure; it may want a certificate by `sslcert` and `sslkey`", ""); break;
    case SSL_AD_PROTOCOL_VERSION:
    case SSL_AD_INSUFFICIENT_SECURITY:
    case SSL_AD_UNRECOGNIZED_NAME: note(tls, 1, "the server ended TLS: ", words); break;
    default: note(tls, 0, "the server ended TLS: ", words); break;
    }
}

/* Writes down why OpenSSL cannot go on, before its list of errors is cleared. */
static void note_failure(struct tls *tls) {
    unsigned long error = ERR_peek_error();
    long verdict = SSL_get_verify_result(tls->session);
    int reason = ERR_GET_REASON(error);
    if (tls->trouble[0]) return;
    if (verdict != X509_V_OK) {
        note(tls, 1, "the server's certificate is not accepted: ", X509_verify_cert_error_string(verdict));
    } else if (ERR_GET_LIB(error) != ERR_LIB_SSL) {
        return;
    } else if (reason > SSL_AD_REASON_OFFSET) {
        note_alert(tls, reason - SSL_AD_REASON_OFFSET);
    } else if (reason == SSL_R_WRONG_VERSION_NUMBER) {
        note(tls, 1, "the server does not speak TLS at this port: use its port for TLS, or redis://", "");
    }
}

/* Does what the session needs before it can go on, after a call that gave `result`. TIER_FAILED where it cannot. */
static int32_t proceed(struct tls *tls, int result, int64_t deadline) {
    int wish = SSL_get_error(tls->session, result);
    int can_go_on = wish == SSL_ERROR_WANT_READ || wish == SSL_ERROR_WANT_WRITE;
    if (!can_go_on) note_failure(tls);
    int32_t status = flush(tls, deadline);
    if (status != TIER_OK || !can_go_on) return status == TIER_OK ? TIER_FAILED : status;
    if (wish == SSL_ERROR_WANT_WRITE) return TIER_OK;
    size_t size;
    status = transport_receive(tls->descriptor, tls->portion, PORTION, &size, 1, deadline);
    if (status != TIER_OK) return status;
    tls->has_heard = 1;
    return BIO_write(tls->received, tls->portion, (int)size) == (int)size ? TIER_OK : TIER_FAILED;
}

/* Looks for an alert where the server no longer takes anything: it may have been sent before the connection ended. */
static void look_for_alert(struct tls *tls) {
    size_t size;
    char byte;
    while (transport_receive(tls->descriptor, tls->portion, PORTION, &size, 0, 0) == TIER_OK) {
        if (BIO_write(tls->received, tls->portion, (int)size) != (int)size) return;
    }
    ERR_clear_error();
    int result = SSL_peek_ex(tls->session, &byte, 1, &size);
    if (result != 1 && SSL_get_error(tls->session, result) == SSL_ERROR_SSL) note_failure(tls);
}

const char *tls_trouble(const struct tls *tls, int32_t *is_mistake) {
    if (!tls->trouble[0]) return NULL;
    *is_mistake = tls->is_mistake;
    return tls->trouble;
}

static int32_t shake_hands(struct tls *tls, int64_t deadline) {
    for (;;) {
        ERR_clear_error();
        int result = SSL_do_handshake(tls->session);
        if (result == 1) return flush(tls, deadline);
        int32_t status = proceed(tls, result, deadline);
        if (status != TIER_OK) return status;
    }
}

/* Makes the session, without a word to the server. Whether it could: if not, there is a mistake in the files, or no memory. */
static int prepare(struct tls *tls, const struct tier_address *address) {
    const char *mistake;
    int32_t is_mistake;
    ERR_clear_error();
    tls->context = tls_context(address, &mistake, &is_mistake);
    if (mistake) note(tls, is_mistake, mistake, "");
    if (!tls->context) return 0;
    tls->session = SSL_new(tls->context);
    if (!tls->session) return 0;
    tls->received = BIO_new(BIO_s_mem());
    tls->outgoing = BIO_new(BIO_s_mem());
    if (!tls->received || !tls->outgoing || !expect(tls->session, address->host)) {
        BIO_free(tls->received);
        BIO_free(tls->outgoing);
        return 0;
    }
    SSL_set_bio(tls->session, tls->received, tls->outgoing);
    SSL_set_connect_state(tls->session);
    return 1;
}

struct tls *tls_start(int descriptor, const struct tier_address *address, int64_t deadline, char *reason, size_t size, int32_t *is_mistake) {
    struct tls *tls = calloc(1, sizeof *tls);
    if (!tls) {
        snprintf(reason, size, "there is no memory");
        return NULL;
    }
    tls->descriptor = descriptor;
    const char *words = "there is no memory";
    if (prepare(tls, address)) {
        int32_t status = shake_hands(tls, deadline);
        if (status == TIER_OK) return tls;
        if (status == TIER_FAILED) look_for_alert(tls);
        /* Why: a Redis without TLS waits for the end of a line, which never comes. */
        if (status != TIER_TIMED_OUT) words = "the server ended the connection while TLS began";
        else if (tls->has_heard) words = "it did not answer in time while TLS began";
        else words = "it did not answer to the beginning of TLS in time; a port without TLS does not answer either";
    }
    const char *trouble = tls_trouble(tls, is_mistake);
    snprintf(reason, size, "%s", trouble ? trouble : words);
    tls_end(tls);
    return NULL;
}

int32_t tls_send(struct tls *tls, const char *bytes, size_t size, int64_t deadline) {
    size_t sent = 0;
    while (sent < size) {
        size_t count = 0;
        ERR_clear_error();
        int result = SSL_write_ex(tls->session, bytes + sent, size - sent < PORTION ? size - sent : PORTION, &count);
        int32_t status = result == 1 ? flush(tls, deadline) : proceed(tls, result, deadline);
        if (status == TIER_FAILED) look_for_alert(tls);
        if (status != TIER_OK) return status;
        sent += count;
    }
    return TIER_OK;
}

int32_t tls_receive(struct tls *tls, char *bytes, size_t room, size_t *size, int64_t deadline) {
    for (;;) {
        ERR_clear_error();
        int result = SSL_read_ex(tls->session, bytes, room, size);
        if (result == 1) return TIER_OK;
        int32_t status = proceed(tls, result, deadline);
        if (status != TIER_OK) return status;
    }
}

#else

const char *tls_refusal(void) { return "this build of libaccelerant-redis.so does not encrypt: it was made without OpenSSL (libssl-dev)"; }

struct tls *tls_start(int descriptor, const struct tier_address *address, int64_t deadline, char *reason, size_t size, int32_t *is_mistake) {
    (void)descriptor, (void)address, (void)deadline;
    *is_mistake = 1;
    snprintf(reason, size, "encryption is not built in");
    return NULL;
}

int32_t tls_send(struct tls *tls, const char *bytes, size_t size, int64_t deadline) {
    (void)tls, (void)bytes, (void)size, (void)deadline;
    return TIER_FAILED;
}

int32_t tls_receive(struct tls *tls, char *bytes, size_t room, size_t *size, int64_t deadline) {
    (void)tls, (void)bytes, (void)room, (void)size, (void)deadline;
    return TIER_FAILED;
}

const char *tls_trouble(const struct tls *tls, int32_t *is_mistake) {
    (void)tls, (void)is_mistake;
    return NULL;
}

void tls_end(struct tls *tls) { (void)tls; }

#endif
