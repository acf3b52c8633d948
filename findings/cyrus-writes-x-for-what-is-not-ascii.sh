#!/bin/bash
# Cyrus IMAP 3.6.1-4+deb12u5 (Debian 12, cyrus-imapd), its default settings but for paths, ports and a password check that takes all.
# Seen on 29 November 2026. Runs as root; unpacks Debian's packages in a temporary folder, installs nothing.
#
# Guess: a server stores what APPEND hands it, or refuses it (RFC 3501 §6.3.11: "8-bit characters are permitted in the message"). Dovecot and
#   Courier keep every byte; Cyrus has a setting for refusing, reject8bit, which is off.
# Behaviour: APPEND says OK, and each byte beyond ASCII in the header is an X from then on ("Réseau" is "RXXseau"); the body keeps its bytes. The
#   size stays as it was, so nothing tells, and a DKIM signature over Subject or From of such a mail no longer verifies. munge8bit: no ends it.
# Whoever checks signatures, or compares mails by digest, behind such a server sees a mail that nobody sent.
set -eu
work=$(mktemp -d); chmod 755 "$work"; master=
trap '[ -z "$master" ] || kill "$master" 2>/dev/null || true; sleep 1; rm -rf "$work"' EXIT
mkdir -p "$work/debs/partial" "$work/root" "$work/at/"{mail,state/socket,run/proc,run/lock}
apt-get install -qq --yes --no-install-recommends --download-only -o Dir::Cache::archives="$work/debs" cyrus-imapd >"$work/log" 2>&1 || { tail -3 "$work/log"; exit 1; }
for deb in "$work"/debs/*.deb; do case $deb in */libc6_*|*/libc-bin_*) ;; *) dpkg -x "$deb" "$work/root" ;; esac; done
version=$(cd "$work/debs"; ls | sed -n 's/^cyrus-imapd_\(.*\)_[a-z0-9]*\.deb$/\1/p')
[ "$version" = 3.6.1-4+deb12u5 ] || { echo "cyrus-imapd is ${version:-installed} now."; exit 1; }
chown -R nobody:nogroup "$work/at"
bin=$work/root/usr/lib/cyrus/bin port=24260
cat >"$work/imapd.conf" <<X
configdirectory: $work/at/state
partition-default: $work/at/mail
defaultpartition: default
proc_path: $work/at/run/proc
mboxname_lockpath: $work/at/run/lock
idlesocket: $work/at/run/idle
allowplaintext: yes
sasl_pwcheck_method: alwaystrue
admins: admin
X
cat >"$work/cyrus.conf" <<X
START {
  recover cmd="$bin/ctl_cyrusdb -C $work/imapd.conf -r"
}
SERVICES {
  imap cmd="$bin/imapd -C $work/imapd.conf" listen="127.0.0.1:$port" prefork=0
}
X
LD_LIBRARY_PATH=$(echo "$work"/root/usr/lib/*-linux-gnu "$work"/root/lib/*-linux-gnu "$work/root/usr/lib" | tr ' ' ':') CYRUS_USER=nobody CYRUS_GROUP=nogroup \
    "$bin/master" -D -C "$work/imapd.conf" -M "$work/cyrus.conf" -p "$work/pid" >"$work/log" 2>&1 & master=$!
cat >"$work/client.py" <<'X'
import imaplib, sys, time
def client(user):
    for _ in range(100):
        try: imap = imaplib.IMAP4('127.0.0.1', int(sys.argv[1])); break
        except OSError: time.sleep(.1)
    imap.login(user, 'any'); return imap
client('admin').create('user/ann')
imap = client('ann')
mail = 'From: ann@people.example\r\nSubject: Réseau en panne\r\nMessage-ID: <1@people.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nLe réseau est en panne.\r\n'.encode()
print('APPEND:', imap.append('INBOX', None, None, mail)[0])
imap.select('INBOX')
kept = imap.fetch('1', '(BODY.PEEK[])')[1][0][1]
print([line for line in kept.decode().splitlines() if line.startswith('Subject') or line.startswith('Le ')], 'as long:', len(kept) == len(mail))
X
python3 "$work/client.py" $port | tee "$work/seen"
cmp -s "$work/seen" - <<'X' || { echo "It behaves otherwise now."; exit 1; }
APPEND: OK
['Subject: RXXseau en panne', 'Le réseau est en panne.'] as long: True
X
# APPEND: OK
# ['Subject: RXXseau en panne', 'Le réseau est en panne.'] as long: True
