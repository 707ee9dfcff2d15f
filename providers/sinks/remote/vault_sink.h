#pragma once

#include "providers/sinks/row.h"

// The sink "vault": a KV engine of version 2 of HashiCorp Vault or OpenBao.
//
// `at` is the path of a secret, `key` the field in it. The record is in the
// path's custom_metadata, which a policy can open to reading while the secret
// stays closed. A delivery is, all of it on the number N of the newest version
// that was read with the record:
//
//   1  GET    metadata/AT   still what the caller read? N, the owner's fields
//   2  PATCH  metadata/AT   at the first write of a place alone: a mark, "what
//                           was here until N is not patform's" (PUT where
//                           there is no metadata yet)
//   3  PATCH  data/AT       {"options":{"cas":N},"data":{KEY: secret}}; the
//                           other fields stay, and need not be read (PUT where
//                           nothing is served)
//   4  PATCH  metadata/AT   the record, that it describes version N + 1, and
//                           which versions patform wrote
//   5  PUT    destroy/AT    with keep_versions, what was superseded for so long
//
// Why that is safe: 3 is refused unless the newest version is still N, so what
// arrives late or second is never taken. A record counts only while the newest
// version is the one it describes, so between 3 and 4, after a crash there, and
// after any write of somebody else, nothing is claimed: the place is unknown
// while a run may be on its way, and torn later (RecordBehind()). A late 4
// names a version that is not the newest, or the very secret that is. Without
// the mark of 2 a first delivery that died would look like somebody else's
// secret, which nobody may replace.
//
// What 5 destroys is gone for good, so it is decided on what is certain: by
// number and date, versions that 4 has listed, none of which is the newest. A
// path with fields of others is left alone, for its history is theirs as well,
// and a write that died before 4 stays. Tidy() does the same for the places
// that the configuration delivers to. Whether it succeeds decides nothing.
//
// Facts: openbao.org/api-docs/secret/kv/kv-v2 and
// developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2; tried on OpenBao
// 2.7.2 (tests/sinks/cases_vault.py).
namespace patform::sinks {

Row VaultRow();

}  // namespace patform::sinks
