#include "providers/sinks/local/template_sink.h"

#include <memory>

#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

class TemplateSinkTest : public TempDirTest {
 protected:
  SinkConfig Config(std::string text, std::string format = "ini") const {
    SinkConfig config;
    config.name = "store";
    config.type = "template";
    config.settings["path"] = root_;
    config.settings["template"] = std::move(text);
    config.settings["format"] = std::move(format);
    return config;
  }
  static std::unique_ptr<SecretSink> Open(const SinkConfig& config) {
    auto sink = TemplateRow().open({config, nullptr, Machine()});
    EXPECT_TRUE(sink.ok()) << sink.status();
    return sink.ok() ? *std::move(sink) : nullptr;
  }
};

// All that the sink "file" promises holds here, because it writes.
TEST_F(TemplateSinkTest, IsAFileWithItsRecord) {
  const Delivery place = At(".npmrc");
  const SinkConfig config = Config("_password={{secret:base64}}\n");
  const auto sink = Open(config);
  EXPECT_EQ(sink->Check(place, Soon()), absl::OkStatus());
  EXPECT_EQ(Show(sink->Read(place, Soon())), "absent");
  const auto first =
      sink->Put(place, Secret("abc"), RecordOf(1, place), "", Soon());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(ReadFileText(root_ + "/.npmrc"), "_password=YWJj\n");
  EXPECT_EQ(ModeOf(root_ + "/.npmrc"), 0600);
  EXPECT_EQ(Tree(), "..npmrc.patform.json .npmrc");
  const Opening opening{config, nullptr, Machine()};
  const auto reader = TemplateRow().open_reader(opening);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(Show((*reader)->Read(place, Soon())), "present 1");
  EXPECT_EQ((*reader)->Recorded({}, Soon()).size(), 1u);
  // With another template.
  const auto second =
      Open(Config("token={{secret}}\n"))
          ->Put(place, Secret("def"), RecordOf(2, place), *first, Soon());
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(ReadFileText(root_ + "/.npmrc"), "token=def\n");
  EXPECT_EQ(sink->Put(place, Secret("ghi"), RecordOf(3, place), *first, Soon())
                .status()
                .code(),
            absl::StatusCode::kAborted);
  WriteFileText(root_ + "/.npmrc", "edited");
  EXPECT_EQ(Show((*reader)->Read(place, Soon())), "foreign");
  const HeldRecord held = sink->Read(place, Soon());
  ASSERT_TRUE(
      sink->Put(place, Secret("jkl"), RecordOf(4, place), held.version, Soon())
          .ok());
  EXPECT_EQ(sink->Remove(place, sink->Read(place, Soon()).version, Soon()),
            absl::OkStatus());
  EXPECT_EQ(Tree(), "");
}

TEST_F(TemplateSinkTest, WritesNothingThatItsReaderWouldMisread) {
  const Delivery place = At(".npmrc");
  const auto put =
      Open(Config("_authToken={{secret}}"))
          ->Put(place, Secret("two\nlines"), RecordOf(1, place), "", Soon());
  EXPECT_EQ(put.status(),
            absl::FailedPreconditionError(
                "the secret has a character that a file of format \"ini\" "
                "cannot hold at {{secret}}; {{secret:base64}} always fits"));
  EXPECT_EQ(Tree(), "");
}

TEST_F(TemplateSinkTest, RefusesWhatIsNotATemplate) {
  const auto why = [](const SinkConfig& config) {
    const Opening opening{config, nullptr, Machine()};
    EXPECT_EQ(TemplateRow().open(opening).status(),
              TemplateRow().open_reader(opening).status());
    return TemplateRow().open(opening).status();
  };
  EXPECT_EQ(why(Config("{{secret", "plain")),
            absl::InvalidArgumentError(
                "sink \"store\": the template is not one: `{{` is not "
                "followed by `}}` in this line"));
  EXPECT_EQ(why(Config("{{secret}}", "yaml")),
            absl::InvalidArgumentError(
                "sink \"store\": there is no format \"yaml\""));
}

}  // namespace
}  // namespace patform::sinks
