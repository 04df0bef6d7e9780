#!/usr/bin/env python3
"""import, check, plan, report, compare, bench and doc: maps there and back, and what is made of finished runs."""
import json
import os
import re
import shutil
import sqlite3
import subprocess
from html.parser import HTMLParser

import play

COUNTS = re.compile(r"(\d+) streets by direction .*?, (\d+) lanes, (\d+) junctions")


def counts(text):
    """Streets, lanes and junctions as import, plan and check tell them."""
    return tuple(int(n) for n in COUNTS.search(text).groups())


def edit(path, *statements):
    """As a user without spatial functions edits: the R-tree's triggers do not fire on a lane count."""
    base = sqlite3.connect(path)
    for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
        base.create_function(name, 1, lambda geometry: 0)
    with base:
        rows = [base.execute(statement).rowcount for statement in statements]
    base.close()
    return rows


class Maps(play.Play):
    def test_village_there_and_back(self):
        told = self.jingwei("import", play.data("village.osm"), "-o", "village.gpkg")
        self.assertIn("village.osm:158", told.err)  # its way 110 says nonsense about lanes
        self.assertIn("way 110", told.err)
        again = self.jingwei("check", "village.gpkg")
        self.assertEqual(counts(told.out), counts(again.out))
        self.assertIn("is fine", again.out)
        copied = self.jingwei("import", "village.gpkg", "--out", "copy.gpkg")
        self.assertEqual(counts(told.out), counts(copied.out))
        for kind in ("village.osm.pbf", "village_plain.osm.pbf"):
            self.assertEqual(counts(self.jingwei("import", play.data(kind)).out), counts(told.out))  # without -o: told
        first, second = (self.jingwei("run", name, "--until", "10min", "--json", "--no-results").json()
                         for name in ("village.gpkg", "copy.gpkg"))
        self.assertEqual(first["requests"], second["requests"])
        self.assertEqual(first["trips"], second["trips"])

    def test_an_edited_lane_count_comes_back(self):
        before = counts(self.jingwei("import", play.data("village.osm"), "-o", "village.gpkg").out)
        self.assertEqual(edit(self.path("village.gpkg"),
                              "update roads set lanes = 4, turn_lanes = null where id = 8 and lanes = 1"), [1])
        after = counts(self.jingwei("check", "village.gpkg").out)
        self.assertEqual(after, (before[0], before[1] + 3, before[2]))
        self.jingwei("run", "village.gpkg", "--until", "5min", "--out", "run")
        base = sqlite3.connect(self.path("run/results.gpkg"))
        self.addCleanup(base.close)
        self.assertEqual(base.execute("select lanes from roads where id = 8").fetchone(), (4,))
        self.assertEqual(base.execute("select count(*) from lanes where road_id = 8").fetchone(), (4,))

    def test_a_drawn_edge_site_computes(self):
        self.jingwei("plan", "--style", "district", "--area", 2, "-o", "city.gpkg")
        plain = self.jingwei("run", "city.gpkg", "--until", "1min", "--out", "plain")
        columns = "geom, name, tier, card, card_count"
        base = sqlite3.connect(self.path("city.gpkg"))
        ((at,),) = base.execute("select geom from junctions limit 1")
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            base.create_function(name, 1, lambda geometry: 0)
        with base:
            base.execute("insert into sites (%s) values (?, 'mine', 'edge', 'ascend-310p', 4)" % columns, (at,))
        base.close()
        drawn = self.jingwei("run", "city.gpkg", "--until", "1min", "--out", "drawn")
        names = []
        for run in ("plain", "drawn"):
            base = sqlite3.connect(self.path(run, "results.gpkg"))
            names.append({name for (name,) in base.execute("select distinct name from run_sites")})
            base.close()
        self.assertEqual(names[1] - names[0], {"mine"}, (plain, drawn))

    def test_damaged_edits_are_named(self):
        self.jingwei("import", play.data("village.osm"), "-o", "village.gpkg")
        edit(self.path("village.gpkg"), "update roads set lanes = 99 where id = 8",
             "update roads set speed_kmh = -5 where id = 9")
        result = self.jingwei("check", "village.gpkg", status=2)
        self.assertRegex(result.err, "village.gpkg.*roads fid 9: more than 16 lanes")
        self.assertRegex(result.err, "village.gpkg.*roads fid 10: .*km/h")

    def test_existing_files_are_refused(self):
        self.write("there.gpkg", "precious")
        self.refused("import", play.data("village.osm"), "-o", "there.gpkg", saying="exists")
        self.refused("plan", "-o", "there.gpkg", saying="exists")
        self.refused("import", play.data("village.osm"), "-o", "nowhere/there.gpkg", saying="nowhere/there.gpkg")
        with open(self.path("there.gpkg")) as file:
            self.assertEqual(file.read(), "precious")

    def test_plan(self):
        small = counts(self.jingwei("plan", "--style", "district", "--area", 2, "--seed", 5, "-o", "a.gpkg").out)
        same = counts(self.jingwei("plan", "--style=district", "--area=2", "--seed=5").out)
        other = counts(self.jingwei("plan", "--style", "district", "--area", 2, "--seed", 6).out)
        large = counts(self.jingwei("plan", "--style", "district", "--area", 4, "--seed", 5).out)
        self.assertEqual(small, same)
        self.assertNotEqual(small, other)
        self.assertTrue(all(a > b for a, b in zip(large, small)))
        self.assertIn("is fine", self.jingwei("check", "a.gpkg").out)

    def test_ogrinfo_reads_it(self):
        if not shutil.which("ogrinfo"):
            self.skipTest("ogrinfo (gdal-bin) is not installed")
        self.jingwei("import", play.data("village.osm"), "-o", "village.gpkg")
        told = subprocess.run(["ogrinfo", "-so", "-al", self.path("village.gpkg")], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, universal_newlines=True)
        self.assertEqual((told.returncode, told.stderr), (0, ""))
        self.assertIn("Layer name: roads", told.stdout)

    def test_check_is_fine_with_what_is_installed(self):
        for name in (play.scene("district.lua"), play.scene("xiongan.lua"), play.script("data_flow.lua"),
                     play.script("morning_peak.lua"), play.script("ai_rollout.lua")):
            self.assertIn("is fine", self.jingwei("check", name).out)

    def test_check_lists_all_problems(self):
        result = self.jingwei("check", play.data("village.osm"), status=2)
        for element in ("way 110", "way 206", "relation 313", "way 109", "relation 301"):
            self.assertIn(element, result.err)
        self.assertIn("has problems", result.out)


class Page(HTMLParser):
    """What a page asks for from elsewhere, and whether its tags close."""
    VOID = {"meta", "br", "hr", "img", "link", "input", "path", "rect", "circle", "line", "polyline", "polygon", "use"}

    def __init__(self):
        super().__init__()
        self.outside, self.open, self.wrong, self.seen = [], [], [], set()

    def handle_starttag(self, tag, attributes):
        self.seen.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name in ("src", "href", "xlink:href", "data") and not (value or "").startswith(("#", "data:")):
                self.outside.append("%s %s=%s" % (tag, name, value))

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


class Results(play.Play):
    def run_folder(self, name, *arguments):
        self.jingwei("run", play.scene("district.lua"), "--until", "3min", "--out", name, "--quiet", *arguments)

    def page(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            text = file.read()
        page = Page()
        page.feed(text)
        self.assertEqual((page.outside, page.wrong), ([], []))
        self.assertIn(page.open, ([], ["html"]))  # HTML lets the last tag go
        self.assertEqual([link for link in re.findall(r'(?<!xmlns=")(?<!xmlns:xlink=")https?://[^\s"<]*', text)
                          if "openstreetmap" not in link], [])
        self.assertIn("svg", page.seen)
        self.assertTrue(text.lstrip().lower().startswith("<!doctype html"))
        return text

    def test_report(self):
        self.run_folder("run")
        told = self.jingwei("report", "run")
        self.assertEqual(told.out.strip(), "run/report.html")
        text = self.page("run/report.html")
        self.assertIn("not counted: 20 min", text)
        chart = text[text.index("Throughput of the network"):]
        ticks = [float(tick) for tick in re.findall(r'class="tick">([^<]*)<', chart[:chart.index("</svg>")])]
        self.assertTrue(0 < max(ticks) < 1e5, ticks)  # Mbit/s, not bit/s
        step = ticks[1] - ticks[0]
        self.assertRegex("%e" % step, r"^[125]\.0+e")
        self.assertTrue(all(abs(tick / step - round(tick / step)) < 1e-6 for tick in ticks), ticks)
        self.assertRegex(chart, r'class="time">07:3\d<')
        self.assertIn("<h1>A district of 4 km²</h1>", text)
        summary = self.read_json("run", "summary.json")
        self.assertIn(str(summary["trips"]["departed"]), text)
        self.jingwei("report", "run", "-o", "zh.html", "--lang", "zh")
        self.assertIn("<h1>四平方公里街区</h1>", self.page("zh.html"))
        self.refused("report", "run", "--lang", "fr", saying="en or zh")
        self.refused("report", "run", "-o", "nowhere/page.html", saying="nowhere/page.html")

    def test_compare(self):
        self.run_folder("a")
        self.run_folder("b", "--set", "demand=2", "--seed", "7", "--script", play.script("data_flow.lua"))
        text = self.jingwei("compare", "a", "b").out
        self.assertRegex(text, r"trips departed +\d+ +\d+ +\+\d+ +\+\d+\.\d %")
        self.assertRegex(text, r"energy of data .* Wh\n")
        self.assertRegex(text, r"CO2 of traffic .* kg\n")
        self.assertIn("   Traffic demand (demand): 1 -> 2\n", text)
        self.assertIn("   script: none -> %s\n" % play.script("data_flow.lua"), text)
        found = self.jingwei("compare", "a", "b", "--json").json()
        self.assertEqual((found["seed_a"], found["seed_b"]), (1, 7))
        self.assertIn({"name": "seed", "a": "1", "b": "7"}, found["changed"])
        self.assertNotIn("threads", [change["name"] for change in found["changed"]])
        rows = {row["name"]: row for row in found["rows"]}
        for side in "ab":
            summary = self.read_json(side, "summary.json")
            self.assertEqual(rows["trips.departed"][side], summary["trips"]["departed"])
            self.assertAlmostEqual(rows["energy_wh"][side], summary["energy_wh"], places=3)
        self.assertEqual(rows["requests.p95_ms"]["unit"], "ms")
        same = self.jingwei("compare", "a", "a", "--json").json()
        self.assertTrue(all(row["a"] == row["b"] for row in same["rows"]))
        self.assertEqual(same["changed"], [])
        self.assertRegex(text, r"rows that are equal on both sides: \d+ ")
        self.assertNotIn("simulated time", text)
        self.assertIn("simulated time", self.jingwei("compare", "a", "b", "--all").out)
        self.assertNotIn("trips departed", self.jingwei("compare", "a", "a").out)

    def test_compare_unlike_runs(self):
        self.run_folder("a")
        self.jingwei("run", play.data("village.osm"), "--until", "1min", "--out", "b", "--quiet")
        summary = self.read_json("b", "summary.json")
        del summary["energy_wh"]
        summary["scene"] = 'a "quoted" \u57ce'
        self.write("b/summary.json", json.dumps(summary))
        result = self.jingwei("compare", "a", "b", "--json")
        self.assertEqual(result.json()["b"], summary["scene"])
        self.assertIsNone({row["name"]: row for row in result.json()["rows"]}["energy_wh"]["b"])
        self.assertIn("different scenes", result.err)
        self.assertIn("different length", result.err)
        self.assertRegex(self.jingwei("compare", "a", "b").out, r"energy of data +[\d.]+ +- +-")

    def test_damaged_folders(self):
        self.run_folder("a")
        self.write("a/summary.json", "{")
        self.refused("compare", "a", "a", saying="a/summary.json:1")
        os.remove(self.path("a/summary.json"))
        self.refused("compare", "a", "a", saying=["a/summary.json", "did not finish", "again"])
        with open(self.path("a/recording.jwr"), "rb") as file:
            recording = file.read()
        for name, content in (("a/recording.jwr", recording[:len(recording) // 2]), ("a/recording.jwr", b"JWREC"),
                              ("a/manifest.json", "[1, 2"), ("a/results.gpkg", b"no database")):
            self.write(name, content)
            result = self.jingwei("report", "a", "-o", "page.html", status=None)
            self.assertIn(result.status, (0, 2), result)  # whole from what is left, or refused; never half
            self.assertEqual(os.path.exists(self.path("page.html")), result.status == 0)
            if result.status == 0:
                self.page("page.html")
                os.remove(self.path("page.html"))
        os.mkdir(self.path("hollow"))
        self.refused("report", "hollow", saying="hollow")


class Reference(play.Play):
    def test_doc(self):
        for what, words in (("lua", ("# ", "param", "city:site", "twin:cut_link")),
                            ("meta", ("---@meta", "---@class", "function")),
                            ("luacheck", ("stds.jingwei", "read_globals"))):
            out = self.jingwei("doc", what).out
            for word in words:
                self.assertIn(word, out)
        with open(os.path.join(play.source, "docs", "lua.md"), encoding="utf-8") as file:
            self.assertEqual(file.read(), self.jingwei("doc", "lua").out, "make it anew: jingwei doc lua > docs/lua.md")

    def test_lua_reads_what_doc_writes(self):
        compiler = shutil.which("luac5.4") or shutil.which("luac")
        if not compiler:
            self.skipTest("luac is not installed")
        for what in ("meta", "luacheck"):
            self.write(what, self.jingwei("doc", what).out)
            self.assertEqual(subprocess.run([compiler, "-p", self.path(what)]).returncode, 0)


class Benchmark(play.Play):
    def test_controls(self):
        controls = "fixed,max-pressure," + play.script("control_longest_queue.lua")
        command = ["benchmark", play.scene("district.lua"), "--controls", controls, "--minutes", "2", "--quiet"]
        table = json.loads(self.jingwei(*command, "--json", "--out", "a.csv").out)
        self.assertEqual([row["control"] for row in table["controls"]], ["fixed", "max-pressure",
                                                                         "control_longest_queue"])
        self.assertEqual((table["scene"], table["seeds"], table["minutes"]), ("district", 5, 2))
        for row in table["controls"]:
            self.assertEqual(len(row["delay"]["values"]), 5)
            self.assertEqual(len(set(row["states"])), 5)
            self.assertGreater(row["delay"]["ci95"], 0)
        self.assertEqual(table["controls"][0]["delay"]["difference"], 0)
        os.mkdir(self.path("runs"))
        self.write("runs/district-benchmark-1.csv", "kept")
        b_name = "runs/district-benchmark-2.csv"  # the first that is free
        out = self.jingwei(*command).out
        self.assertIn("table: %s\n" % b_name, out)
        for word in ("max-pressure", "travel_time, s", "conflicts", "+-"):
            self.assertIn(word, out)
        with open(self.path("a.csv"), encoding="utf-8") as a, open(self.path(b_name), encoding="utf-8") as b:
            text = a.read()
            self.assertEqual(text, b.read())
        self.assertTrue(text.startswith("control,measure,unit,mean,ci95,"))

    def test_refused(self):
        self.write("broken.lua", "return scenario { title = 'x', signals = { control = function() return 'x' end } }")
        district = play.scene("district.lua")
        self.refused("benchmark", saying="SCENE")
        self.refused("benchmark", district, "--seeds", "4", saying="from 5")
        self.refused("benchmark", district, "--minutes", "0", saying="minutes")
        self.refused("benchmark", district, "--controls", "fixed,best", "--quiet", saying=["best", "max-pressure"])
        self.refused("benchmark", district, "--controls", "fixed,nowhere.lua", "--quiet", saying="nowhere.lua")
        self.refused("benchmark", district, "--controls", "fixed,broken.lua", "--minutes", "1", "--quiet", limit_s=30,
                     saying=["broken", "green phase"])


class Effects(play.Play):
    def test_table(self):
        self.write("quiet.lua", "return scenario { title = 'Quiet', measures = { 'twin.requests_sent' }, params = { "
                   "param { id = 'mechanism', type = 'boolean', label = 'On', default = true } }, on_start = function(twin, _, p) "
                   "twin:set_coupling { name = 'signals', on = not p.mechanism } end }")
        district = play.scene("district.lua")
        out = self.jingwei("effects", district, "quiet.lua", "--seeds", "2", "--minutes", "0.5", "--quiet").out
        for word in ("2 seeds of 0.5 min", "quiet: Quiet", "twin.requests_sent", "runs/district-effects-1.csv"):
            self.assertIn(word, out)
        with open(self.path("runs/district-effects-1.csv"), encoding="utf-8") as table:
            self.assertEqual(len(table.read().splitlines()), 2)

    def test_refused(self):
        district = play.scene("district.lua")
        self.write("plain.lua", "return scenario { title = 'x' }")
        self.refused("effects", saying="SCENE")
        self.refused("effects", district, saying="scenarios")
        self.refused("effects", district, "plain.lua", "--seeds", "1", saying="from 2")
        self.refused("effects", district, "plain.lua", "--quiet", saying=["plain.lua:1", "measures"])
        self.refused("effects", district, "nowhere.lua", "--quiet", saying="nowhere.lua")
        self.refused("effects", district, "plain.lua", "--out", "plain.lua", saying=["plain.lua", "overwritten"])


class Speed(play.Play):
    def test_bench_events(self):
        if play.SANITIZED:
            self.skipTest("a sanitizer's speed says nothing")
        out = self.jingwei("bench", "events").out
        self.assertEqual(len(re.findall(r"^events, \d+ pending +[\d.]+ +\([\d.]+ \.\. [\d.]+\) +M events/s$", out,
                                        re.M)), 4, out)

    def test_bench_scene(self):
        if play.SANITIZED:
            self.skipTest("a sanitizer's speed says nothing")
        out = self.jingwei("bench", "scene", play.scene("district.lua"), "--vehicles", 50, "--threads", 1).out
        for word in ("load", "warm-up", "x real time", "snapshot", "restore", "MB"):
            self.assertIn(word, out)


if __name__ == "__main__":
    play.main()
