"""Whatever a name is: it is text. Nothing runs, nothing is loaded, nothing is
even tried."""

import time

from stage import case, check, equal

# What the document is made of, and what it would make of an attack.
FOUND = """
const odd = [...document.querySelectorAll('*')].filter((each) =>
  each.getAttributeNames().some((name) => name.startsWith('on') ||
    name === 'style' || name === 'src' || name === 'srcset' ||
    name.startsWith('xlink') || name === 'action')).length;
const links = [...document.querySelectorAll('[href]')].filter((each) =>
  !/^#[tc]\\d+$/.test(each.getAttribute('href'))).length;
const loads = document.querySelectorAll(
  'img, iframe, object, embed, link, base, video, audio, form, image, use')
  .length;
return [document.scripts.length, document.styleSheets.length, odd, links,
        loads];
"""


@case
def corpus(world):
    """every text of the corpus of attacks, everywhere where text comes from
    outside, and random hostile plans"""
    began = time.monotonic()
    attacks = 0
    names = []
    for name, kind in world.hostile():
        world.open(name)
        equal(name, world.browser.run(FOUND), [1, 1, 0, 0, 0])
        if kind == "status":
            # The script works on it: a filter finds what it is to find.
            check(f"{name}: tools", world.browser.run(
                "return !document.getElementById('tools').hidden"))
        world.untouched(name)
        names.append(name)
        attacks += 1
    check("attacks", attacks > 180, str(attacks))
    world.figures["hostile_pages"] = attacks
    world.figures["browsed_s"] = round(time.monotonic() - began)
    # A blank can be no address: it is `token.` and more. The random ones are
    # long, and made of the same texts.
    complaints = world.validate([n for n in names if not n.startswith(
        ("random-", "blank-"))])
    check("complaints", not complaints, "\n".join(complaints[:20]))


@case
def the_corpus_is_shown(world):
    """a text is shown as every other renderer shows it, whole"""
    for attack, spelled in (
            ("html-script", "<script>alert(1)</script>"),
            ("html-image", "<img src=x onerror=alert(1)>"),
            ("entity", "&lt;script&gt; &#60;b&#62; &amp; &copy;"),
            ("bidi-override", "a\\u{202e}gnp.exe\\u{202c}"),
            ("backspace", "evil\\x08\\x08\\x08\\x08good"),
            ("ansi", "\\x1b[31mred\\x1b[0m\\x1b[2J\\x1b[1A"),
            ("zero-width", "to\\u{200b}k\\u{200c}e\\u{200d}n")):
        for kind in ("status", "plan"):
            world.open(f"{attack}-{kind}.html")
            text = world.browser.run("return document.body.innerText")
            check(f"{attack} in the {kind}", spelled in text, text[:300])


@case
def notices(world):
    """a page whose text is not escaped is noticed by what looks here, and even
    so nothing of it is loaded"""
    text = (world.pages / "html-image-status.html").read_text(encoding="utf-8")
    name = world.write("unescaped.html", text.replace("&lt;", "<").replace(
        "&gt;", ">"))
    world.open(name)
    check("found", world.browser.run(FOUND) != [1, 1, 0, 0, 0])
    check("refused", world.browser.run("return window.__refused.length") > 0)
    equal("ran", world.browser.run("return window.__ran"), [])
    asked = [(url, refused) for url, refused in world.browser.requests()
             if url != f"file://{world.pages / name}"]
    check("tried", asked)
    equal("loaded", [url for url, refused in asked if not refused], [])


@case
def loads_nothing(world):
    """no page asks for anything but itself; what would ask is noticed"""
    for name in ("status-10.html", "status-200.html", "status-2000.html",
                 "plan-10.html", "plan-200.html", "plan-2000.html"):
        world.open(name)
        world.untouched(name)
    # Without our policy a picture would be asked for.
    text = (world.pages / "status-10.html").read_text(encoding="utf-8")
    name = world.write("open.html", text.replace(
        "Content-Security-Policy", "x-nothing", 1).replace(
            "<h1>", "<h1><img src='elsewhere.png' alt=''>", 1))
    world.open(name)
    check("noticed", any("elsewhere" in url
                         for url, _ in world.browser.requests()))


@case
def policy_refuses(world):
    """the policy of the page refuses a script, a style, a picture, a form and
    a text that becomes code"""
    text = (world.pages / "status-10.html").read_text(encoding="utf-8")
    name = world.write("intruder.html", text.replace(
        "</main>", "<script>window.__ran.push('script')</script>"
        "<p style='color: red' onclick='x()'>x</p><img src='data:,x' alt=''>"
        "<style>p {color: red}</style></main>", 1))
    world.open(name)
    refused = sorted({each.split(" ")[0] for each in
                      world.browser.run("return window.__refused")})
    equal("refused", refused, [
        "img-src", "script-src-attr", "script-src-elem", "style-src-attr",
        "style-src-elem"])
    equal("ran", world.browser.run("return window.__ran"), [])
    world.browser.protocol("Runtime.evaluate", expression="""
try {
  document.body.innerHTML = '<b>x</b>';
  window.__ran.push('innerHTML');
} catch (error) { window.__refused.push(error.name); }""")
    equal("text that becomes code",
          world.browser.run("return [window.__ran, "
                            "window.__refused.includes('TypeError')]"),
          [[], True])
