#!/usr/bin/env python3
"""Vehicle updates per second of Jingwei beside Eclipse SUMO's, on the same grid, demand and car-following model.

Both programs simulate the same 300 s after the same warm-up, in alternating pairs, each on one thread: SUMO from a
state it saved at the end of its warm-up, Jingwei from its own. SUMO (apt-get install sumo sumo-tools) is measured
with, never needed by the product. A 20k run of SUMO takes minutes.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys

SIZES = {  # junctions a side, metres between them, seconds between departures
    "5k": (20, 200, 0.09),
    "20k": (40, 250, 0.05),
    "60k": (40, 250, 0.02),
}
SPAN_S = 300


def call(*command, **options):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)
    if done.returncode != 0:
        sys.exit(f"bench_sumo: {' '.join(str(part) for part in command)}\n{done.stdout[-2000:]}")
    return done.stdout


def make_inputs(folder, size, end_s):
    side, spacing_m, period_s = SIZES[size]
    home = os.environ.get("SUMO_HOME", "/usr/share/sumo")
    net, routes = f"{folder}/{size}.net.xml", f"{folder}/{size}.rou.xml"
    if not os.path.exists(net):
        call("netgenerate", "--grid", "--grid.number", side, "--grid.length", spacing_m, "-L", 2,
             "--default-junction-type", "traffic_light", "--tls.guess", "true", "--default.speed", 13.89,
             "--no-turnarounds", "true", "--turn-lanes", 0, "--seed", 42, "-o", net)
    if not os.path.exists(routes):
        trips = f"{folder}/{size}.trips.xml"
        call(sys.executable, f"{home}/tools/randomTrips.py", "-n", net, "-o", trips, "-b", 0, "-e", end_s, "-p", period_s,
             "--fringe-factor", 1, "--seed", 7, "--trip-attributes", 'departLane="best" departSpeed="max"')
        call("duarouter", "-n", net, "-r", trips, "-o", routes, "--weights.random-factor", 1.5, "--seed", 11,
             "--ignore-errors", "--no-step-log", "--no-warnings", "--xml-validation", "never")
    return net, routes


def run_sumo(net, routes, *more):
    return call("sumo", "-n", net, "-r", routes, "--time-to-teleport", -1, "--no-step-log", "--no-warnings",
                "--duration-log.statistics", "--xml-validation", "never", *more)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="5k", help="vehicles that run, about")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--warm", type=int, default=900, help="seconds simulated before measuring")
    parser.add_argument("--dir", default="build/bench_sumo", help="where grids and states are kept")
    parser.add_argument("--jingwei", default="build/dev/engine/app/jingwei")
    given = parser.parse_args()
    missing = [tool for tool in ("sumo", "netgenerate", "duarouter") if not shutil.which(tool)]
    if missing:
        sys.exit(f"bench_sumo: {', '.join(missing)} not found: apt-get install sumo sumo-tools")
    os.makedirs(given.dir, exist_ok=True)
    end_s = given.warm + SPAN_S
    net, routes = make_inputs(given.dir, given.size, max(end_s, 1800))
    config = f"{given.dir}/{given.size}.sumocfg"
    with open(config, "w", encoding="utf-8") as file:
        file.write(f'<configuration><input><net-file value="{os.path.basename(net)}"/>'
                   f'<route-files value="{os.path.basename(routes)}"/></input></configuration>\n')
    state = f"{given.dir}/{given.size}.{given.warm}.state.xml.gz"
    if not os.path.exists(state):
        print(f"warming SUMO up for {given.warm} s", flush=True)
        run_sumo(net, routes, "-b", 0, "-e", given.warm + 1, "--save-state.times", given.warm, "--save-state.files", state)
    rows = []
    for pair in range(given.pairs):
        text = run_sumo(net, routes, "-b", given.warm, "-e", end_s, "--load-state", state)
        theirs = float(re.search(r"UPS: ([0-9.]+)", text).group(1))
        text = call(given.jingwei, "bench", "traffic", config, "--warm", f"{given.warm}s", "--threads", 1)
        found = re.search(r"^(\d+) vehicles, 1 thread +([0-9.]+)", text, re.MULTILINE)
        ours = float(found.group(2)) * 1e6
        rows.append((theirs, ours))
        print(f"pair {pair + 1}: SUMO {theirs / 1e6:.4f} M updates/s, Jingwei {ours / 1e6:.2f} M at {found.group(1)} "
              f"vehicles, ratio {ours / theirs:.0f}", flush=True)
    ratios = sorted(ours / theirs for theirs, ours in rows)
    print(f"{given.size}: SUMO {statistics.median(row[0] for row in rows) / 1e6:.4f} M updates/s, "
          f"Jingwei {statistics.median(row[1] for row in rows) / 1e6:.2f} M; "
          f"ratio {statistics.median(ratios):.0f} ({ratios[0]:.0f} .. {ratios[-1]:.0f})")


if __name__ == "__main__":
    main()
