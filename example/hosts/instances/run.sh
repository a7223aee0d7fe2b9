#!/usr/bin/env bash
# Two instances of a host behind one address, without sticky sessions, and each started again when it ends:
#
#   cd example/hosts && bash instances/run.sh nginx     # or haproxy
#
# Redis is at $REDIS (localhost:6379), the page at http://localhost:$PORT/debug/logs/ (8080), and the instances have the ports $FIRST
# (8081) and $SECOND (8082). $INSTANCE is what to run, built already.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin # where Debian has both
redis=${REDIS:-localhost:6379} port=${PORT:-8080} first=${FIRST:-8081} second=${SECOND:-8082}
dir=$(mktemp -d)
declare -A running=() # what runs, by process
trap 'kill "${!running[@]}" 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
trap exit INT TERM

cat >"$dir/nginx.conf" <<END
daemon off;
pid nginx.pid;
error_log stderr;
events { }
http {
	access_log off;
	client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
	upstream instances {
		server 127.0.0.1:$first;
		server 127.0.0.1:$second;
	}
	server {
		listen 127.0.0.1:$port;
		location / {
			proxy_pass http://instances;
		}
	}
}
END
cat >"$dir/haproxy.cfg" <<END
defaults
	mode http
	timeout connect 5s
	timeout client 60s
	timeout server 60s
frontend logs
	bind 127.0.0.1:$port
	default_backend instances
backend instances
	option redispatch 1 # an instance that is away is somebody else's request
	server first 127.0.0.1:$first
	server second 127.0.0.1:$second
END

start() {
	case $1 in
	nginx) nginx -p "$dir" -e stderr -c nginx.conf & ;;
	haproxy) haproxy -db -f "$dir/haproxy.cfg" & ;;
	*) "$instance" -redis "$redis" -listen "127.0.0.1:$1" & ;;
	esac
	running[$!]=$1
}

instance=${INSTANCE:-$dir/instance}
[[ ${INSTANCE:-} ]] || go build -o "$instance" ./instances
start "$first"
start "$second"
start "${1:?nginx or haproxy}"
while :; do
	wait -n -p ended || true
	name=${running[$ended]}
	unset "running[$ended]"
	echo "$name ended and is started again" >&2
	sleep 0.2
	start "$name"
done
