#!/usr/bin/env python3
"""Checks the house rules of engine/ that no compiler checks; prints every breach and exits 1 when there is one.

usage: check_house.py --source TREE [--nm NM] [jw_NAME=LIBRARY.a ...]
"""
import argparse
import os
import re
import subprocess
import sys

# Floor of each folder: a folder includes itself and lower floors.
FLOORS = {
    "base": 0,
    "geo": 1,
    "kernel": 2, "city": 2, "frame": 2,
    "traffic": 3, "network": 3, "compute": 3, "ai": 3, "economy": 3,
    "twin": 4,
    "view": 5, "script": 5, "record": 5,
    "ui": 6, "study": 6,
    "app": 7,
}
# The view sees frames, never the world.
ONLY = {"view": {"view", "frame", "city", "geo", "base"}}

# Folders that may show pictures.
SHOWING = {"view", "ui", "app"}
PICTURE_HEADER = re.compile(r"^(SDL|GL/|GLES|EGL|imgui|cglm|stb)")

# Simulation: only + - * / sqrt and base/math.h. geo calls PROJ and GEOS, whose results are rounded at import.
SIMULATION = {"base", "kernel", "city", "frame", "traffic", "network", "compute", "ai", "economy", "twin", "script"}
LIBM = set()
for name in """acos acosh asin asinh atan atan2 atanh cbrt ceil cos cosh erf erfc exp exp10 exp2 expm1 fabs fdim
        floor fma fmax fmin fmod frexp hypot ilogb j0 j1 jn ldexp lgamma llrint llround log log10 log1p log2 logb
        lrint lround modf nearbyint nextafter pow remainder remquo rint round scalbln scalbn sin sincos sinh sqrt
        tan tanh tgamma trunc y0 y1 yn""".split():
    LIBM.update({name, name + "f", name + "l"})
# Clocks, hidden generators, and sources of memory that cannot be counted or made to fail.
CHANCE = {"rand", "rand_r", "srand", "random", "srandom", "drand48", "time", "gettimeofday", "getrandom"}
MEMORY = {"malloc", "calloc", "realloc", "strdup", "strndup", "asprintf"}
COUNTED = SIMULATION | {"geo", "record", "study"}

# sqrt is exact everywhere, but is written jw_sqrt; <math.h> itself is allowed for isfinite and INFINITY.
CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(sorted(LIBM | CHANCE)))
TEXT_AND_COMMENTS = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*', re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def sources_of(folder):
    return sorted(f for f in os.listdir(folder) if f.endswith((".c", ".cpp", ".h")))


def may_include(folder, other):
    if folder in ONLY:
        return other in ONLY[folder]
    return other == folder or FLOORS[other] < FLOORS[folder]


def check_include(folder, quote, header):
    """What is wrong with one #include of a file in engine/folder, or None."""
    if quote == "<":
        if PICTURE_HEADER.match(header) and folder not in SHOWING:
            return "only view, ui and app may show pictures"
        return None
    other = header.split("/")[0]
    if "/" not in header or other not in FLOORS:
        return None if PICTURE_HEADER.match(header) and folder in SHOWING else "name the folder: \"folder/file.h\""
    if not may_include(folder, other):
        return "engine/%s may not include engine/%s" % (folder, other)
    if other != folder and header.endswith("_internal.h"):
        return "what is internal to engine/%s is not for others" % other
    return None


def without_text_and_comments(source):
    """The source with strings and comments blanked; lines stay where they are."""
    return TEXT_AND_COMMENTS.sub(lambda found: " " + "\n" * found.group(0).count("\n"), source)


def check_sources(engine, folder):
    for name in sources_of(os.path.join(engine, folder)):
        with open(os.path.join(engine, folder, name), encoding="utf-8") as file:
            source = file.read()
        place = "engine/%s/%s" % (folder, name)
        for number, line in enumerate(source.splitlines(), 1):
            found = INCLUDE.match(line)
            wrong = found and check_include(folder, found.group(1), found.group(2))
            if wrong:
                yield "%s:%d: %s: %s" % (place, number, found.group(2), wrong)
        if folder not in SIMULATION:
            continue
        for number, line in enumerate(without_text_and_comments(source).splitlines(), 1):
            for call in CALL.findall(line):
                yield "%s:%d: calls %s(): the simulation uses base/math.h and base/random.h" % (place, number, call)


def check_list(engine, folder):
    """The sources named in CMakeLists.txt are those in the folder."""
    lists = os.path.join(engine, folder, "CMakeLists.txt")
    written = {f for f in sources_of(os.path.join(engine, folder)) if not f.endswith(".h")}
    if not os.path.exists(lists):
        if written:
            yield "engine/%s: has sources but no CMakeLists.txt" % folder
        return
    with open(lists, encoding="utf-8") as file:
        text = re.sub(r"#.*", "", file.read())
    named = set(re.findall(r"[\w.+-]+\.(?:cpp|c)\b", text))
    for name in sorted(written - named):
        yield "engine/%s/CMakeLists.txt: does not name %s" % (folder, name)
    for name in sorted(named - written):
        yield "engine/%s/CMakeLists.txt: names %s, which is not there" % (folder, name)


def check_symbols(nm, folder, library):
    """No undefined symbol of the library is one that the folder must not call."""
    banned = {}
    if folder in SIMULATION:
        banned.update({s: "the simulation uses base/math.h" for s in LIBM})
        banned.update({s: "the simulation knows neither clocks nor chance" for s in CHANCE})
    if folder in COUNTED:
        banned.update({s: "memory comes from base/memory.h" for s in MEMORY})
    output = subprocess.run([nm, "-u", "-A", library], stdout=subprocess.PIPE, check=True, text=True).stdout
    for line in output.splitlines():
        symbol = line.split()[-1].split("@")[0]
        if symbol in banned:
            source = line.split(":")[1] if line.count(":") > 1 else os.path.basename(library)
            yield "engine/%s: %s calls %s: %s" % (folder, source, symbol, banned[symbol])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    parser.add_argument("--nm", default="nm")
    parser.add_argument("libraries", nargs="*")
    options = parser.parse_args()
    engine = os.path.join(options.source, "engine")

    breaches = []
    for folder in sorted(os.listdir(engine)):
        if not os.path.isdir(os.path.join(engine, folder)):
            continue
        if folder not in FLOORS:
            breaches.append("engine/%s: has no floor: give it one in tests/house/check_house.py" % folder)
            continue
        breaches += check_sources(engine, folder)
        breaches += check_list(engine, folder)
    looked_into = 0
    for library in options.libraries:
        name, path = library.split("=", 1)
        if os.path.exists(path):
            breaches += check_symbols(options.nm, name[len("jw_"):], path)
            looked_into += 1
    for breach in breaches:
        print(breach)
    print("%d breaches; %d of %d libraries were built and looked into"
          % (len(breaches), looked_into, len(options.libraries)))
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
