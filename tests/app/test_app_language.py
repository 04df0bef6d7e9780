#!/usr/bin/env python3
"""The command in Chinese: every help, the summary of a run, errors; the catalogue fits the sources.
"""
import os
import re
import subprocess
import sys
import tempfile

from messages import CONVERSION, arguments_at, literals_of, rows_of, signs_of, tokens_of

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
for room in ("app", "study", "ui", "city", "script", "record", "view"):
    for name in os.listdir(f"{source}/engine/{room}"):
        if name.endswith(".c"):
            code = re.sub(r'"\s*\n\s*"', "", open(f"{source}/engine/{room}/{name}").read())
            texts.update(text.replace('\\"', '"') for text in re.findall(r'"((?:[^"\\]|\\.)*)"', code))
measures = set()
for room in ("scenes", "scripts", "scripts/lib"):  # units of parameters, and what scenarios are judged by
    for name in os.listdir(f"{source}/{room}"):
        if name.endswith(".lua"):
            code = open(f"{source}/{room}/{name}").read()
            texts.update(re.findall(r'unit = "([^"]+)"', code))
            measures.update(re.findall(r'"([^"]+)"', "".join(re.findall(r"\n  measures = \{([^}]*)\}", code))))
texts |= measures
count, said = 0, {english for english, _, _ in rows_of(f"{source}/assets/i18n/errors.zh.txt")}
for english, chinese, line in rows_of(f"{source}/assets/i18n/terminal.zh.txt"):
    assert chinese, f"no Chinese for: {english}"
    assert english in texts or english.startswith("fixed, actuated"), f"no source says: {english}"
    assert signs_of(english) == signs_of(chinese), f"% signs differ: {english}"
    assert has_chinese(chinese) or "：" in chinese or " / " in chinese, chinese
    count += 1
    said.add(english)
assert count > 300, count
assert measures and measures <= said, f"no Chinese for: {measures - said}"

# And the other way: what the command prints goes through app_say, and has its row.
plain = {"jingwei %s\\n"}
for name in sorted(os.listdir(f"{source}/engine/app")):
    if not name.endswith(".c"):
        continue
    tokens = tokens_of(open(f"{source}/engine/app/{name}").read())
    for i, (token, _) in enumerate(tokens[:-1]):
        if token not in ("app_say", "app_print_cell", "printf", "fprintf") or tokens[i + 1][0] != "(":
            continue
        first = [text for text in arguments_at(tokens, i + 1)[token == "fprintf"] if text != "\n"]
        for text in literals_of(first, {}) if token.startswith("app_") or first[0][0] == '"' else []:
            if token.startswith("app_"):
                assert text in said or text in plain or not re.search("[a-z]{2}", CONVERSION.sub("", text)), f"{name}: no Chinese for: {text}"
            else:
                assert not re.search("[a-z]{2} [a-z]{2}", text) or "service = " in text, f"{name}: without app_say: {text}"

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
    for line in said[1]:  # what options take; columns below each other
        assert not re.search("^  --[a-z-]+ [A-Z]{4}|^用法.* [A-Z]{4}", line), f"{command}: {line}"
        if line.startswith("  --"):  # 24 columns, of which a Chinese character takes two
            option = re.match(r"  (--\S+(?: \S+)?)( +)", line)
            columns = sum(2 if sign > "\u2e80" else 1 for sign in option.group(1))
            assert len(option.group(2)) == max(25 - columns, 1), line

# A run, in Chinese, says what it says in English, with the same numbers; its scenario, too.
with tempfile.TemporaryDirectory() as folder:
    lines = {}
    for language in ("en", "zh"):
        result = run("run", f"{source}/scenes/district.lua", "--until", "50s", "--no-results", "--quiet", "--lang",
                     language, "--script", f"{source}/scripts/power_cut.lua", "--set", "cut_minute=0.5",
                     XDG_CACHE_HOME=folder)
        assert result.returncode == 0, result.stderr
        lines[language] = result.stdout.splitlines()
    assert len(lines["en"]) == len(lines["zh"])
    numbers = [re.findall(r"\d+(?:\.\d+)?", " ".join(lines[language][1:])) for language in ("en", "zh")]
    assert sorted(numbers[0]) == sorted(numbers[1])
    assert all(has_chinese(line) for line in lines["zh"]), lines["zh"]
    assert any("个边缘节点失去市电" in line for line in lines["zh"]), lines["zh"]
    assert "开始前" in lines["zh"][1] and "出行" in lines["zh"][1]

# What is composed is found by its row: how far it has come, names of columns with their units.
with tempfile.TemporaryDirectory() as folder:
    result = run("roadmap", f"{source}/scenes/district.lua", "--years", "0.25", "--minutes", "0.5", "--threads", "2",
                 "--out", f"{folder}/map", "--lang", "zh", XDG_CACHE_HOME=folder)
    assert result.returncode == 0, result.stderr
    assert "第 1 季度，共 1 季度" in result.stderr and "quarter" not in result.stderr, result.stderr
    assert "设备综合效率" in result.stdout, result.stdout

# Errors keep their exit status.
for arguments, wanted in ((("nonsense",), "既不是命令"), (("run", "--nonsense"), "没有选项"),
                          (("run", "--until"), "--until 时间"), (("view", "--light", "x"), "白天、夜晚"),
                          (("view", "--quality", "x"), "默认自动测量"), (("--lang", "de", "--help"), "--lang")):
    result = run(*arguments, LANG="zh_CN.UTF-8")
    assert result.returncode == 2 and wanted in result.stderr, (arguments, result.stderr)
print("the command speaks Chinese:", count, "texts,", len(commands), "commands")
