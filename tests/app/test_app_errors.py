#!/usr/bin/env python3
"""Errors in Chinese: each message of the sources has its row in assets/i18n/errors.zh.txt, and the command says them.
"""
import os
import re
import sys

from messages import messages_of, rows_of, signs_of

jingwei, source = sys.argv[2], sys.argv[4]


def check_rows():
    rows, seen = rows_of(f"{source}/assets/i18n/errors.zh.txt"), set()
    for english, chinese, line in rows:
        place = f"errors.zh.txt:{line}"
        assert chinese, f"{place}: no Chinese for: {english}"
        assert english not in seen, f"{place} stands there twice: {english}"
        seen.add(english)
        assert signs_of(english) == signs_of(chinese), f"{place}: % signs differ: {english}"
        assert chinese != english and re.search("[\u3000-\u9fff\uff00-\uffef]", chinese), f"{place}: no Chinese: {chinese}"
        assert not re.search("[\u4e00-\u9fff][,:;?!]", chinese), f"{place}: a Latin sign after Chinese: {chinese}"
    for english, _, line in rows_of(f"{source}/assets/i18n/terminal.zh.txt"):
        assert english not in seen, f"terminal.zh.txt:{line} is a row of errors.zh.txt, too: {english}"
    return seen


def check_sources(seen):
    count, lacking = 0, []
    for room in sorted(os.listdir(f"{source}/engine")):
        found = messages_of(source, room)
        count += len(found)
        lacking += [f"{place}: {text}" for text, place in found.items() if text not in seen]
    assert not lacking, "no Chinese for:\n" + "\n".join(lacking)
    assert count > 1000, count
    return count


seen = check_rows()
count = check_sources(seen)
print("errors:", count, "messages,", len(seen), "rows")
