#!/bin/sh
# Runs nginx. Before it stops, clients that keep their connection and balancers that ask are told for 3 s to use another one.
leave() {
  : >/tmp/asgi-synth-leaving
  sleep 3
  kill -QUIT "$nginx"
}
trap leave QUIT TERM
nginx -e stderr -p /etc/nginx/ -c /etc/asgi-synth/nginx/nginx.conf &
nginx=$!
# A signal ends the wait, not nginx.
while :; do
  wait "$nginx"
  status=$?
  kill -0 "$nginx" 2>/dev/null || exit "$status"
done
