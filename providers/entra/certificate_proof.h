#pragma once

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "providers/entra/certificate.h"
#include "providers/entra/client_proof.h"

namespace patform::entra {

// A JWT that the client signs itself with the key of a certificate that its
// registration has (private_key_jwt). Wire facts: Microsoft's page "Microsoft
// identity platform application authentication certificate credentials".
class CertificateProof : public ClientProof {
 public:
  // `random`: 64 bits for the name of an assertion, which is used once.
  CertificateProof(Certificate certificate, Clock* clock,
                   std::function<uint64_t()> random)
      : certificate_(std::move(certificate)),
        clock_(clock),
        random_(std::move(random)) {}

  absl::Status AddTo(Form& form, const TokenEndpoint& endpoint,
                     Deadline deadline) override;
  absl::Time Ends() override { return certificate_.not_after(); }

 private:
  const Certificate certificate_;
  Clock* const clock_;
  const std::function<uint64_t()> random_;
};

}  // namespace patform::entra
