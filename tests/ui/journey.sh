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
export XDG_CONFIG_HOME="$config" XDG_CACHE_HOME="$config" XDG_DATA_HOME="$config/data" LIBGL_ALWAYS_SOFTWARE=1
unset WAYLAND_DISPLAY SDL_VIDEODRIVER MESA_GL_VERSION_OVERRIDE
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

wait_file() { # until a file that fits the pattern is there
    for _ in $(seq 240); do
        ls $1 >/dev/null 2>&1 && return 0
        kill -0 "$program" 2>/dev/null || fail "the window ended while waiting for $1"
        sleep 0.25
    done
    fail "no file $1"
}
wait_setting() { # until the settings have the line
    for _ in $(seq 240); do
        grep -qx "$1" "$config/jingwei/settings" 2>/dev/null && return 0
        kill -0 "$program" 2>/dev/null || fail "the window ended while waiting for '$1'"
        sleep 0.25
    done
    fail "the settings do not say '$1'"
}
quit() { # the window system's wish to close arrives the same way
    kill -TERM "$program"
    for _ in $(seq 120); do
        kill -0 "$program" 2>/dev/null || break
        sleep 0.25
    done
    kill -0 "$program" 2>/dev/null && fail "it does not quit"
    wait "$program" || fail "it quits with status $?"
    program=
}

# Without OpenGL 3.3, and without a screen: a message that says what to do, status 2.
MESA_GL_VERSION_OVERRIDE=2.1 "$jingwei" view --lang en 2>"$log"
[ $? -eq 2 ] || fail "no status 2 without OpenGL 3.3"
grep -q "OpenGL 3.3" "$log" && grep -q "driver" "$log" || fail "no clear message without OpenGL 3.3"
env -u DISPLAY "$jingwei" view --lang en 2>"$log"
[ $? -eq 2 ] || fail "no status 2 without a screen"
grep -q "DISPLAY" "$log" || fail "no clear message without a screen"

# Settings that are damaged: the window opens, the file is kept.
mkdir -p "$config/jingwei"
printf 'scale_percent = very large\n\001\n' >"$config/jingwei/settings"
"$jingwei" view --lang en --size 1280x800 2>"$log" &
program=$!
wait_title Jingwei
wait_file "$config/jingwei/settings.damaged"
xdotool sleep 1 key Return sleep 0.5 key F1 sleep 1 # closes the message; the list of keys, and away
picture keys
xdotool key Escape key ctrl+comma # settings: the first control is the language
picture settings
xdotool key Tab key Right
wait_setting "language = zh"
xdotool key Tab key Right
wait_setting "scale_percent = 125"
picture settings-zh
xdotool key Left
wait_setting "scale_percent = 100"
xdotool key Tab key Right # light
wait_setting "light = 1"
xdotool key Left
wait_setting "light = 0"
xdotool key Tab key Right # colours of overlays
wait_setting "palette = 1"
xdotool key Left key Tab key Return # less motion
wait_setting "reduces_motion = yes"
xdotool key Return
wait_setting "reduces_motion = no"
xdotool key shift+Tab key shift+Tab key shift+Tab key shift+Tab key Left
wait_setting "language = en"
xdotool key Escape
quit

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
xdotool key ctrl+s # a picture of the window
wait_file "$config/data/jingwei/district-1.png"
xdotool key ctrl+f # an edge site by its name, switched off by keys, taken back
xdotool sleep 1 type edge-1
xdotool sleep 0.5 key Return sleep 1
picture found
xdotool key ctrl+z key bracketright key bracketright key n # undo, faster, to the next event
picture speed
xdotool key F6 key Tab key Tab key Down key Up key Escape
picture walked
quit
grep -q "recent = .*district.lua" "$config/jingwei/settings" || fail "the district is not among the recent files"
finish 0
