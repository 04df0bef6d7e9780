"""The English texts of errors and problems in the sources of engine/: what assets/i18n/errors.zh.txt says in Chinese.

A small reader of C finds the calls that make a message and takes their formats. As a program it prints those without
Chinese: messages.py TREE [FOLDER ...]
"""
import os
import re
import sys

# What makes a message of a format or of a text: its place among the arguments. Who only passes a format on is one, too.
MAKERS = {
    "jw_fail": 4, "jw_reader_fail": 1, "jw_world_fail": 2, "jw_problems_add": 5, "jw_log_line": 1,
    "fail_with_errno": 2,
    "jw_gpkg_fail": 1, "jw_gpkg_execute": 1, "jw_gpkg_prepare": 2, "ask_integer": 2, "fail_geos": 1,
    "damaged": 1, "read_exactly": 3, "jw_osm_note": 4, "jw_city_row_report": 4, "jw_sumo_problem": 1,
    "jw_sumo_note_missing": 2, "CHECK": 3,
    "script_fail": 1, "script_report": 1, "script_warn": 1, "script_report_at": 2, "script_report_key": 4,
    "REPORT": 0, "REPORT_PARAM": 1, "luaL_error": 1, "script_fail_file": 2, "fail_signals": 1,
}
# Formats of integers as the compiler here joins them.
PASTED = {"PRIu64": '"lu"', "PRId64": '"ld"', "PRIu32": '"u"'}
TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*|\w+|\S', re.S)
SIGN = re.compile(r"%(?:(\d)\$)?([-+#0-9.*]*(?:hh|h|ll|l|z)?[a-zA-Z])")
CONVERSION = re.compile(r"%[-+# 0-9.*]*(?:hh|h|ll|l|z)?[a-zA-Z]|%%")


def tokens_of(code):
    return [(m.group(), m.start()) for m in TOKEN.finditer(code) if not m.group().startswith(("/*", "//"))]


def arguments_at(tokens, index):
    """The arguments, as lists of tokens, of the call whose "(" is tokens[index]."""
    depth, arguments = 0, [[]]
    for text, _ in tokens[index:]:
        if text in "([{":
            depth += 1
            if depth == 1:
                continue
        elif text in ")]}":
            depth -= 1
            if depth == 0:
                return arguments
        if text == "," and depth == 1:
            arguments.append([])
        else:
            arguments[-1].append(text)
    return arguments


def literals_of(argument, macros):
    """The texts that an argument can be: one, or those of a choice."""
    texts, is_open = [], False
    for token in argument:
        token = PASTED.get(token, macros.get(token, token))
        if token[0] == '"':
            text = token[1:-1].replace('\\"', '"').replace("\\\\", "\\")
            if is_open:
                texts[-1] += text
            else:
                texts.append(text)
            is_open = True
        else:
            is_open = False
    return texts


def macros_of(code):
    return dict(re.findall(r'^#define (\w+)\s+("(?:\\.|[^"\\\n])*")$', code, re.M))


def shared_macros_of(tree):
    """Texts that headers of any room define."""
    macros = {}
    for folder, _, names in os.walk(os.path.join(tree, "engine")):
        for name in names:
            if name.endswith(".h"):
                macros.update(macros_of(open(os.path.join(folder, name), encoding="utf-8").read()))
    return macros


def has_words(text):
    return re.search("[A-Za-z]{2}", CONVERSION.sub(" ", text)) is not None


def messages_of(tree, folder):
    """{text: place} of the messages that a folder of engine/ can make."""
    found, shared = {}, shared_macros_of(tree)
    path = os.path.join(tree, "engine", folder)
    for name in sorted(os.listdir(path)):
        if not name.endswith((".c", ".h")):
            continue
        code = open(os.path.join(path, name), encoding="utf-8").read()
        macros = {**shared, **macros_of(code)}
        tokens = tokens_of(code)
        for i, (token, at) in enumerate(tokens[:-1]):
            if token not in MAKERS or tokens[i + 1][0] != "(":
                continue
            arguments = arguments_at(tokens, i + 1)
            if MAKERS[token] >= len(arguments):
                continue
            for text in literals_of(arguments[MAKERS[token]], macros):
                if has_words(text):
                    found.setdefault(text, "engine/%s/%s:%d" % (folder, name, code.count("\n", 0, at) + 1))
    return found


def texts_of(tree):
    """All texts of the sources."""
    found, shared = set(), shared_macros_of(tree)
    for folder, _, names in os.walk(os.path.join(tree, "engine")):
        for name in names:
            if name.endswith((".c", ".h")):
                code = open(os.path.join(folder, name), encoding="utf-8").read()
                tokens = [token for token, _ in tokens_of(code)]
                found.update(literals_of(tokens, {**shared, **macros_of(code)}), literals_of(tokens, {}))
    return found


def rows_of(path):
    """[(English, Chinese, line)] of a catalogue; an English line without Chinese has None."""
    rows = []
    for number, line in enumerate(open(path, encoding="utf-8").read().split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        if line.startswith("\t") and rows and rows[-1][1] is None:
            rows[-1] = (rows[-1][0], line[1:], rows[-1][2])
        else:
            rows.append((line, None, number))
    return rows


def signs_of(text):
    """The conversions in the order of the arguments; None where only some say their place."""
    signs = SIGN.findall(text.replace("%%", ""))
    places = [int(place) for place, _ in signs if place]
    if places and sorted(places) != list(range(1, len(signs) + 1)):
        return None
    return [kind for _, kind in (sorted(signs) if places else signs)]


if __name__ == "__main__":
    tree = sys.argv[1]
    known = {english for english, _, _ in rows_of(os.path.join(tree, "assets/i18n/errors.zh.txt"))}
    for folder in sys.argv[2:] or sorted(os.listdir(os.path.join(tree, "engine"))):
        for text, place in messages_of(tree, folder).items():
            if text not in known:
                print("# %s\n%s" % (place, text))
