# shellcheck shell=bash disable=SC2034  # what is unused here is used by run
# Steps with a name, a quiet log, visible progress, and the time they took. Sourced by run.

logs=build/logs
times=$logs/times.tsv

if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ] && [ -z "${CI:-}" ]; then live=1; else live=; fi
if [ -n "$live" ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
  bold='' red='' green='' plain=''
fi

say() { printf '%s\n' "$*"; }
notice() { printf '  note: %s\n' "$*"; }
fail() {
  printf '%s%s%s\n' "$red" "$*" "$plain" >&2
  exit 1
}

# How far a build or a test run has come, from the last lines of its log: "[12/117]" or "12/97".
progress_of() {
  tail -c 2000 "$1" 2>/dev/null | grep -oE '^\[[0-9]+/[0-9]+\]|^ *[0-9]+/[0-9]+ Test' | tail -n 1 | tr -d ' []Tes'
}

show_progress() {  # runs beside a step until it is killed
  local title=$1 log=$2 began=$SECONDS
  while sleep 0.5; do
    printf '\r  %-44s %-9s %3d s\e[K' "$title" "$(progress_of "$log")" $((SECONDS - began))
  done
}

# attempt TITLE NAME COMMAND...: runs a step quietly, logs to build/logs/NAME.log, and returns the command's status.
attempt() {
  local title=$1 log=$logs/$2.log began=$SECONDS status=0 ticker=''
  shift 2
  mkdir -p "$logs"
  if [ -n "$live" ]; then
    show_progress "$title" "$log" &
    ticker=$!
  else
    printf '  %-44s ' "$title"
  fi
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ -n "$ticker" ]; then
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    printf '\r  %-44s ' "$title"
  fi
  local took=$((SECONDS - began))
  if [ $status = 0 ]; then
    printf '%sdone%s   %3d s' "$green" "$plain" $took
  else
    printf '%sfailed%s %3d s' "$red" "$plain" $took
  fi
  if [ -n "$live" ]; then printf '\e[K'; fi
  printf '\n'
  printf '%s\t%s\t%s\n' "$title" $took $status >>"$times"
  return $status
}

# step TITLE NAME COMMAND...: the same; if the command fails, shows the end of its log and ends the script.
step() {
  if ! attempt "$@"; then
    printf '\nThe end of %s:\n\n' "$logs/$2.log" >&2
    tail -n 40 "$logs/$2.log" | sed 's/^/    /' >&2
    fail "
$1 failed."
  fi
}
