#!/usr/bin/env python3
"""Every scene with every scenario, and a real city's hour in SUMO's form: every identity is checked after each step."""
import glob
import os

import play


class CheckAll(play.Play):
    def test_scenes(self):
        scenes, scripts = (sorted(glob.glob(os.path.join(play.source, folder, "*.lua"))) for folder in ("scenes", "scripts"))
        self.assertTrue(scenes and scripts)
        for scene in scenes:
            for script in scripts:
                with self.subTest(scene=scene, script=script):
                    self.jingwei("run", scene, "--script", script, "--check", "--no-results", "--until", "10min",
                                 limit_s=900)

    def test_real_city(self):
        net, routes = play.real_data("sumo/xuancheng/xuancheng.net.xml.gz"), play.real_data("sumo/xuancheng/xuancheng-1.rou.xml.gz")
        for step, ballistic in ((1, "false"), (0.5, "true")):
            self.write("x.sumocfg", """<configuration>
<input><net-file value="%s"/><route-files value="%s"/></input><time><end value="1800"/><step-length value="%g"/></time>
<processing><step-method.ballistic value="%s"/><time-to-teleport value="-1"/></processing></configuration>"""
                       % (net, routes, step, ballistic))
            self.jingwei("run", "x.sumocfg", "--check", "--no-results", limit_s=600)


if __name__ == "__main__":
    play.main()
