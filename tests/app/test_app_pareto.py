#!/usr/bin/env python3
"""pareto on the district: table, plot and JSON agree, the front holds what nobody beats, and what cannot be is named."""
import csv
import os
import xml.etree.ElementTree as ET

import play

SMALL = ["--seeds", 2, "--minutes", 1, "--sizes", "0.15,1", "--methods", "none", "--cards", "1", "--quiet", "--out", "out"]


class Pareto(play.Play):
    def scene(self):
        return os.path.join(play.source, "scenes", "district.lua")

    def test_the_front(self):
        told = self.jingwei("pareto", self.scene(), "--json", *SMALL).json()
        rows = told["candidates"]
        self.assertEqual(len(rows), 2 * 2 * 3 + 1)
        front = [row for row in rows if row["on_front"]]
        self.assertGreater(len(front), 1)
        for row in rows:
            self.assertEqual(row["refusal"], "")
            self.assertNotEqual(row["on_front"], "dominated_by" in row)
            if row["on_front"]: # nobody beats it in everything
                self.assertFalse([other for other in rows if other["right"]["mean"] > row["right"]["mean"] + other["right"]["ci95"]
                                  and all(other[key]["mean"] < row[key]["mean"] - other[key]["ci95"] - row[key]["ci95"]
                                          for key in ("p95", "power", "cost"))])
            else:
                better = next(other for other in rows if other["candidate"] == row["dominated_by"])
                self.assertGreaterEqual(better["right"]["mean"] + better["right"]["ci95"] + row["right"]["ci95"], row["right"]["mean"])
                for key in ("p95", "power", "cost"):
                    self.assertLessEqual(better[key]["mean"], row[key]["mean"] + row[key]["ci95"] + better[key]["ci95"])
        by_name = {row["candidate"]: row for row in rows}
        small, tuned = by_name["0.15x at edge, 1 card"], by_name["0.15x tuned at edge, 1 card"]
        large = by_name["1x at edge, 1 card"]
        self.assertLess(small["quality"]["mean"], large["quality"]["mean"])
        self.assertGreater(tuned["quality"]["mean"], small["quality"]["mean"])
        self.assertLess(small["p95"]["mean"], large["p95"]["mean"])
        with open(self.path("out/pareto.csv")) as file:
            table = list(csv.DictReader(file))
        self.assertEqual([row["candidate"] for row in table], [row["candidate"] for row in rows])
        for line, row in zip(table, rows):
            self.assertAlmostEqual(float(line["p95"]), row["p95"]["mean"], places=5)
        plot = "".join(ET.parse(self.path("out/pareto.svg")).getroot().itertext())
        for row in front:
            self.assertIn(row["candidate"], plot)

    def test_refused(self):
        self.refused("pareto", saying="which SCENE?")
        self.refused("pareto", self.scene(), "--service", "weather", *SMALL, saying='no request type "weather"')
        self.refused("pareto", self.scene(), "--sizes", "1,huge", saying="--sizes 1,huge: up to 8 numbers from 0.01 to 10")
        self.refused("pareto", self.scene(), "--cards", "-1", saying="--cards -1: up to 8 whole numbers")
        self.refused("pareto", self.scene(), "--budget-kw", "lots", saying="--budget-kw lots: a number from")
        self.refused("pareto", self.scene(), "--minutes", 1, "--quiet", "--out", "out", "--methods", "zip",
                     saying='the catalogue has no compression "zip"')
        self.assertFalse(os.path.exists(self.path("out")))
        os.mkdir(self.path("out"))
        self.refused("pareto", self.scene(), *SMALL, saying="exists already")


if __name__ == "__main__":
    play.main()
