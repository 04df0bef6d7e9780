#!/usr/bin/env python3
"""Errors in Chinese: each message of the sources has its row in assets/i18n/errors.zh.txt, and the command says them.
"""
import os
import re
import subprocess
import sys
import tempfile

from messages import messages_of, rows_of, signs_of, texts_of

jingwei, source = sys.argv[2], sys.argv[4]


# What the sources put together of several texts.
COMPOSED = {"%s, in %s", "roadside unit", 'param "%s"'}


def is_said(english, texts):
    """Whether a row's English stands in the sources, alone or before or behind something else."""
    ends = {english.removesuffix("%s"), english.removesuffix(" %s"), english.removesuffix(": %s"), english.removeprefix("%s")}
    return english in texts or english in COMPOSED or not texts.isdisjoint(ends)


def foreign_lines(path):
    """The lines of the rows for texts of others: the system's, Lua's."""
    lines, is_foreign = set(), False
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        if line.startswith("# ----"):
            is_foreign = "operating system" in line or "Lua itself" in line
        if is_foreign:
            lines.add(number)
    return lines


def check_rows():
    path = f"{source}/assets/i18n/errors.zh.txt"
    rows, seen, texts, foreign = rows_of(path), set(), texts_of(source), foreign_lines(path)
    for english, chinese, line in rows:
        place = f"errors.zh.txt:{line}"
        assert chinese, f"{place}: no Chinese for: {english}"
        assert english not in seen, f"{place} stands there twice: {english}"
        seen.add(english)
        assert line in foreign or is_said(english, texts), f"{place}: no source says: {english}"
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


def refused(*arguments):
    """What the command says when it refuses that, in Chinese."""
    result = subprocess.run([jingwei, *arguments, "--lang", "zh"], capture_output=True, text=True, timeout=600,
                            env=dict(os.environ, JINGWEI_HOME=source, XDG_CACHE_HOME=folder))
    assert result.returncode == 2, (arguments, result)
    return result.stderr


def check_refusals():
    """A map, Lua, a parameter, a file that are wrong; no file at all."""
    wrong = {
        "map.osm": ('<osm><node id="1" lat="x" lon="1"/></osm>', "节点 1：经纬度不是数字；已跳过"),
        "cut.osm.pbf": (open(f"{source}/tests/data/village.osm.pbf", "rb").read(900), "文件不完整或已损坏；请重新下载"),
        "words.osm": ("hello", "不是地图，而是既非 OSM XML"),
        "nil.lua": ("local a\nreturn a.b\n", "nil.lua:2: 错误：对空值 nil 取字段（局部变量 'a'）"),
        "syntax.lua": ("return scene {\n", "附近有意外的符号"),
        "field.lua": ("return scene { titel = 1 }\n", "scene 没有参数“titel”（是不是“title”？）\n"),
        "need.lua": ("return scene { titel = 1 }\n", "scene 缺少“title”：场景名称"),
        "city.gpkg": ("SQLite format 3\0" + "x" * 2000, "GeoPackage"),
    }
    for name, (content, wanted) in wrong.items():
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        said = refused("check", path)
        assert wanted in said, (name, said)
        for line in said.splitlines():
            assert re.search("[\u4e00-\u9fff]", line), (name, line)
    scene = f"{source}/scenes/district.lua"
    for arguments, wanted in (((scene, "--set", "edge_sites=99"), "参数“edge_sites”：99 超出范围，必须在 0 至 20 之间"),
                              ((scene, "--set", "edge_sites=x"), "参数“edge_sites”：“x”不是数字"),
                              ((scene, "--set", "edge_site=1"), "没有参数“edge_site”（是不是“edge_sites”？）\n"),
                              ((scene, "--set", "nonsense=1"), "integrators, work_day\n"),
                              ((scene, "--set", "nonsense=1"), "没有参数“nonsense”；现有：edge_sites"),
                              ((scene, "--until", "soon"), "--until soon：时刻写成 08:00"),
                              ((os.path.join(folder, "none.lua"),), "没有这个文件")):
        said = refused("run", *arguments, "--no-results", "--quiet")
        assert wanted in said, (arguments, said)


seen = check_rows()
count = check_sources(seen)
with tempfile.TemporaryDirectory() as folder:
    check_refusals()
print("errors:", count, "messages,", len(seen), "rows")
