#pragma once

#include "providers/sinks/row.h"

// The sink type "github-secrets": secrets of GitHub Actions, of a repository,
// an environment or an organization.
//
// GitHub keeps no notes beside a secret and gives no value back; of a secret it
// tells when it was updated, to the second. The record is therefore a variable
// of Actions beside it, NAME_PATFORM, which anybody who may read the
// repository's variables can see: it has ids and dates, nothing secret. It
// names the updated_at of the secret that it describes:
//
//     1  GET secret, GET variable     what is there; is it what was expected?
//     2  POST variable                only where there is none: a record that
//                                     describes nothing yet, so that a run that
//                                     dies next leaves no stranger behind
//     3  PUT secret                   sealed for GitHub's public key
//     4  GET secret                   its new updated_at
//     5  PATCH variable               the record, with that updated_at
//
// Stopped between 3 and 5: the secret is newer than its record says, which is
// seen (RecordBehind). Two deliveries to one place never fall into one second:
// Put() waits for the next.
//
// GitHub compares nothing when it writes. Put() looks right before it does, and
// refuses if the secret is another than was expected; in between somebody may
// still write, and the last one wins. A writer in the very second in which ours
// is written cannot be told from ours.
//
// A PUT whose answer was lost is written again whatever is there by then: that
// it may be ours cannot be ruled out, and to answer "something else is there"
// would have the token revoked that is perhaps served.
namespace patform::sinks {

Row GithubSecretsRow();

}  // namespace patform::sinks
