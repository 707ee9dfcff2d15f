"""patform report: the page that people look at."""

import datetime
import re

from configuration import configuration, token
from harness import case, check, equal

TODAY = datetime.datetime.now(datetime.timezone.utc)
NOW = TODAY.strftime("%Y-%m-%dT%H:%M:%SZ")


def page_of(world, *arguments, expect=0):
    path = world.folder / "report.html"
    result = world.run("report", "--out", str(path), "--now", NOW, *arguments,
                       expect=expect)
    return path.read_text(encoding="utf-8"), result


@case
def a_page_of_what_lives(world):
    """report writes a page of what lives and tells where; status prints it"""
    world.start()
    world.write(configuration(
        token("ci", owner="team-ci", purpose="builds"),
        token("fixed", owner="team-a") + "expires = "
        f"{TODAY + datetime.timedelta(days=5):%Y-%m-%dT%H:%M:%SZ}\n"))
    world.apply()
    text, result = page_of(world)
    equal("said", [result.out, result.err], [
        "", f"Wrote the report of 2 tokens to {world.folder}/report.html.\n"])
    check("what ends is first", text.index('class="is-ends"') <
          text.index('class="is-fine"'), text)
    for words in ("team-ci", "team-a", "builds", "Nothing renews it",
                  "<code>expires</code> is a fixed date"):
        check(words, words in text, text)
    equal("quiet", page_of(world, "--quiet")[1].err, "")
    # The same model, and the same bytes.
    for command in (("status", "--format", "html"), ("report",)):
        equal(str(command), world.run(*command, "--now", NOW, expect=0).out,
              text)
    equal("again", page_of(world)[0], text)
    equal("as JSON", world.run("report", "--json", "--now", NOW, expect=0).out,
          world.run("status", "--json", "--now", NOW, expect=0).out)
    page_of(world, "--detailed-exitcode", expect=2)


@case
def a_page_of_some(world):
    """a report can be narrowed, and made from a snapshot without a network"""
    service = world.start()
    world.write(configuration(token("a"), token("b")))
    world.apply()
    text, _ = page_of(world, "a")
    equal("tokens", re.findall(r'<h3><bdi class="name">([^<]*)</bdi>', text),
          ["a"])
    check("left out", "1 other token left out" in text, text)
    world.run("report", "--target", "c", expect=3)
    snapshot = world.folder / "world.json"
    world.run("snapshot", "--out", str(snapshot), expect=0)
    sent = len(service.requests())
    text, _ = page_of(world, "--snapshot", str(snapshot))
    equal("requests", len(service.requests()), sent)
    check("its date", "from a snapshot of <time" in text, text)
    equal("tokens", re.findall(r'<h3><bdi class="name">([^<]*)</bdi>', text),
          ["a", "b"])


@case
def a_page_that_cannot_be_written(world):
    """a page that cannot be written is an error; one that is there is
    replaced"""
    world.start()
    world.write(configuration(token("a")))
    world.apply()
    result = world.run("report", "--out", str(world.folder / "none" / "r.html"),
                       expect=1)
    check("the reason", "No such file or directory" in result.err, result.err)
    page_of(world)
    (world.folder / "report.html").chmod(0o400)
    text, _ = page_of(world)
    check("written again", "</html>" in text, text)


@case
def a_review_page(world):
    """plan --html-into writes the page that show prints of the saved plan"""
    world.start()
    world.write(configuration(token("a"), token("b")))
    saved, page = world.folder / "plan.json", world.folder / "plan.html"
    world.run("plan", "--out", str(saved), "--html-into", str(page), expect=0)
    text = page.read_text(encoding="utf-8")
    check("both", "token.a" in text and "token.b" in text, text)
    check("unsigned", "This plan is not signed" in text, text)
    equal("shown", world.run("show", str(saved), "--format", "html").out, text)
