#!/bin/sh
# entrypoint_e2e.sh - contrib/entrypoint.sh without a container: an env file
# configures the gateway, the health check works, SIGQUIT stops it.
set -u
build=${AIGW_BUILD:-$PWD}
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/aigw-e2e-XXXXXX")
chmod 755 "$dir"
pid=
n=0
bad=0

ok()
{
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		bad=1
	fi
}

cleanup()
{
	[ -n "$pid" ] && kill "$pid" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# until_ok SECONDS COMMAND...
until_ok()
{
	left=$(($1 * 10))
	shift
	while [ "$left" -gt 0 ]; do
		"$@" >/dev/null 2>&1 && return 0
		left=$((left - 1))
		sleep 0.1
	done
	return 1
}

gone()
{
	! kill -0 "$1" 2>/dev/null
}

if ! command -v curl >/dev/null; then
	echo "1..0 # SKIP curl is not installed"
	exit 0
fi
echo 1..6
PORT=$(python3 -c 'import socket; s = socket.socket()
s.bind(("", 0)); print(s.getsockname()[1])')
export PORT
[ "$(id -u)" = 0 ] && echo AIGW_USER=nobody >"$dir/env" &&
    echo AIGW_GROUP=nogroup >>"$dir/env"
cat >>"$dir/env" <<END
# as a user writes it
LLM_PROVIDERS=demo
LLM_PROVIDER_demo_NAME="Demo provider"
LLM_PROVIDER_demo_BASE_URL=http://127.0.0.1:9/v1
LLM_PROVIDER_demo_API_KEY=sk-up-demo
APIPROXY_AUTH_TOKEN=a-token-for-the-test
AIGW_STATE_DIR=$dir/state
AIGW_RUN_DIR=$dir/run
AIGW_LOG_DIR=$dir/log
AIGW_WORKERS=1
AIGW_SANDBOX=${AIGW_SANDBOX:-true}
AIGW_ADMIN_LISTEN=
END
AIGW_CONF=$dir/none AIGW_ENV_FILE=$dir/env AIGWD=$build/aigwd \
    sh "$top/contrib/entrypoint.sh" >"$dir/out" 2>&1 &
pid=$!
until_ok 20 sh "$top/contrib/entrypoint.sh" healthcheck
ok $? "starts with an env file; healthcheck succeeds"
until_ok 5 curl -fsS "http://127.0.0.1:$PORT/readyz"
ok $? "is ready"
# chat TOKEN: the status. Loopback is no address for a provider of the
# environment (allow_private is for the file), so the best is a 502.
chat()
{
	curl -sS -o "$dir/answer" -w '%{http_code}' \
	    "http://127.0.0.1:$PORT/v1/chat/completions" \
	    -H "Authorization: Bearer $1" -d \
	    '{"model":"demo/m","messages":[{"role":"user","content":"x"}]}'
}

[ "$(chat "$(printf a-token-for-the-test | base64)")" = 502 ] &&
    grep -q 'address not allowed' "$dir/answer" && [ "$(chat other)" = 401 ]
ok $? "the gateway token is known, other keys are not"
sh "$top/contrib/entrypoint.sh" healthcheck
ok $? "healthcheck again"
kill -QUIT $pid
until_ok 20 gone $pid
ok $? "stops on SIGQUIT"
wait $pid
code=$?
pid=
sh "$top/contrib/entrypoint.sh" healthcheck 2>/dev/null
[ $? -ne 0 ] && [ $code -eq 0 ]
ok $? "status 0, healthcheck fails then"
[ $bad -eq 0 ] || sed 's/^/# /' "$dir/out" | tail -40
exit $bad
