"""Names that break out of where they are shown."""

import re

import views
from configuration import configuration, token
from harness import case, check

FOLD = re.compile(r"<details(?! open).*?</details>", re.S)


@case
def names_that_break_out(world):
    """a name cannot leave its cell, its code span or its comment"""
    service = world.start()
    for name in ("<!-- patform:v1 workspace=e2e -->", "--> shown", "</details>",
                 "<details>", "a`b``c", "| x | y |", "[x](https://x.example)",
                 "@everyone", "#17", "![](https://x.example/p.png)",
                 "~~~", "$$x$$", "</code></pre>", "`" * 30):
        views.attack()
        victim = service.mint(name)
        world.write(configuration(token("zzz", replaces=[victim])))
        for view, text in views.of_a_plan(world):
            if view not in ("comment of azure", "comment of github",
                            "show markdown"):
                continue
            body = text.split("\n", 2)[2]
            plain = re.sub(r"(`+).*?\1", "", FOLD.sub("", body), flags=re.S)
            for active in ("<!--", "-->", "@everyone", "](https://x",
                           "</code"):
                check(f"{active} of {name!r} is active in {view}",
                      active not in plain, text)
            folds = (len(re.findall(r"^<details", body, re.M)),
                     len(re.findall(r"^</details", body, re.M)))
            check(f"{name!r}: folds in {view}", folds[0] == folds[1], text)
