#!/bin/sh
# entrypoint.sh - start aigwd in a container: folders, configuration, user.
#
# AIGW_CONF names the file (default /etc/aigw/aigw.conf). Without it the
# environment alone configures the gateway (etc/aigw.env.example). AIGW_ENV_FILE
# names a file of KEY=VALUE lines. "healthcheck" as argument asks /healthz.
set -eu
conf=${AIGW_CONF:-/etc/aigw/aigw.conf}
unset AIGW_CONF
env_file=${AIGW_ENV_FILE:-}
unset AIGW_ENV_FILE

if [ "${1:-}" = healthcheck ]; then
	exec curl -fsS -o /dev/null --max-time 3 \
	    "http://127.0.0.1:${PORT:-8080}/healthz"
fi

for d in /run/aigw /var/lib/aigw /var/log/aigw; do
	[ -d "$d" ] || mkdir -p "$d" 2>/dev/null || true
done
PORT=${PORT:-8080}
export PORT
set -- -f "$@"
[ -f "$conf" ] && set -- -c "$conf" "$@"
[ -n "$env_file" ] && set -- --env-file "$env_file" "$@"
exec "${AIGWD:-aigwd}" "$@"
