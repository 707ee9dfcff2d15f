"""What the cases of this folder tried, counted."""

import threading

_lock = threading.Lock()
_more = 0


def each(rows):
    """The rows of a table, every one an input of its own: a case counts as one
    input, and each row after the first as one more."""
    global _more
    rows = list(rows)
    with _lock:
        _more += max(0, len(rows) - 1)
    return rows


def more():
    """How many inputs there were beyond one per case."""
    return _more
