#pragma once

#include <string>
#include <string_view>

#include "providers/emulator/faults.h"
#include "providers/emulator/http/server.h"
#include "providers/emulator/service.h"
#include "providers/emulator/tokens/target.h"

// The conversations of pull requests: those of Azure Repos beside the PAT API,
// those of GitHub below /api/v3, where GitHub Enterprise Server has them.
namespace patform::emulator {

// comment_list, comment_post, comment_edit, comment_remove, status_list,
// status_set, pull_list, user; "": the target is none of them.
std::string PullRequestOperationOf(std::string_view method,
                                   const Target& target);

// Is the request of a job's token, asking connectionData who it is?
bool AsksWhoItIs(const Service& service, const http::ServerRequest& request,
                 const Target& target);

http::ServerResponse AnswerWhoItIs(const Service& service,
                                   const http::ServerRequest& request,
                                   const Target& target);

http::ServerResponse AnswerAzureRepos(Service& service,
                                      std::string_view operation,
                                      const http::ServerRequest& request,
                                      const Target& target,
                                      const FaultAction& fault);

http::ServerResponse AnswerGitHub(Service& service, std::string_view operation,
                                  const http::ServerRequest& request,
                                  const Target& target,
                                  const FaultAction& fault);

// Is it one of GitHub's?
bool IsGitHub(const Target& target);

}  // namespace patform::emulator
