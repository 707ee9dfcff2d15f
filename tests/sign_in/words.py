"""What people are told, whole: messages.txt has each message under the name
of its case. PATFORM_UPDATE_GOLDEN=1 writes it again; read the difference."""

import os
import pathlib
import re

from harness import equal

FILE = pathlib.Path(__file__).with_name("messages.txt")
UPDATE = os.environ.get("PATFORM_UPDATE_GOLDEN") == "1"
_heard = {}


def _known():
    known = {}
    text = FILE.read_text(encoding="utf-8")
    for name, block in re.findall(r"^(\S.*)\n((?:    .*\n|\n)*)", text, re.M):
        known[name] = re.sub(r"^    ", "", block, flags=re.M).strip("\n")
    return known


def complaint(result):
    """The error that a run ended with, without ids, times, ports and folders
    of its own."""
    # What is wrong with a file comes first.
    begin = (0 if "the configuration is not valid" in result.err
             else result.err.find("patform: "))
    text = result.err[begin:].rstrip("\n")
    for pattern, instead in [
            (r"Correlation id [0-9a-f-]{36}", "Correlation id GUID"),
            (r"localhost:\d+", "HOST"), (r"127\.0\.0\.1:\d+", "SERVICE"),
            (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\dZ| UTC)", "TIME"),
            (r"\d+m( \d+s)? (ago|behind)", r"SPAN \2"),
            (r"/tmp/patform-e2e-\w+", "/WORLD"), (r"[0-9a-f]{32}", "HASH")]:
        text = re.sub(pattern, instead, text)
    return text


def told(name, result):
    """`result` ended with the message of that name."""
    got = complaint(result)
    _heard[name] = got
    if not UPDATE:
        equal(name, got, _known().get(name, "(no message of that name)"))


def save():
    """After all cases: what they heard, beside what others had."""
    if not UPDATE:
        return
    known = {**(_known() if FILE.exists() else {}), **_heard}
    FILE.write_text("\n".join(
        f"{name}\n" + re.sub(r"^(?=.)", "    ", text, flags=re.M) + "\n"
        for name, text in sorted(known.items()) if name), encoding="utf-8")
