#include "providers/emulator/http/connection.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

// A socket with or without TLS, blocking. Timeouts are set on the socket by the
// server; each call reports success or the end of the connection, nothing else.
namespace patform::http {

Connection::Connection(int socket, SSL_CTX* context) : socket_(socket) {
  // nullptr: plain HTTP.
  if (context == nullptr) return;
  ssl_.reset(SSL_new(context));
  if (ssl_ == nullptr || SSL_set_fd(ssl_.get(), socket_) != 1) good_ = false;
}

Connection::~Connection() {
  ssl_.reset();
  close(socket_);
}

bool Connection::Handshake() {
  if (!good_ || ssl_ == nullptr) return good_;
  // OpenSSL's errors are kept per thread, and a thread serves many connections.
  ERR_clear_error();
  good_ = SSL_accept(ssl_.get()) == 1;
  return good_;
}

size_t Connection::Read(char* to, size_t size) {
  if (!good_) return 0;
  const int limit = static_cast<int>(std::min<size_t>(size, INT_MAX));
  if (ssl_ != nullptr) {
    ERR_clear_error();
    const int got = SSL_read(ssl_.get(), to, limit);
    if (got > 0) return static_cast<size_t>(got);
    // ZERO_RETURN is the peer's close_notify; everything else broke the
    // connection, and OpenSSL must not be used for it any more.
    if (SSL_get_error(ssl_.get(), got) != SSL_ERROR_ZERO_RETURN) good_ = false;
    return 0;
  }
  while (true) {
    const ssize_t got = recv(socket_, to, static_cast<size_t>(limit), 0);
    if (got > 0) return static_cast<size_t>(got);
    if (got == 0 || errno != EINTR) return 0;
  }
}

bool Connection::Write(std::string_view bytes) {
  while (good_ && !bytes.empty()) {
    if (ssl_ != nullptr) {
      ERR_clear_error();
      // SSL_write() takes an int.
      const int chunk =
          static_cast<int>(std::min<size_t>(bytes.size(), 1 << 20));
      const int sent = SSL_write(ssl_.get(), bytes.data(), chunk);
      if (sent <= 0) {
        good_ = false;
        break;
      }
      bytes.remove_prefix(static_cast<size_t>(sent));
      continue;
    }
    // MSG_NOSIGNAL: a peer that went away is an ordinary end, not a SIGPIPE.
    const ssize_t sent =
        send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno != EINTR) {
      good_ = false;
    }
  }
  return good_;
}

void Connection::Close() {
  // After an error SSL_shutdown() must not be called.
  if (good_ && ssl_ != nullptr) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  // The read side stays open: to close with unread bytes would send a reset,
  // and the peer could lose the answer.
  shutdown(socket_, SHUT_WR);
  good_ = false;
}

}  // namespace patform::http
