#!/usr/bin/env bash
# Every test, in the order in which a failure is cheapest; the last line counts them all.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

passed=0
failed=0
broken=()
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

step() { # step NAME COMMAND...: a check that is one test by itself
  local name=$1
  shift
  echo "== $name"
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)) && broken+=("$name"); fi
}

suite() { # suite PROJECT [ARGUMENT...]: a vitest project, counted test by test
  local report=$reports/$1.json
  echo "== $1 tests"
  npx vitest run --config test/vitest.config.ts --project "$1" "${@:2}" --reporter default --reporter json --outputFile.json "$report"
  local status=$?
  local lines
  mapfile -t lines < <(node test/report.mjs "$report" 2>/dev/null)
  broken+=("${lines[@]:1}")
  local counts=${lines[0]:-0 1}
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
  # A suite can fail outside of a test: a file that does not load, a hook that throws.
  if [ $status -ne 0 ] && [ "${counts#* }" = 0 ]; then failed=$((failed + 1)) && broken+=("$1, outside of its tests"); fi
}

step build npm run --silent build
step types npm run --silent typecheck
step lint npm run --silent lint
suite unit
suite python
suite docs
suite judges
suite integration
suite life test/life/init test/life/import
# Every fault on every target, with fewer requests than `npm run test:faults`; `npm run test:life` has the rest of a deployment's life.
# Two targets at a time: most of what they do is waiting, and each has an engine of its own.
suite life test/life/faults- --fileParallelism --maxWorkers 2
# After them, since some of those switch machines off.
suite life test/life/changes-bare-metal

# Said again at the end, where they are found.
[ ${#broken[@]} = 0 ] || printf 'failed: %s\n' "${broken[@]}"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
