# setup-check.sh - the stages of "contrib/setup check"; sourced by setup.
#
# Every stage writes a log under ./var/check; the last line counts all tests.
# shellcheck shell=sh
out=$var/check
passed=0
failed=0
rm -rf "$out"
mkdir -p "$out" || die "cannot make $out"

# count FILE - add the totals of an automake test run.
count() {
	p=$(sed -n 's/^# PASS: *//p' "$1" | awk '{s+=$1} END {print s+0}')
	f=$(sed -n 's/^# FAIL: *//p; s/^# ERROR: *//p; s/^# XPASS: *//p' "$1" |
	    awk '{s+=$1} END {print s+0}')
	passed=$((passed + p))
	failed=$((failed + f))
}

# again NAME - how a stage is run again: what failed in it.
again() {
	case $1 in
	check) make -C "$out/b" recheck ;;
	check-asan) ASAN_OPTIONS=detect_leaks=1 make -C "$out/asan" recheck ;;
	distcheck) dist_check ;;
	*) return 1 ;;
	esac
}

# stage NAME COMMAND... - run it; a stage is a test of its own. Tests that fail
# are run once more, and that is said: on a machine that others use, a deadline
# may be missed for want of a processor.
stage() {
	name=$1; shift
	begin=$(date +%s)
	if "$@" >"$out/$name.log" 2>&1; then
		passed=$((passed + 1)); verdict=ok
	elif again "$name" >"$out/$name.again.log" 2>&1; then
		passed=$((passed + 1)); verdict="ok, but only the second time:"
		grep -E '^(not ok|FAIL|ERROR|# .*: )' "$out/$name.log" |
		    tail -20
		sed -i '/^# FAIL:/d; /^# ERROR:/d' "$out/$name.log"
		cat "$out/$name.again.log" >>"$out/$name.log"
	else
		failed=$((failed + 1)); verdict=FAILED
	fi
	say "$verdict $name ($(($(date +%s) - begin)) s)"
	if [ "$verdict" = FAILED ]; then
		grep -E '^(not ok|FAIL|ERROR|# .*: |.*error:)' "$out/$name.log" |
		    tail -60
		tail -40 "$out/$name.log"
	fi
	case $name in
	check|check-asan|check-e2e|check-e2e-asan) count "$out/$name.log" ;;
	esac
}

debug_build() {
	build "$out/b" --enable-werror
}

# Half of the time at -O2 is the compiler's, and what it has optimised away no
# sanitizer looks at. This is compiled with what other stages leave of the
# processors: the end-to-end tests mostly wait.
asan_build() {
	gently="nice -n 19"
	build "$out/asan" --enable-sanitizers --enable-werror \
	    CFLAGS='-O1 -g1' &&
	    $gently make -s -j2 -C "$out/asan" check TESTS=
}

asan_check() {
	wait "$asan_pid" || { cat "$out/asan-build.log"; return 1; }
	ASAN_OPTIONS=detect_leaks=1 make -j2 -C "$out/asan" check
}

# Neither sanitizers nor their reports work inside the sandbox. The packages of
# npm are those of the first time.
asan_e2e() {
	[ -e "$out/asan/e2e-node" ] || [ ! -e "$out/b/e2e-node/installed" ] ||
	    cp -al "$out/b/e2e-node" "$out/asan/e2e-node"
	AIGW_SANDBOX=false ASAN_OPTIONS=detect_leaks=1 \
	    make -C "$out/asan" check-e2e
}

# Is the tarball whole? How it is compiled was the other stages' affair.
dist_check() {
	$gently make "$@" -C "$out/b" distcheck \
	    DISTCHECK_CONFIGURE_FLAGS='CFLAGS=-O1 --disable-lto'
}

# Behind the end-to-end tests, too.
dist_behind() {
	gently="nice -n 19"
	dist_check -j2
}

dist_result() {
	wait "$dist_pid" && rc=0 || rc=$?
	cat "$out/dist.log"
	return "$rc"
}

# shellcheck disable=SC2086
deps $build_packages $check_packages
stage autogen ./autogen.sh
stage build debug_build
stage check make -j2 -C "$out/b" check
# Behind here an interrupt does not reach all that runs: it is passed on.
trap 'trap - INT; kill 0' INT
asan_build >"$out/asan-build.log" 2>&1 &
asan_pid=$!
stage check-e2e make -C "$out/b" check-e2e
stage lint make -C "$out/b" lint
stage check-asan asan_check
dist_behind >"$out/dist.log" 2>&1 &
dist_pid=$!
stage check-e2e-asan asan_e2e
stage distcheck dist_result
say "$passed passed, $failed failed"
[ "$failed" = 0 ]
