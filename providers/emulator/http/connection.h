#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string_view>

namespace patform::http {

// The bytes of one accepted connection, plain or TLS. Owns the socket.
class Connection {
 public:
  // `context` may be null: plain.
  Connection(int socket, SSL_CTX* context);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  bool Handshake();
  // At least one byte; 0: the peer is done, silent for too long, or broken.
  size_t Read(char* to, size_t size);
  bool Write(std::string_view bytes);
  // Says goodbye as the protocol wants it.
  void Close();

 private:
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  int socket_;
  bool good_ = true;
  std::unique_ptr<SSL, FreeSsl> ssl_;
};

}  // namespace patform::http
