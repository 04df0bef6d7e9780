#!/usr/bin/env python3
"""Cost against size, as a picture: microseconds for one flow, one radio user's update and one language-model request
by how many there are, from what `jingwei bench network`, `bench radio --threads 1` and `bench serving` print: the
fastest of their five runs each, which neighbours on the machine disturbed least.

    tools/bench_plot.py --jingwei build/release/engine/app/jingwei docs/cost.svg

With --tables FILE the printed tables are kept there, or drawn from it when it exists already.
"""
import argparse
import math
import os
import re
import subprocess
import sys

ROW = re.compile(r"^([\d,]+) (?:flows, light load|users, \d+ cells, 1 thread|requests)\s+[\d.e+]+\s+"
                 r"\([\d.e+]+ \.\. ([\d.e+]+)\)\s+(k flows/s|x real time|k requests/s)$")
CURVES = {  # unit of the row: (label, colour, microseconds for one, from a row's size and value)
    "k flows/s": ("a flow through a fat tree, light load", "#0072b2", lambda size, value: 1e3 / value),
    "x real time": ("a radio user's update, 2 a simulated second", "#d55e00",
                    lambda size, value: 1e6 / (2 * size * value)),
    "k requests/s": ("a request to a language model, 8 instances", "#009e73", lambda size, value: 1e3 / value),
}
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 660, 400, 70, 40, 20, 50


def read_points(text):
    points = {unit: {} for unit in CURVES}
    for line in text.splitlines():
        match = ROW.match(line.strip())
        if match:
            size = int(match[1].replace(",", ""))
            points[match[3]][size] = CURVES[match[3]][2](size, float(match[2]))
    missing = [CURVES[unit][0] for unit, curve in points.items() if len(curve) < 2]
    if missing:
        sys.exit(f"bench_plot: the tables have fewer than two sizes for: {'; '.join(missing)}")
    return points


def draw(points):
    every = [cost for curve in points.values() for cost in curve.values()]
    low, high = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))
    sizes = [math.log10(size) for curve in points.values() for size in curve]
    first, last = math.floor(min(sizes)), math.ceil(max(sizes))

    def x_of(exponent):
        return LEFT + (exponent - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y_of(exponent):
        return TOP + (high - exponent) / (high - low) * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
           'font-size="12" fill="#333">', f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    for exponent in range(first, last + 1):
        x = x_of(exponent)
        out.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#e3e2dd"/>'
                   f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{10 ** exponent:,}</text>')
    for exponent in range(low, high + 1):
        y = y_of(exponent)
        out.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e3e2dd"/>'
                   f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0 ** exponent:g}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}" text-anchor="middle">'
               'how many: flows, users, requests</text>'
               f'<text transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">'
               'microseconds for one</text>')
    for unit, curve in points.items():
        label, colour, _ = CURVES[unit]
        places = [(x_of(math.log10(size)), y_of(math.log10(cost))) for size, cost in sorted(curve.items())]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        out.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out.extend(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places)
        out.append(f'<text x="{places[0][0] + 8:.1f}" y="{places[0][1] - 10:.1f}" fill="{colour}">{label}</text>')
    return "\n".join(out + ["</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jingwei", default="jingwei")
    parser.add_argument("--tables", metavar="FILE")
    parser.add_argument("svg")
    options = parser.parse_args()
    if options.tables and os.path.exists(options.tables):
        with open(options.tables, encoding="utf-8") as file:
            text = file.read()
    else:
        text = "".join(subprocess.run([options.jingwei, "bench", *what], check=True, stdout=subprocess.PIPE,
                                      text=True).stdout
                       for what in (["network"], ["radio", "--threads", "1"], ["serving"]))
        if options.tables:
            with open(options.tables, "w", encoding="utf-8") as file:
                file.write(text)
    picture = draw(read_points(text))
    with open(options.svg, "w", encoding="utf-8") as file:
        file.write(picture)


if __name__ == "__main__":
    main()
