#!/usr/bin/env python3
"""The command in Chinese: every help, the summary of a run, errors; the catalogue fits the sources.
"""
import os
import re
import subprocess
import sys
import tempfile

from messages import rows_of, signs_of

jingwei, source = sys.argv[2], sys.argv[4]
env = dict(os.environ, JINGWEI_HOME=source)
for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
    env.pop(name, None)


def run(*arguments, **more):
    return subprocess.run([jingwei, *arguments], env=dict(env, **more), capture_output=True, text=True)


def has_chinese(text):
    return re.search("[\u4e00-\u9fff]", text) is not None


# Every key of the catalogue stands in the sources, and its % signs are the same in both languages.
texts = set()
for room in ("app", "study", "ui"):
    for name in os.listdir(f"{source}/engine/{room}"):
        if name.endswith(".c"):
            code = re.sub(r'"\s*\n\s*"', "", open(f"{source}/engine/{room}/{name}").read())
            texts.update(text.replace('\\"', '"') for text in re.findall(r'"((?:[^"\\]|\\.)*)"', code))
count = 0
progress = {"drawing", "reading the scene", "building the city", "making the world", "warming up",
            "making the model", "reading the map"}
for english, chinese, line in rows_of(f"{source}/assets/i18n/terminal.zh.txt"):
    assert chinese, f"no Chinese for: {english}"
    assert english in texts or english in progress or english.startswith("fixed, actuated"), f"no source says: {english}"
    assert signs_of(english) == signs_of(chinese), f"% signs differ: {english}"
    assert has_chinese(chinese) or "：" in chinese, chinese
    count += 1
assert count > 300, count

# Help: each line of options and commands is Chinese, the same ones are there as in English.
commands = re.findall(r"^  (\w+) ", run("--help").stdout, re.M)
assert len(commands) > 15
assert run("--help", LANG="zh_CN.UTF-8").stdout == run("--lang", "zh", "--help").stdout
for command in ["", *commands]:
    said = [run(*([command] if command else []), "--help", LC_ALL=language).stdout.splitlines()
            for language in ("C", "zh_CN.UTF-8")]
    assert said[0] != said[1], command
    options = [[re.match(r"  (--?[\w-]+|\w+)", line).group(1) for line in lines if re.match(r"  (--?|\w)", line)]
               for lines in said]
    assert options[0] == options[1], command
    for line in said[1]:
        if re.match(r"  --[\w-]+", line) and not line.startswith("  --overlay "):  # which are names
            assert has_chinese(line), f"{command}: {line}"

# A run, in Chinese, says what it says in English, with the same numbers.
with tempfile.TemporaryDirectory() as folder:
    lines = {}
    for language in ("en", "zh"):
        result = run("run", f"{source}/scenes/district.lua", "--until", "20s", "--no-results", "--quiet", "--lang",
                     language, XDG_CACHE_HOME=folder)
        assert result.returncode == 0, result.stderr
        lines[language] = result.stdout.splitlines()
    assert len(lines["en"]) == len(lines["zh"])
    numbers = [re.findall(r"\d+(?:\.\d+)?", " ".join(lines[language][1:])) for language in ("en", "zh")]
    assert sorted(numbers[0]) == sorted(numbers[1])
    assert all(has_chinese(line) for line in lines["zh"]), lines["zh"]
    assert "开始前" in lines["zh"][1] and "出行" in lines["zh"][1]

# Errors keep their exit status.
for arguments, wanted in ((("nonsense",), "既不是命令"), (("run", "--nonsense"), "没有选项"),
                          (("run", "--until"), "需要一个值"), (("--lang", "de", "--help"), "--lang")):
    result = run(*arguments, LANG="zh_CN.UTF-8")
    assert result.returncode == 2 and wanted in result.stderr, (arguments, result.stderr)
print("the command speaks Chinese:", count, "texts,", len(commands), "commands")
