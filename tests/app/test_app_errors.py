#!/usr/bin/env python3
"""Errors in Chinese: each message of the sources has its row in assets/i18n/errors.zh.txt, and the command says them.
"""
import os
import re
import subprocess
import sys
import tempfile

from messages import has_words, literals_of, messages_of, rows_of, tokens_of

jingwei, source = sys.argv[2], sys.argv[4]

# Rooms whose messages have no Chinese yet.
MISSING = {"base", "geo", "city", "script", "kernel", "record", "frame", "view", "ui", "app"}
SIGN = re.compile(r"%(?:(\d)\$)?([-+#0-9.*]*(?:hh|h|ll|l|z)?[a-zA-Z])")


def signs_of(text, english=None):
    """The conversions in the order of the arguments."""
    signs = SIGN.findall(text.replace("%%", ""))
    if any(place for place, _ in signs):
        signs.sort()
        assert [int(place) for place, _ in signs] == list(range(1, len(signs) + 1)), text
    return [kind for _, kind in signs]


def check_rows():
    rows, seen = rows_of(f"{source}/assets/i18n/errors.zh.txt"), set()
    for english, chinese, line in rows:
        place = f"errors.zh.txt:{line}"
        assert chinese, f"{place}: no Chinese for: {english}"
        assert english not in seen, f"{place} stands there twice: {english}"
        seen.add(english)
        assert signs_of(english) == signs_of(chinese), f"{place}: % signs differ: {english}"
        assert re.search("[\u4e00-\u9fff]", chinese) or not has_words(english), f"{place}: no Chinese: {chinese}"
        assert not re.search("[\u4e00-\u9fff][,:;?!]", chinese), f"{place}: a Latin sign after Chinese: {chinese}"
    for english, _, line in rows_of(f"{source}/assets/i18n/terminal.zh.txt"):
        assert english not in seen, f"terminal.zh.txt:{line} is a row of errors.zh.txt, too: {english}"
    return seen


def check_sources(seen):
    count, lacking = 0, []
    for room in sorted(os.listdir(f"{source}/engine")):
        found = messages_of(source, room)
        count += len(found)
        lacks = [f"{place}: {text}" for text, place in found.items() if text not in seen]
        if room not in MISSING:
            lacking += lacks
        elif not lacks:
            lacking.append(f"engine/{room} is no longer MISSING")
    assert not lacking, "no Chinese for:\n" + "\n".join(lacking)
    assert count > 1000, count
    return count


seen = check_rows()
count = check_sources(seen)
print("errors:", count, "messages,", len(seen), "rows")
