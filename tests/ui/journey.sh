#!/bin/sh
# The main journey with a real mouse and keyboard on a virtual screen: start, open the district, play, click,
# overlay, plot, fork, present, quit. Usage: journey.sh path/to/jingwei [folder for pictures]
jingwei=$1
pictures=$2
for tool in Xvfb xdotool; do
    command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
config=$(mktemp -d)
log=$config/log
export XDG_CONFIG_HOME="$config" XDG_CACHE_HOME="$config" LIBGL_ALWAYS_SOFTWARE=1
unset WAYLAND_DISPLAY SDL_VIDEODRIVER
mkfifo "$config/display"
Xvfb -displayfd 3 -screen 0 1280x800x24 3>"$config/display" 2>/dev/null &
server=$!
read -r number <"$config/display"
export DISPLAY=":$number"
program=
finish() {
    [ -n "$program" ] && kill -KILL "$program" 2>/dev/null
    kill "$server" 2>/dev/null
    [ "$1" -eq 0 ] || cat "$log"
    rm -r "$config"
    exit "$1"
}
fail() {
    echo "failed: $1"
    finish 1
}
picture() { # only when asked for, and ImageMagick is there
    [ -n "$pictures" ] && command -v import >/dev/null && import -window root "$pictures/journey-$1.png"
    kill -0 "$program" 2>/dev/null || fail "the window is gone after: $1"
}
wait_title() { # until the window's title holds the text
    for _ in $(seq 120); do
        window=$(xdotool search --pid "$program" 2>/dev/null | tail -1)
        [ -n "$window" ] && xdotool getwindowname "$window" 2>/dev/null | grep -q "$1" && return 0
        kill -0 "$program" 2>/dev/null || fail "the window ended while waiting for '$1'"
        sleep 0.5
    done
    fail "no window with '$1' in its title"
}

"$jingwei" view --lang en --size 1280x800 2>"$log" &
program=$!
wait_title Jingwei
sleep 2
picture start
xdotool mousemove 640 190 sleep 0.3 click 1 # the first scene's button
wait_title district
sleep 3
picture opened
xdotool mousemove 640 380 sleep 0.2 click 1 # something in the city
sleep 1
picture clicked
xdotool mousemove 1100 134 sleep 0.3 click 1 # a value: its plot
sleep 1
xdotool mousemove 120 140 sleep 0.3 click 1 # the overlay of speeds
sleep 2
picture overlay
xdotool mousemove 640 400 click 5 click 5 sleep 0.3 mousedown 3 mousemove 700 420 sleep 0.2 mouseup 3
xdotool mousemove 600 400 mousedown 1 mousemove 560 360 sleep 0.2 mouseup 1 keydown w sleep 0.5 keyup w
sleep 1
picture moved
xdotool key space sleep 0.3 key period sleep 0.3 key space
xdotool mousemove 1136 721 sleep 0.3 click 1 # fork here
sleep 3
picture forked
xdotool key space
sleep 3
picture both
xdotool key F5
sleep 1
picture presenting
xdotool key F5 key Home
xdotool mousemove 600 764 sleep 0.3 click 1 # back in time
sleep 2
picture back
kill -TERM "$program" # the window system's wish to close arrives the same way
for _ in $(seq 20); do
    kill -0 "$program" 2>/dev/null || break
    sleep 0.5
done
kill -0 "$program" 2>/dev/null && fail "it does not quit"
wait "$program" || fail "it quits with status $?"
program=
grep -q "recent = .*district.lua" "$config/jingwei/settings" || fail "the district is not among the recent files"
finish 0
