#!/usr/bin/env python3
"""Bad input: each is refused with status 2, the place and a remedy; nothing is written, soon and in little memory."""
import gzip
import os

import play

SCENE = """local default_city = include "lib/default_city"
return scene {
  title = { en = "Bad" },
  map = plan { style = "district", area_km2 = 2 },
  params = { defaults = default_city.params },
  build = %s,
}
"""
HEAD = '<?xml version="1.0"?>\n<osm version="0.6">\n'


def road_map(*roads):
    """OSM text of straight roads, each ((lat, lon), (lat, lon)) with nodes of its own."""
    lines = [HEAD]
    for i, road in enumerate(roads):
        for j, (lat, lon) in enumerate(road):
            lines.append('<node id="%d" lat="%.7f" lon="%.7f"/>\n' % (10 * i + j + 1, lat, lon))
    for i in range(len(roads)):
        lines.append('<way id="%d"><nd ref="%d"/><nd ref="%d"/><tag k="highway" v="residential"/></way>\n' % (
            1000 + i, 10 * i + 1, 10 * i + 2))
    return "".join(lines) + "</osm>\n"


class Files(play.Play):
    def refused_everywhere(self, name, saying):
        """What is no map is none for any command that takes one."""
        self.refused("run", name, "--until", "10s", "--out", "out", saying=saying)
        self.refused("import", name, "-o", "out.gpkg", saying=saying)
        result = self.jingwei("check", name, status=2)
        for text in [saying] if isinstance(saying, str) else saying:
            self.assertIn(text, result.err, result)
        self.assertNotIn(" is fine", result.out)
        self.assertEqual(len([x for x in result.err.splitlines() if saying[-1] in x]), 1, "told twice: %s" % result)

    def test_missing(self):
        for name in ("nowhere.osm", "nowhere.osm.gz", "nowhere.osm.pbf", "nowhere.gpkg"):
            self.refused_everywhere(name, [name, "no such file"])
        self.refused("run", "nowhere.lua", saying=["nowhere.lua", "no such file"])

    def test_empty(self):
        for name in ("empty.osm", "empty.osm.gz", "empty.osm.pbf", "empty.gpkg"):
            self.write(name, b"")
            self.refused_everywhere(name, [name, "empty"])
        self.write("empty.lua", "")
        self.refused("run", "empty.lua", saying=["empty.lua"])
        self.write("hollow.osm.gz", gzip.compress(b""))
        self.refused_everywhere("hollow.osm.gz", ["hollow.osm.gz"])

    def test_cut(self):
        with open(play.data("village.osm"), "rb") as file:
            village = file.read()
        with open(play.data("village.osm.pbf"), "rb") as file:
            packed = file.read()
        self.write("cut.osm", village[:len(village) // 2])
        packed_text = gzip.compress(village)
        self.write("cut.osm.gz", packed_text[:len(packed_text) // 2])
        self.write("cut.osm.pbf", packed[:len(packed) // 2])
        for name in ("cut.osm", "cut.osm.gz", "cut.osm.pbf"):
            self.refused_everywhere(name, [name, "cut"])
        self.assertIn("cut.osm:%d:" % (village[:len(village) // 2].count(b"\n") + 1),
                      self.refused("run", "cut.osm").err)
        self.jingwei("import", play.data("village.osm"), "-o", "whole.gpkg")
        with open(self.path("whole.gpkg"), "rb") as file:
            whole = file.read()
        self.write("cut.gpkg", whole[:len(whole) // 2])
        self.refused_everywhere("cut.gpkg", ["cut.gpkg"])

    def test_binary(self):
        junk = bytes((i * 73 + i // 251) % 256 for i in range(100000))
        for name in ("junk.osm", "junk.osm.gz", "junk.osm.pbf", "junk.gpkg", "junk.lua"):
            self.write(name, junk)
            self.refused("run", name, "--until", "10s", saying=name)
        self.write("other.osm", '<?xml version="1.0"?>\n<html><body>404</body></html>\n')
        self.refused_everywhere("other.osm", ["other.osm"])
        self.write("precompiled.lua", b"\x1bLua" + junk)
        self.refused("run", "precompiled.lua", saying="precompiled.lua")
        self.write("map.txt", "hello")
        self.refused("run", "map.txt", saying=["map.txt", ".osm.pbf"])

    def test_bombs(self):
        with gzip.open(self.path("blank.osm.gz"), "wb", 9) as file:
            file.write(HEAD.encode())
            for _ in range(512):
                file.write(b" " * (1 << 20))
        nodes = b'<node id="1" lat="39" lon="116"/>' * 4096
        with gzip.open(self.path("nodes.osm.gz"), "wb", 9) as file:
            file.write(HEAD.encode())
            for _ in range(4096):
                file.write(nodes)
        for name in ("blank.osm.gz", "nodes.osm.gz"):
            self.assertLess(os.path.getsize(self.path(name)), 4 << 20)
            self.refused_everywhere(name, [name, "inflates"])

    def test_huge_attribute(self):
        piece = b"1" * (1 << 20)
        with open(self.path("long.osm"), "wb") as file:
            file.write(HEAD.encode() + b'<node id="1" lon="116" lat="')
            for _ in range(100):
                file.write(piece)
            file.write(b'"/></osm>')
        self.refused_everywhere("long.osm", ["long.osm:3", "attribute"])

    def test_entities(self):
        self.write("laughs.osm", '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "ha">' + "".join(
            '<!ENTITY %s "%s">' % (chr(98 + i), ("&%s;" % chr(97 + i)) * 10) for i in range(9)) +
            ']><osm version="0.6"><node id="1" lat="39" lon="116"><tag k="name" v="&j;"/></node></osm>')
        self.refused_everywhere("laughs.osm", ["laughs.osm"])

    def test_directory(self):
        for name in ("folder.osm", "folder.gpkg", "folder.lua", "folder.osm.pbf"):
            os.mkdir(self.path(name))
            self.refused("run", name, saying=[name, "is a directory"])
        self.refused("import", "folder.osm", "-o", "out.gpkg", saying=["folder.osm", "directory"])
        self.refused("import", "folder.gpkg", "-o", "out.gpkg", saying=["folder.gpkg", "directory"])

    def test_without_roads(self):
        self.write("bare.osm", HEAD + '<node id="1" lat="39" lon="116"/></osm>\n')
        self.refused_everywhere("bare.osm", ["bare.osm", "no road", "jingwei plan"])
        self.write("path.osm", road_map(((39, 116), (39.001, 116))).replace("residential", "footway"))
        self.refused_everywhere("path.osm", ["path.osm", "no road"])

    def test_disconnected_roads_run_and_are_told(self):
        """Two islands: a city all the same; what has no way between is named."""
        streets = [((39 + d, 116 + d), (39 + d, 116.004 + d)) for d in (0, 0.02)]
        self.write("islands.osm", road_map(*streets))
        self.jingwei("run", "islands.osm", "--until", "2min", "--out", "out")
        result = self.jingwei("check", "islands.osm")
        self.assertIn("0.68 of 1.36 km", result.err)  # 0.004 degrees at 39 degrees north are 346 m

    def test_places_out_of_the_world(self):
        self.write("moon.osm", road_map(((139, 116), (139.001, 116))))
        self.refused_everywhere("moon.osm", ["moon.osm", "no road"])
        self.write("far.osm", road_map(((39, 116), (39.001, 116)), ((-39, -64), (-39.001, -64))))
        self.refused("run", "far.osm", "--until", "10s", saying="far.osm")


class Scenes(play.Play):
    def bad_scene(self, text, *saying, **more):
        self.write("bad.lua", text)
        result = self.refused("run", "bad.lua", "--until", "10s", "--out", "out", saying=saying, **more)
        checked = self.jingwei("check", "bad.lua", status=2)
        self.assertIn(saying[0], checked.err, checked)
        return result

    def test_syntax(self):
        self.bad_scene("return scene {\n  title = { en = 'x' },\n  map = = 3,\n}\n", "bad.lua:3:")

    def test_warm(self):
        for warm, saying in (('"soon"', "length of time"), ('"5h"', "at most 120 min"), ('"0.3s"', "time steps"),
                             ("5", "text")):
            self.bad_scene(SCENE.replace("  params", "  warm = %s,\n  params" % warm) % "default_city.build",
                           "bad.lua:5:", saying)

    def test_no_scene(self):
        self.bad_scene("local x = 1\n", "bad.lua", "return scene")
        self.bad_scene("return 5\n", "bad.lua", "return scene")

    def test_endless_loop(self):
        self.bad_scene("local x = 0\nwhile true do x = x + 1 end\n", "bad.lua:2:", "never end")
        self.bad_scene(SCENE % "function(city, p)\n  while true do end\nend", "bad.lua:7:", "never end")
        self.bad_scene("local function f() return f() end\nreturn f()\n", "bad.lua:1:")
        self.bad_scene("local function f() return 1 + f() end\nreturn f()\n", "bad.lua:1:")
        self.bad_scene('return ("x"):rep(1000):find(("x*"):rep(50) .. "y")\n', "bad.lua:1:")

    def test_huge_table(self):
        self.bad_scene("local t = {}\nfor i = 1, 1e9 do\n  t[i] = { i }\nend\n", "bad.lua:3:", "MB")
        self.bad_scene('local s = "x"\nfor i = 1, 60 do\n  s = s .. s\nend\n', "bad.lua:3:")
        self.bad_scene('local s = ("x"):rep(1e10)\n', "bad.lua:1:")

    def test_runtime_errors(self):
        self.bad_scene(SCENE % "function(city, p)\n  city:nothing()\nend", "bad.lua:7:")
        self.bad_scene(SCENE % "function(city, p)\n  return p.no_such\nend", "bad.lua:7:", "no_such", "params")
        self.bad_scene(SCENE.replace("area_km2 = 2", "area_km2 = 1e9") % "default_city.build", "bad.lua:4:", "area_km2")
        self.bad_scene(SCENE.replace("area_km2 = 2", "aera_km2 = 2") % "default_city.build", "bad.lua:4:", "aera_km2")
        self.bad_scene("os.execute('touch out')\n", "bad.lua:1:", "os")
        self.bad_scene('return include "../../etc/passwd"\n', "bad.lua:1:")
        self.bad_scene('return include "nowhere"\n', "bad.lua:1:", "nowhere")
        self.bad_scene(SCENE.replace('plan { style = "district", area_km2 = 2 }', 'osm "nowhere.osm"') %
                       "default_city.build", "nowhere.osm", "no such file")

    def test_scenario(self):
        district = play.scene("district.lua")
        for text, saying in (
                ("return scenario {\n", "bad.lua:"),
                ("return 5\n", "bad.lua"),
                ('return scenario {\n  title = { en = "x" },\n  timelime = {},\n}\n', "timelime"),
                ('return scenario {\n  title = { en = "x" },\n  timeline = { ["25:99"] = function() end },\n}\n', "25:99"),
                ("while true do end\n", "bad.lua:1:")):
            self.write("bad.lua", text)
            self.refused("run", district, "--until", "10s", "--script", "bad.lua", saying=saying)
        self.refused("run", district, "--until", "10s", "--script", "nowhere.lua", saying=["nowhere.lua", "no such"])
        self.refused("run", district, "--until", "10s", "--script", play.scene("xiongan.lua"), saying="xiongan.lua")

    def test_failing_handler_is_told_and_the_run_goes_on(self):
        self.write("late.lua", 'return scenario {\n  title = { en = "x" },\n  timeline = {\n'
                               '    ["+1min"] = function(twin) error("boom") end,\n  },\n}\n')
        result = self.jingwei("run", play.scene("district.lua"), "--until", "2min", "--script", "late.lua",
                              "--no-results", "--json")
        self.assertEqual(result.json()["sim_s"], 120)
        self.assertIn("late.lua:4", result.err)
        self.assertIn("boom", result.err)


NET = '{ "nodes": [ { "id": "a", "pos": [116, 39] }, { "id": "b", "pos": [117, 39] } ],\n' \
      '  "edges": [ { "source": "a", "target": "%s", "dist": 100, "capacity_gbps": %s } ] }\n'
TRACE = "TIMESTAMP,ContextTokens,GeneratedTokens\n"


class Networks(play.Play):
    """Links, units, traces, models and tiers of a scene: refused with the element, or warned of where it may be meant."""

    def build(self, line, files, status):
        for name, text in files.items():
            self.write(name, text)
        self.write("bad.lua", SCENE % ("function(city, p)\n    default_city.build(city, p)\n    %s\n  end" % line))
        return self.jingwei("run", "bad.lua", "--until", "10s", "--no-results", "--quiet", status=status)

    def test_what_is_refused(self):
        topology = 'city:topology { file = "net.json", join = { a = "%s" } }'
        trace = 'city:llm_trace { id = "t", at = city:blocks { by = "jobs", count = 1 } [1], file = "t.csv" }'
        fibre = 'city:fibre { shape = "ring", capacity_gbps = %s }'
        site = 'city:site { id = "x", tier = "%s", at = { x = 0, y = 0 }, racks = { { card = "%s", count = %s } } }'
        row = "2023-11-16 18:15:47,5,5\n"
        for line, files, saying in (
                # links to nowhere
                (topology % "city-cloud", {"net.json": NET % ("nowhere", 1)}, ["net.json", "link 0", '"nowhere" is no node']),
                (topology % "nowhere", {"net.json": NET % ("b", 1)}, ["bad.lua:8", '"a" is joined to "nowhere"', "no site or node"]),
                ('city:fibre { shape = "ring", capacity_gbps = 1, through = { "edge-1", "nowhere" } }', {},
                 ["bad.lua:8", 'no site or node "nowhere"']),
                # capacities of zero and below, and beyond all units
                (topology % "city-cloud", {"net.json": NET % ("b", 0)}, ["net.json", "link 0 (a to b)", "above 0"]),
                (topology % "city-cloud", {"net.json": NET % ("b", -100)}, ["net.json", "link 0 (a to b)", "above 0"]),
                (topology % "city-cloud", {"net.json": NET % ("b", 100e9)}, ["net.json", "link 0 (a to b)", "1e6 Gbit/s"]),
                (fibre % 0, {}, ["bad.lua:8", "capacity_gbps", "from 0.001"]),
                (fibre % -1, {}, ["bad.lua:8", "capacity_gbps", "from 0.001"]),
                (fibre % 100e9, {}, ["bad.lua:8", "capacity_gbps", "Gbit/s"]),
                # traces
                (trace, {"t.csv": "time,prompt\n1,2\n"}, ["t.csv", "TIMESTAMP"]),
                (trace, {"t.csv": TRACE + row + row.replace("47", "46")}, ["t.csv:3", "before that of the row above", "sort"]),
                (trace, {"t.csv": TRACE + row.replace(",5,5", ",1000000000,5")}, ["t.csv:2", "between 1 and 2e+06"]),
                (trace, {"t.csv": TRACE + row.replace(",5,5", ",5,1000000000")}, ["t.csv:2", "between 1 and 2e+06"]),
                # a model that no site's memory holds, on eight cards of 24 GB where two services are already
                ('city:rollout { model = "llama2-70b", version = 1, tiers = { "edge" } }', {},
                 ['site "edge-1"', '"llama2-70b"', "add cards, or a smaller model"]),
                # tiers are six and no site stands above another one: there is nothing that could be a loop
                (site % ("edge-1", "ascend-310p", 1), {}, ["bad.lua:8", '"tier" is "edge-1"', "roadside|base_station|park|edge"]),
                (site % ("edge", "ascend-310p", 0), {}, ["bad.lua:8", '"count" is 0']),
                (site % ("edge", "abacus", 1), {}, ["bad.lua:8", 'no card "abacus"', "cards.lua"])):
            with self.subTest(line=line, files=files):
                result = self.build(line, files, 2)
                for text in saying:
                    self.assertIn(text, result.err, result)

    def test_what_is_warned_of(self):
        """Mbit/s written as Gbit/s, bit/s as Mbit/s: it runs, and says so."""
        topology = 'city:topology { file = "net.json", join = { a = "city-cloud" } }'
        fibre = 'city:fibre { shape = "star", capacity_gbps = %s }'
        for line, files, saying in (
                (topology, {"net.json": NET % ("b", 400000)}, ["net.json", '"a"', "is its unit right?"]),
                (topology, {"net.json": NET % ("b", 1e-5)}, ["net.json", '"a"', "is its unit right?"]),
                (fibre % 100000, {}, ["bad.lua:8", '"capacity_gbps" is 100000 Gbit/s', "is its unit right?"]),
                (fibre % 0.001, {}, ["bad.lua:8", '"capacity_gbps" is 0.001 Gbit/s', "is its unit right?"]),
                ("city:cells { spacing_m = 1000, fibre_gbps = 25000 }", {}, ["bad.lua:8", '"fibre_gbps"', "is its unit right?"])):
            with self.subTest(line=line):
                result = self.build(line, files, 0)
                for text in saying:
                    self.assertIn(text, result.err, result)
        self.assertNotIn("unit", self.build(fibre % 100, {}, 0).err)

    def test_traces_of_the_command_line(self):
        for text, saying in (("time,prompt\n1,2\n", ["t.csv", "TIMESTAMP"]),
                             (TRACE + "2023-11-16 18:15:47,1000000000,5\n", ["t.csv:2"]),
                             (TRACE + "2023-11-16 18:15:47,5,5\n2023-11-16 18:15:46,5,5\n", ["t.csv:3", "sort"])):
            self.write("t.csv", text)
            self.refused("serving", "t.csv", saying=saying)


class Options(play.Play):
    def bad(self, *arguments, saying=()):
        self.refused("run", play.scene("district.lua"), *arguments, saying=saying)

    def test_parameters(self):
        self.bad("--set", "edge_site=3", saying=['"edge_site" (did you mean "edge_sites"?)\n'])
        self.bad("--set", "edge_sites=21", saying=["edge_sites", "from 0 to 20"])
        self.bad("--set", "edge_sites=-1", saying=["edge_sites", "from 0 to 20"])
        self.bad("--set", "edge_sites=2.5", saying=["edge_sites", "whole number"])
        self.bad("--set", "edge_sites=many", saying=["edge_sites", "no number"])
        self.bad("--set", "edge_sites=nan", saying="edge_sites")
        self.bad("--set", "edge_sites=", saying="edge_sites")
        self.bad("--set", "ai_signals=perhaps", saying=["ai_signals", "true or false"])
        self.bad("--set", "edge_sites", saying="id=value")
        self.bad("--set", "=3", saying="id=value")
        self.bad("--set", "x" * 5000 + "=3", saying="id=value")
        self.bad(*["--set=edge_sites=1"] * 65, saying="64")
        self.bad("--set", "cut_minute=3", saying="cut_minute")  # a parameter of a scenario that is not loaded
        self.bad("--script", play.script("data_flow.lua"), "--set", "cut_minute=999", saying=["cut_minute", "60"])

    def test_times(self):
        for text in ("", "5", "5x", "min", "-5min", "1e9h", "nans", "infmin", "25:61", "8", "08:00:99", "08:00x",
                     "99999999999999999999:00", "721h", "::", "5 min"):
            self.bad("--until", text, saying=["--until", "30min"])
        self.bad("--until", "0s", saying=["--until", "start at 07:30"])
        self.bad("--until", "07:30", saying=["--until", "start at 07:30"])
        self.bad("--until")

    def test_numbers(self):
        for text in ("0", "-1", "1.5", "x", "", "1e300", "0x10", "1 "):
            self.bad("--seed", text, saying=["--seed", "whole number"])
            self.bad("--threads", text, saying=["--threads", "1 to 256"])
        self.bad("--threads", "257", saying="1 to 256")
        for text in ("", "1", "x", "10x", "0x0", "-5x5", "99999x99999", "640x480x3", "640 x 480", "8x8"):
            self.bad("--size", text, saying=["--size", "1280x720"])

    def test_operands_and_options(self):
        district = play.scene("district.lua")
        self.refused("run", saying="FILE")
        self.refused("run", district, district, saying="second")
        self.bad("--frobnicate", saying=["--frobnicate", "--help"])
        self.bad("--untli=3", saying="'--untli=3' (did you mean \"--until\"?)")
        self.bad("-until", saying="'-until' (did you mean \"--until\"?)")
        self.refused("rnu", saying="(did you mean \"run\"?)")
        self.bad("-x", saying="-x")
        self.bad("--json=yes", saying="takes no value")
        self.bad("--out", saying="needs a value")
        self.bad("--out", "a", "--no-results", saying="--no-results")
        self.refused("run", "--", "--json", saying="--json")  # after -- it is a file's name
        self.refused("frobnicate", saying=["frobnicate", "--help"])
        self.refused("--frobnicate", saying=["--frobnicate", "--help"])
        self.refused("plan", "x.osm", saying="x.osm")
        for option, text in (("--area", "x"), ("--area", "-4"), ("--area", "1e6"), ("--area", "nan"), ("--seed", "1.5"),
                             ("--clusters", "1.5"), ("--clusters", "1e6"), ("--block", "1"), ("--density", "1e9"),
                             ("--style", "paris")):
            self.refused("plan", option, text, "-o", "plan.gpkg")
        self.refused("import", saying="FILE")
        self.refused("check", saying="FILE")
        self.refused("report", saying="RUN")
        self.refused("report", "nowhere", saying="nowhere")
        self.refused("compare", "nowhere", saying="two RUN")
        self.refused("compare", "nowhere", "nowhere", saying="nowhere")
        self.refused("compare", "a", "b", "c", saying="c")
        self.refused("bench", "frobnicate", saying="frobnicate")
        self.refused("bench", "events", "x", saying="x")
        self.refused("bench", "--threads", "0", saying="--threads")
        self.refused("doc", saying="meta")
        self.refused("doc", "frobnicate", saying="meta")

    def test_picture_that_cannot_be_written(self):
        """Refused at once, not after the run: no GL is needed to know."""
        self.bad("--screenshot", "nowhere/city.png", "--until", "20h", saying="city.png")


if __name__ == "__main__":
    play.main()
