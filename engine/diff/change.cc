#include "engine/diff/change.h"

namespace patform {

const char* Name(Action action) {
  switch (action) {
    case Action::kNoOp:
      return "no-op";
    case Action::kCreate:
      return "create";
    case Action::kUpdate:
      return "update";
    case Action::kRotate:
      return "rotate";
    case Action::kRevoke:
      return "revoke";
    case Action::kFinish:
      return "finish";
    case Action::kRelease:
      return "release";
  }
  return "no-op";
}

const char* Sign(Action action) {
  switch (action) {
    case Action::kNoOp:
      return " ";
    case Action::kCreate:
      return "+";
    case Action::kUpdate:
      return "~";
    case Action::kRotate:
      return "+/-";
    case Action::kRevoke:
      return "-";
    case Action::kFinish:
      return "»";
    case Action::kRelease:
      return ".";
  }
  return " ";
}

const char* Name(ChangeClass change_class) {
  return change_class == ChangeClass::kMaintenance ? "maintenance" : "policy";
}

}  // namespace patform
