#!/bin/sh
# Runs nginx, and lets it take over the certificate that the service acme gets.
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
known() { cp /var/tmp/asgi-synth-acme/pair.pem "$tls/new.pem" 2>/dev/null; }
get() { known; }
keep() { :; }
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
exec nginx -e stderr -p /etc/nginx/ -c /etc/asgi-synth/nginx/nginx.conf
