#pragma once

#include "providers/sinks/row.h"

namespace patform::sinks {

// One entry of one Kubernetes Secret for each place, and its record in an
// annotation of the same object.
//
// Wire: PATCH /api/v1/namespaces/NS/secrets/NAME by server-side apply writes
// both in one step; GET and a list of the same read them. Every answer is asked
// for as PartialObjectMetadata, which has no data: no request of a plan and no
// answer to an apply holds a value. Whose the value is shows in managedFields.
//
// Compare-and-set: a place's version is of its own fields, while the server
// compares the resourceVersion of the whole object. So each write reads the
// object first, compares the place, and is fenced with the object's uid and
// resourceVersion; if only something else has moved meanwhile (409), it starts
// over. An object that is not there yet is fenced with a resourceVersion that
// none can have.
//
// Sources: kubernetes.io/docs/reference/using-api/server-side-apply and
// api-concepts (#receiving-resources-as-tables and the parts after it).
Row KubernetesRow();

}  // namespace patform::sinks
