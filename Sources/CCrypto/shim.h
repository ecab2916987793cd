/* OpenSSL's libcrypto for Swift: digests, HMAC, ciphers and scrypt (EVP), random bytes, comparison in constant time.
   All of these are plain functions; the inline ones below stand for macros. */
#ifndef STEWARD_CCRYPTO_H
#define STEWARD_CCRYPTO_H

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

/* Overwrites memory that held a secret, in a way the optimiser keeps. */
static inline void cc_cleanse(void *bytes, size_t count) { OPENSSL_cleanse(bytes, count); }

static inline int cc_gcm_set_iv_length(EVP_CIPHER_CTX *context, int length) {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_IVLEN, length, NULL);
}

static inline int cc_gcm_get_tag(EVP_CIPHER_CTX *context, int length, void *tag) {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, length, tag);
}

/* The tag is only read. */
static inline int cc_gcm_set_tag(EVP_CIPHER_CTX *context, int length, const void *tag) {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, length, (void *)tag);
}

#endif
