"""What somebody does with the page: finding, filtering, sorting; with a mouse
and with the keyboard alone."""

from stage import case, check, equal

SHOWN = """return [...document.querySelectorAll('.tokens > li')].filter(
  (row) => row.checkVisibility()).map((row) => row.id)"""
FOCUS = """const on = document.activeElement;
return [on.tagName, on.id || on.closest('[id]')?.id || '']"""
CHOOSE = """
const [facet, choice] = arguments;
const select = document.querySelector(`[data-facet="${facet}"]`);
const option = [...select.options].find((each) => each.text === choice);
select.value = option.value;
select.dispatchEvent(new Event('change'));
"""
# The tokens for which a fact in their details holds, read off the details.
HAVING = """
const [label, wanted] = arguments;
return [...document.querySelectorAll('.tokens > li')].filter((row) =>
  [...row.querySelectorAll('.facts > div')].some((fact) =>
    fact.querySelector('dt').textContent === label &&
    fact.querySelector('dd').textContent.split(/ /).includes(wanted))
).map((row) => row.id)"""
COUNT = "return document.getElementById('count').value"


def shown(world):
    return world.browser.run(SHOWN)


@case
def filters(world):
    """by owner, identity, organization, scope, sink and state: those shown are
    those whose details say so"""
    world.open("status-200.html")
    equal("at first", world.browser.run(COUNT), "200 tokens")
    for facet, label, choice in (
            ("owner", "Owner", "team-search"),
            ("identity", "Identity", "build-bot"),
            ("organization", "Organization", "fabrikam"),
            ("scope", "Scopes", "vso.code_write")):
        world.browser.run(CHOOSE, facet, choice)
        expected = world.browser.run(HAVING, label, choice)
        check(facet, 0 < len(expected) < 200, str(len(expected)))
        equal(facet, shown(world), expected)
        equal(f"{facet}, counted", world.browser.run(COUNT),
              f"{len(expected)} of 200 tokens")
        world.browser.click("Clear")
        equal("cleared", len(shown(world)), 200)
    world.browser.run(CHOOSE, "sink", "kube")
    places = world.browser.run("""
return [...document.querySelectorAll('.tokens > li')].filter((row) =>
  [...row.querySelectorAll('td bdi')].some((place) =>
    place.textContent.startsWith('kube:'))).map((row) => row.id)""")
    check("sink", 0 < len(places) < 200, str(len(places)))
    equal("sink", shown(world), places)
    # Two at once, and a word.
    world.browser.run(CHOOSE, "owner", "platform")
    both = [row for row in places if row in
            world.browser.run(HAVING, "Owner", "platform")]
    equal("both", shown(world), both)
    world.browser.click("Clear")
    world.browser.run(CHOOSE, "state", "undecided")
    equal("state", shown(world), world.browser.run("""
return [...document.querySelectorAll('.tokens > .is-undecided')].map(
  (row) => row.id)"""))
    world.untouched("status-200.html")


@case
def finds(world):
    """by a part of the name, in any case; several words are all meant"""
    world.open("status-200.html")
    world.browser.fill("#find", "MIRROR")
    names = world.browser.run("""
return [...document.querySelectorAll('.tokens > li')].filter((row) =>
  row.checkVisibility()).map((row) => row.querySelector('h3').textContent)""")
    equal("all that have it", sorted(names), sorted(world.browser.run("""
return [...document.querySelectorAll('.tokens > li')].filter((row) =>
  /mirror/.test(row.querySelector('.facts').textContent)
).map((row) => row.querySelector('h3').textContent)""")))
    check("some", 0 < len(names) < 200, str(len(names)))
    equal("counted", world.browser.run(COUNT), f"{len(names)} of 200 tokens")
    world.browser.fill("#find", "mirror-git team-search")
    equal("several words", shown(world), [
        row for row in world.browser.run(HAVING, "Owner", "team-search")
        if "mirror-git" in world.browser.run(
            "return document.getElementById(arguments[0])"
            ".querySelector('h3').textContent", row)])
    world.browser.fill("#find", "nothing is called so")
    equal("none", [shown(world), world.browser.run(COUNT)],
          [[], "0 of 200 tokens"])


@case
def sorts(world):
    """by name, owner, next date and end; the order of urgency comes back"""
    world.open("status-200.html")
    first = shown(world)
    for value, key in (
            ("name", "row.querySelector('h3').textContent"),
            ("owner", "row.querySelector('.whose bdi').textContent"),
            ("next", "+row.dataset.next"), ("end", "+row.dataset.end")):
        world.browser.run("""
const sort = document.getElementById('sort');
sort.value = arguments[0];
sort.dispatchEvent(new Event('change'));""", value)
        found = world.browser.run(
            f"return [...document.querySelectorAll('.tokens > li')].map("
            f"(row) => {key})")
        numbers = value in ("next", "end")
        equal(value, found, sorted(found) if numbers else
              world.browser.run("return arguments[0].toSorted((a, b) => "
                                "a.localeCompare(b))", found))
    world.browser.click("Clear")
    equal("as before", shown(world), first)


@case
def urgent_first(world):
    """what ends and nothing renews is at the top, in red, before all others"""
    world.open("status-200.html")
    order = world.browser.run("""
return [...document.querySelectorAll('.tokens > li')].map(
  (row) => row.className)""")
    ranks = ["is-ends", "is-broken", "is-undecided", "is-changes", "is-fine"]
    equal("order", order, sorted(order, key=ranks.index))
    check("some end", order.count("is-ends") > 0)
    equal("red", world.browser.run("""
return [...document.querySelectorAll('.is-ends rect.ends:not(.window)')].every(
  (bar) => getComputedStyle(bar).fill === 'rgb(194, 31, 43)')"""), True)


@case
def zooms(world):
    """a shorter time is drawn larger, with now where it was said to be"""
    world.open("status-200.html")
    place = """
const line = document.querySelector('.grid line.now');
const pane = document.querySelector('.grid');
const at = line.getBoundingClientRect(), all = pane.getBoundingClientRect();
return (at.x - all.x) / all.width"""
    width = """
const [one, other] = [...document.querySelectorAll(
  '.grid .tick:not(.minor)')].map((tick) => tick.getBoundingClientRect().x);
return other - one"""
    before = world.browser.run(width)
    world.browser.run("""
const zoom = document.getElementById('zoom');
zoom.value = '90';
zoom.dispatchEvent(new Event('change'));""")
    check("now", abs(world.browser.run(place) - 1 / 6) < 0.02,
          str(world.browser.run(place)))
    check("larger", world.browser.run(width) > 2 * before)
    # Each life is drawn on the same line of time as the grid behind it.
    equal("the same for all", world.browser.run("""
return new Set([...document.querySelectorAll('.chart .pane')].map(
  (pane) => pane.getAttribute('x') + pane.getAttribute('width'))).size"""), 1)


@case
def keyboard(world):
    """everything without a mouse: to the filter, through the rows, open and
    shut, from a duty to its token"""
    world.open("status-10.html")
    world.browser.keys("/")
    equal("to the filter", world.browser.run(FOCUS), ["INPUT", "find"])
    world.browser.keys(*"mirror-git")
    equal("typed", len(shown(world)), 1)
    world.browser.keys("Escape")
    equal("and not", len(shown(world)), 10)
    # On through the fields to the first row.
    for _ in range(20):
        world.browser.keys("Tab")
        if world.browser.run(FOCUS)[0] == "SUMMARY":
            break
    equal("the first row", world.browser.run(FOCUS), ["SUMMARY", "t0"])
    opened = "return document.querySelector('#t0 details').open"
    world.browser.keys("Enter")
    check("opens", world.browser.run(opened))
    world.browser.keys("Enter")
    check("shuts", not world.browser.run(opened))
    world.browser.keys("ArrowDown")
    equal("the second", world.browser.run(FOCUS), ["SUMMARY", "t1"])
    world.browser.keys("End")
    equal("the last", world.browser.run(FOCUS), ["SUMMARY", "t9"])
    world.browser.keys("ArrowDown")
    equal("no farther", world.browser.run(FOCUS), ["SUMMARY", "t9"])
    world.browser.keys("Home", "ArrowUp")
    equal("the first", world.browser.run(FOCUS), ["SUMMARY", "t0"])
    # Where one is can be seen.
    check("focus is drawn", world.browser.run(
        "return getComputedStyle(document.activeElement).outlineStyle") !=
        "none")
    # A duty leads to its token, filtered out or not.
    world.browser.fill("#find", "nothing is called so")
    target = world.browser.run("""
const link = document.querySelector('.duties a');
link.focus();
window.__went = new Promise((went) => addEventListener('hashchange', went));
return link.hash.slice(1)""")
    world.browser.keys("Enter")
    world.browser.run_later("window.__went.then(() => arguments[0]());")
    equal("its token", world.browser.run(FOCUS), ["SUMMARY", target])
    check("is open", world.browser.run(
        "return document.querySelector(`#${arguments[0]} details`).open",
        target))
    equal("all are there", len(shown(world)), 10)
    world.untouched("status-10.html")


@case
def plans_hide_nothing(world):
    """of a plan nothing is folded, hidden or beyond the edge of anything"""
    for scheme in ("light", "print"):
        for name in ("plan-200.html", "plan-10.html"):
            world.open(name, scheme)
            hidden = world.browser.run("""
const unseen = (each) => each.matches('.unseen, [hidden], .unseen *');
return [...document.querySelectorAll('main *')].filter((each) =>
  each.textContent.trim() && !unseen(each) && !each.closest('svg') &&
  (!each.checkVisibility({opacityProperty: true, visibilityProperty: true}) ||
   each.getClientRects().length === 0 ||
   each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0 &&
   getComputedStyle(each).overflowX === 'hidden')
).map((each) => each.outerHTML.slice(0, 200))""")
            equal(f"{name}, {scheme}", hidden, [])
    equal("folds", world.browser.run(
        "return document.querySelectorAll('details').length"), 0)
    # Each thing that ends, widens or moves leads to its change.
    equal("links", world.browser.run("""
return [...document.querySelectorAll('.attention a')].filter((link) => {
  const change = document.getElementById(link.hash.slice(1));
  return !change || change.querySelector('h3 .name').textContent !==
    link.textContent;
}).length"""), 0)
