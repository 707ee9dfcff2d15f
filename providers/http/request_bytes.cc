#include "providers/http/request_bytes.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/serializer.hpp>
#include <string_view>

#include "engine/base/strings.h"

namespace patform::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

}  // namespace

// A line break in any of these would begin a header, or a request, of the
// attacker's choice: names of organizations come from files.
// Checked before anything is sent, and without quoting: the value at fault may
// be the credential.
absl::Status CheckRequest(const Request& request) {
  bool bad =
      HasControl(request.method) || HasControl(request.url.target) ||
      HasControl(request.url.host) ||
      request.url.target.find(' ') != std::string::npos ||
      HasControl(request.content_type) ||
      (request.bearer != nullptr && HasControl(request.bearer->Reveal())) ||
      (request.basic != nullptr && HasControl(request.basic->Reveal()));
  for (const Header& header : request.headers) {
    bad = bad || HasControl(header.name) || HasControl(header.value) ||
          header.name.empty() ||
          header.name.find_first_of(": ") != std::string::npos;
  }
  if (!bad) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "a request's target, header or credential contains a control "
      "character; nothing was sent");
}

Secret RequestBytes(const Request& request, const std::string& user_agent) {
  beast::http::request<beast::http::empty_body> head;
  head.version(11);
  head.method_string(request.method);
  head.target(request.url.target);
  head.set(beast::http::field::host, request.url.Authority());
  head.set(beast::http::field::user_agent, user_agent);
  for (const Header& header : request.headers) {
    head.insert(header.name, header.value);
  }
  if (!request.body.empty()) {
    head.set(beast::http::field::content_type, request.content_type);
  }
  // A POST without a body needs a length all the same; IIS answers 411
  // otherwise. GET has neither.
  if (!request.body.empty() || request.method != "GET") {
    head.set(beast::http::field::content_length,
             std::to_string(request.body.size()));
  }
  beast::http::request_serializer<beast::http::empty_body> serializer(head);
  // Beast writes the head but for the credential, which must not lie in memory
  // that nobody wipes.
  std::string text;
  error_code ec;
  // The serializer hands out its buffers in turns; for an empty body the first
  // one is everything.
  while (!serializer.is_done() && !ec) {
    serializer.next(ec, [&](error_code&, const auto& buffers) {
      size_t size = 0;
      for (auto it = asio::buffer_sequence_begin(buffers);
           it != asio::buffer_sequence_end(buffers); ++it) {
        const asio::const_buffer part = *it;
        text.append(static_cast<const char*>(part.data()), part.size());
        size += part.size();
      }
      serializer.consume(size);
    });
  }
  // Without the empty line that ends the head: one header follows. The
  // credential is the last one, so it exists in `wire` alone.
  Secret wire(std::string_view(text).substr(0, text.size() - 2));
  const Secret* credential =
      request.bearer != nullptr ? request.bearer : request.basic;
  if (credential != nullptr) {
    wire.Append(request.bearer != nullptr ? "Authorization: Bearer "
                                          : "Authorization: Basic ");
    wire.Append(credential->Reveal());
    wire.Append("\r\n");
  }
  wire.Append("\r\n");
  wire.Append(request.body.Reveal());
  return wire;
}

}  // namespace patform::http
