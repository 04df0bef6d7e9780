#!/bin/sh
# Building with a real mouse on a virtual screen: each tool of the tab is chosen, its ghost seen, done, undone
# and done again, and tried where it cannot be done. What came of it is read from the table of what happened,
# which the window saves in the words that its user reads. Nothing waits for a clock.
# Usage: build_journey.sh path/to/jingwei [folder for pictures [language]]
. "$(dirname "$0")/window.sh"
language=${3:-en}
case $language in # what is closed is chosen below a hint of one line, or of two
zh) title=街区 field=493 ;;
*) title=district field=506 ;;
esac

say() { # a pattern: a text of the catalogue with what it speaks of, or with anything
    sed -n "s/^$1 = //p" "$JINGWEI_HOME/assets/i18n/$language.txt" | sed "s|{}|${2:-.*}|"
}
happened() { # $rows: the table of what happened
    press 1174 41 # the tab of the story
    made=$(count csv)
    for _ in $(seq 48); do # again where a slow machine's picture took two clicks for one
        xdotool mousemove 1220 191 click 1
        wait_more csv "$made" 40 && break
    done
    [ "$(count csv)" -gt "$made" ] || fail "no table of what happened"
    rows=$newest
    press 1015 41 # and back
}
wait_said() { # until the table has these texts in this order
    for _ in $(seq 40); do
        happened
        for text; do
            printf '%s\n' "$text"
        done | awk 'NR == FNR { want[++count] = $0; next }
            at < count && $0 ~ want[at + 1] { at++ }
            END { exit at < count }' - "$rows" && return 0
    done
    cat "$rows"
    fail "what happened does not say: $*"
}
told() { # that the table says a text
    [ "$(grep -c "$2" "$rows")" -eq "$1" ] || fail "not $1 times: $2"
}
choose() { # a tool by its place in the list, and the pointer to where it will be used
    xdotool key Escape
    press "$1" "$2"
    [ -z "$3" ] || point "$3" "$4"
}
point() {
    xdotool mousemove "$1" "$2" mousemove_relative 1 0
    drawn
}
click() { # here, late enough to be no double click, or at a place
    if [ -n "$1" ]; then
        xdotool mousemove "$1" "$2"
    else
        sleep 1.1
    fi
    xdotool click 1
    drawn
}
option() { # another of a tool's choices: the height of its field, and which of those that it opens, from 0
    press 1090 "$1"
    drawn # the list opens some pictures later, and a click before that closes it
    drawn
    press 985 $(($1 + 31 + 26 * $2))
}
drag() { # a slider from here to there, seen on its way
    xdotool mousemove "$1" "$2" mousedown 1
    point "$3" "$2"
    xdotool mouseup 1
    drawn
}
there_and_back() { # what was done is undone, and done again
    xdotool key ctrl+z
    drawn
    xdotool key ctrl+y
    drawn
}
undo() {
    xdotool key ctrl+z
    drawn
}
seen() { # a mark of what the city's part of the screen looks like; nothing where ImageMagick is not there
    command -v import >/dev/null && import -window root -crop 660x660+240+20 rgba:- | cksum
}
still() { # $mark: what it looks like once it stays so; a file of a picture comes before the picture is on the screen
    times=0
    for _ in $(seq 240); do
        before=$mark
        sleep 0.25
        mark=$(seen)
        if [ "$mark" = "$before" ]; then times=$((times + 1)); else times=0; fi
        [ $times -eq 2 ] && return 0
    done
    fail "the city that stands does not stay the same"
}
other() { # until it looks other than $mark
    for _ in $(seq 240); do
        [ -z "$mark" ] || [ "$mark" != "$(seen)" ] && return 0
        sleep 0.25
    done
    fail "no $1"
}
ghost() { # of a tool, over a place, is another picture than that of the tool in the list
    choose "$2" "$3"
    still
    point "$4" "$5"
    other "ghost of $1"
    picture "ghost-$1-$language"
}
refused() {
    picture "refused-$1-$language"
}

# A slow machine may draw a picture between two clicks that are one double click.
export SDL_MOUSE_DOUBLE_CLICK_TIME=1000 # ms
"$jingwei" view --lang "$language" --size 1280x800 "$JINGWEI_HOME/scenes/district.lua" 2>"$log" &
program=$!
wait_title $title
drawn
# Seen from above, an edge site in the middle: round it a street, a junction with signals, fibre and houses. The
# world stands: what moves is the camera, and each key waits for its flight. A field that is there takes letters some
# pictures later, and then Ctrl+S, too.
xdotool key space
drawn
still
xdotool key ctrl+f
other "field to type in"
still
xdotool type edge-1
xdotool key Return
drawn
still
xdotool key t
drawn
still
xdotool key b
drawn

video=$(say value.video-analytics) # a model that nothing rolls out

# The ghosts of all tools, and what they will cost.
ghost cell 975 140 700 450
ghost roadside 1150 140 272 245
ghost fibre 975 166 640 400
ghost site 985 209 560 420
ghost cards 1140 209 640 400
ghost crowd 1140 235 500 520
ghost bus_line 985 278 700 220
ghost close 1145 278 700 220
ghost signals 985 304 272 245
ghost incident 1145 304 700 220
ghost works 985 330 700 250
ghost move 975 373 640 400
ghost remove 1150 373 640 400
ghost cut 975 399 800 308
ghost fail 1150 399 640 400
choose 995 235 # a model has no place of its own
picture "ghost-model-$language"
xdotool key space

# Network and computing. A double click places one; a second unit for the junction is refused by the world,
# and what is undone then is the first; a house takes one site; both ends of a fibre are not the same.
choose 975 140 700 450
click
there_and_back
xdotool mousemove 440 600 click --repeat 2 --delay 1 1
drawn
choose 1150 140 272 245
click
click
wait_said "$(say event.refused_exists "$(say event.place_roadside new-unit-2)")"
refused roadside
there_and_back
choose 985 209 560 420
click
click
refused site
there_and_back
wait_said "$(say event.place_cell new-cell-1)" "$(say event.remove_cell new-cell-1)" "$(say event.place_cell new-cell-1)" \
    "$(say event.place_cell new-cell-2)" "$(say event.place_roadside new-unit-1)" \
    "$(say event.remove_roadside new-unit-1)" "$(say event.place_roadside new-unit-1)" \
    "$(say event.place_edge_site new-site-1)" "$(say event.remove_site new-site-1)" \
    "$(say event.place_edge_site new-site-1)"
told 0 new-cell-3
told 0 new-site-2
choose 975 166
click 640 400
click
refused fibre
click 560 420
there_and_back
choose 1140 209 400 600
click
refused cards
point 640 400
xdotool key Return
drawn
choose 1140 235 500 520
xdotool key Return
drawn
there_and_back
choose 995 235
press 1090 621 # the button
refused model
option 493 4
press 1090 621
there_and_back
wait_said "$(say event.add_link)" "$(say event.remove_link new-fibre-1)" "$(say event.add_link)" \
    "$(say event.order_cards)" "$(say event.place_crowd new-crowd-1)" "$(say event.set_crowd new-crowd-1)" \
    "$(say event.set_crowd new-crowd-1)" "$(say event.refused_state "$(say event.deploy_model)")" \
    "$(say event.deploy_model "$video")" "$(say event.rollback_model "$video")" "$(say event.deploy_model "$video")"
told 1 "$(say event.order_cards)"

# Streets.
choose 985 278 700 220
xdotool key Return
drawn
refused bus_line
click
xdotool mousemove 265 600 click --repeat 2 --delay 1 1
drawn
there_and_back
choose 1145 278 500 600
click
refused close
click 700 220
there_and_back
undo
option $field 1 # one lane of it
click 700 220
there_and_back
choose 985 304 640 400
click
refused signals
click 272 245
wait_said "$(say event.add_bus_line new-bus-1)" "$(say event.remove_bus_line new-bus-1)" "$(say event.add_bus_line new-bus-1)" \
    "$(say event.close_edge)" "$(say event.open_edge_back)" "$(say event.close_edge)" "$(say event.open_edge_back)" \
    "$(say event.close_lane)" "$(say event.open_lane_back)" "$(say event.close_lane)" "$(say event.signal_control)"
told 1 "$(say event.signal_control)"
click 272 245
refused signals-again
there_and_back
undo # by the clock again: its second green is made longer, once the world has answered what it is
option 506 6
click 272 245
for _ in $(seq 12); do
    drag 963 590 1060
    happened
    grep -q "$(say event.set_green)" "$rows" && break
done
picture "greens-$language"
there_and_back
choose 1145 304 700 220
click
click
wait_said "$(say event.set_green "#1.4 = [4-9].")" "$(say event.set_green "#1.4 = 15")" \
    "$(say event.set_green "#1.4 = [4-9].")" "$(say event.refused_exists "$(say event.incident)")"
refused incident
undo
choose 985 330 700 250
click
click
wait_said "$(say event.refused_exists "$(say event.works)")"
refused works
there_and_back

# Change.
choose 975 373 400 600
click
refused move
click 560 420
click 600 600
there_and_back
choose 1150 373 440 520
click
refused remove
click 700 450
there_and_back
choose 975 399 800 308
click
wait_said "$(say event.move_site new-site-1)" "$(say event.move_site new-site-1)" "$(say event.move_site new-site-1)" \
    "$(say event.remove_cell new-cell-1)" "$(say event.restore_cell new-cell-1)" "$(say event.remove_cell new-cell-1)" \
    "$(say event.cut_link)"
told 1 "$(say event.cut_link)"
click 800 308
refused cut
there_and_back
choose 1150 399 640 400
click
wait_said "$(say event.repair_link)" "$(say event.cut_link)" "$(say event.site_failed edge-1)"
click 640 400
refused fail
told 1 "$(say event.site_failed edge-1)"
there_and_back
wait_said "$(say event.site_failed edge-1)" "$(say event.site_back edge-1)" "$(say event.site_failed edge-1)"

# A green wave, from further away: from a signal to the last one of its street.
xdotool mousemove 560 420 click --repeat 5 5
drawn
choose 985 304 430 338
option 506 5
click 430 338
point 903 310
picture "wave-$language"
click
wait_said "$(say event.green_wave "#5 – #17")"
told 1 "$(say event.green_wave)"
quit
finish 0
