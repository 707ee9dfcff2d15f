#include "providers/emulator/tokens/vss_error.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/emulator/tokens/wire.h"

// Answers in the forms of the platform. Members and their order are those that
// users have pasted into bug reports; a client should look at typeKey alone.
namespace patform::emulator {

http::ServerResponse JsonAnswer(int status, std::string body) {
  http::ServerResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json; charset=utf-8"},
                      {"Cache-Control", "no-cache, no-store"}};
  response.body = std::move(body);
  return response;
}

// `type` decides in which assembly .NET would have it.
http::ServerResponse VssError(int status, std::string_view type,
                              std::string_view message, int event_id) {
  std::string full;
  if (type.substr(0, 3) == "Vss") {
    full =
        absl::StrCat("Microsoft.VisualStudio.Services.WebApi.", AbslView(type),
                     ", Microsoft.VisualStudio.Services.WebApi");
  } else if (type == "JsonReaderException") {
    full = "Newtonsoft.Json.JsonReaderException, Newtonsoft.Json";
  } else if (type == "ArgumentException") {
    full = "System.ArgumentException, mscorlib";
  } else {
    full = absl::StrCat("Microsoft.TeamFoundation.Framework.Server.",
                        AbslView(type),
                        ", Microsoft.TeamFoundation.Framework.Server");
  }
  std::string body = R"({"$id":"1","innerException":null,"message":)";
  AppendJson(body, message);
  body += R"(,"typeName":)";
  AppendJson(body, full);
  body += R"(,"typeKey":)";
  AppendJson(body, type);
  absl::StrAppend(&body, R"(,"errorCode":0,"eventId":)", event_id, "}");
  return JsonAnswer(status, std::move(body));
}

// The service counts a body that it cannot read as its own failure.
http::ServerResponse BadJson() {
  return VssError(400, "JsonReaderException",
                  absl::StrCat("TF400898: An Internal Error Occurred. "
                               "Activity Id: ",
                               RandomGuid(), "."),
                  0);
}

// Not the real page, but as little JSON as that.
http::ServerResponse SignInPage(int status) {
  http::ServerResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "text/html; charset=utf-8"},
                      {"Cache-Control", "no-cache, no-store"}};
  response.body =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Sign In</title></head>"
      "\n<body><h1>Sign in</h1>\n<p>This page is for people; a program that "
      "reads it is not signed in.</p></body></html>\n";
  return response;
}

// 29 bytes of text, and no envelope: the front end answers, not the service.
http::ServerResponse NoSuchResource() {
  http::ServerResponse response;
  response.status = 404;
  response.headers = {{"Content-Type", "text/plain"}};
  response.body = "The resource cannot be found.";
  return response;
}

}  // namespace patform::emulator
