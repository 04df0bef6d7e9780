#!/usr/bin/env python3
"""Runs in which every identity is checked after each step: nobody overlaps, nobody is lost. A short one of each kind."""
import play


class Check(play.Play):
    def test_town(self):
        for seed in (1, 2, 3):
            self.jingwei("run", play.data("sumo/town.sumocfg"), "--check", "--no-results", "--seed", seed)

    def test_village(self):
        self.jingwei("run", play.data("village.osm"), "--check", "--no-results", "--until", "10min")

    def test_scene(self):
        self.jingwei("run", play.scene("district.lua"), "--script", play.script("road_works.lua"), "--check",
                     "--no-results", "--until", "5min")


if __name__ == "__main__":
    play.main()
