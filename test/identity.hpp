// ordo: identity, a certificate that is made here, and the contexts of TLS of a server that has it and of a client that
// trusts it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

using boost::asio::ssl::context;

template <class T, void (*Free)(T*)>
struct freeing {
    void operator()(T* what) const { Free(what); }
};
using key_pointer = std::unique_ptr<EVP_PKEY, freeing<EVP_PKEY, EVP_PKEY_free>>;
using certificate_pointer = std::unique_ptr<X509, freeing<X509, X509_free>>;

/// A key and a certificate that it signs itself, for localhost and 127.0.0.1.
struct identity {
    key_pointer key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
    certificate_pointer certificate{X509_new()};

    identity() {
        auto* const x = certificate.get();
        X509_set_version(x, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
        X509_gmtime_adj(X509_getm_notBefore(x), -60);
        X509_gmtime_adj(X509_getm_notAfter(x), 3600);
        X509_set_pubkey(x, key.get());
        auto* const name = X509_get_subject_name(x);
        unsigned char const ordo[] = "ordo";
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, ordo, -1, -1, 0);
        X509_set_issuer_name(x, name);
        auto* const names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
        X509_add_ext(x, names, -1);
        X509_EXTENSION_free(names);
        X509_sign(x, key.get(), EVP_sha256());
    }
};

inline identity const& ours() {
    static identity const one;
    return one;
}

inline context server_context() {
    context made(context::tls_server);
    SSL_CTX_use_certificate(made.native_handle(), ours().certificate.get());
    SSL_CTX_use_PrivateKey(made.native_handle(), ours().key.get());
    return made;
}

/// It trusts the certificate.
inline context client_context() {
    context made(context::tls_client);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(made.native_handle()), ours().certificate.get());
    return made;
}
