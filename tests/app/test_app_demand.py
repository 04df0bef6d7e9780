#!/usr/bin/env python3
"""Demand from files, and calibrate: a matrix beside a scene is driven, named by line where it is wrong, and scaled."""
import json

import play

SCENE = """return scene { title = "matrix", start = "07:00", map = plan { style = "district", area_km2 = 2, seed = 3 },
  build = function(city, p)
    city:demand { model = "od", file = "%s",
                  zones = { west = { { x = -3000, y = -3000 }, { x = 0, y = -3000 }, { x = 0, y = 3000 }, { x = -3000, y = 3000 } } } }
  end }
"""
HEADER = "from,to,begin,end,count,class\n"
ROWS = [("block:0", "block:9", 400), ("block:20", "block:3", 300), ("gate:0", "gate:2", 600), ("west", "block:7", 200)]


def matrix(times):
    return HEADER + "".join("%s,%s,07:00,08:00,%d,\n" % (a, b, round(n * times[k % len(times)])) for k, (a, b, n) in enumerate(ROWS))


class Demand(play.Play):
    def test_a_matrix_is_driven(self):
        self.write("m.csv", matrix([1]))
        self.write("m.lua", SCENE % "m.csv")
        told = self.jingwei("run", "m.lua", "--until", "08:00", "--json", "--no-results", "--quiet").json()["trips"]
        self.assertGreaterEqual(told["departed"] + told["waiting"], 1490)  # of 1500, but those within one street
        self.assertLessEqual(told["departed"] + told["waiting"], 1500)

    def test_a_wrong_line_is_named(self):
        self.write("m.lua", SCENE % "m.csv")
        self.write("m.csv", matrix([1]) + "block:0,nowhere,07:00,08:00,5,\n")
        self.refused("run", "m.lua", "--until", "1min", "--no-results", saying=["m.csv:6", 'no zone "nowhere"'])
        self.write("m.csv", matrix([1]) + "block:0,block:1,08:00,07:00,5,\n")
        told = self.jingwei("check", "m.lua", status=2)
        self.assertIn("m.csv:6", told.err)
        self.assertIn("must end later", told.err)
        self.write("m.lua", SCENE % "none.csv")
        self.refused("run", "m.lua", saying="none.csv")

    def test_calibrate(self):
        self.write("m.lua", SCENE % "m.csv")
        self.write("m.csv", matrix([1.7, 0.6]))
        edges = range(0, 170, 2)
        self.write("all.csv", "edge,begin,end,count\n" + "".join("%d,07:15,08:00,0\n" % e for e in edges))
        truth = self.jingwei("calibrate", "m.lua", "--counts", "all.csv", "--iterations", 1, "--json", "--quiet").json()
        seen = [(row["edge"], row["before"]) for row in truth["counts"] if row["before"] > 60]
        self.assertGreater(len(seen), 15)
        self.write("seen.csv", "edge,begin,end,count\n" + "".join("%d,07:15,08:00,%d\n" % row for row in seen))
        self.write("m.csv", matrix([1]))
        told = self.jingwei("calibrate", "m.lua", "--counts", "seen.csv", "--out", "better.csv", "--seed", 4, "--iterations", 4)
        self.assertIn("mean GEH", told.out)
        self.write("better.lua", SCENE % "better.csv")
        worse, better = (json.loads(self.jingwei("calibrate", name, "--counts", "seen.csv", "--iterations", 1, "--json",
                                                 "--quiet").out) for name in ("m.lua", "better.lua"))
        self.assertLess(better["geh_mean_before"], 0.5 * worse["geh_mean_before"])
        self.assertGreater(better["below_5_before"], 0.85)

    def test_bad_calls(self):
        self.write("m.lua", SCENE % "m.csv")
        self.write("m.csv", matrix([1]))
        self.write("c.csv", "edge,begin,end,count\n1,07:15,08:00,10\n9999,07:15,08:00,10\n")
        self.refused("calibrate", "m.lua", saying="--counts")
        self.refused("calibrate", "--counts", "c.csv", saying="which SCENE")
        self.refused("calibrate", "m.lua", "--counts", "c.csv", saying=["c.csv:3", "edge: 9999"])
        self.refused("calibrate", play.scene("district.lua"), "--counts", "c.csv", "--iterations", 0, saying="--iterations")


if __name__ == "__main__":
    play.main()
