#pragma once

#include "providers/sinks/row.h"

// Secrets of Azure Key Vault: type "key-vault".
//
// One PUT writes a new version: the value, the record as its tags, and the
// token's end as `exp`. Value and tags of a version belong together and the
// value never changes, so a record cannot name a secret that is not served: no
// order of two writes has to be kept.
//
// Reading asks lists alone, which show tags and no values: the versions of one
// secret, or all secrets of the vault for many places. The newest version
// decides: with a record of ours it is present; without, somebody else's; one
// of ours that is disabled counts as nothing, because nobody gets a value. Its
// `updated` date decides nothing: attributes can be edited, the value cannot.
// Versions have ids, but lists of secrets do not show them, and `created` has
// no fractions of a second; so what is called a version here is a digest of the
// tags, and where two versions are of one second the list of secrets, which has
// the current one, is asked which it is.
//
// The store compares nothing when it writes. Put() looks right before it does,
// and refuses if another version came; between the look and the write somebody
// else may still write. Then the later one wins, and the record is the
// winner's: of two runs at once each may mint and deliver, one delivery is
// served, and the next run ends the token that is not.
//
// Remove() disables and never deletes: a deleted name is taken for up to 90
// days. `keep_versions` disables what was superseded for that long: in the next
// delivery to the same secret, and by Tidy() where the last delivery is no more
// than a week older than that.
namespace patform::sinks {

Row KeyVaultRow();

}  // namespace patform::sinks
