import { certificatePair } from './tls.js';
import { bare } from './words.js';

/** How an nginx comes by a certificate that is got and renewed while it runs. */
export interface TakenCertificate {
  /** Words that start nginx. */
  readonly command: readonly string[];
  /** Folder that only this container sees, in memory: what nginx serves with. Its `certificate.conf` is there before nginx starts. */
  readonly folder: string;
  /** PEM file with the key and the certificate, which somebody else replaces at once; or where to ask for it under a password. */
  readonly from: { readonly file: string } | ClosedCertificate;
  /** Seconds between two looks, and as long as there is no certificate. @default { each: 10, first: 2 } */
  readonly seconds?: { readonly each: number; readonly first: number };
}

export interface ClosedCertificate {
  /** URL of a PKCS #12 file (RFC 7292). */
  readonly url: string;
  /** File whose first line opens it. */
  readonly password: string;
  /** Folder of this node that outlives the container, for the last one, still closed. */
  readonly kept: string;
}

/**
 * Lines of a shell script, before nginx starts: it serves with what is there already, or refuses every handshake, and takes over by a
 * reload what comes. Whatever it refuses leaves what is served as it is.
 */
export function takenCertificate({
  command,
  folder,
  from,
  seconds = { each: 10, first: 2 },
}: TakenCertificate): string {
  const nginx = command.map(bare).join(' ');
  const pair = `${bare(folder)}/pair.pem`;
  return `tls=${bare(folder)}
mkdir -p -m 0700 "$tls"
say() { echo "asgi-synth: certificate: $*" >&2; }
# What nginx includes: a certificate, or that there is none.
write_conf() {
  if [ -f "$tls/pair.pem" ]; then
    cat >"$tls/certificate.conf" <<'END'
${certificatePair({ certificate: pair, key: pair })}END
  else
    echo 'ssl_reject_handshake on;' >"$tls/certificate.conf"
  fi
}
${'file' in from ? copied(from.file) : closed(from)}
# Puts new.pem in the place of pair.pem, and takes it back where nginx does not have it so.
take() {
  ! cmp -s "$tls/new.pem" "$tls/pair.pem" || return 0
  ! cmp -s "$tls/new.pem" "$tls/refused.pem" || return 1
  rm -f "$tls/old.pem"
  [ ! -f "$tls/pair.pem" ] || mv "$tls/pair.pem" "$tls/old.pem"
  cp "$tls/new.pem" "$tls/pair.pem"
  write_conf
  if ! ${nginx} -t >"$tls/said" 2>&1; then
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
    if [ -f "$tls/pair.pem" ]; then sleep ${seconds.each}; else sleep ${seconds.first}; fi
    ! get || ! take ${nginx} -s reload || keep
  done
}
rm -f "$tls/pair.pem"
write_conf
! known || take true || say "what is there already cannot be served"
[ -f "$tls/pair.pem" ] || say "there is none yet; connections over TLS are refused until it comes"
look &
`;
}

/** Another container writes it into a volume that this one sees. */
function copied(file: string): string {
  return `known() { cp ${bare(file)} "$tls/new.pem" 2>/dev/null; }
get() { known; }
keep() { :; }`;
}

/** Another node has it. Without its password nobody reads it, neither on its way nor where it is kept. */
function closed({ url, password, kept }: ClosedCertificate): string {
  return `kept=${bare(kept)}
mkdir -p -m 0700 "$kept"
# Two looks at one file give one certificate, so that nothing is opened twice.
open_file() {
  openssl pkcs12 -in "$1" -passin file:${bare(password)} -nodes -out "$tls/new.pem" 2>"$tls/said" && return 0
  cmp -s "$1" "$tls/closed.p12" || say "cannot be opened with ${bare(password)}: $(head -n 1 "$tls/said")"
  cp "$1" "$tls/closed.p12"
  return 1
}
known() { [ -f "$kept/certificate.p12" ] && open_file "$kept/certificate.p12"; }
get() {
  curl -fsS --max-time 10 -o "$tls/new.p12" ${bare(url)} 2>"$tls/said" || return 1
  if cmp -s "$tls/new.p12" "$kept/certificate.p12" && [ -f "$tls/pair.pem" ]; then return 1; fi
  open_file "$tls/new.p12"
}
keep() { cp "$tls/new.p12" "$kept/certificate.new" && mv "$kept/certificate.new" "$kept/certificate.p12"; }`;
}
