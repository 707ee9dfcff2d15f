"""What somebody sees, whatever they prefer and however they read."""

import time

from stage import case, check, equal

PAGES = ("status-10.html", "plan-10.html")
OPEN_ALL = """
for (const each of document.querySelectorAll('details')) each.open = true;
"""


@case
def valid(world):
    """the validator finds nothing in any page"""
    names = [f"{name}-{tokens}.html" for name in ("status", "plan")
             for tokens in (10, 200)]
    names += [world.without_scripts(name) for name in PAGES]
    complaints = world.validate(names)
    check("complaints", not complaints, "\n".join(complaints[:20]))
    # It does look: one page with three faults.
    broken = world.write("broken.html", (world.pages / PAGES[0]).read_text(
        encoding="utf-8").replace("<h1>", "<h1 onclick=x><div>", 1))
    check("faults are found", len(world.validate([broken])) >= 3)


@case
def axe(world):
    """axe-core finds nothing: light, dark, forced colors and print, wide and
    narrow, opened, with and without the script"""
    views = [("light", 1280), ("dark", 1280), ("light", 390),
             ("forced", 1280), ("print", 1280)]
    looked = [(name, *view) for name in PAGES for view in views]
    looked += [(world.without_scripts(name), "light", 1280) for name in PAGES]
    for page, scheme, width in looked:
        world.open(page, scheme, width)
        world.browser.run(OPEN_ALL)
        world.axe(f"{page}, {scheme}, {width}")
    world.open("status-200.html")
    world.axe("status-200.html")
    world.figures["axe"] = len(looked) + 1
    # It does look: what nobody can read is found.
    world.open(PAGES[0])
    world.browser.run("document.documentElement.removeAttribute('lang');"
                      "document.querySelector('h1').remove();")
    found = " ".join(world.axe_finds())
    check("faults are found", "html-has-lang" in found and
          "page-has-heading-one" in found, found)


@case
def reflows(world):
    """nothing is beyond the edge, however narrow"""
    for name in ("status-200.html", "plan-200.html"):
        for width in (1280, 760, 390, 320):
            world.open(name, width=width)
            world.browser.run(OPEN_ALL)
            wide = world.browser.run(
                "return document.documentElement.scrollWidth")
            check(f"{name} at {width}", wide <= width, str(wide))


COLORS = """
const style = (selector) => {
  const found = document.querySelector(selector);
  return found ? getComputedStyle(found) : {};
};
return [style('body').backgroundColor, style('body').color,
        style('.live').fill];
"""


@case
def schemes(world):
    """each scheme has its own colors; paper is white whatever the screen is"""
    found = {}
    for scheme in ("light", "dark", "forced", "print"):
        world.open("status-10.html", scheme)
        found[scheme] = world.browser.run(COLORS)
    equal("light", found["light"][0], "rgb(255, 255, 255)")
    equal("dark", found["dark"][0], "rgb(14, 17, 22)")
    equal("print", found["print"][0], "rgb(255, 255, 255)")
    equal("ink on paper", found["print"][1], "rgb(0, 0, 0)")
    # The system's colors, so that a bar is seen on any background.
    check("forced", found["forced"][2] not in ("none", found["light"][2],
                                               found["forced"][0]),
          str(found["forced"]))


@case
def nothing_moves(world):
    """no animation and no transition, so none for whoever prefers less"""
    world.open("status-200.html")
    equal("moving", world.browser.run("""
const all = [...document.querySelectorAll('*')].slice(0, 3000);
return [document.getAnimations().length, all.filter((each) => {
  const style = getComputedStyle(each);
  return style.transitionDuration !== '0s' || style.animationName !== 'none';
}).length];"""), [0, 0])


@case
def printed(world):
    """paper has the whole page, and none of what one can only click"""
    for name, least in (("status-10.html", 1), ("plan-10.html", 1),
                        ("status-200.html", 5)):
        world.open(name)
        paper = world.browser.paper()
        check(name, paper.startswith(b"%PDF-"))
        pages = paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page/")
        check(f"{name}: {pages} pages", least <= pages <= 40)
    world.open("status-10.html", "print")
    # What is for later is on the paper, though nobody opened it.
    check("later", world.browser.run("""
return document.querySelector('section > details li').checkVisibility({
  contentVisibilityAuto: true})"""))
    equal("tools", world.browser.run(
        "return getComputedStyle(document.getElementById('tools')).display"),
        "none")


@case
def without_scripts(world):
    """all is there where no script runs: rows, lives, what opens"""
    world.browser.scripts(False)
    try:
        world.open("status-10.html")
        text = world.browser.text()
        for words in ("Tokens of platform", "To do", "Coming up", "in order",
                      "team-search", "renews", "Sign-in"):
            check(words, words in text, text[:2000])
        # What does not work is not shown.
        for words in ("Any owner", "By urgency", "Clear"):
            check(words, words not in text, text[:2000])
        check("closed", "Generations" not in text)
        world.browser.click_on("#t0 summary")
        text = world.browser.text()
        check("opened", "Generations" in text and "What it holds" in text,
              text[:3000])
    finally:
        world.browser.scripts(True)


@case
def as_with_scripts(world):
    """the script takes nothing away and puts no token elsewhere"""
    rows = """return [...document.querySelectorAll('.tokens > li')].map(
  (row) => row.textContent)"""
    world.open(world.without_scripts("status-200.html"))
    plain = world.browser.run(rows)
    world.open("status-200.html")
    equal("rows", world.browser.run(rows), plain)
    equal("number", len(plain), 200)


@case
def quick(world):
    """2,000 tokens are there at once, and are found at once"""
    began = time.monotonic()
    world.open("status-2000.html")
    world.figures["load_2000_ms"] = round(world.browser.run(
        "return performance.timing.loadEventEnd - "
        "performance.timing.navigationStart"))
    spent = world.browser.run("""
const spent = {};
const timed = (name, work) => {
  const began = performance.now();
  work();
  document.body.getBoundingClientRect();
  spent[name] = performance.now() - began;
};
const set = (id, value, event) => {
  const field = document.getElementById(id);
  field.value = value;
  field.dispatchEvent(new Event(event));
};
timed('find', () => set('find', 'mirror', 'input'));
timed('all', () => set('find', '', 'input'));
timed('sort', () => set('sort', 'name', 'change'));
timed('zoom', () => set('zoom', '90', 'change'));
return spent;""")
    for name, milliseconds in spent.items():
        world.figures[f"{name}_2000_ms"] = round(milliseconds)
        # On any machine: somebody waits for it.
        check(name, milliseconds < 2000, str(milliseconds))
    check("in time", time.monotonic() - began < 20)


@case
def time_is_for_programs(world):
    """each time has the instant it means, in UTC"""
    world.open("status-200.html")
    found = world.browser.run("""
return [...document.querySelectorAll('time')].map(
  (each) => [each.dateTime, each.textContent]);""")
    check("times", len(found) > 500, str(len(found)))
    for instant, shown in found:
        check("the same", instant.endswith("Z") and instant[:10] == shown[:10]
              and (len(shown) == 10 or shown == f"{instant[:10]} "
                   f"{instant[11:16]} UTC"), f"{instant} {shown}")


@case
def old(world):
    """whoever reads it long after it was made is told so"""
    world.open("status-10.html")  # of 2027: before anybody reads it, or lately
    text = (world.pages / "status-10.html").read_text(encoding="utf-8")
    made = int(time.time()) - 3 * 86400 - 60
    begin = text.index('data-made="') + len('data-made="')
    end = text.index('"', begin)
    name = world.write("old.html", f"{text[:begin]}{made}{text[end:]}")
    world.open(name)
    equal("it says", world.browser.run(
        "return document.getElementById('age').innerText"),
        "This page was made 3 days ago. What happened since is not in it.")
    world.untouched(name)
