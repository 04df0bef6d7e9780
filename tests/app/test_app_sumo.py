#!/usr/bin/env python3
"""A SUMO configuration with stops, zones, detectors and people: it runs, and what is written in SUMO's forms reads back
and adds up."""
import json
import shutil
import xml.etree.ElementTree as ET

import play

ROUTES = """<routes>
  <vType id="car" sigma="0"/>
  <flow id="f" type="car" begin="0" end="240" period="6" fromTaz="west" toTaz="east" departSpeed="max" departLane="best"/>
  <trip id="round" type="car" depart="1" from="sc" to="ze" via="pr"/>
  <vehicle id="waits" type="car" depart="2"><route edges="wc cp pz ze"/><stop lane="cp_0" endPos="100" duration="30"/></vehicle>
  <vehicle id="lost" depart="3"><route edges="wc ze"/></vehicle>
  <person id="p" depart="0"><walk edges="wc cp"/></person>
</routes>
"""
ADDITIONAL = """<additional>
  <taz id="west" edges="wc"/><taz id="east"><tazSink id="ze"/></taz>
  <inductionLoop id="one" lane="wc_0" pos="-20" freq="60" file="loops.xml"/>
  <inductionLoop id="two" lane="wc_1" pos="-20" freq="60" file="loops.xml"/>
  <laneAreaDetector id="area" lane="ze_0" pos="20" endPos="-30" freq="1000" file="area.xml"/>
  <inductionLoop id="last" lane="ze_0" pos="100" freq="1000" file="last.xml"/>
  <calibrator id="c" edge="wc"/>
</additional>
"""
CONFIG = """<configuration><input><net-file value="town.net.xml"/><route-files value="x.rou.xml"/>
  <additional-files value="x.add.xml"/></input><output><tripinfo-output value="trips.xml"/></output>
  <time><begin value="0"/><end value="600"/><step-length value="0.5"/></time></configuration>
"""


def number(element, key):
    return float(element.get(key))


class Sumo(play.Play):
    def setUp(self):
        super().setUp()
        shutil.copy(play.data("sumo/town.net.xml"), self.path("town.net.xml"))
        self.write("x.rou.xml", ROUTES)
        self.write("x.add.xml", ADDITIONAL)
        self.write("x.sumocfg", CONFIG)

    def read(self, name):
        return ET.parse(self.path(name)).getroot()

    def run_all(self):
        told = self.jingwei("run", "x.sumocfg", "--json", "--quiet", "--out", "run", "--summary-output", "summary.xml",
                            "--fcd-output", "fcd.xml", "--edgedata-output", "edges.xml")
        return told, told.json()["trips"]

    def test_outputs_add_up(self):
        told, trips = self.run_all()
        self.assertEqual(trips["arrived"], 42)
        infos = self.read("trips.xml").findall("tripinfo")
        self.assertEqual(len(infos), 42)
        self.assertEqual(len({i.get("id") for i in infos}), 42)
        for info in infos:
            self.assertAlmostEqual(number(info, "arrival") - number(info, "depart"), number(info, "duration"), places=2)
        waits = [i for i in infos if i.get("id") == "waits"][0]
        self.assertGreaterEqual(number(waits, "stopTime"), 30)
        self.assertLess(number(waits, "timeLoss"), number(waits, "duration") - 30)
        steps = self.read("summary.xml").findall("step")
        self.assertEqual(len(steps), 1200)
        for step in steps:
            self.assertEqual(number(step, "inserted"), number(step, "running") + number(step, "ended"))
        self.assertEqual(number(steps[-1], "arrived"), 42)
        moments = self.read("fcd.xml").findall("timestep")
        self.assertEqual(len(moments), 1200)
        for step, moment in zip(steps, moments):
            self.assertEqual(number(step, "running"), len(moment.findall("vehicle")))
        edges = {e.get("id"): e for e in self.read("edges.xml").find("interval").findall("edge")}
        self.assertEqual(sum(number(e, "departed") for e in edges.values()), 42)
        self.assertEqual(sum(number(e, "arrived") for e in edges.values()), 42)
        self.assertEqual(number(edges["ze"], "arrived"), 42)
        self.assertEqual(number(edges["wc"], "left"), number(edges["wc"], "departed"))
        self.assertGreaterEqual(number(edges["pr"], "entered"), 1)
        seconds = sum(number(e, "sampledSeconds") for e in edges.values())
        duration = sum(number(i, "duration") for i in infos)
        # The rest of the time they were inside junctions.
        self.assertLess(seconds, duration)
        self.assertGreater(seconds, 0.85 * duration)

    def test_detectors(self):
        self.run_all()
        rows = self.read("loops.xml").findall("interval")
        self.assertEqual(len(rows), 20)
        self.assertEqual([number(r, "begin") for r in rows[0::2]], [60.0 * k for k in range(10)])
        self.assertEqual(sum(number(r, "nVehEntered") for r in rows), 41)  # all from the west
        self.assertEqual(sum(number(r, "nVehContrib") for r in rows), 41)
        for row in rows:
            self.assertAlmostEqual(number(row, "flow"), number(row, "nVehContrib") * 60, places=2)
            self.assertTrue(0 <= number(row, "occupancy") <= 100)
            if number(row, "nVehEntered"):
                self.assertLessEqual(number(row, "harmonicMeanSpeed"), number(row, "speed") + 0.01)
        last = self.read("last.xml").findall("interval")
        self.assertEqual([(number(r, "begin"), number(r, "end"), number(r, "nVehEntered")) for r in last], [(0, 600, 42)])

    def test_area_detectors(self):
        self.run_all()
        row, = self.read("area.xml").findall("interval")
        self.assertEqual((number(row, "nVehEntered"), number(row, "nVehLeft")), (42, 42))
        length = [lane for lane in self.read("town.net.xml").iter("lane") if lane.get("id") == "ze_0"][0].get("length")
        way = number(row, "meanSpeed") * number(row, "sampledSeconds")
        self.assertAlmostEqual(way / (42 * (float(length) - 50)), 1, places=2)
        self.assertTrue(0 < number(row, "meanOccupancy") < 100)

    def test_what_is_not_modelled_is_named(self):
        told, _ = self.run_all()
        with open(self.path("run/manifest.json")) as file:
            noted = {item["what"]: item["count"] for item in json.load(file)["not_modelled"]}
        self.assertEqual(noted["element calibrator"], 1)
        self.assertEqual(noted["element person"], 1)
        for what in noted:
            self.assertIn(what, told.err)
        self.assertIn("lost", told.err)  # the route that is not connected
        self.assertIn("not connected", told.err)

    def test_a_detectors_file_that_cannot_be_written(self):
        self.write("x.add.xml", ADDITIONAL.replace("last.xml", "/proc/nowhere/last.xml"))
        told = self.jingwei("run", "x.sumocfg", "--no-results", "--quiet", "--until", "10s", status=2)
        self.assertIn("/proc/nowhere/last.xml", told.err)


if __name__ == "__main__":
    play.main()
