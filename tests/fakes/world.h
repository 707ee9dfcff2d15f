#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "engine/apply/executor.h"
#include "engine/model/desired_state.h"
#include "engine/plan/plan.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_provider.h"
#include "tests/fakes/fake_sink.h"
#include "tests/fakes/misfortune.h"

namespace patform {

// Listens to nothing, remembers nothing.
class DeafListener : public ApplyListener {
 public:
  void Started(const Change&) override {}
  void Doing(const Change&, const Effect&) override {}
  void Ended(const Change&, const Outcome&) override {}
};

// A configuration, a service and sinks, and one user's habit: plan, apply.
class FakeWorld {
 public:
  FakeWorld();

  FakeService& AddOrganization(const std::string& name);
  // [identity.NAME] and that user's tokens in `organization`.
  FakeService& AddUser(const std::string& identity,
                       const std::string& organization = "contoso");
  FakeSink& AddSink(const std::string& name, bool compare_and_set = true);
  FakeService& service() { return *services.begin()->second; }

  // A token of one scope that lives 30 days, is due 7 before, has a grace of
  // a day and goes to `places` ("main:ci").
  DesiredToken& Declare(const std::string& name,
                        const std::vector<std::string>& places);
  DesiredToken& Declared(const std::string& name);

  // One run, as the pipeline does it.
  absl::StatusOr<ActualState> Look() { return LookAs(desired); }
  Plan PlanNow(const std::set<std::string>& rotate = {});
  ApplyResult Apply(const Plan& plan, int parallelism = 1);
  // Plans and applies; "crashed" when the process died on the way, else a
  // line an outcome: "token.ci done: minted …; delivered …".
  std::string Run(const std::set<std::string>& rotate = {});

  // The same with `file`, whatever `desired` says. Changes nothing here but
  // the service and the sinks: two threads may do it at once.
  std::string RunAs(const DesiredState& file,
                    const std::set<std::string>& rotate = {});

  // What the sinks serve is alive (S1), no stranger was written to (S2), all
  // that was minted carries its mark (S4). "" or what is broken.
  std::string Broken();
  // "ci: 2 active, 1 revoked; main:ci holds 2" for every minted token.
  std::string Summary();

  FakeClock clock;
  Misfortune misfortune;
  DesiredState desired;
  std::map<Realm, std::unique_ptr<FakeService>> services;  // a list each
  std::set<std::string> signed_out;  // identities that cannot sign in
  std::map<std::string, std::unique_ptr<FakeSink>> sinks;
  // Of the user of [auth]; those of the others are their identities.
  std::string user_oid = "5d2e0000-0000-4000-8000-000000000001";
  int nonces = 0;
  // Asked after every effect.
  std::function<bool()> stop = [] { return false; };
  std::function<void(absl::FunctionRef<void()> call)> uninterrupted =
      [](absl::FunctionRef<void()> call) { call(); };
  std::function<absl::StatusOr<std::shared_ptr<void>>()> reserve = [] {
    return std::shared_ptr<void>();
  };
  // Null: a FakeProvider of the organization's service.
  std::function<absl::StatusOr<std::unique_ptr<TokenWriter>>(
      const std::string& organization)>
      open_writer;
  // Who is told how an apply goes; null: nobody.
  ApplyListener* listener = nullptr;
  ActualState last_look;

 private:
  absl::StatusOr<ActualState> LookAs(const DesiredState& file);
  // Who has the token of `record`; null: nobody.
  FakeService* HolderOf(const SinkRecord& record);
  ApplyResult ApplyAs(const DesiredState& file, const ActualState& look,
                      const Plan& plan, int parallelism);
};

// One delivery from "sink:at" or "sink:at#key".
Delivery PlaceOf(const std::string& text);

// A line for one outcome: "done: minted …; … | left: … | why".
std::string Dump(const Outcome& outcome);

}  // namespace patform
