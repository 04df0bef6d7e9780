#!/usr/bin/env python3
"""Scenarios that can be judged: each says all that a planner needs, and runs with its mechanism and without it."""
import csv
import glob
import os
import re
import subprocess
import sys

import play

METRIC = re.compile(r"^\| `([a-z]+\.[a-z0-9_]+)` \|", re.M)


def text_of(*path):
    with open(os.path.join(play.source, *path), encoding="utf-8") as file:
        return file.read()


def judged():
    """Names of the scenarios with a mechanism, and their texts."""
    texts = {os.path.basename(path)[:-4]: text_of("scripts", os.path.basename(path))
             for path in glob.glob(os.path.join(play.source, "scripts", "*.lua"))}
    return {name: text for name, text in texts.items() if 'id = "mechanism"' in text}


class Effects(play.Play):
    def test_each_scenario_says_what_it_is_about(self):
        metrics, told = set(METRIC.findall(text_of("docs", "lua.md"))), judged()
        self.assertGreaterEqual(len(told), 12)
        for name, text in told.items():
            for key in ("title", "predict", "lesson", "limits"):
                self.assertTrue(re.search(r'\n  %s = \{ en = "[^}]*zh = "' % key, text), (name, key))
            measures = re.findall(r'"([^"]+)"', re.search(r"\n  measures = \{(.*)\}", text).group(1))
            self.assertTrue(measures and set(measures) <= metrics, (name, measures))

    def test_each_runs_on_and_off(self):
        """tools/effects knows all of them, the tests that it names are there, and two seeds of a minute go through."""
        tool = subprocess.run([sys.executable, os.path.join(play.source, "tools", "effects"), "--jingwei", play.binary,
                               "--seeds", "2", "--minutes", "1", "--out", self.path("effects")],
                              cwd=self.path(""), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=dict(os.environ, XDG_CACHE_HOME=play.cache.name))
        self.assertEqual(tool.returncode, 0, tool.stderr)
        rows, told = [], judged()
        for path in glob.glob(self.path("effects", "*.csv")):
            with open(path, encoding="utf-8", newline="") as file:
                rows += csv.DictReader(file)
        self.assertEqual({row["scenario"] for row in rows}, set(told))
        for name, text in told.items():
            measures = re.findall(r'"([^"]+)"', re.search(r"\n  measures = \{(.*)\}", text).group(1))
            self.assertEqual([row["metric"] for row in rows if row["scenario"] == name], measures)
        for test in set(re.findall(r"`(test_\w+)`", tool.stdout)):
            self.assertTrue(glob.glob(os.path.join(play.source, "tests", "*", test + ".*")), test)
        wrong = subprocess.run([sys.executable, os.path.join(play.source, "tools", "effects"), "no_such"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertIn("there is no scenario no_such; there are: edge_cloud_continuum", wrong.stderr)


if __name__ == "__main__":
    play.main()
