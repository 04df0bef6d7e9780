#!/usr/bin/env python3
"""Real maps ($JINGWEI_DATA): a map alone is a scene; vehicles depart, none is lost, threads change nothing."""
import sqlite3

import play


class RealMaps(play.Play):
    def five_minutes(self, name):
        path = play.real_data(name)
        one, two = (self.jingwei("run", path, "--until", "5min", "--json", "--threads", n, "--out", "run-%d" % n,
                                 limit_s=600).json() for n in (1, 2))
        self.assertEqual(one["state_hash"], two["state_hash"])
        trips, requests = one["trips"], one["requests"]
        self.assertGreater(trips["departed"], 0)
        self.assertEqual(trips["departed"], trips["arrived"] + trips["running"])
        self.assertEqual(trips.get("removed", 0), 0)
        self.assertGreater(requests["answered"], 0)
        self.assertEqual(requests["sent"], requests["answered"] + requests["lost"] + requests["in_flight"])
        base = sqlite3.connect(self.path("run-1/results.gpkg"))
        self.addCleanup(base.close)
        self.assertEqual(base.execute("select count(*) from run_trips").fetchone(), (trips["arrived"],))
        if not play.SANITIZED:
            self.assertLess(one["peak_rss_bytes"], play.GIB)

    def test_monaco(self):
        self.five_minutes("monaco.osm.gz")

    def test_krems(self):
        self.five_minutes("krems.osm.gz")


if __name__ == "__main__":
    play.main()
