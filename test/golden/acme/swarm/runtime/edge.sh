#!/bin/sh
# Runs nginx. Before it stops, clients that keep their connection and balancers that ask are told for 8 s to use another one.
tls=/tmp/asgi-synth-tls
mkdir -p -m 0700 "$tls"
say() { echo "asgi-synth: certificate: $*" >&2; }
# What nginx includes: a certificate, or that there is none.
write_conf() {
  if [ -f "$tls/pair.pem" ]; then
    cat >"$tls/certificate.conf" <<'END'
ssl_certificate "/tmp/asgi-synth-tls/pair.pem";
ssl_certificate_key "/tmp/asgi-synth-tls/pair.pem";
END
  else
    echo 'ssl_reject_handshake on;' >"$tls/certificate.conf"
  fi
}
kept=/var/tmp/asgi-synth-acme
mkdir -p -m 0700 "$kept"
# Two looks at one file give one certificate, so that nothing is opened twice.
open_file() {
  openssl pkcs12 -in "$1" -passin file:/run/secrets/acme_token -nodes -out "$tls/new.pem" 2>"$tls/said" && return 0
  cmp -s "$1" "$tls/closed.p12" || say "cannot be opened with /run/secrets/acme_token: $(head -n 1 "$tls/said")"
  cp "$1" "$tls/closed.p12"
  return 1
}
known() { [ -f "$kept/certificate.p12" ] && open_file "$kept/certificate.p12"; }
get() {
  curl -fsS --max-time 10 -o "$tls/new.p12" http://acme:8080/certificate.p12 2>"$tls/said" || return 1
  if cmp -s "$tls/new.p12" "$kept/certificate.p12" && [ -f "$tls/pair.pem" ]; then return 1; fi
  open_file "$tls/new.p12"
}
keep() { cp "$tls/new.p12" "$kept/certificate.new" && mv "$kept/certificate.new" "$kept/certificate.p12"; }
# Puts new.pem in the place of pair.pem, and takes it back where nginx does not have it so.
take() {
  ! cmp -s "$tls/new.pem" "$tls/pair.pem" || return 0
  ! cmp -s "$tls/new.pem" "$tls/refused.pem" || return 1
  rm -f "$tls/old.pem"
  [ ! -f "$tls/pair.pem" ] || mv "$tls/pair.pem" "$tls/old.pem"
  cp "$tls/new.pem" "$tls/pair.pem"
  write_conf
  if ! nginx -e stderr -p /etc/nginx/ -c /etc/asgi-synth/nginx/nginx.conf -t >"$tls/said" 2>&1; then
    cp "$tls/new.pem" "$tls/refused.pem"
    cat "$tls/said" >&2
    say "nginx refuses a new one; what was served stays"
  elif "$@" >"$tls/said" 2>&1; then
    say "taken over"
    return 0
  fi
  rm -f "$tls/pair.pem"
  [ ! -f "$tls/old.pem" ] || mv "$tls/old.pem" "$tls/pair.pem"
  write_conf
  return 1
}
look() {
  while :; do
    if [ -f "$tls/pair.pem" ]; then sleep 10; else sleep 2; fi
    ! get || ! take nginx -e stderr -p /etc/nginx/ -c /etc/asgi-synth/nginx/nginx.conf -s reload || keep
  done
}
rm -f "$tls/pair.pem"
write_conf
! known || take true || say "what is there already cannot be served"
[ -f "$tls/pair.pem" ] || say "there is none yet; connections over TLS are refused until it comes"
look &
leave() {
  : >/tmp/asgi-synth-leaving
  sleep 8
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
