# A window on a virtual screen, and what tests that play it with a real mouse and keyboard share. Sourced with
# the program as $1 and a folder for pictures, or nothing, as $2. Nothing waits for a clock: what is waited for
# is what the window gives its user. Ends with status 77 where the tools are not installed.
jingwei=$1
pictures=$2
called=$(basename "$0" .sh)
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
    [ -n "$pictures" ] && command -v import >/dev/null && import -window root "$pictures/$called-failed.png"
    finish 1
}
picture() { # only when asked for, and ImageMagick is there
    [ -n "$pictures" ] && command -v import >/dev/null && import -window root "$pictures/$called-$1.png"
    kill -0 "$program" 2>/dev/null || fail "the window is gone after: $1"
}
wait_title() { # until the window's title holds the text
    for _ in $(seq 480); do
        window=$(xdotool search --pid "$program" 2>/dev/null | tail -1)
        [ -n "$window" ] && xdotool getwindowname "$window" 2>/dev/null | grep -q "$1" && return 0
        kill -0 "$program" 2>/dev/null || fail "the window ended while waiting for '$1'"
        sleep 0.5
    done
    fail "no window with '$1' in its title"
}

wait_file() { # until a file that fits the pattern is there
    for _ in $(seq 960); do
        ls $1 >/dev/null 2>&1 && return 0
        kill -0 "$program" 2>/dev/null || fail "the window ended while waiting for $1"
        sleep 0.25
    done
    fail "no file $1"
}
wait_setting() { # until the settings have the line
    for _ in $(seq 960); do
        grep -qx "$1" "$config/jingwei/settings" 2>/dev/null && return 0
        kill -0 "$program" 2>/dev/null || fail "the window ended while waiting for '$1'"
        sleep 0.25
    done
    fail "the settings do not say '$1'"
}
exports=$config/data/jingwei
count() { # files of this ending that the window has made
    ls "$exports" 2>/dev/null | grep -c "\\.$1\$"
}
wait_more() { # than so many files of this ending, for so many eighths of a second; $newest is the last
    for _ in $(seq "$3"); do
        if [ "$(count "$1")" -gt "$2" ]; then
            newest=$exports/$(ls -t "$exports" | grep "\\.$1\$" | head -1)
            return 0
        fi
        kill -0 "$program" 2>/dev/null || fail "the window ended while waiting for a file .$1"
        sleep 0.125
    done
    return 1
}
drawn() { # a picture of the window is there: all that was done before it is done and drawn
    made=$(count png)
    for asked in $(seq 48); do # again where a field still had the keyboard
        xdotool key ctrl+s
        wait_more png "$made" 40 && break
    done
    [ "$(count png)" -gt "$made" ] || fail "no picture of the window"
    [ "$asked" -eq 1 ] || wait_more png $((made + asked - 1)) 40 # none that was heard late is taken for the next
    [ -z "$1" ] || picture "$1"
}
press() { # the mouse at a place, and time to see it: two clicks within one picture would be one
    xdotool mousemove "$1" "$2" click 1
    drawn "$3"
}
quit() { # the window system's wish to close arrives the same way
    kill -TERM "$program"
    for _ in $(seq 960); do
        kill -0 "$program" 2>/dev/null || break
        sleep 0.25
    done
    kill -0 "$program" 2>/dev/null && fail "it does not quit"
    wait "$program" || fail "it quits with status $?"
    program=
}
