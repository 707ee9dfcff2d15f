"""What a person must do, as a calendar."""

import re

from configuration import configuration, token
from harness import case, check, equal


def events(text):
    """Start, UID and summary of each event; Python has read the line ends."""
    found = []
    for line in re.sub("\n ", "", text).split("\n"):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and name in ("DTSTART", "UID", "SUMMARY"):
            found[-1][name] = value
    return found


@case
def calendar(world):
    """status --format ics: an event for each thing to do; it moves"""
    service = world.start()
    service.mint("by hand", days=20)
    world.write(configuration(
        token("by hand", deliver=None),
        token("ci", lifetime="30d", rotate_before="7d")))
    world.apply()

    def read(*names):
        return events(world.run("status", "--format", "ics", *names,
                                expect=0).out)

    first = read()
    equal("what", [re.sub(r"\d{4}-\d\d-\d\d", "DAY", e["SUMMARY"])
                   for e in first],
          ['patform e2e: token."by hand" ends on DAY: without `deliver` it '
           "cannot be rotated",
           "patform e2e: a release must have run: token.ci ends\\, and the "
           "next apply after DAY renews it"])
    equal("of one token", len(read("by hand")), 1)
    world.later(10 * 86400)
    world.apply("--rotate", "ci")
    later = read()
    equal("the same release", later[-1]["UID"], first[-1]["UID"])
    check("it did not move", later[-1]["DTSTART"] > first[-1]["DTSTART"],
          (first, later))
