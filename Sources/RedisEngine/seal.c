/* Sealed values: XChaCha20-Poly1305 with a nonce of 24 random bytes in front, and names by BLAKE2b with a key, both of libsodium.
 *
 * Why loaded: who has no key needs no libsodium, and one file serves machines with it and without. */
#define _GNU_SOURCE
#include "seal.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#if __has_include(<sodium.h>)
#include <sodium.h>
#endif

#define NONCE_BYTES 24

/* The functions that are used, as every libsodium from 1.0.12 on has them. */
static struct {
    int (*sodium_init)(void);
    void *(*sodium_malloc)(size_t size);
    void (*sodium_free)(void *memory);
    void (*randombytes_buf)(void *const bytes, const size_t size);
    int (*crypto_generichash)(unsigned char *out, size_t out_size, const unsigned char *in, unsigned long long size, const unsigned char *key, size_t key_size);
    int (*crypto_aead_xchacha20poly1305_ietf_encrypt)(
        unsigned char *out, unsigned long long *out_size, const unsigned char *text, unsigned long long size, const unsigned char *bound,
        unsigned long long bound_size, const unsigned char *secret_nonce, const unsigned char *nonce, const unsigned char *key);
    int (*crypto_aead_xchacha20poly1305_ietf_decrypt)(
        unsigned char *out, unsigned long long *out_size, unsigned char *secret_nonce, const unsigned char *sealed, unsigned long long size,
        const unsigned char *bound, unsigned long long bound_size, const unsigned char *nonce, const unsigned char *key);
} sodium;

/* What is said where it cannot be used; NULL where it can. */
static const char *refusal = "libsodium is not installed on this machine (Debian, Ubuntu: apt-get install libsodium23)";

/* Sets a member to the function of its name. Where the header is there, the compiler compares the two. */
#ifdef sodium_H
#define FIND(name) \
    (__extension__({ \
        _Static_assert(__builtin_types_compatible_p(__typeof__(*sodium.name), __typeof__(name)), "libsodium has another " #name); \
        *(void **)&sodium.name = dlsym(library, #name); \
    }))
#else
#define FIND(name) (*(void **)&sodium.name = dlsym(library, #name))
#endif

static void load(void) {
    void *library = dlopen("libsodium.so.23", RTLD_NOW | RTLD_LOCAL);
    if (!library) library = dlopen("libsodium.so.26", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    refusal = "the libsodium of this machine lacks a function: 1.0.12 or later is needed";
    if (!FIND(sodium_init) || !FIND(sodium_malloc) || !FIND(sodium_free) || !FIND(randombytes_buf) || !FIND(crypto_generichash)) return;
    if (!FIND(crypto_aead_xchacha20poly1305_ietf_encrypt) || !FIND(crypto_aead_xchacha20poly1305_ietf_decrypt)) return;
    refusal = sodium.sodium_init() < 0 ? "libsodium found no source of random numbers" : NULL;
}

const char *sealing_refusal(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return refusal;
}

/* One key for each purpose, made of the one that was given. */
struct sealer {
    unsigned char sealing[TIER_KEY_BYTES], naming[TIER_KEY_BYTES];
};

static void derive(unsigned char *derived, const char *purpose, const uint8_t *key) {
    sodium.crypto_generichash(derived, TIER_KEY_BYTES, (const unsigned char *)purpose, strlen(purpose), key, TIER_KEY_BYTES);
}

void *make_sealer(const uint8_t *key) {
    struct sealer *sealer = sodium.sodium_malloc(sizeof *sealer);
    if (!sealer) return NULL;
    derive(sealer->sealing, "accelerant tier: sealing", key);
    derive(sealer->naming, "accelerant tier: naming", key);
    return sealer;
}

void free_sealer(void *sealer) { sodium.sodium_free(sealer); }

void seal_name(const void *handle, struct tier_text text, uint8_t *name) {
    const struct sealer *sealer = handle;
    sodium.crypto_generichash(name, TIER_NAME_BYTES, (const unsigned char *)text.bytes, text.size, sealer->naming, TIER_KEY_BYTES);
}

void seal(const void *handle, struct tier_text bound, struct tier_text text, uint8_t *sealed) {
    const struct sealer *sealer = handle;
    sodium.randombytes_buf(sealed, NONCE_BYTES);
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed + NONCE_BYTES, NULL, (const unsigned char *)text.bytes, text.size, (const unsigned char *)bound.bytes, bound.size, NULL, sealed,
        sealer->sealing);
}

int32_t unseal(const void *handle, struct tier_text bound, struct tier_text sealed, uint8_t *text) {
    const struct sealer *sealer = handle;
    const unsigned char *nonce = (const unsigned char *)sealed.bytes;
    if (sealed.size < TIER_SEAL_BYTES) return TIER_FAILED;
    int status = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        text, NULL, NULL, nonce + NONCE_BYTES, sealed.size - NONCE_BYTES, (const unsigned char *)bound.bytes, bound.size, nonce, sealer->sealing);
    return status == 0 ? TIER_OK : TIER_FAILED;
}
