#!/usr/bin/env python3
"""Pictures without a display: `run --screenshot` and `view --frames`. 77 where GL is missing."""
import os
import shutil
import signal
import struct
import zlib

import play

HEADLESS = {"DISPLAY": None, "WAYLAND_DISPLAY": None, "SDL_VIDEODRIVER": None}


def unfiltered(kind, line, before, step):
    """A scanline without its filter (PNG specification, section 9)."""
    out = bytearray(line)
    for i in range(len(out)):
        left = out[i - step] if i >= step else 0
        up, corner = before[i], before[i - step] if i >= step else 0
        if kind == 1:
            out[i] = (out[i] + left) & 255
        elif kind == 2:
            out[i] = (out[i] + up) & 255
        elif kind == 3:
            out[i] = (out[i] + (left + up) // 2) & 255
        elif kind == 4:
            guess = left + up - corner
            near = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))
            out[i] = (out[i] + near[2]) & 255
    return out


def read_png(path):
    """Width, height and the set of the colours of every seventh pixel."""
    with open(path, "rb") as file:
        bytes_ = file.read()
    assert bytes_[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    at, packed = 8, b""
    while at < len(bytes_):
        size, kind = struct.unpack(">I4s", bytes_[at:at + 8])
        chunk = bytes_[at + 8:at + 8 + size]
        assert struct.unpack(">I", bytes_[at + 8 + size:at + 12 + size])[0] == zlib.crc32(kind + chunk), kind
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", chunk[:10])
            assert depth == 8 and colour in (2, 6)
        packed += chunk if kind == b"IDAT" else b""
        at += 12 + size
    step = 3 if colour == 2 else 4
    raw, colours, before = zlib.decompress(packed), set(), bytearray(width * step)
    for y in range(height):
        begin = y * (width * step + 1)
        before = unfiltered(raw[begin], raw[begin + 1:begin + 1 + width * step], before, step)
        colours.update(bytes(before[i:i + 3]) for i in range(0, len(before), 7 * step))
    return width, height, colours


class Pictures(play.Play):
    def draw(self, name, *arguments):
        result = self.jingwei(*arguments, status=None, environment=HEADLESS)
        if result.status == 2 and not os.path.exists(self.path(name)) and "GL" in result.err:
            self.skipTest("no GL here: %s" % result.err.strip().splitlines()[-1])
        self.assertEqual(result.status, 0, result)
        return result, read_png(self.path(name))

    def test_run(self):
        result, (width, height, colours) = self.draw(
            "city.png", "run", play.scene("district.lua"), "--until", "2min", "--screenshot", "city.png", "--size",
            "331x207", "--json", "--out", "run")
        self.assertEqual((width, height), (331, 207))
        self.assertGreater(len(colours), 100)  # a city, not a blank sheet
        plain = self.jingwei("run", play.scene("district.lua"), "--until", "2min", "--json", "--no-results").json()
        self.assertEqual(result.json()["state_hash"], plain["state_hash"])  # looking changes nothing
        self.assertEqual(self.read_json("run", "manifest.json")["state"], "finished")

    def test_at(self):
        self.draw("early.png", "run", play.scene("district.lua"), "--until", "20min", "--at", "07:31", "--screenshot",
                  "early.png", "--size", "320x200", "--no-results")
        self.draw("late.png", "run", play.scene("district.lua"), "--until", "20min", "--screenshot", "late.png",
                  "--size", "320x200", "--no-results")
        with open(self.path("early.png"), "rb") as early, open(self.path("late.png"), "rb") as late:
            self.assertNotEqual(early.read(), late.read())

    def test_view(self):
        result, (width, height, colours) = self.draw(
            "window.png", "view", play.scene("district.lua"), "--frames", 3, "--screenshot", "window.png", "--size",
            "640x400", "--lang", "en")
        self.assertEqual((width, height), (640, 400))
        self.assertGreater(len(colours), 100)
        self.assertEqual(result.out, "picture: window.png\n")
        self.assertIn(" %  ", result.err)

    def test_view_of_a_sumo_configuration(self):
        _, (width, height, colours) = self.draw(
            "sumo.png", "view", play.data("sumo/town.sumocfg"), "--frames", 3, "--screenshot", "sumo.png", "--at", "60s",
            "--size", "640x400", "--bare")
        self.assertEqual((width, height), (640, 400))
        self.assertGreater(len(colours), 20)

    def test_view_knows_the_parameters_of_a_scenario(self):
        arguments = ["view", play.scene("district.lua"), "--frames", 2, "--screenshot", "a.png", "--size", "320x200",
                     "--script", play.script("data_flow.lua")]
        self.draw("a.png", *arguments, "--set", "cut_minute=1")
        self.refused(*arguments, "--set", "cut_minute=999", saying="cut_minute", environment=HEADLESS)

    def test_film(self):
        district, film = play.scene("district.lua"), self.path("film.mp4")
        common = ["view", district, "--video", "film.mp4", "--size", "160x120"]
        self.refused("view", district, "--video", "film.avi", saying=".mp4", environment=HEADLESS)
        self.refused("view", district, "--video", "nowhere/film.mp4", saying=["nowhere"], environment=HEADLESS)
        self.refused(*common, environment={**HEADLESS, "PATH": self.path("")}, saying="apt install ffmpeg")
        for arguments in (["--video-rate", "0"], ["--time-lapse", "0"], ["--video-seconds", "-1"]):
            self.refused(*common, *arguments, saying=arguments[0], environment=HEADLESS)
        if not shutil.which("ffmpeg"):
            self.skipTest("ffmpeg is not installed, an optional tool for films")
        result = self.jingwei(*common, "--at", "07:31", "--video-seconds", 1, "--video-rate", 5, "--time-lapse", 20,
                              status=None, environment=HEADLESS)
        if result.status == 2 and "GL" in result.err:
            self.skipTest("no GL here: %s" % result.err.strip().splitlines()[-1])
        self.assertEqual(result.status, 0, result)
        self.assertEqual(result.out, "film: film.mp4\n")
        self.assertGreater(os.path.getsize(film), 500)
        self.assertFalse(os.path.exists(film + ".part"))
        with open(film, "rb") as file:
            self.assertEqual(file.read(12)[4:8], b"ftyp")
        # Stopped: nothing is left.
        os.remove(film)
        running = self.start(*common, "--video-seconds", 10000, environment=HEADLESS)
        running.wait_for("filming")
        running.send(signal.SIGINT)
        self.assertNotEqual(running.end().status, 0)
        self.assertEqual([name for name in os.listdir(self.folder) if "film" in name], [])
        # No way of the camera was kept for it: said, and nothing is left.
        self.refused(*common, "--fly", saying="way of the camera", status=1,
                     environment={**HEADLESS, "XDG_DATA_HOME": self.path("")})
        self.assertFalse(os.path.exists(film) or os.path.exists(film + ".part"))

    def test_start_screen(self):
        _, (width, height, _) = self.draw("start.png", "view", "--frames", 3, "--screenshot", "start.png", "--size",
                                          "640x400")
        self.assertEqual((width, height), (640, 400))

    def test_refusals(self):
        district = play.scene("district.lua")
        self.draw("city.png", "run", district, "--until", "1s", "--screenshot", "city.png", "--size", "16x16",
                  "--no-results")
        os.mkdir(self.path("folder.png"))
        for arguments, saying in ((["--screenshot", "folder.png"], "folder.png"),
                                  (["--screenshot", "a.png", "--at", "11min"], "--at"),
                                  (["--screenshot", "a.png", "--at", "07:30"], "--at")):
            self.refused("run", district, "--until", "10min", *arguments, saying=saying, environment=HEADLESS)
        self.refused("view", "nowhere.lua", "--frames", 1, saying="nowhere.lua", environment=HEADLESS)
        for arguments in (["--size", "x"], ["--speed", "0"], ["--speed", "1e9"], ["--lang", "fr"], ["--threads", "0"],
                          ["--seed", "0"], ["--frames", "-1"], ["--frobnicate"], ["b.lua"]):
            self.refused("view", district, *arguments, environment=HEADLESS)
        self.refused("view", district, "--overlay", "nonsense", saying="speed, flow, delay, queue, service, emission")
        self.refused("view", district, "--at", "07:10", "--frames", 1, saying="07:30", environment=HEADLESS)
        self.refused("view", district, "--screenshot", "folder.png", saying="folder.png", environment=HEADLESS)
        self.refused("view", district, "--set", "edge_sites=99", "--frames", 1, saying=["edge_sites", "0 to 20"],
                     environment=HEADLESS)

    def test_without_gl(self):
        """The picture is refused before the run, with what to do."""
        self.refused("run", play.scene("district.lua"), "--until", "10h", "--screenshot", "a.png", saying="jingwei",
                     environment=dict(HEADLESS, SDL_VIDEODRIVER="nowhere"))


if __name__ == "__main__":
    play.main()
