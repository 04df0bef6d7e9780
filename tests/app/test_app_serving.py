#!/usr/bin/env python3
"""serving: traces replayed, what is wrong with them named, and measurements fitted."""
import os
import re

import play

HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\n"


class Serving(play.Play):
    def trace(self, rows):
        self.write("trace.csv", HEADER + "".join("2026-03-02 08:%02d:%02d.5,%d,%d\n" % (at // 60, at % 60, prompt, said)
                                                 for at, prompt, said in rows))

    def test_one_request_takes_what_the_catalogue_says(self):
        self.trace([(0, 1000, 101)])
        told = self.jingwei("serving", "trace.csv", "--json").json()
        self.assertEqual((told["answered"], told["refused"], told["measured"]), (1, 0, True))
        # llama2-70b on eight A100: assets/catalog/timings.lua
        first_s = 0.04336 + 1000 * 0.0001075
        step_s = 0.04401 + 0.0002715 + 2.721e-07 * (1000 + 99 / 2)
        self.assertAlmostEqual(told["ttft_mean_s"], first_s, places=6)
        self.assertAlmostEqual(told["tpot_mean_s"], step_s, places=6)
        self.assertEqual(told["iterations"], 101)

    def test_how_it_is_served_is_chosen(self):
        self.trace([(i // 4, 600 + 37 * (i % 9), 40 + i % 50) for i in range(400)])
        plain = self.jingwei("serving", "trace.csv", "--json").json()
        self.assertEqual(plain["answered"], 400)
        for more in (["--chunk", 512], ["--instances", 3, "--split", 0.3], ["--cards", 2, "--swap"], ["--rate", 4],
                     ["--repeat", 3], ["--card", "h100-sxm"], ["--batch", 4]):
            told = self.jingwei("serving", "trace.csv", "--json", *more).json()
            self.assertEqual(told["answered"], 1200 if "--repeat" in more else 400)
            self.assertNotEqual((told["ttft_s"], told["tpot_s"]), (plain["ttft_s"], plain["tpot_s"]), more)
        told = self.jingwei("serving", "trace.csv", "--card", "ascend-910b")
        self.assertIn("unverified", told.out)
        told = self.jingwei("serving", "trace.csv")
        self.assertIn("(model 6.0 %)", told.out)
        self.assertIn("goodput", told.out)

    def test_overload_is_said_with_its_remedy(self):
        self.trace([(i // 5, 2000, 200) for i in range(4000)])
        told = self.jingwei("serving", "trace.csv").out
        wanted = re.search(r"Overloaded: .* Try --instances (\d+)", told)
        self.assertTrue(wanted, told)
        self.assertNotIn("e+", told)
        self.assertNotIn("Overloaded", self.jingwei("serving", "trace.csv", "--instances", wanted.group(1)).out)

    def test_what_is_wrong_is_named(self):
        self.refused("serving", saying="which TRACE?")
        self.refused("serving", "absent.csv", saying="no such file")
        self.trace([(5, 10, 10), (4, 10, 10)])
        self.refused("serving", "trace.csv", saying="trace.csv:3")
        self.trace([(5, 10, 10), (6, 10, 10 ** 9)])
        self.refused("serving", "trace.csv", saying="trace.csv:3")
        self.write("trace.csv", "a,b\n1,2\n")
        self.refused("serving", "trace.csv", saying="TIMESTAMP")
        self.trace([(5, 10, 10)])
        self.refused("serving", "trace.csv", "--service", "signal-vision", saying="no language model 'signal-vision'")
        self.refused("serving", "trace.csv", "--card", "abacus", saying="no card 'abacus'")
        self.refused("serving", "trace.csv", "--chunk", 0, saying="--chunk 0")
        self.refused("serving", "trace.csv", "--cards", 1, saying="llama2-70b")  # 140 GB on a card of 80
        self.refused("serving", "--measurements", "trace.csv", saying="hardware")

    def test_measurements_are_fitted(self):
        path = play.real_data("perf_model_llama2_70b.csv")
        told = self.jingwei("serving", "--measurements", path)
        self.assertIn("54 configurations judged, 2 left out", told.out)
        with open(os.path.join(play.source, "assets/catalog/timings.lua")) as file:
            rows = [line.strip() for line in file if "fixed_s" in line and "service" in line]
        self.assertEqual(len(rows), 6)
        for row in rows:
            self.assertIn(row, told.out)


if __name__ == "__main__":
    play.main()
