#!/usr/bin/env python3
"""roadmap on the parks: time series and orders, a policy beside none, kill and resume, what is refused."""
import csv
import os
import signal
import time
import xml.etree.ElementTree as ET

import play

BAD = """return scenario { title = "bad", quarter = function(twin)
  twin:fund_park { name = "park-1", cny = 9e12 }
  twin:deploy_model { model = "signal-vision", version = 77 }
  twin:place_edge_site { name = "new", x = 0, y = 0, card = "no-such-card" }
end }"""
BROKEN = """return scenario { title = "broken", quarter = function(twin)
  twin:nonsense()
end }"""
SMALL = """local default_city = include "lib/default_city"
return scene {
  title = "small", map = plan { style = "district", area_km2 = 1, seed = 3 }, start = "07:30",
  params = {
    param { id = "demand", type = "number", default = 2, min = 0, max = 3, label = "Demand" },
    param { id = "ai_signals", type = "boolean", default = true, label = "Signals by AI" },
    param { id = "way", type = "choice", default = "latency", choices = { "latency", "nonsense" }, label = "Way" },
  },
  build = function(city, p)
    default_city.build(city, { edge_sites = 2, edge_cards = 4, edge_battery = 0, city_cards = 8, cell_spacing = 450,
      fibre_capacity = 100, demand = p.demand, bus_lines = 0, bus_headway = 10, connected_share = 0.4, home_data = 9,
      digital_road = false, core_delay = 0, policy = p.way, desks = false, breakdowns = 0, bus_priority = false,
      ai_signals = p.ai_signals })
  end,
}"""
WEST = os.path.join("policies", "west_first.lua")


class Roadmap(play.Play):
    def roadmap(self, *arguments, **more):
        return self.jingwei("roadmap", play.scene("parks.lua"), "--minutes", 2, "--quiet", *arguments, **more)

    def rows(self, *names):
        with open(self.path(*names), encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def text(self, *names):
        with open(self.path(*names), "rb") as file:
            return file.read()

    def test_a_policy_beside_none(self):
        none = self.roadmap("--years", 1, "--out", "none", "--json").json()
        self.roadmap("--years", 1, "--out", "west", "--policy", play.script(WEST))
        self.assertEqual(none["orders"], [])
        self.assertEqual([row["quarter"] for row in none["quarters"]], [1, 2, 3, 4])
        before, after = self.rows("none", "quarters.csv"), self.rows("west", "quarters.csv")
        self.assertEqual(len(before), 4)
        for row, told in zip(before, none["quarters"]):
            self.assertAlmostEqual(float(row["oee"]), told["oee"], places=9)
            self.assertEqual(row["hash"], told["hash"])
            self.assertGreater(float(row["requests"]), 100)
        self.assertEqual(before[3]["parks_complete"], before[0]["parks_complete"])
        self.assertGreater(float(after[3]["parks_complete"]), float(before[3]["parks_complete"]))
        self.assertLess(float(after[3]["fund_cny"]), float(before[3]["fund_cny"]))
        orders = self.rows("west", "orders.csv")
        self.assertGreater(len(orders), 20)
        parks = [o for o in orders if o["order"].startswith(("fund_park", "equip_park"))]
        self.assertTrue(all(o["at"].startswith("lib/parks.lua:") and "lacks" in o["reason"] for o in parks))
        self.assertIn("chengdu-chongqing", parks[0]["reason"])
        self.assertTrue(all(o["outcome"] == "done" for o in orders))
        chart = ET.parse(self.path("west", "roadmap.svg")).getroot()
        self.assertIn("4 quarters", "".join(chart.itertext()))

    def test_every_policy_runs(self):
        for name in sorted(os.listdir(play.script("policies"))):
            policy = os.path.join(play.script("policies"), name)
            told = self.roadmap("--years", 0.75, "--out", name, "--policy", policy, "--set", "parks_per_quarter=2")
            orders = self.rows(name, "orders.csv")
            self.assertEqual((len(self.rows(name, "quarters.csv")), told.err), (3, ""), name)
            self.assertTrue(all(o["outcome"] == "done" for o in orders), orders)
            self.assertTrue(any(o["order"].startswith("require_approval") for o in orders), name)
            self.assertEqual(any(o["order"] == "wire_data mode=fabric" for o in orders), name == "fabric_first.lua")

    def test_money_that_is_not_there(self):
        poor = ["--years", 0.5, "--set", "city_budget=0.1"]
        self.write("greedy.lua", """return scenario { title = "greedy", quarter = function(twin)
  twin:order_cards { card = "ascend-910b", site = "city-cloud", count = 64 }
  twin:require_approval {}
  twin:deploy_model { model = "signal-vision", version = 2 }
  twin:export_control { rule = "oct2023" }
  twin:order_cards { card = "l40s", site = "city-cloud", count = 1 }
end }""")
        told = self.roadmap(*poor, "--policy", "greedy.lua", "--out", "greedy")
        for text in ["greedy.lua:2: quarter 1: refused: city cannot pay", "greedy.lua:4: quarter 1: refused:",
                     "approv", "greedy.lua:6: quarter 1: refused: order_cards: \"l40s\" may not be bought"]:
            self.assertIn(text, told.err)
        self.assertEqual(len(self.rows("greedy", "quarters.csv")), 2)

    def test_killed_and_resumed(self):
        whole = ["--years", 1.5, "--policy", play.script(WEST)]
        self.roadmap(*whole, "--out", "whole", "--threads", 1)
        running = self.start("roadmap", play.scene("parks.lua"), "--minutes", 2, *whole, "--out", "cut", "--threads", 2)
        while not os.path.exists(self.path("cut", "state.jwr")) and running.process.poll() is None:
            time.sleep(0.01)
        running.send(signal.SIGKILL)
        running.end()
        self.jingwei("roadmap", "--resume", "cut", "--quiet", "--threads", 2)
        for name in ["quarters.csv", "orders.csv", "roadmap.json", "roadmap.svg"]:
            self.assertEqual(self.text("whole", name), self.text("cut", name))
        longer = self.jingwei("roadmap", "--resume", "cut", "--years", 1.75, "--quiet", "--json").json()
        self.assertEqual(len(longer["quarters"]), 7)

    def test_bad_orders_are_refused_and_it_goes_on(self):
        self.write("bad.lua", BAD)
        told = self.roadmap("--years", 0.5, "--policy", "bad.lua", "--out", "bad")
        for text in ["bad.lua:2: quarter 1: refused: fund cannot pay", "bad.lua:3: quarter 2: refused:",
                     "bad.lua:4: quarter 1: refused: site \"new\": the catalogue has no card \"no-such-card\""]:
            self.assertIn(text, told.err)
        self.roadmap("--years", 0.5, "--out", "none")
        bad, none = self.rows("bad", "quarters.csv"), self.rows("none", "quarters.csv")
        for row, other in zip(bad, none):
            self.assertEqual((row["refused"], row["orders"]), ("3", "3"))
            self.assertEqual((row["delay_s"], row["tfp"], row["fund_cny"]),
                             (other["delay_s"], other["tfp"], other["fund_cny"]))

    def small(self, *arguments, **more):
        return self.jingwei("roadmap", "small.lua", "--years", 0.5, "--minutes", 2, *arguments, **more)

    def test_tornado_and_bands(self):
        self.write("small.lua", SMALL)
        told = self.small("--tornado", "--seeds", 2, "--measure", "energy_kwh_per_h", "--threads", 1, "--out", "one")
        self.assertIn("of 9 roadmaps", told.err)  # four changes and the roadmap itself with two seeds, less its own
        self.assertIn("jingwei: way=nonsense: ", told.err)
        self.assertNotIn(" nonsense", told.out)
        self.small("--out", "two", "--quiet")
        self.jingwei("roadmap", "--resume", "two", "--tornado", "--seeds", 2, "--measure", "energy_kwh_per_h", "--threads", 2,
                     "--quiet")
        for name in ["tornado.csv", "tornado.svg", "bands.csv", "roadmap.svg", "quarters.csv"]:
            self.assertEqual(self.text("one", name), self.text("two", name), name)
        rows = self.rows("one", "tornado.csv")
        self.assertEqual(sorted(row["to"] for row in rows), ["1.6", "2.4", "false", "nonsense"])
        refused = [row for row in rows if row["refusal"]]
        self.assertEqual([(row["to"], row["energy_kwh_per_h_effect"]) for row in refused], [("nonsense", "")])
        spans = [(float(row["tfp_span"]), float(row["energy_kwh_per_h_span"])) for row in rows]
        self.assertEqual(spans, sorted(spans, reverse=True))
        self.assertGreater(spans[0][1], 0)
        # Without cameras there is less to compute: by as much as two roadmaps by hand say.
        ends = {}
        for seed in [1, 2]:
            for signals in ["true", "false"]:
                name = "%s-%d" % (signals, seed)
                self.small("--seed", seed, "--set", "ai_signals=" + signals, "--out", name, "--quiet")
                ends[signals, seed] = float(self.rows(name, "quarters.csv")[1]["energy_kwh_per_h"])
        effect = sum(ends["false", seed] - ends["true", seed] for seed in [1, 2]) / 2
        row = next(row for row in rows if row["parameter"] == "ai_signals")
        self.assertLess(effect, 0)
        self.assertAlmostEqual(float(row["energy_kwh_per_h_effect"]), effect, places=7)
        band = next(row for row in self.rows("one", "bands.csv")
                    if (row["quarter"], row["measure"]) == ("2", "energy_kwh_per_h"))
        self.assertAlmostEqual(float(band["seed_2"]), ends["true", 2], places=9)
        self.assertAlmostEqual(float(band["mean"]), (ends["true", 1] + ends["true", 2]) / 2, places=9)
        self.assertIn("ai_signals", "".join(ET.parse(self.path("one", "tornado.svg")).getroot().itertext()))
        self.assertIn("95 % interval", "".join(ET.parse(self.path("one", "roadmap.svg")).getroot().itertext()))

    def test_a_tornado_is_stopped(self):
        self.write("small.lua", SMALL)
        running = self.start("roadmap", "small.lua", "--years", 5, "--minutes", 2, "--tornado", "--seeds", 50, "--threads", 2,
                             "--out", "cut")
        running.wait_for(" roadmaps")
        running.send(signal.SIGINT)
        told = running.end()
        self.assertEqual(told.status, 1, told)
        self.assertIn("the roadmap itself is kept: jingwei roadmap --resume cut --tornado", told.err)
        self.assertEqual(len(self.rows("cut", "quarters.csv")), 20)
        self.assertFalse(os.path.exists(self.path("cut", "tornado.csv")))

    def test_refused(self):
        self.refused("roadmap", saying="which SCENE?")
        scene = play.scene("parks.lua")
        self.refused("roadmap", scene, "--years", 0.3, saying="--years 0.3: years in whole quarters")
        self.refused("roadmap", scene, "--seeds", 0, saying="--seeds 0: a whole number from 1 to 100")
        self.refused("roadmap", scene, "--tornado", "--measure", "joy", saying="--measure joy: one of delay_s")
        self.refused("roadmap", scene, "--policy", "nowhere.lua", saying="nowhere.lua")
        self.refused("roadmap", "--resume", "nowhere", saying="state.jwr")
        self.refused("roadmap", scene, "--resume", "x", saying="goes on as it was begun")
        self.refused("roadmap", scene, "--policy", play.script("cloud_cut.lua"), "--out", "none",
                     saying=["cloud_cut.lua:1", "it is no policy"])
        self.assertFalse(os.path.exists(self.path("none")))
        self.write("broken.lua", BROKEN)
        told = self.roadmap("--years", 0.25, "--policy", "broken.lua", "--out", "broken", status=2)
        self.assertIn("broken.lua:2: twin has no method \"nonsense\"", told.err)
        os.mkdir(self.path("out"))
        self.refused("roadmap", scene, "--out", "out", saying="exists already")


if __name__ == "__main__":
    play.main()
