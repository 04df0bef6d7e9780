#!/usr/bin/env python3
"""assign on a network whose equilibrium is known: two ways alike but for their order share the traffic by halves."""
import csv
import os
import xml.etree.ElementTree as ET

import play

# From s over a or b, each a lane of 300 m at 3 m/s, to e. Krauss drivers who dawdle: one lets some 700 veh/h through.
NET = """<net>
  <edge id="s" from="1" to="2"><lane id="s_0" index="0" speed="15" length="600" shape="0,-2 600,-2"/>
    <lane id="s_1" index="1" speed="15" length="600" shape="0,2 600,2"/></edge>
  <edge id="a" from="2" to="3"><lane id="a_0" index="0" speed="3" length="300" shape="610,-2 750,-50 900,-2"/></edge>
  <edge id="b" from="2" to="3"><lane id="b_0" index="0" speed="3" length="%g" shape="610,2 750,50 900,2"/></edge>
  <edge id="e" from="3" to="4"><lane id="e_0" index="0" speed="15" length="600" shape="910,-2 1510,-2"/>
    <lane id="e_1" index="1" speed="15" length="600" shape="910,2 1510,2"/></edge>
  <junction id="1" type="dead_end" x="0" y="0" incLanes="" intLanes="" shape=""/>
  <junction id="2" type="priority" x="605" y="0" incLanes="s_0 s_1" intLanes="" shape=""/>
  <junction id="3" type="priority" x="905" y="0" incLanes="a_0 b_0" intLanes="" shape=""/>
  <junction id="4" type="dead_end" x="1510" y="0" incLanes="e_0 e_1" intLanes="" shape=""/>
  <connection from="s" to="a" fromLane="0" toLane="0" dir="s" state="M"/>
  <connection from="s" to="b" fromLane="1" toLane="0" dir="s" state="M"/>
  <connection from="a" to="e" fromLane="0" toLane="0" dir="s" state="M"/>
  <connection from="b" to="e" fromLane="0" toLane="1" dir="s" state="M"/></net>
"""
CONFIG = """<configuration><input><net-file value="x.net.xml"/><route-files value="x.rou.xml"/></input>
  <time><begin value="0"/><end value="1800"/></time></configuration>"""
ROUTES = """<routes><flow id="f" from="s" to="e" begin="0" end="1800" vehsPerHour="%d" departLane="best"
  departSpeed="max"/></routes>"""


class Assign(play.Play):
    def assign(self, length_m, per_hour, *more):
        self.write("x.net.xml", NET % length_m)
        self.write("x.rou.xml", ROUTES % per_hour)
        self.write("x.sumocfg", CONFIG)
        return self.jingwei("assign", "x.sumocfg", "--iterations", 25, "--gap", 0.02, "--out", "out", "--quiet", *more)

    def count_ways(self):
        routes = [v.find("route").get("edges").split() for v in ET.parse(self.path("out/routes.rou.xml")).getroot()
                  .findall("vehicle")]
        return sum("a" in r for r in routes), sum("b" in r for r in routes)

    def test_two_ways_alike(self):
        told = self.assign(300, 1500)
        rows = [line.split() for line in told.out.splitlines() if line.strip() and line.split()[0].isdigit()]
        with open(self.path("out/gap.csv")) as file:
            gaps = [float(row["relative_gap"]) for row in csv.DictReader(file)]
        self.assertEqual([float(row[1]) for row in rows], [round(gap, 4) for gap in gaps])  # printed as written
        self.assertGreater(gaps[0], 0.2)  # all by one way at first
        self.assertLess(gaps[-1], 0.02)
        self.assertLess(gaps[-1], 0.1 * gaps[0])
        self.assertIn("converged after", told.out)
        by_a, by_b = self.count_ways()
        self.assertEqual(by_a + by_b, 750)
        self.assertAlmostEqual(by_a / 750, 0.5, delta=0.08)
        plot = ET.parse(self.path("out/gap.svg")).getroot()
        self.assertTrue(plot.tag.endswith("svg"))
        text = "".join(plot.itertext())
        self.assertIn("gap", text)
        lines = [e for e in plot.iter() if e.tag.endswith("polyline") or e.tag.endswith("path")]
        self.assertTrue(lines)

    def test_the_longer_way_carries_less(self):
        # By 60 m longer, 20 s: used only as far as the queue before the other is worth the detour.
        told = self.assign(360, 1000, "--json").json()
        self.assertLess(told["iterations"][-1]["relative_gap"], 0.1 * told["iterations"][0]["relative_gap"])
        by_a, by_b = self.count_ways()
        self.assertEqual(by_a + by_b, 500)
        self.assertGreater(by_a, 1.3 * by_b)
        self.assertGreater(by_b, 30)

    def test_refused(self):
        self.write("x.net.xml", NET % 300)
        self.refused("assign", "x.net.xml", "--gap", "much", saying="--gap")
        self.refused("assign", "nothing.lua", saying="nothing.lua")

    def test_results_lie_among_the_others(self):
        self.write("x.net.xml", NET % 300)
        self.write("x.rou.xml", ROUTES % 100)
        self.write("x.sumocfg", CONFIG)
        for n in (1, 2):
            self.jingwei("assign", "x.sumocfg", "--iterations", 2, "--quiet")
            self.assertTrue(os.path.isdir(self.path("runs", "x-assign-%d" % n)))


if __name__ == "__main__":
    play.main()
