/* Why by OpenSSL itself and not by hiredis: hiredis 0.14 has no TLS, and what has writes by write(2), which raises SIGPIPE in the host's thread.
 * Here OpenSSL reads and writes memory, and `transport.c` the socket. */
#define _GNU_SOURCE
#include "tls.h"

#include <stdio.h>

#if __has_include(<openssl/ssl.h>)

#include "transport.h"

#include <arpa/inet.h>
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

/* Why: OpenSSL would ask for it on the terminal. */
static int no_password(char *bytes, int size, int is_writing, void *data) {
    (void)bytes, (void)size, (void)is_writing, (void)data;
    return 0;
}

/* Reads the files that the address names. The reason where one cannot be used. */
static const char *configure(SSL_CTX *context, const struct tier_address *address) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_default_passwd_cb(context, no_password);
    if (address->root_certificate) {
        if (SSL_CTX_load_verify_locations(context, address->root_certificate, NULL) != 1) return "the file of `sslrootcert` has no certificates that can be read";
    } else if (SSL_CTX_set_default_verify_paths(context) != 1) {
        return "the system's certificates cannot be read: name a file by `sslrootcert`";
    }
    if (address->certificate && SSL_CTX_use_certificate_chain_file(context, address->certificate) != 1) {
        return "the file of `sslcert` has no certificate that can be read";
    }
    if (address->private_key && SSL_CTX_use_PrivateKey_file(context, address->private_key, SSL_FILETYPE_PEM) != 1) {
        return "the file of `sslkey` has no key that can be read and belongs to `sslcert`";
    }
    return NULL;
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

/* Does what the session needs before it can go on, after a call that gave `result`. TIER_FAILED where it cannot. */
static int32_t proceed(struct tls *tls, int result, int64_t deadline) {
    int wish = SSL_get_error(tls->session, result);
    int32_t status = flush(tls, deadline);
    if (status != TIER_OK) return status;
    if (wish != SSL_ERROR_WANT_READ) return wish == SSL_ERROR_WANT_WRITE ? TIER_OK : TIER_FAILED;
    size_t size;
    status = transport_receive(tls->descriptor, tls->portion, PORTION, &size, 1, deadline);
    if (status != TIER_OK) return status;
    return BIO_write(tls->received, tls->portion, (int)size) == (int)size ? TIER_OK : TIER_FAILED;
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

/* Makes the session, without a word to the server. The reason where it cannot. */
static const char *prepare(struct tls *tls, const struct tier_address *address) {
    ERR_clear_error();
    tls->context = SSL_CTX_new(TLS_client_method());
    if (!tls->context) return "there is no memory";
    const char *mistake = configure(tls->context, address);
    if (mistake) return mistake;
    tls->session = SSL_new(tls->context);
    if (!tls->session) return "there is no memory";
    tls->received = BIO_new(BIO_s_mem());
    tls->outgoing = BIO_new(BIO_s_mem());
    if (!tls->received || !tls->outgoing || !expect(tls->session, address->host)) {
        BIO_free(tls->received);
        BIO_free(tls->outgoing);
        return "there is no memory";
    }
    SSL_set_bio(tls->session, tls->received, tls->outgoing);
    SSL_set_connect_state(tls->session);
    return NULL;
}

struct tls *tls_start(int descriptor, const struct tier_address *address, int64_t deadline, char *reason, size_t size, int32_t *is_mistake) {
    struct tls *tls = calloc(1, sizeof *tls);
    if (!tls) {
        snprintf(reason, size, "there is no memory");
        return NULL;
    }
    tls->descriptor = descriptor;
    const char *mistake = prepare(tls, address);
    if (mistake) {
        *is_mistake = 1;
        snprintf(reason, size, "%s", mistake);
        tls_end(tls);
        return NULL;
    }
    int32_t status = shake_hands(tls, deadline);
    if (status == TIER_OK) return tls;
    long verdict = SSL_get_verify_result(tls->session);
    if (status == TIER_TIMED_OUT) {
        snprintf(reason, size, "it did not answer in time");
    } else if (verdict != X509_V_OK) {
        *is_mistake = 1;
        snprintf(reason, size, "the server's certificate is not accepted: %s", X509_verify_cert_error_string(verdict));
    } else {
        snprintf(reason, size, "the server did not agree on TLS");
    }
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

void tls_end(struct tls *tls) { (void)tls; }

#endif
