#include "providers/http/tls_context.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>

#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

namespace patform::http {
namespace {

using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;
using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

// A predicate on a file of certificates that is of no use; "": it is of use.
std::string FileFault(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    return absl::StrCat("cannot be read: ", strerror(errno));
  }
  if (S_ISDIR(info.st_mode)) {
    return "is a directory (SSL_CERT_DIR takes one)";
  }
  const Bio bio(BIO_new_file(path.c_str(), "r"), BIO_free);
  // What is left in the queue would be taken for the next connection's.
  ERR_clear_error();
  if (bio == nullptr) {
    return absl::StrCat("cannot be read: ", strerror(errno));
  }
  const Certificate first(
      PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr), X509_free);
  ERR_clear_error();
  return first == nullptr ? "contains no certificate in PEM form" : "";
}

// Likewise of a folder.
std::string FolderFault(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    return absl::StrCat("cannot be read: ", strerror(errno));
  }
  return S_ISDIR(info.st_mode) ? "" : "is not a directory";
}

// Reads `pem` where it is: a key is not copied.
Bio Reading(std::string_view pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
             BIO_free);
}

// Text between the certificates is skipped, as OpenSSL's own files have it.
std::vector<Certificate> CertificatesIn(std::string_view pem) {
  std::vector<Certificate> all;
  const Bio bio = Reading(pem);
  while (bio != nullptr) {
    Certificate next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr),
                     X509_free);
    if (next == nullptr) break;
    all.push_back(std::move(next));
  }
  // The end of the text is an error to OpenSSL.
  ERR_clear_error();
  return all;
}

// Without it OpenSSL asks for the password of a key at the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

// The first certificate is the client's own, those behind it lead to whoever
// signed it; a server that knows only the root needs them.
absl::Status UseIdentity(SSL_CTX* context, const TlsOptions& options) {
  const std::vector<Certificate> chain =
      CertificatesIn(options.certificate_pem);
  if (chain.empty()) {
    return absl::InvalidArgumentError(
        "the client certificate is not in PEM form");
  }
  const Bio bio = Reading(options.key_pem.Reveal());
  const Key key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr),
      EVP_PKEY_free);
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        "the key of the client certificate is not in PEM form, or is "
        "encrypted");
  }
  // The certificate first: OpenSSL compares the key with it.
  bool good = SSL_CTX_use_certificate(context, chain.front().get()) == 1 &&
              SSL_CTX_use_PrivateKey(context, key.get()) == 1;
  for (size_t i = 1; good && i < chain.size(); ++i) {
    good = SSL_CTX_add1_chain_cert(context, chain[i].get()) == 1;
  }
  ERR_clear_error();
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "the client certificate does not belong to its key, or is too weak for "
      "this machine's TLS");
}

// The system's authorities are read where they are looked for. Its folder has a
// file for each, found by a hash of its name; its one file with all of them,
// which OpenSSL would read at once, takes 40 ms, and is seldom needed: only
// here, where the folder does not have what is looked for.
int SlotOfStore() {
  static const int slot =
      X509_STORE_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return slot;
}

void ReadFile(X509_STORE_CTX* verification) {
  void* const context = X509_STORE_get_ex_data(
      X509_STORE_CTX_get0_store(verification), SlotOfStore());
  static_cast<TlsContext*>(context)->ReadSystemFile();
}

// An authority that is no longer valid may have a successor of its name.
bool IsValid(const X509* certificate) {
  return X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

// The one of `all` that is `certificate`, or null.
X509* Same(const X509* certificate, const STACK_OF(X509) * all) {
  for (int i = 0; i < sk_X509_num(all); ++i) {
    X509* const each = sk_X509_value(all, i);
    if (X509_cmp(each, certificate) == 0) return each;
  }
  return nullptr;
}

// All of that name, to see whether one that the server has shown is trusted as
// it is.
STACK_OF(X509) * FindAll(X509_STORE_CTX* verification, const X509_NAME* name) {
  STACK_OF(X509)* found = X509_STORE_CTX_get1_certs(verification, name);
  if (Same(X509_STORE_CTX_get0_cert(verification), found)) return found;
  const STACK_OF(X509)* shown = X509_STORE_CTX_get0_untrusted(verification);
  for (int i = 0; i < sk_X509_num(shown); ++i) {
    if (Same(sk_X509_value(shown, i), found)) return found;
  }
  sk_X509_pop_free(found, X509_free);
  ReadFile(verification);
  return X509_STORE_CTX_get1_certs(verification, name);
}

int FindIssuer(X509** issuer, X509_STORE_CTX* verification, X509* of) {
  // What signed itself is its own authority or has none. Another one of its
  // name would be taken for it, and refused.
  const X509_NAME* const name = X509_get_subject_name(of);
  if (X509_NAME_cmp(name, X509_get_issuer_name(of)) == 0) {
    STACK_OF(X509)* const all = FindAll(verification, name);
    *issuer = Same(of, all);
    if (*issuer != nullptr) X509_up_ref(*issuer);
    sk_X509_pop_free(all, X509_free);
    if (*issuer != nullptr) return 1;
  }
  const int found = X509_STORE_CTX_get1_issuer(issuer, verification, of);
  if (found > 0 && IsValid(*issuer)) return found;
  if (found > 0) X509_free(*issuer);
  *issuer = nullptr;
  ReadFile(verification);
  return X509_STORE_CTX_get1_issuer(issuer, verification, of);
}

}  // namespace

TlsContext::TlsContext(EnvironmentLookup environment)
    : environment_(std::move(environment)) {}

// Everything is checked here: a handshake would report the same in words that
// name neither the file nor the setting.
absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::Make(
    EnvironmentLookup environment, const TlsOptions& options) {
  auto made = std::make_unique<TlsContext>(std::move(environment));
  made->server_name_ = options.server_name;
  PATFORM_RETURN_IF_ERROR(made->Use(options));
  return made;
}

boost::asio::ssl::context& TlsContext::Get() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!context_) {
    context_.emplace(boost::asio::ssl::context::tls_client);
    SSL_CTX* raw = context_->native_handle();
    // Debian's default allows any version; what may carry a credential is
    // decided here.
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    context_->set_verify_mode(boost::asio::ssl::verify_peer);
    // What is wrong with them surfaces as a verification error, which names
    // them.
    if (authorities_name_.empty()) {
      X509_STORE* const store = SSL_CTX_get_cert_store(raw);
      SSL_CTX_set_default_verify_dir(raw);
      // Before there are threads: verifications go through the list of lookups
      // without a lock. It is the one that ReadSystemFile() reads by.
      X509_STORE_add_lookup(store, X509_LOOKUP_file());
      X509_STORE_set_ex_data(store, SlotOfStore(), this);
      X509_STORE_set_get_issuer(store, FindIssuer);
      X509_STORE_set_lookup_certs(store, FindAll);
      ERR_clear_error();
    }
    // Each name with its length in front. Beast speaks HTTP/1.1 only, and a
    // server that is offered h2 as well selects it.
    static const unsigned char kAlpn[] = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(raw, kAlpn, sizeof(kAlpn) - 1);
  }
  return *context_;
}

void TlsContext::ReadSystemFile() {
  std::call_once(system_file_, [this] {
    // The context is there: this is asked by a connection that has it.
    SSL_CTX_set_default_verify_file(context_->native_handle());
    ERR_clear_error();
  });
}

// In place of the system's authorities and not beside them: the one who runs
// the service vouches for it, and nobody else can.
absl::Status TlsContext::Use(const TlsOptions& options) {
  if (!options.authorities_pem.empty()) {
    authorities_name_ = options.authorities_name;
    const std::vector<Certificate> authorities =
        CertificatesIn(options.authorities_pem);
    if (authorities.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          options.authorities_name, " contain no certificate in PEM form"));
    }
    X509_STORE* store = SSL_CTX_get_cert_store(Get().native_handle());
    for (const Certificate& authority : authorities) {
      X509_STORE_add_cert(store, authority.get());
    }
    // Whoever names an authority trusts it, whether or not somebody else has
    // signed it; the other clients of such stores see it in the same way.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  }
  if (options.certificate_pem.empty()) return absl::OkStatus();
  return UseIdentity(Get().native_handle(), options);
}

std::string TlsContext::Trusted() const {
  if (!authorities_name_.empty()) return authorities_name_;
  // The two variables that OpenSSL itself reads.
  for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR"}) {
    const std::optional<std::string> value = environment_(name);
    if (value && !value->empty()) return absl::StrCat(name, "=", *value);
  }
  return "the system's certificates (set SSL_CERT_FILE to use others)";
}

std::string TlsContext::Fault() const {
  if (!authorities_name_.empty()) return "";
  for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR"}) {
    const std::optional<std::string> path = environment_(name);
    if (!path || path->empty()) continue;
    const bool file = std::string_view(name) == "SSL_CERT_FILE";
    const std::string why = file ? FileFault(*path) : FolderFault(*path);
    if (why.empty()) return "";
    return absl::StrCat(name, " is ", Visible(*path), ", which ", why,
                        ", so nothing in it is trusted");
  }
  return "";
}

}  // namespace patform::http
