#!/usr/bin/env python3
"""`jingwei run`: what it prints, what it leaves behind, and what it does when it is stopped or the disk is full."""
import os
import pty
import re
import signal
import sqlite3
import subprocess
import time

import play

KEYS = {
    "scene": str, "seed": int, "threads": int, "warm_s": float, "sim_s": float, "load_s": float, "wall_s": float,
    "vehicle_updates": int, "events": int, "state_hash": str, "peak_rss_bytes": int, "trips": dict, "requests": dict,
    "energy_wh": float, "carbon_kg": float, "traffic_co2_kg": float, "phases": dict,
}
TRIPS = {"departed": int, "running_at_start": int, "arrived": int, "running": int, "waiting": int, "stuck": int, "mean_travel_time_s": float,
         "mean_delay_s": float}
REQUESTS = {"sent": int, "in_flight_at_start": int, "answered": int, "lost": int, "in_flight": int, "late": int, "p50_ms": float,
            "p95_ms": float, "p99_ms": float}
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


def is_alive(gpkg):
    """A GeoPackage that a reader can open: the database is whole and names its layers."""
    with sqlite3.connect(gpkg) as base:
        base.execute("pragma query_only = 1")
        whole = base.execute("pragma integrity_check").fetchall() == [("ok",)]
        layers = [name for (name,) in base.execute("select table_name from gpkg_contents")]
    base.close()
    return whole and "roads" in layers


class Summary(play.Play):
    def keys(self, found, wanted):
        for key, kind in wanted.items():
            self.assertIn(key, found)
            self.assertIs(type(found[key]), kind, key)

    def run_json(self, *arguments, **more):
        result = self.jingwei("run", play.scene("district.lua"), "--until", "5min", "--json", *arguments, **more)
        return result.json(), result

    def links(self, *arguments):
        """Handovers and failed links of a run."""
        result = self.jingwei("run", play.scene("district.lua"), "--until", "10min", "--no-results", *arguments)
        found = re.search(r"^  radio +\d+ users, (\d+) handovers \(\d+ ping-pongs\), (\d+) links failed$", result.out, re.M)
        self.assertTrue(found, result)
        return int(found[1]), int(found[2])

    def test_links_fail_rarely(self):
        """On the way links are handed over in time: all but few (1 %) where hardly anybody else sends; beside
        the homes' traffic neighbours drown some orders to hand over, measured 0.7 %, at most 2 %."""
        handovers, failed = self.links("--set", "home_data=0")
        self.assertGreater(handovers, 100)
        self.assertLess(failed, 0.01 * handovers)
        handovers, failed = self.links()
        self.assertLess(failed, 0.02 * handovers)

    def test_json_has_all_keys_and_adds_up(self):
        summary, result = self.run_json("--no-results")
        self.keys(summary, KEYS)
        self.keys(summary["trips"], TRIPS)
        self.keys(summary["requests"], REQUESTS)
        self.assertEqual(summary["scene"], "district")
        self.assertEqual(summary["sim_s"], 300)
        self.assertEqual(summary["threads"], 1)
        self.assertRegex(summary["state_hash"], "^[0-9a-f]{16}$")
        self.assertTrue(all(type(s) is float and s >= 0 for s in summary["phases"].values()))
        trips, requests = summary["trips"], summary["requests"]
        self.assertGreater(trips["arrived"], 0)
        self.assertEqual(trips["departed"], trips["arrived"] + trips["running"] + trips.get("removed", 0))
        self.assertLess(trips["mean_delay_s"], trips["mean_travel_time_s"])
        self.assertGreater(requests["answered"], 0)
        self.assertEqual(requests["sent"], requests["answered"] + requests["lost"] + requests["in_flight"])
        self.assertLessEqual(requests["late"], requests["answered"])
        self.assertTrue(0 < requests["p50_ms"] <= requests["p95_ms"] <= requests["p99_ms"])
        self.assertGreater(summary["energy_wh"], 0)
        self.assertGreaterEqual(summary["vehicle_updates"], trips["running"])
        self.assertGreater(summary["peak_rss_bytes"], 1 << 20)
        self.assertIn("simulating", result.err)  # the talk goes to standard error
        self.assertEqual(self.listing(), [self.path("")])  # --no-results

    def test_begins_warm(self):
        """The streets are alive at the start; what happened before is not counted."""
        cache = os.path.join(self.path("cache"), "jingwei")
        summaries = [self.run_json("--no-results", "--until", "1s", environment={"XDG_CACHE_HOME": self.path("cache")})[0]
                     for _ in range(2)]
        self.assertEqual(len(os.listdir(cache)), 1)
        for summary in summaries:
            trips, requests = summary["trips"], summary["requests"]
            self.assertEqual((summary["sim_s"], summary["warm_s"]), (1, 1200))
            self.assertGreater(trips["running_at_start"], 50)
            self.assertLess(trips["departed"], trips["running_at_start"] + 10)
            self.assertLess(trips["arrived"], 10)
            self.assertLess(requests["sent"], 100)
            self.assertLess(summary["energy_wh"], 100)
            self.assertLess(summary["vehicle_updates"], 2 * trips["departed"] + 1)
        kept = {key: value for key, value in summaries[0].items() if key not in
                ("load_s", "wall_s", "peak_rss_bytes", "phases")}
        self.assertEqual(kept, {key: summaries[1][key] for key in kept})

    def test_hash_knows_seed_but_not_threads(self):
        hashes = [self.run_json("--no-results", "--threads", n)[0]["state_hash"] for n in (1, 1, 2, 3)]
        self.assertEqual(len(set(hashes)), 1, hashes)
        hashes.append(self.run_json("--no-results", environment={"XDG_CACHE_HOME": "/proc/nowhere"})[0]["state_hash"])
        self.assertEqual(len(set(hashes)), 1, hashes)  # nor whether the warm-up was kept
        other = self.run_json("--no-results", "--seed", 2)[0]
        self.assertEqual(other["seed"], 2)
        self.assertNotEqual(other["state_hash"], hashes[0])

    def test_first_second_is_valid_json(self):
        summary = self.jingwei("run", play.scene("district.lua"), "--until", "1s", "--json", "--no-results",
                               "--quiet").json()
        self.assertLess(summary["trips"]["arrived"], 10)  # the warm-up is not counted

    def test_text_and_quiet(self):
        result = self.jingwei("run", play.scene("district.lua"), "--until", "07:31", "--no-results", "--quiet")
        self.assertEqual(result.err, "")
        for word in ("60 s simulated", "trips", "CO2 of traffic", "requests", "energy of data", "state"):
            self.assertIn(word, result.out)
        self.assertNotIn("  script ", result.out)

    def test_what_the_scenario_says_is_printed_and_logged(self):
        script = self.write("say.lua", """return scenario { title = "Talker", every = { ["60s"] = function(twin)
            twin:log("Said at " .. twin:time()) end } }""")
        out = self.jingwei("run", play.scene("district.lua"), "--script", script, "--until", "3min", "--quiet", "--out",
                           self.path("said")).out
        said = re.findall(r"^    07:\d\d:\d\d (Said at .*)$", out, re.M)
        self.assertGreaterEqual(len(said), 2, out)
        with open(self.path("said", "log.txt"), encoding="utf-8") as log:
            self.assertEqual(re.findall(r"^07:\d\d:\d\d\.\d{3} (Said at .*)$", log.read(), re.M), said)

    def test_a_run_goes_on_until_its_scenario_is_told(self):
        for lasts_min, sim_s in ((1, 600), (12, 721)):
            script = self.write("lasts.lua", "return scenario { title = 'x', lasts_min = %d }" % lasts_min)
            out = self.jingwei("run", play.scene("district.lua"), "--script", script, "--no-results", "--quiet").out
            self.assertIn(" %d s simulated" % sim_s, out)

    def test_text_names_the_script_and_leaves_out_what_is_not_there(self):
        script = play.script("data_flow.lua")
        out = self.jingwei("run", play.scene("district.lua"), "--script", script, "--set", "cut_minute=1", "--until", "2min",
                           "--no-results", "--quiet").out
        self.assertRegex(out, r"  script +" + re.escape(script) + r": [1-9]\d* events")
        out = self.jingwei("run", play.data("sumo/town.sumocfg"), "--until", "60s", "--no-results", "--quiet").out
        for word in ("requests", "energy"):
            self.assertNotIn(word, out)

    def test_terminal_has_a_bar(self):
        try:
            ours, theirs = pty.openpty()
        except OSError as reason:
            self.skipTest("no terminal can be made here: %s" % reason)
        with open(self.path("out"), "wb") as out:
            process = subprocess.Popen([play.binary, "run", play.scene("district.lua"), "--until", "10min",
                                        "--no-results"], stdin=subprocess.DEVNULL, stdout=out, stderr=theirs)
        os.close(theirs)
        told = b""
        try:
            while True:
                piece = os.read(ours, 65536)
                told += piece
                if not piece:
                    break
        except OSError:
            pass  # the other end was closed
        os.close(ours)
        self.assertEqual(process.wait(), 0)
        text = told.decode()
        self.assertIn("[##############################] 100 %  07:40", text)
        self.assertTrue(text.endswith("\r"), "the bar is wiped")
        self.assertNotIn("\n", text)

    def test_parameters_change_the_run(self):
        plain, _ = self.run_json("--no-results")
        empty, _ = self.run_json("--no-results", "--set", "demand=0", "--set=bus_lines=0")
        self.assertEqual(empty["trips"]["departed"], 0)
        self.assertNotEqual(plain["state_hash"], empty["state_hash"])

    def test_scenarios_act_and_their_parameters_are_known(self):
        plain, _ = self.run_json("--no-results")
        for name in ("morning_peak", "data_flow", "ai_rollout", "rainy_morning", "stadium_event", "road_works"):
            acted, result = self.run_json("--no-results", "--script", play.script(name + ".lua"))
            self.assertNotEqual(acted["state_hash"], plain["state_hash"], name)
            self.assertNotIn("error", result.err)
        soon, _ = self.run_json("--no-results", "--script", play.script("data_flow.lua"), "--set", "cut_minute=1")
        late, _ = self.run_json("--no-results", "--script", play.script("data_flow.lua"), "--set", "cut_minute=4")
        self.assertNotEqual(soon["state_hash"], late["state_hash"])


class Help(play.Play):
    def test_help_and_version(self):
        commands = ["view", "run", "import", "plan", "check", "report", "compare", "calibrate", "benchmark", "effects",
                    "bench", "doc"]
        out = self.jingwei("--help").out
        for command in commands:
            self.assertIn("\n  %s " % command, out)
            result = self.jingwei(command, "--help", status=None)
            if command == "view" and "JW_VIEW=OFF" in result.out + result.err:
                continue  # says that this build has no window
            self.assertEqual(result.status, 0, result)
            self.assertTrue(result.out.startswith("Usage: jingwei %s" % command), result)
            self.assertEqual(result.err, "")
        self.assertRegex(self.jingwei("--version").out, r"^jingwei \d+\.\d+\.\d+\n$")

    def test_help_is_a_word_too(self):
        self.assertEqual(self.jingwei("help").out, self.jingwei("--help").out)
        self.assertEqual(self.jingwei("help", "run").out, self.jingwei("run", "--help").out)
        self.assertEqual(self.jingwei("--lang", "zh", "help", "run").out, self.jingwei("run", "--help", "--lang", "zh").out)
        self.jingwei("help", "nonsense", status=2)

    def test_help_lists_parameters(self):
        district = play.scene("district.lua")
        for arguments in (["--help", district], ["run", district, "--help"], ["run", "--help", district]):
            out = self.jingwei(*arguments).out
            self.assertRegex(out, r"edge_sites +4 +\[0 \.\. 20\]")
            self.assertRegex(out, r"cell_spacing +450 +\[150 \.\. 2000\] m")
            self.assertRegex(out, r"ai_signals +true")
        out = self.jingwei("run", district, "--script", play.script("data_flow.lua"), "--help").out
        self.assertIn("cut_minute", out)
        self.jingwei("run", "nowhere.lua", "--help", status=2)

    def test_full_standard_output_is_a_failure(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        command = "exec '%s' --version >/dev/full" % play.binary
        self.assertEqual(os.waitstatus_to_exitcode(os.system(command + " 2>'%s'" % self.path("err"))), 1)
        with open(self.path("err")) as file:
            self.assertIn("standard output", file.read())


class Folder(play.Play):
    def test_what_a_run_leaves(self):
        result = self.jingwei("run", play.scene("district.lua"), "--until", "3min", "--json", "--set", "edge_sites=3")
        folder = "runs/district-1"
        self.assertEqual(sorted(os.listdir(self.path(folder))),
                         ["log.txt", "manifest.json", "recording.jwr", "results.gpkg", "summary.json"])
        growing = ("peak_rss_bytes", "phases")  # what writing the summary itself takes
        self.assertEqual({k: v for k, v in self.read_json(folder, "summary.json").items() if k not in growing},
                         {k: v for k, v in result.json().items() if k not in growing})
        manifest = self.read_json(folder, "manifest.json")
        self.assertEqual(manifest["state"], "finished")
        self.assertEqual(manifest["seed"], 1)
        self.assertRegex(manifest["scene_hash"], "^[0-9a-f]{16}$")
        self.assertEqual(manifest["parameters"]["edge_sites"], 3)
        self.assertIs(manifest["parameters"]["ai_signals"], True)
        self.assertEqual(manifest["parameters"]["cell_spacing"], 450)
        self.assertTrue(manifest["jingwei"] and manifest["host"])
        self.assertEqual(manifest["warm_s"], 1200)
        self.assertIsNone(manifest["scenario"])
        with open(self.path(folder, "manifest.json"), encoding="utf-8") as file:
            self.assertIn('"connected_share": 0.4,', file.read())
        with open(self.path(folder, "recording.jwr"), "rb") as file:
            self.assertEqual(file.read(5), b"JWREC")
        self.check_layers(self.path(folder, "results.gpkg"), result.json())
        self.jingwei("run", play.scene("district.lua"), "--until", "1s", "--quiet", "--script",
                     play.script("data_flow.lua"))
        manifest = self.read_json("runs/district-2", "manifest.json")  # the next free number
        self.assertEqual(manifest["scenario_file"], play.script("data_flow.lua"))
        self.assertTrue(manifest["scenario"])

    def check_layers(self, path, summary):
        self.assertTrue(is_alive(path))
        base = sqlite3.connect(path)
        self.addCleanup(base.close)
        self.assertEqual(base.execute("pragma application_id").fetchone(), (0x47504B47,))
        layers = dict(base.execute("select table_name, data_type from gpkg_contents"))
        for layer in ("roads", "lanes", "junctions", "buildings", "landuse", "water", "sites"):
            self.assertEqual(layers.get(layer), "features", layer)
        indexed = [name for (name,) in base.execute(
            "select table_name from gpkg_extensions where extension_name = 'gpkg_rtree_index'")]
        for layer in ("roads", "lanes", "buildings"):
            self.assertIn(layer, indexed)
            (rows,), (boxes,) = (base.execute("select count(*) from %s" % table).fetchone()
                                 for table in (layer, "rtree_%s_geom" % layer))
            self.assertGreater(rows, 0)
            self.assertEqual(rows, boxes)
        times = [time for (time,) in base.execute("select distinct time from metrics order by time")]
        self.assertEqual(times, ["2026-01-01T07:3%d:00.000Z" % minute for minute in (1, 2, 3)])
        for layer in layers:
            for column in base.execute("select name, type from pragma_table_info(?)", (layer,)).fetchall():
                if column[1] == "DATETIME":
                    for (value,) in base.execute('select distinct "%s" from "%s"' % (column[0], layer)):
                        self.assertRegex(value, TIME, (layer, column[0]))
        self.assertEqual(base.execute("select value from metrics where name = 'traffic.departed' "
                                      "order by time desc").fetchone()[0], summary["trips"]["departed"])
        self.assertEqual(base.execute("select count(*) from run_trips").fetchone()[0], summary["trips"]["arrived"])
        self.check_intervals(base, layers, summary)

    def check_intervals(self, base, layers, summary):
        for thing, shapes in (("edge", "roads"), ("lane", "lanes"), ("junction", "junctions")):
            rows = base.execute("select count(*) from run_%s_intervals" % thing).fetchone()[0]
            self.assertGreater(rows, 0)
            self.assertEqual(layers["map_%s_intervals" % thing], "features")
            self.assertEqual(base.execute("select count(*) from map_%s_intervals where geom not null" % thing)
                             .fetchone()[0], rows)
        # A trip that arrives is in the row of the edge where it ends, in the interval in which it ends.
        self.assertEqual(base.execute("select sum(arrived) from run_edge_intervals").fetchone()[0],
                         summary["trips"]["arrived"])
        for end, begin in base.execute("select distinct time, begin_ns from run_edge_intervals"):
            self.assertEqual(int(end[14:16]), int(begin[14:16]) + 1)
        self.assertEqual(base.execute("select count(*) from run_edge_intervals where abs(flow_veh_h - "
                                      "density_veh_km * speed_mps * 3.6) > 1e-6 * flow_veh_h + 1e-9")
                         .fetchone()[0], 0)

    def test_existing_folder_is_refused_and_untouched(self):
        os.mkdir(self.path("mine"))
        self.write("mine/results.gpkg", "precious")
        self.write("file", "precious too")
        os.mkdir(self.path("empty"))
        for out in ("mine", "file", "empty", "mine/"):
            self.refused("run", play.scene("district.lua"), "--until", "10s", "--out", out, saying=[out, "exists"])
        self.refused("run", play.scene("district.lua"), "--until", "10s", "--out", "/proc/nowhere/run",
                     saying="/proc/nowhere")
        with open(self.path("mine/results.gpkg")) as file:
            self.assertEqual(file.read(), "precious")

    def test_out_makes_parents(self):
        self.jingwei("run", play.scene("district.lua"), "--until", "10s", "--out", "a/b/c")
        self.assertTrue(is_alive(self.path("a/b/c/results.gpkg")))

    def test_two_runs_at_once_do_not_share_a_folder(self):
        running = [self.start("run", play.scene("district.lua"), "--until", "2min") for _ in range(3)]
        for result in [r.end() for r in running]:
            self.assertEqual(result.status, 0, result)
        self.assertEqual(sorted(os.listdir(self.path("runs"))), ["district-1", "district-2", "district-3"])
        for n in (1, 2, 3):
            self.assertEqual(self.read_json("runs/district-%d" % n, "manifest.json")["state"], "finished")
            self.assertTrue(is_alive(self.path("runs/district-%d/results.gpkg" % n)))


class Stopped(play.Play):
    def start_long(self, *more):
        """A run of a day, returned once its first minutes are on the disk."""
        running = self.start("run", play.scene("district.lua"), "--until", "20h", "--out", "run", "--json", *more)
        recording = self.path("run", "recording.jwr")
        while not (os.path.exists(recording) and os.path.getsize(recording) > 0):
            self.assertIsNone(running.process.poll(), "ended early")
            time.sleep(0.02)
        return running

    def stop_by(self, number):
        running = self.start_long()
        running.send(number)
        result = running.end()
        self.assertEqual(result.status, 1, result)
        self.assertLess(result.processor_s, 30 * play.SCALE)
        summary = result.json()
        self.assertTrue(60 <= summary["sim_s"] < 20 * 3600, summary["sim_s"])
        self.assertIn("stopped", result.err)
        self.assertEqual(self.read_json("run", "manifest.json")["state"], "interrupted")
        self.assertEqual(self.read_json("run", "summary.json")["state_hash"], summary["state_hash"])
        self.assertTrue(is_alive(self.path("run", "results.gpkg")))
        base = sqlite3.connect(self.path("run", "results.gpkg"))
        (last,) = base.execute("select max(time) from metrics").fetchone()
        base.close()
        self.assertEqual(last, self.read_json("run", "manifest.json")["simulated_until"])  # nothing is lost
        self.assertEqual(sorted(os.listdir(self.path("run"))),
                         ["log.txt", "manifest.json", "recording.jwr", "results.gpkg", "summary.json"])

    def test_interrupt(self):
        self.stop_by(signal.SIGINT)

    def test_terminate(self):
        self.stop_by(signal.SIGTERM)

    def test_hang_up(self):
        self.stop_by(signal.SIGHUP)

    def test_same_state_as_a_run_of_that_length(self):
        running = self.start_long()
        running.send(signal.SIGINT)
        stopped = running.end().json()
        whole = self.jingwei("run", play.scene("district.lua"), "--until", "%.1fs" % stopped["sim_s"], "--json",
                             "--no-results").json()
        self.assertEqual(whole["state_hash"], stopped["state_hash"])

    def test_killed(self):
        running = self.start_long()
        running.send(signal.SIGKILL)
        self.assertEqual(running.end().status, -signal.SIGKILL)
        self.assertTrue(is_alive(self.path("run", "results.gpkg")))
        self.assertEqual(self.read_json("run", "manifest.json")["state"], "running")
        result = self.jingwei("compare", "run", "run", status=2)
        self.assertIn("summary", result.err)
        self.jingwei("report", "run", "-o", "killed.html")

    def test_interrupt_while_loading(self):
        running = self.start("run", play.scene("xiongan.lua"), "--until", "10s", "--out", "run")
        time.sleep(0.15)
        running.send(signal.SIGINT)
        result = running.end()
        # Before main catches signals the system ends it; after the city stands the run itself is stopped.
        self.assertIn(result.status, (1, -signal.SIGINT), result)
        if os.path.exists(self.path("run")):
            self.assertTrue(is_alive(self.path("run", "results.gpkg")))

    def test_interrupt_while_warming(self):
        with open(play.scene("xiongan.lua"), encoding="utf-8") as file:
            self.write("long.lua", file.read().replace('warm = "10min"', 'warm = "2h"'))
        running = self.start("run", "long.lua", "--until", "10s", "--out", "run",
                             environment={"XDG_CACHE_HOME": self.path("cache")})
        running.wait_for("warming up")
        running.send(signal.SIGINT)
        result = running.end()
        self.assertEqual(result.status, 1, result)
        self.assertIn("cancelled", result.err)
        self.assertEqual(self.listing(), [self.path(""), self.path("long.lua")])


class FullDisk(play.Play):
    def test_no_room_for_the_city(self):
        self.refused("run", play.scene("district.lua"), "--until", "10min", "--out", "run", file_limit_bytes=300000,
                     saying=["run/results.gpkg", "full"])
        self.refused("import", play.data("village.osm"), "-o", "village.gpkg", file_limit_bytes=20000,
                     saying=["village.gpkg", "full"])
        self.refused("plan", "--style", "district", "--area", 2, "-o", "plan.gpkg", file_limit_bytes=100000,
                     saying=["plan.gpkg", "full"])

    def test_full_on_the_way(self):
        """Told once; the run goes on to its end, what was written before is readable."""
        self.jingwei("run", play.scene("district.lua"), "--until", "1s", "--out", "short")
        room = os.path.getsize(self.path("short/results.gpkg")) + 250000
        result = self.jingwei("run", play.scene("district.lua"), "--until", "30min", "--out", "run", "--json",
                              file_limit_bytes=room, status=2)
        self.assertEqual(result.json()["sim_s"], 1800)
        complaints = [line for line in result.err.splitlines() if line.startswith("jingwei")]
        self.assertEqual(len(complaints), 1, result)
        self.assertIn("run/results.gpkg", complaints[0])
        self.assertIn("full", complaints[0])
        self.assertTrue(is_alive(self.path("run", "results.gpkg")))
        self.assertNotEqual(self.read_json("run", "manifest.json")["state"], "finished")


if __name__ == "__main__":
    play.main()
