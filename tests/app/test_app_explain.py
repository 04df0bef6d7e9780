#!/usr/bin/env python3
"""explain: parts sum to the figure, the figure is the run's, requests have an id, a way and times; bad input."""
import csv
import json
import math
import os
import sqlite3

import play


class Explain(play.Play):
    def explain(self, folder, metric, *arguments, **more):
        return self.jingwei("explain", self.path(folder), metric, *arguments, **more)

    def table(self, folder, metric, *arguments):
        self.explain(folder, metric, "--csv", self.path("out.csv"), *arguments)
        with open(self.path("out.csv"), encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        figure = [row for row in rows if row["kind"] == "figure"]
        self.assertEqual(len(figure), 1)
        parts = [(int(row["depth"]), row["id"], float(row["value"])) for row in rows if row["kind"] == "part"]
        self.assert_sums(float(figure[0]["value"]), parts, 0)
        return float(figure[0]["value"]), parts, [row for row in rows if row["kind"] == "request"]

    def assert_sums(self, whole, parts, depth):
        """Those at `depth` sum to the whole, and below each what follows it until the next."""
        tops = [i for i, part in enumerate(parts) if part[0] == depth]
        self.assertAlmostEqual(sum(parts[i][2] for i in tops), whole, places=8)
        for i, end in zip(tops, tops[1:] + [len(parts)]):
            if end > i + 1:
                self.assert_sums(parts[i][2], parts[i + 1:end], depth + 1)

    def test_a_run(self):
        self.jingwei("run", play.scene("district.lua"), "--until", "07:36", "--out", self.path("run"), "--quiet")
        db = sqlite3.connect(self.path("run", "results.gpkg"))
        last = " where time = (select max(time) from %s)"
        oee, parts, _ = self.table("run", "oee")
        told = db.execute("select 100 * avg(oee) from run_production_lines" + last % "run_production_lines").fetchone()[0]
        self.assertAlmostEqual(oee, told, places=6)
        self.assertIn("quality/boards-1", [part[1] for part in parts])
        delay, parts, _ = self.table("run", "delay")
        told = db.execute("select avg(max(delay_s, 0)) from run_trips").fetchone()[0]
        self.assertAlmostEqual(delay, told, places=6)
        with open(self.path("run", "summary.json"), encoding="utf-8") as file:
            self.assertAlmostEqual(delay, json.load(file)["trips"]["mean_delay_s"], places=3)
        self.assertIn("standing/car", [part[1] for part in parts])
        on_time, parts, requests = self.table("run", "on_time", "--requests", 20)
        told = db.execute("select 100.0 * sum(answered - late) / sum(answered + lost) from run_request_types" +
                          last % "run_request_types").fetchone()[0]
        self.assertAlmostEqual(on_time, told, places=6)
        self.assertEqual(len(requests), 20)
        self.assertEqual(len({row["id"] for row in requests}), 20)
        late = [float(row["value"]) for row in requests if row["outcome"] == "late"]
        self.assertGreater(len(late), 2)
        self.assertEqual(late, sorted(late, reverse=True))
        for row in requests:
            self.assertTrue(row["sender"] and row["id"].rsplit("-", 1)[1].isdigit())
            if row["outcome"] == "lost":
                self.assertEqual(float(row["value"]), -1)
            else:
                ways = sum(float(row[way]) for way in ("before_ms", "up_ms", "compute_ms", "down_ms"))
                self.assertAlmostEqual(ways, float(row["value"]), delta=1e-4 * ways)
                self.assertTrue(row["site"])
        db.close()
        text = self.explain("run", "oee").out
        self.assertIn("mean OEE of", text)
        self.assertIn("Requests behind it", text)
        self.assertIn("小汽车", self.explain("run", "delay", "--lang", "zh").out)
        chinese = self.explain("run", "on_time", "--requests", 20, "--lang", "zh").out
        self.assertRegex(chinese, "(摄像机|车辆) [0-9]+ -> ")
        self.assertNotRegex(chinese, "(camera|vehicle) [0-9]")
        self.assertIn("平均 OEE", self.explain("run", "oee", "--lang", "zh").out)
        bad = self.explain("run", "happiness", status=2).err
        self.assertIn('no metric "happiness"', bad)
        self.assertIn("delay, oee, on_time, tfp", bad)
        self.assertIn("has closed 0 quarters", self.explain("run", "tfp", status=2).err)

    def test_a_roadmap(self):
        self.jingwei("roadmap", play.scene("parks.lua"), "--minutes", 2, "--quiet", "--years", 0.75, "--out",
                     self.path("road"), "--policy", play.script(os.path.join("policies", "west_first.lua")))
        with open(self.path("road", "quarters.csv"), encoding="utf-8") as file:
            quarters = list(csv.DictReader(file))
        for number, row in enumerate(quarters, 1):
            figure, parts, requests = self.table("road", "tfp", "--quarter", number)
            self.assertAlmostEqual(math.exp(figure / 100), float(row["tfp"]), places=7)
            self.assertEqual([part[1] for part in parts],
                             ["margin", "services", "energy", "capital", "people", "delay"])
            self.assertEqual([r["outcome"] != "answered" for r in requests[:1]], [True])  # the worst first
        kept = self.explain("road", "tfp", "--requests", 3, "--quarter", 1)
        self.assertRegex(kept.out, r"signal-\d+|assistant-\d+")
        with open(self.path("road", "requests-1.csv"), encoding="utf-8") as file:
            self.assertTrue(file.readline().startswith("created,type,outcome,latency_ms,"))
        os.remove(self.path("road", "requests-1.csv"))
        self.assertIn("No requests are kept", self.explain("road", "tfp", "--quarter", 1).out)
        self.assertIn("has 3 quarters", self.explain("road", "tfp", "--quarter", 9, status=2).err)
        self.assertIn("there are: tfp", self.explain("road", "oee", status=2).err)

    def test_no_run(self):
        self.assertIn("neither a run", self.explain("nowhere", "oee", status=2).err)
        self.assertIn("which RUN", self.jingwei("explain", status=2).err)


if __name__ == "__main__":
    play.main()
