#!/usr/bin/env python3
"""place on the district: tables, map and layers agree, and what cannot be placed is named."""
import csv
import os
import sqlite3
import xml.etree.ElementTree as ET

import play

SMALL = ["--seeds", 2, "--minutes", 1, "--candidates", 12, "--quiet", "--out", "out"]

BARE = """return scene { title = "bare", map = plan { style = "district", area_km2 = 1 }, build = function(city)
  city:site { id = "a", tier = "edge", at = { x = 0, y = 0 }, racks = { { card = "ascend-310p", count = 1 } } }
end }"""


class Place(play.Play):
    def scene(self):
        return os.path.join(play.source, "scenes", "district.lua")

    def test_three_sites(self):
        told = self.jingwei("place", self.scene(), "--sites", 3, "--json", *SMALL).json()
        methods = {row["method"]: row for row in told["methods"]}
        self.assertEqual(list(methods), ["greedy", "exact", "k-means", "random"])
        self.assertTrue(told["proven"])
        self.assertGreater(told["demands"], 10)
        for row in methods.values():
            self.assertGreaterEqual(row["way_us"], methods["exact"]["way_us"])
            self.assertEqual(len({site["candidate"] for site in row["sites"]}), 3)
            self.assertGreater(row["p50"]["mean"], 0)
            self.assertGreaterEqual(row["p95"]["mean"], row["p50"]["mean"])
        with open(self.path("out/measures.csv")) as file:
            rows = {(row["method"], row["measure"]): row for row in csv.DictReader(file)}
        self.assertEqual(len(rows), 4 * 8)
        self.assertAlmostEqual(float(rows["greedy", "p95"]["mean"]), methods["greedy"]["p95"]["mean"], places=6)
        with open(self.path("out/sites.csv")) as file:
            self.assertEqual(len(list(csv.DictReader(file))), 12)
        plot = ET.parse(self.path("out/place.svg")).getroot()
        self.assertIn("greedy", "".join(plot.itertext()))
        layers = sqlite3.connect(self.path("out/place.gpkg"))
        count = {name: layers.execute("select count(*) from " + name).fetchone()[0]
                 for name in ("demand", "candidates", "sites")}
        self.assertEqual(count, {"demand": told["demands"], "candidates": 12, "sites": 12})

    def test_what_is_said_of_random_follows_from_the_table(self):
        """The sentence stands there when, and only when, no figure is marked as better; marks are the intervals'."""
        said = set()
        for demand, seeds in ((1, 2), (4, 4)):
            arguments = ["--sites", 3, "--demand", demand, "--seeds", seeds, "--minutes", 1, "--candidates", 12, "--quiet"]
            text = self.jingwei("place", self.scene(), "--out", "text%d" % demand, *arguments).out
            told = self.jingwei("place", self.scene(), "--out", "json%d" % demand, "--json", *arguments).json()
            marks = {1: 0, -1: 0}
            for row in told["methods"]:
                for cell in (row[key] for key in row if isinstance(row[key], dict)):
                    if row["method"] != "random" and abs(cell["difference"]) > cell["difference_ci95"]:
                        marks[1 if cell["difference"] > 0 else -1] += 1
            table = [line for line in text.splitlines() if line.split(" ")[0] in ("greedy", "exact", "k-means", "random")]
            self.assertEqual(len(table), 4)
            self.assertEqual((marks[-1], marks[1]), (told["better_than_random"], told["worse_than_random"]))
            self.assertEqual((sum(x.count("*") for x in table), sum(x.count("!") for x in table)), (marks[-1], marks[1]))
            says = "No answer is better than random" in text
            self.assertEqual(says, marks[-1] == 0, text)
            self.assertEqual("some are worse" in text, says and marks[1] > 0, text)
            said.add(says)
        print("said that nothing is better than random:", said)

    def test_refused(self):
        self.refused("place", self.scene(), saying="how many --sites?")
        self.refused("place", self.scene(), "--sites", 3, "--demand", 0, saying="a factor from 0.01")
        self.refused("place", "--sites", 3, saying="which SCENE?")
        self.refused("place", self.scene(), "--sites", 0, saying="--sites 0: a whole number from 1")
        self.refused("place", self.scene(), "--sites", 13, *SMALL, saying="13 sites are wanted, and there are 12 candidates")
        self.write("bare.lua", BARE)
        self.refused("place", "bare.lua", "--sites", 3, *SMALL, saying="no demand for computing")
        os.mkdir(self.path("out"))
        self.refused("place", self.scene(), "--sites", 3, *SMALL, saying="exists already")


if __name__ == "__main__":
    play.main()
