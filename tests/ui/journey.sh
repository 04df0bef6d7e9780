#!/bin/sh
# The main journeys with a real mouse and keyboard on a virtual screen: settings; open, inspect, edit and take
# back, speed, overlay and camera, fork, going back; presenting; export. What each has done is read from what
# the window gives its user: title, settings, exported tables and pictures. Nothing waits for a clock.
# Usage: journey.sh path/to/jingwei [folder for pictures]
. "$(dirname "$0")/window.sh"

table() { # of the plot that is open; the click again where a slow machine's picture took two for one
    made=$(count csv)
    for _ in $(seq "${1:-48}"); do
        xdotool mousemove 855 553 click 1
        wait_more csv "$made" 40 && rows=$newest && return 0
    done
    return 1
}
last() { # time or value of the last row of a world
    grep "^${2:-A}," "$rows" | tail -1 | cut -d, -f"$1"
}
wait_last() { # until the column of the table's last row is so: wait_last 4 '> 0' [world]
    for _ in $(seq 200); do
        table || fail "no table"
        is=$(last "$1" "$3")
        [ -n "$is" ] && awk "BEGIN { exit !($is $2) }" && return 0
    done
    fail "column $1 is $is, not $2"
}
stands() { # until the clock stands
    while :; do
        table || fail "no table"
        before=$(last 2)
        table
        [ "$before" = "$(last 2)" ] && return 0
    done
}
rate() { # simulated seconds a second
    table || fail "no table"
    from=$(last 2)
    begin=$(date +%s%N)
    wait_last 2 "> $from + 3"
    awk "BEGIN { print ($(last 2) - $from) * 1e9 / ($(date +%s%N) - $begin) }"
}
city() { # a picture of the city alone
    made=$(count png)
    xdotool key ctrl+shift+s
    wait_more png "$made" 480 || fail "no picture of the city"
}
wait_city() { # until the city looks the same as in a picture, or not: wait_city same|other FILE
    for _ in $(seq 20); do
        city
        if cmp -s "$newest" "$2"; then looks=same; else looks=other; fi
        [ $looks = "$1" ] && return 0
    done
    fail "the city does not look $1"
}
plot_power() { # of an edge site found by its name
    for patience in 0.5 1 2 4 8; do # until the field takes letters, on a slow machine
        xdotool key Escape key Escape key Escape key ctrl+f sleep $patience type edge-1
        xdotool key Return
        drawn
        for y in 356 332 380; do # where the values above leave its row
            press 1190 $y
            table 3 && head -1 "$rows" | grep -q "edge-1 · Power, kW" && return 0
            press 1190 $y # another value: away with it
        done
    done
    fail "the power of edge-1 cannot be plotted"
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
drawn
xdotool key Return key F1 # closes the message; the list of keys, and away
drawn keys
xdotool key Escape key ctrl+comma # settings: the first control is the language
drawn settings
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

# Open and inspect.
"$jingwei" view --lang en --size 1280x800 2>"$log" &
program=$!
wait_title Jingwei
drawn start
xdotool mousemove 640 190 click 1 # the first scene's button
wait_title district
drawn opened
plot_power
wait_last 4 '> 0'
picture inspected

# Edit, undo, redo: a site that is off draws nothing.
press 1008 570 # switch it off
wait_last 4 '== 0'
picture edited
xdotool key ctrl+z
wait_last 4 '> 0'
xdotool key ctrl+y
wait_last 4 '== 0'
xdotool key ctrl+z
wait_last 4 '> 0'

# Pause, a step, speed.
xdotool key space
stands
from=$(last 2)
xdotool key period
wait_last 2 "== $from + 0.5"
xdotool key space
slow=$(rate)
xdotool key bracketright key bracketright key bracketright
fast=$(rate)
awk "BEGIN { exit !($fast > 2 * $slow) }" || fail "faster is $fast s/s, and not faster is $slow s/s"
xdotool key BackSpace key space
stands

# An overlay colours the city, none leaves it as it was; the camera goes and comes home.
xdotool key Home
city
plain=$newest
until cmp -s "$newest" "$plain.last"; do
    cp "$newest" "$plain.last"
    city
done
plain=$newest
xdotool key alt+1
wait_city other "$plain"
drawn overlay
press 120 180 overlays
press 60 213
wait_city same "$plain"
xdotool mousemove 640 400 click 5 click 5 mousedown 3 mousemove 700 420 mouseup 3
wait_city other "$plain"
picture moved
xdotool key Home
wait_city same "$plain"

# A fork goes its own way; going back in time.
press 1123 721
wait_last 2 '> 0' B
from=$(last 2 B)
xdotool key space
wait_last 2 "> $from + 1" B
wait_last 2 "> $from + 1" A
drawn forked
from=$(last 2)
press 300 764
wait_last 2 "< $from"
picture back
quit
grep -q "recent = .*district.lua" "$config/jingwei/settings" || fail "the district is not among the recent files"

# Presenting: the clock stands at the question, runs for the room to watch, stands at the answer.
"$jingwei" view --lang en --size 1280x800 --script "$JINGWEI_HOME/scripts/cloud_cut.lua" \
    "$JINGWEI_HOME/scenes/district.lua" 2>"$log" &
program=$!
wait_title district
plot_power
stands
from=$(last 2)
xdotool key F5
drawn question
xdotool key Next
drawn watching
xdotool key F5
wait_last 2 "> $from + 2"
xdotool key F5 key Next key Next key Next # the city runs, to the next event, no: the answer
drawn answer
xdotool key F5
stands

# Exports: a picture is PNG of the window's size, a table is text with its mark, names and rows.
drawn
[ "$(od -An -tx1 -N8 "$newest" | tr -d ' ')" = 89504e470d0a1a0a ] || fail "the picture is no PNG"
[ "$(od -An -tu1 -j16 -N8 "$newest" | tr -s ' ')" = " 0 0 5 0 0 0 3 32" ] || fail "the picture is not 1280 by 800"
table
[ "$(od -An -tx1 -N3 "$rows" | tr -d ' ')" = efbbbf ] || fail "the table has no mark of UTF-8"
awk -F, 'NR > 1 && NF != 4 { exit 1 } END { exit NR < 2 }' "$rows" || fail "the table is not one of four columns"
quit
finish 0
