#include "tests/providers/sinks/remote/contract.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace patform::sinks {
namespace {

using State = HeldRecord::State;

http::Request Copy(const http::Request& request) {
  http::Request copy;
  copy.method = request.method;
  copy.url = request.url;
  copy.headers = request.headers;
  copy.content_type = request.content_type;
  copy.body = request.body.Clone();
  return copy;
}

http::Response Plain(int status, std::string_view body) {
  http::Response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json"}};
  response.body = Secret(body);
  return response;
}

constexpr Mishap kMishaps[] = {
    Mishap::kUnreachable, Mishap::kLostRequest,  Mishap::kLostAnswer,
    Mishap::kLate,        Mishap::kThrottled,    Mishap::kForbidden,
    Mishap::kUnavailable, Mishap::kGatewayError, Mishap::kGarbage};

}  // namespace

class BadLine::Connection : public http::Transport {
 public:
  explicit Connection(BadLine& line) : line_(line) {}
  absl::StatusOr<http::Response> Send(const http::Request& request,
                                      Deadline) override {
    return line_.Send(request);
  }

 private:
  BadLine& line_;
};

BadLine::BadLine(std::unique_ptr<StoreFake> store) : store_(std::move(store)) {
  store_->clock = &clock_;
}

std::unique_ptr<http::Transport> BadLine::NewTransport() {
  return std::make_unique<Connection>(*this);
}

void BadLine::Break(int index, Mishap mishap, bool lasting) {
  break_from_ = requests_ + index;
  broken_ = 0;
  mishap_ = mishap;
  lasting_ = lasting;
}

void BadLine::Mend() { break_from_ = -1; }

void BadLine::CatchUp() {
  for (Late& late : late_) {
    if (!late.bearer.empty()) late.request.bearer = &late.bearer;
    store_->Answer(late.request);
  }
  late_.clear();
}

absl::StatusOr<http::Response> BadLine::Send(const http::Request& request) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const int index = requests_++;
  methods.push_back(request.method);
  reads.push_back(only_reads != nullptr && only_reads(request));
  // A request takes its time.
  clock_.Tick(absl::Milliseconds(20));
  const bool hit =
      break_from_ >= 0 && index >= break_from_ && (lasting_ || broken_ == 0);
  if (!hit) return store_->Answer(request);
  ++broken_;
  switch (mishap_) {
    case Mishap::kNone:
      break;
    case Mishap::kUnreachable:
      return absl::UnavailableError("cannot connect");
    case Mishap::kLostRequest:
      return absl::UnknownError("the connection broke");
    case Mishap::kLostAnswer:
      store_->Answer(request);
      return absl::UnknownError("the connection broke");
    case Mishap::kLate:
      late_.push_back({Copy(request), request.bearer == nullptr
                                          ? Secret()
                                          : request.bearer->Clone()});
      return absl::UnknownError("the connection broke");
    case Mishap::kThrottled:
      return Plain(429, "{}");
    case Mishap::kForbidden:
      return Plain(403,
                   absl::StrCat("{\"message\":\"no: ",
                                std::string(request.body.Reveal()), "\"}"));
    case Mishap::kUnavailable:
      return Plain(503, "");
    case Mishap::kGatewayError:
      store_->Answer(request);
      return Plain(502, "<html>");
    case Mishap::kGarbage:
      store_->Answer(request);
      return Plain(200, absl::StrCat("{\"echo\":\"",
                                     std::string(request.body.Reveal())));
  }
  return store_->Answer(request);
}

void SinkContract::SetUp() {
  case_ = GetParam()();
  Fresh();
}

void SinkContract::Fresh() {
  sink_.reset();
  reader_.reset();
  line_ = std::make_unique<BadLine>(case_.store());
  line_->only_reads = case_.only_reads;
  machine_ = Machine();
  machine_.environment =
      [this](const std::string& name) -> std::optional<std::string> {
    const auto found = case_.environment.find(name);
    if (found == case_.environment.end()) return std::nullopt;
    return found->second;
  };
  machine_.read_secret = [](const std::string&) -> absl::StatusOr<Secret> {
    return absl::NotFoundError("no such file");
  };
  machine_.clock = &line_->clock();
  machine_.grants = &case_.grants;
  machine_.new_transport = [this] { return line_->NewTransport(); };
  machine_.random = [] { return uint64_t{7}; };
  case_.furnish(machine_);
  const Opening opening{case_.config, &auth_, machine_};
  auto sink = case_.row.open(opening);
  ASSERT_TRUE(sink.ok()) << sink.status();
  sink_ = *std::move(sink);
  auto reader = case_.row.open_reader(opening);
  ASSERT_TRUE(reader.ok()) << reader.status();
  reader_ = *std::move(reader);
}

SinkRecord SinkContract::RecordOf(int n, const Delivery& place) const {
  SinkRecord record;
  record.id = *AuthorizationId::Parse(
      absl::StrCat("00000000-0000-4000-8000-00000000000", n));
  record.generation = n;
  record.workspace = "platform";
  record.organization = "contoso";
  record.token = "ci-packaging";
  record.address = place.Address();
  record.user_oid = "5a3c1d8e-0000-4000-8000-000000000001";
  record.valid_to = absl::FromUnixSeconds(1798000000 + n);
  record.written_at = absl::FromUnixSeconds(1796000000 + n);
  return record;
}

std::string SinkContract::ValueOf(int n) const {
  // As long as a token's, in letters and digits.
  return std::string(83, static_cast<char>('a' + n)) + absl::StrCat(n);
}

absl::StatusOr<std::string> SinkContract::Put(int n,
                                              const std::string& expected) {
  const absl::StatusOr<std::string> put =
      sink_->Put(case_.place, Secret(ValueOf(n)), RecordOf(n, case_.place),
                 expected, Soon());
  if (!put.ok()) {
    EXPECT_EQ(put.status().ToString().find(ValueOf(n)), std::string::npos)
        << put.status();
  }
  return put;
}

void SinkContract::ExpectTruth(const std::string& when) {
  const HeldRecord held = reader_->Read(case_.place, Soon());
  const std::optional<std::string> served = line_->store().Served(case_.place);
  switch (held.state) {
    case State::kAbsent:
      EXPECT_EQ(served, std::nullopt) << when;
      break;
    case State::kPresent:
      EXPECT_EQ(served, ValueOf(static_cast<int>(held.record->generation)))
          << when;
      break;
    default:
      break;
  }
}

TEST_P(SinkContract, IsNamedAndDescribed) {
  EXPECT_FALSE(case_.row.type.name.empty());
  EXPECT_FALSE(case_.row.type.doc.empty());
  for (const SettingKey& key : case_.row.type.keys) {
    EXPECT_FALSE(key.doc.empty()) << key.name;
  }
  const auto store = case_.row.canonical(case_.config);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_NE(*store, "");
}

TEST_P(SinkContract, FirstWriteThenAnother) {
  HeldRecord held = reader_->Read(case_.place, Soon());
  EXPECT_EQ(held.state, State::kAbsent) << held.why;
  EXPECT_EQ(held.version, "");
  EXPECT_EQ(sink_->Check(case_.place, Soon()), absl::OkStatus());
  held = reader_->Read(case_.place, Soon());
  EXPECT_EQ(held.state, State::kAbsent) << "Check leaves nothing behind";
  std::string version;
  for (int n : {1, 2, 3}) {
    const auto put = Put(n, version);
    ASSERT_TRUE(put.ok()) << put.status();
    EXPECT_NE(*put, version);
    version = *put;
    EXPECT_EQ(line_->store().Served(case_.place), ValueOf(n));
    for (RecordReader* reader :
         {reader_.get(), static_cast<RecordReader*>(sink_.get())}) {
      held = reader->Read(case_.place, Soon());
      ASSERT_EQ(held.state, State::kPresent) << held.why;
      EXPECT_EQ(*held.record, RecordOf(n, case_.place));
      EXPECT_EQ(held.version, version);
      EXPECT_EQ(held.compare_and_set, case_.row.type.can.compare_and_set);
    }
    EXPECT_EQ(sink_->Check(case_.place, Soon()), absl::OkStatus());
  }
}

TEST_P(SinkContract, AValueOfOthersIsForeign) {
  line_->store().WriteAsOther(case_.place, "somebody's");
  const HeldRecord held = reader_->Read(case_.place, Soon());
  EXPECT_EQ(held.state, State::kForeign) << held.why;
  EXPECT_NE(held.version, "");
  if (case_.row.type.can.compare_and_set) {
    EXPECT_EQ(Put(1, "").status().code(), absl::StatusCode::kAborted);
    EXPECT_EQ(line_->store().Served(case_.place), "somebody's");
  }
  // With adopt = true.
  const auto put = Put(1, held.version);
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(reader_->Read(case_.place, Soon()).state, State::kPresent);
  EXPECT_EQ(line_->store().Served(case_.place), ValueOf(1));
}

// People paste a value by hand, and restore old ones.
TEST_P(SinkContract, SeesWhatOthersChange) {
  const auto first = Put(1, "");
  ASSERT_TRUE(first.ok()) << first.status();
  line_->clock().Tick(absl::Hours(1));
  line_->store().WriteAsOther(case_.place, "somebody's");
  HeldRecord held = reader_->Read(case_.place, Soon());
  EXPECT_NE(held.state, State::kPresent);
  EXPECT_NE(held.state, State::kAbsent);
  if (case_.row.type.can.compare_and_set) {
    EXPECT_EQ(Put(2, *first).status().code(), absl::StatusCode::kAborted);
    EXPECT_EQ(line_->store().Served(case_.place), "somebody's");
  }
  // It heals in the end.
  line_->clock().Tick(absl::Hours(1));
  held = reader_->Read(case_.place, Soon());
  EXPECT_NE(held.state, State::kUnknown) << held.why;
  const auto put = Put(2, held.version);
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(line_->store().Served(case_.place), ValueOf(2));
}

TEST_P(SinkContract, RemovesWhatItKnows) {
  EXPECT_EQ(sink_->Remove(case_.place, "", Soon()).code(),
            absl::StatusCode::kNotFound);
  const auto first = Put(1, "");
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = Put(2, *first);
  ASSERT_TRUE(second.ok()) << second.status();
  if (case_.row.type.can.compare_and_set) {
    EXPECT_EQ(sink_->Remove(case_.place, *first, Soon()).code(),
              absl::StatusCode::kAborted);
    EXPECT_EQ(line_->store().Served(case_.place), ValueOf(2));
  }
  EXPECT_EQ(sink_->Remove(case_.place, *second, Soon()), absl::OkStatus());
  EXPECT_EQ(line_->store().Served(case_.place), std::nullopt);
  EXPECT_EQ(reader_->Read(case_.place, Soon()).state, State::kAbsent);
  // The name can be used again.
  const auto third = Put(3, "");
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(line_->store().Served(case_.place), ValueOf(3));
}

TEST_P(SinkContract, TakesWhatItsPlacesAllow) {
  std::vector<Delivery> places = case_.limits;
  places.push_back(case_.place);
  for (const Delivery& place : places) {
    for (size_t size : {size_t{1}, case_.largest}) {
      Fresh();
      const std::string value(size, 'v');
      const auto put =
          sink_->Put(place, Secret(value), RecordOf(1, place), "", Soon());
      ASSERT_TRUE(put.ok()) << place.Address() << " " << put.status();
      EXPECT_EQ(line_->store().Served(place), value);
      const HeldRecord held = reader_->Read(place, Soon());
      ASSERT_EQ(held.state, State::kPresent) << held.why;
      EXPECT_EQ(*held.record, RecordOf(1, place));
    }
  }
}

// A plan must not be able to change anything, nor read a value where the store
// gives the record without it.
TEST_P(SinkContract, PlansOnlyRead) {
  ASSERT_TRUE(Put(1, "").ok());
  line_->methods.clear();
  line_->reads.clear();
  reader_->Read(case_.place, Soon());
  std::vector<const Delivery*> all = {&case_.place};
  for (const Delivery& place : case_.limits) all.push_back(&place);
  const std::vector<HeldRecord> held = reader_->ReadAll(all, Soon());
  ASSERT_EQ(held.size(), all.size());
  EXPECT_EQ(held[0].state, State::kPresent) << held[0].why;
  for (size_t i = 1; i < held.size(); ++i) {
    EXPECT_EQ(held[i].state, State::kAbsent) << held[i].why;
  }
  for (size_t i = 0; i < line_->methods.size(); ++i) {
    EXPECT_TRUE(line_->reads[i] || (line_->only_reads == nullptr &&
                                    case_.reading.count(line_->methods[i]) > 0))
        << line_->methods[i];
  }
}

// One mishap at each request of a delivery, once and lasting: whatever Put()
// answers is true, a record never names a secret that is not served, and once
// the line is good again a delivery succeeds.
TEST_P(SinkContract, SurvivesEveryMishap) {
  Fresh();
  const auto before = Put(1, "");
  ASSERT_TRUE(before.ok()) << before.status();
  const int from = line_->requests();
  ASSERT_TRUE(Put(2, *before).ok());
  const int requests = line_->requests() - from;
  for (int i = 0; i < requests; ++i) {
    for (const Mishap mishap : kMishaps) {
      for (const bool lasting : {false, true}) {
        const std::string when =
            absl::StrCat("request ", i, ", mishap ", static_cast<int>(mishap),
                         lasting ? ", lasting" : "");
        Fresh();
        const auto first = Put(1, "");
        ASSERT_TRUE(first.ok()) << first.status();
        line_->Break(i, mishap, lasting);
        const auto put = Put(2, *first);
        line_->Mend();
        const std::optional<std::string> served =
            line_->store().Served(case_.place);
        if (put.ok()) {
          EXPECT_EQ(served, ValueOf(2)) << when;
        } else if (!absl::IsUnknown(put.status())) {
          EXPECT_EQ(served, ValueOf(1)) << when << " " << put.status();
        }
        ExpectTruth(when);
        line_->CatchUp();
        // Without compare-and-set a late write wins over what came after it;
        // the record must show that.
        ExpectTruth(when + ", late");
        line_->clock().Tick(absl::Hours(2));
        const HeldRecord held = reader_->Read(case_.place, Soon());
        EXPECT_NE(held.state, State::kUnknown) << when << " " << held.why;
        const auto again = Put(3, held.version);
        EXPECT_TRUE(again.ok()) << when << " " << again.status();
        EXPECT_EQ(line_->store().Served(case_.place), ValueOf(3)) << when;
        ExpectTruth(when + ", again");
      }
    }
  }
}

// The same for what only reads: an error is unknown, never absent.
TEST_P(SinkContract, NeverTakesAnErrorForAbsence) {
  ASSERT_TRUE(Put(1, "").ok());
  const int from = line_->requests();
  reader_->Read(case_.place, Soon());
  const int requests = line_->requests() - from;
  for (int i = 0; i < requests; ++i) {
    for (const Mishap mishap : kMishaps) {
      line_->Break(i, mishap, /*lasting=*/true);
      const HeldRecord held = reader_->Read(case_.place, Soon());
      line_->Mend();
      EXPECT_TRUE(held.state == State::kUnknown ||
                  held.state == State::kPresent)
          << "request " << i << ", mishap " << static_cast<int>(mishap);
      if (held.state == State::kUnknown) {
        EXPECT_FALSE(held.why.ok());
        EXPECT_NE(held.why.message(), "");
      }
      line_->clock().Tick(absl::Hours(1));
    }
  }
}

// Two runs at once: with compare-and-set the second is refused; without, the
// last one wins and the record is the winner's.
TEST_P(SinkContract, TwoRunsAtOnce) {
  const auto first = Put(1, "");
  ASSERT_TRUE(first.ok()) << first.status();
  const Opening opening{case_.config, &auth_, machine_};
  const auto other = case_.row.open(opening);
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE((*other)
                  ->Put(case_.place, Secret(ValueOf(2)),
                        RecordOf(2, case_.place), *first, Soon())
                  .ok());
  const auto put = Put(3, *first);
  if (case_.row.type.can.compare_and_set) {
    EXPECT_EQ(put.status().code(), absl::StatusCode::kAborted);
    EXPECT_EQ(line_->store().Served(case_.place), ValueOf(2));
  }
  ExpectTruth("after both");
}

TEST_P(SinkContract, AsksOnlyWhatIsAllowed) {
  Grants none;
  Machine machine = machine_;
  machine.grants = &none;
  if (case_.grants.hosts.empty() && !case_.grants.programs) return;
  const int before = line_->requests();
  const Opening opening{case_.config, &auth_, machine};
  EXPECT_EQ(case_.row.open(opening).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(case_.row.open_reader(opening).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(line_->requests(), before);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SinkContract);

}  // namespace patform::sinks
