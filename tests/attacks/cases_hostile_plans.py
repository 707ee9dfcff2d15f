"""Thousands of random hostile plans in every format: what ends, widens or moves
a credential is found in each by somebody who reads only that one."""

import base64
import collections
import concurrent.futures
import json
import os
import subprocess

import plan_readers
import views
from harness import case, check, equal

PLANS = 2000
ITEM_TEXTS = ("address", "name", "was", "owner", "place", "path")


class Item:
    """One expected credential; `exact` as in Reading."""

    def __init__(self, item, exact):
        def text(data):
            raw = base64.b64decode(data)
            if exact:
                return raw.decode("utf-8", "replace")
            return raw.decode("utf-8", "surrogateescape")

        self.kind, self.token = item["kind"], item["id"]
        self.phrase = item["phrase"]
        for name in ITEM_TEXTS:
            setattr(self, name, text(item[name]))
        self.scopes = [text(scope) for scope in item["scopes"]]
        self.needles = self._needles()
        if not exact:
            self.address = plan_readers.plain(self.address)
            self.needles = [plan_readers.plain(n) for n in self.needles]

    def _needles(self):
        """What one sentence has to hold, all of it."""
        quoted = plan_readers.quoted
        if self.kind == "ends":
            return plan_readers.ends(self.name, self.token,
                                     self.owner).split("\0")
        if self.kind == "moves" and self.place:
            return [plan_readers.where(self.place, self.path)]
        if self.kind == "moves" and self.name:
            return [f"{self.phrase}{quoted(self.was)} to {quoted(self.name)}"]
        if self.kind == "moves":
            return [f"{self.phrase}{quoted(self.was)} lives on"]
        if len(self.scopes) > 1 or self.phrase.startswith("is new"):
            return [self.phrase + " ".join(sorted(self.scopes)) + ", until"]
        return [self.phrase + "".join(self.scopes)]

    def __str__(self):
        return f"{self.kind} {self.address!r:.200} {self.needles!r:.300}"


def unfound(items, reading):
    """The items that no sentence is about, and the sentences that are about
    none. A sentence is taken once."""
    said = collections.defaultdict(list)
    for kind, address, what in reading.said:
        said[address].append((kind, what))
    missing = []
    for item in items:
        of_address = said[item.address]
        for at, (kind, what) in enumerate(of_address):
            if kind in (None, item.kind) and all(n in what for n in
                                                 item.needles):
                del of_address[at]
                break
        else:
            missing.append(str(item))
    return missing, [(a, *s) for a, rest in said.items() for s in rest]


def judge_view(view, data, plan, items):
    """Complaints, how many were found, and whether it is incomplete."""
    try:
        reading = plan_readers.read(view, data)
    except (plan_readers.Unreadable, ValueError, LookupError) as error:
        return [f"{type(error).__name__}: {error}"], 0, False
    expected = items[reading.exact]
    complaints = []
    ending = sum(item.kind == "ends" for item in expected)
    if reading.revoked not in (-1, ending):
        complaints.append(f"says that {reading.revoked} end, not {ending}")
    if reading.incomplete:
        if plan["digest"].encode() in data:
            complaints.append("incomplete, and has a digest")
        return complaints, 0, True
    if reading.digest not in ("", plan["digest"]):
        complaints.append(f"the digest is {reading.digest}")
    if view == "status of a pull request":
        return complaints, 0, False
    missing, more = unfound(expected, reading)
    if view == "saved plan":
        more = []  # a file says more than what needs attention
    complaints += [f"not there: {item}" for item in missing[:3]]
    complaints += [f"of nothing: {said!r:.300}" for said in more[:3]]
    return complaints, len(expected) - len(missing), False


def judge(line):
    """(complaints, found by view, incomplete by view) of one plan."""
    plan = json.loads(line)
    items = {exact: [Item(item, exact) for item in plan["items"]]
             for exact in (False, True)}
    complaints, found, incomplete = [], {}, set()
    for view, data in plan["views"].items():
        wrong, count, part = judge_view(view, base64.b64decode(data), plan,
                                        items)
        complaints += [f"seed {plan['seed']}, {view}: {w}" for w in wrong]
        found[view] = count
        if part:
            incomplete.add(view)
    return complaints, found, incomplete


def judge_share(program, first, count):
    """The same of `count` plans, added up."""
    complaints, found, incomplete = [], collections.Counter(), set()
    plans = collections.Counter()
    with subprocess.Popen([program, str(first), str(count)],
                          stdout=subprocess.PIPE) as process:
        for number, line in enumerate(process.stdout):
            wrong, items, parts = judge(line)
            complaints += wrong
            found.update(items)
            plans.update(items.keys())
            incomplete |= {(first + number, view) for view in parts}
    if process.returncode != 0:
        complaints.append(f"seeds from {first}: exit {process.returncode}")
    return complaints, found, plans, incomplete


@case
def found_in_every_format(world):
    """random hostile plans: whatever ends, widens or moves a token is found in
    every format, or the comment says at its top that it is incomplete"""
    program = world.options.hostile_plans
    shares = [(program, first, 50) for first in range(0, PLANS, 50)]
    complaints, incomplete = [], set()
    found, plans = collections.Counter(), collections.Counter()
    with concurrent.futures.ProcessPoolExecutor(
            min(4, os.cpu_count() or 1)) as pool:
        for share in pool.map(judge_share, *zip(*shares)):
            complaints += share[0]
            found += share[1]
            plans += share[2]
            incomplete |= share[3]
    check("complaints", not complaints, "\n".join(complaints[:20]))
    for view in plans:
        views.saw(view)
    # Half of the plans can go through a file.
    equal("plans by view", set(plans.values()), {PLANS, PLANS // 2})
    equal("views", len(plans), 22)
    parts = {seed for seed, _ in incomplete}
    check(f"{len(parts)} incomplete", PLANS // 100 < len(parts) < PLANS // 5)
    equal("incomplete", {v for _, v in incomplete} -
          {"plan markdown", "show markdown", "comment of azure",
           "comment of github"}, set())
    views.tell("hostile_plans", PLANS)
    views.tell("found_in_them", sum(found.values()))


def spoiled(view, data, item):
    """(what was done, the bytes) for ways to hide an item from a reader."""
    token = item.token.encode()
    yield "another token", data.replace(token, b"f" + token[1:])
    lines = data.split(b"\n")
    if len(lines) > 10:
        yield "a line less", b"\n".join(
            line for line in lines if token not in line)
    if view in ("plan markdown", "comment of azure", "comment of github",
                "show markdown"):
        fold = b"<details><summary>Details</summary>"
        yield "in a fold", data.replace(
            b"\n> - ", b"\n" + fold + b"\n\n> - ", 1).replace(
                b"\n\n### ", b"\n\n</details>\n\n### ", 1)
        yield "in a hidden comment", data.replace(
            b"\n> - ", b"\n<!--\n> - ", 1).replace(
                b"\n\n### ", b"\n-->\n\n### ", 1)
        yield "complete after all", data.replace(
            b"\n### ", "\n## ⛔ INCOMPLETE: do not approve from this "
            "comment\n### ".encode(), 1)
    if view.endswith(" html"):
        began = b'<ul class="attention">'
        yield "in a fold", data.replace(
            began, b"<details><summary>More</summary>" + began, 1).replace(
                b"</ul></section>", b"</ul></details></section>", 1)
        yield "hidden", data.replace(
            began, b'<ul class="attention" hidden>', 1)
        yield "in a hidden comment", data.replace(
            began, b"<!--" + began, 1).replace(
                b"</ul></section>", b"--></section>", 1)


@case
def readers_notice(world):
    """a sentence that is missing, hidden or of another token is noticed in
    every format"""
    lines = subprocess.run([world.options.hostile_plans, "0", "40"], check=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    tried = collections.Counter()
    for line in lines:
        plan = json.loads(line)
        items = {exact: [Item(item, exact) for item in plan["items"]]
                 for exact in (False, True)}
        ending = next((i for i in items[True] if i.kind == "ends"), None)
        if ending is None or len(line) > 1 << 19:
            continue
        for view, data in plan["views"].items():
            data = base64.b64decode(data)
            if ending.token.encode() not in data:
                continue
            for what, other in spoiled(view, data, ending):
                wrong, _, incomplete = judge_view(view, other, plan, items)
                check(f"seed {plan['seed']}, {view}, {what}",
                      wrong or (incomplete and plan["digest"].encode()
                                not in other))
                tried[view] += 1
    equal("views", len(tried), 21)  # all but the status
    check("tried", min(tried.values()) > 5, str(tried))
