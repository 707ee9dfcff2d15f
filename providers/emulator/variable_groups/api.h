#pragma once

#include <string>
#include <string_view>

#include "providers/emulator/http/server.h"
#include "providers/emulator/service.h"
#include "providers/emulator/tokens/target.h"

// Variable groups of Azure Pipelines, as far as patform and the client library
// of azure-devops-node-api use them:
//
//     GET  /{org}/{project}/_apis/distributedtask/variablegroups[/{id}]
//     POST /{org}/_apis/distributedtask/variablegroups
//     PUT  /{org}/_apis/distributedtask/variablegroups/{id}
//     DELETE …/{id}
//
// As the hosted service does it: a PUT replaces the whole group, a variable
// that is not in it is gone, a secret one whose value is null keeps its value,
// and no answer has a secret. There is no conditional write.
namespace patform::emulator {

// group_list, group_get, group_post, group_put, group_remove; "": the target is
// none of them.
std::string VariableGroupOperationOf(std::string_view method,
                                     const Target& target);

http::ServerResponse AnswerVariableGroups(Service& service,
                                          std::string_view operation,
                                          const http::ServerRequest& request,
                                          const Target& target);

}  // namespace patform::emulator
