# setup-run.sh - "contrib/setup run": a gateway under ./var; sourced by setup.
# shellcheck shell=sh
once=0
bin=
while [ $# -gt 0 ]; do
	case $1 in
	--once) once=1 ;;
	--built) bin=${2:-}; shift ;;
	--var) var=${2:-}; shift ;;
	*) die "what is $1?" ;;
	esac
	shift
done
if [ -z "$bin" ]; then
	# shellcheck disable=SC2086
	deps $build_packages
	say "setup: building in $var/build"
	build "$var/build" --prefix="$var/root"
	bin=$var/build
fi
mkdir -p "$var/run" "$var/state" "$var/log"
mock_pid=
gw_pid=

finish() {
	[ -n "$gw_pid" ] && kill -TERM "$gw_pid" 2>/dev/null &&
	    wait "$gw_pid" 2>/dev/null
	[ -n "$mock_pid" ] && kill -TERM "$mock_pid" 2>/dev/null &&
	    wait "$mock_pid" 2>/dev/null
	return 0
}
trap 'finish; exit 130' INT TERM

# wait_for SECONDS COMMAND... - until it succeeds.
wait_for() {
	tries=$(($1 * 10)); shift
	while [ $tries -gt 0 ]; do
		"$@" >/dev/null 2>&1 && return 0
		tries=$((tries - 1))
		sleep 0.1
	done
	return 1
}

# Providers for the demonstration when the environment names none.
start_mock() {
	"$bin/aigw-mock" --listen 127.0.0.1:0 --token-rate 50 \
	    >"$var/mock.out" 2>&1 &
	mock_pid=$!
	wait_for 10 grep -q listening "$var/mock.out" ||
	    die "aigw-mock did not start, see $var/mock.out"
	mock_addr=$(sed -n 's/.*listening //p' "$var/mock.out" | head -1)
	model=gpt-4o-mini
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])' 2>/dev/null || echo 8080
}

# demo ID DIALECT PATH MODEL - a provider that aigw-mock is.
demo() {
	say "  { id = \"$1\"; dialect = \"$2\";"
	say "    base_url = \"http://$mock_addr$3\"; keys = ( \"sk-demo\" );"
	say "    allow_private = ( \"127.0.0.0/8\" ); models = ( \"$4\" ); }"
}

model=
mock_addr=
if [ -n "${OPENAI_API_KEY:-}" ]; then
	model=gpt-4o-mini
elif [ -n "${GROQ_API_KEY:-}" ]; then
	model=llama-3.1-8b-instant
elif [ -n "${MISTRAL_API_KEY:-}" ]; then
	model=mistral-small-latest
else
	start_mock
fi
port=${PORT:-$(free_port)}
unset PORT

{
	say "# Written by contrib/setup run; yours to change."
	if [ "$(id -u)" = 0 ]; then
		say "user = \"root\"; group = \"root\";   # a demonstration: no user is made"
	fi
	say "state_dir = \"$var/state\"; run_dir = \"$var/run\";"
	say "log_dir = \"$var/log\"; workers = 2; sandbox = true;"
	say "listen = ( { address = \"127.0.0.1:$port\"; } );"
	say "admin = { listen = \"\"; };"
	say "auth = { anonymous_unified_chat = true; };"
	say "prices = { file = \"$top/etc/prices.conf\"; };"
	if [ -n "$mock_addr" ]; then
		say "providers = ("
		demo demo openai "" "$model"; say "  ,"
		demo demo-anthropic anthropic "" claude-haiku-4-5; say "  ,"
		demo demo-gemini gemini "" gemini-2.5-flash; say "  ,"
		demo demo-mistral mistral /mistral mistral-small-latest
		say ");"
	fi
} >"$var/aigw.conf"
chmod 600 "$var/aigw.conf"

"$bin/aigwd" -f -c "$var/aigw.conf" >"$var/aigwd.out" 2>&1 &
gw_pid=$!
if ! wait_for 15 curl -fs "http://127.0.0.1:$port/healthz"; then
	tail -20 "$var/aigwd.out" >&2
	finish
	die "the gateway did not start"
fi

ctl() { "$bin/aigwctl" -s "$var/run/control.sock" "$@"; }
wait_for 10 ctl status || { finish; die "the control socket does not answer"; }
if [ -s "$var/demo.key" ] && ctl key show demo >/dev/null 2>&1; then
	key=$(cat "$var/demo.key")
else
	ctl key delete demo >/dev/null 2>&1
	key=$(ctl key create --name demo --tier enterprise |
	    grep -o 'sk-aigw-[A-Za-z0-9]*' | head -1)
	[ -n "$key" ] || { finish; die "no client key could be made"; }
	(umask 077; say "$key" >"$var/demo.key")
fi

body="{\"model\":\"$model\",\"messages\":[{\"role\":\"user\",\"content\":\"Say hello.\"}]}"
answer=$(curl -sS --max-time 60 "http://127.0.0.1:$port/v1/chat/completions" \
    -H "Authorization: Bearer $key" -H 'Content-Type: application/json' \
    -d "$body")
case $answer in
*'"choices"'*) ;;
*) say "$answer" >&2; finish; die "the chat request failed" ;;
esac
say ""
if [ -n "$mock_addr" ]; then
	say "The answer to one chat request (provider: aigw-mock at $mock_addr):"
else
	say "The answer to one chat request:"
fi
say "$answer"
say ""
say "Client key: $key"
say ""
say "curl http://127.0.0.1:$port/v1/chat/completions -H 'Authorization: Bearer $key' -H 'Content-Type: application/json' -d '$body'"
say ""
say "POST http://127.0.0.1:$port/v1/chat needs no key here: see aigw-api(7), EXAMPLES."
say ""
if [ $once = 1 ]; then
	finish
	exit 0
fi
say "The gateway runs in the foreground; stop it with Ctrl-C. Log: $var/log"
wait "$gw_pid"
status=$?
gw_pid=
finish
exit $status
