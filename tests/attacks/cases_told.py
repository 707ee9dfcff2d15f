"""Names that break out of what wakes people: metrics and a calendar."""

import re

import plan_readers
import views
from configuration import configuration, token
from harness import case, check, equal

NAMES = ['a"} 1', "a\\", 'a\\"} 7 # z', "# HELP patform_tokens", "a\\nb",
         "x;y,z:w", "END:VEVENT", "BEGIN:VALARM", "a::add-mask::b" * 4,
         "##vso[task.complete]", "<!channel>", "é€𝄞" * 12,
         "UID:0@patform;RRULE=x"]
SERIES = re.compile(r'[a-z_]+\{(?:[a-z_]+="(?:[^"\\]|\\["\\n])*",?)+\} \d+')


@case
def names_in_metrics_and_calendars(world):
    """hostile names in the labels of metrics and in the events of a calendar"""
    service = world.start()
    for name in NAMES:
        service.mint(name, days=30)
    world.write(configuration(*(
        token(name.replace("\\", "\\\\").replace('"', '\\"'), deliver=None)
        for name in NAMES)))
    views.attack()
    path = world.folder / "status.prom"
    world.run("status", "--metrics", str(path), "--metrics-per-token",
              expect=0)
    lines = path.read_text(encoding="utf-8").split("\n")
    equal("end", lines.pop(), "")
    for line in lines:
        check("not a series", SERIES.fullmatch(line) or
              re.fullmatch(r"# (HELP|TYPE) patform_[a-z_]+ .*", line), line)
    ends = [line for line in lines if line.startswith(
        "patform_token_valid_to_timestamp_seconds{")]
    equal("series", len(ends), len(NAMES))
    counted = world.folder / "counted.prom"
    world.run("status", "--metrics", str(counted), expect=0)
    check("a name that nobody asked for", "token=" not in counted.read_text())

    text = world.run("status", "--format", "ics", expect=0).out
    plan_readers.inert(text)
    plan_readers.no_commands(text)
    equal("events", (text.count("\nBEGIN:VEVENT\n"),
                     text.count("\nEND:VEVENT\n"),
                     len(set(re.findall(r"^UID:(.*)$", text, re.M)))),
          (len(NAMES),) * 3)
    longest = max(len(line.encode()) for line in text.split("\n"))
    check("a line is too long", longest <= 75, longest)
    check("an event repeats", "\nRRULE" not in text, text)
