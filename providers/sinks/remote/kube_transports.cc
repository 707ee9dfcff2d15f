#include "providers/sinks/remote/kube_transports.h"

namespace patform::sinks {

// Of one thread, as every transport.
class KubeTransports::Following : public http::Transport {
 public:
  explicit Following(std::shared_ptr<KubeTransports> all)
      : all_(std::move(all)) {}

  absl::StatusOr<http::Response> Send(const http::Request& request,
                                      Deadline deadline) override {
    const auto [maker, turn] = all_->Current();
    if (turn != turn_) {
      own_ = maker();
      turn_ = turn;
    }
    return own_->Send(request, deadline);
  }

 private:
  const std::shared_ptr<KubeTransports> all_;
  std::unique_ptr<http::Transport> own_;
  int turn_ = 0;  // whose `own_` is
};

void KubeTransports::Use(Maker maker) {
  const std::lock_guard<std::mutex> lock(mutex_);
  maker_ = std::move(maker);
  ++turn_;
}

std::pair<KubeTransports::Maker, int> KubeTransports::Current() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return {maker_, turn_};
}

std::unique_ptr<http::Transport> KubeTransports::New(
    std::shared_ptr<KubeTransports> all) {
  return std::make_unique<Following>(std::move(all));
}

}  // namespace patform::sinks
