#!/bin/bash
# OpenSMTPD 6.8.0p2-4+b4 (Debian 12), one relay, "queue ttl" shortened to 4 seconds so that nobody waits four days.
# Seen on 28 November 2026. Runs as root, in a root of its own (debootstrap) without a network but its own loopback.
#
# Guess: a letter that the next server puts off is reported as delayed while it waits, and as failed when its time is over:
#   RFC 3464 §2.3.3 has "failed" for a letter that is given up.
# Behaviour: at the end comes one report: subject "Delivery status notification: delayed", "Action: delayed", "Status: 4.4.7", and a text
#   that says that this is only a temporary failure, that the letter is kept in the queue and need not be sent again. It has left the
#   queue by then. No report with "failed" follows. Only "Envelope expired" and 4.4.7 tell the end from a warning.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
( cd "$work"; apt-get download -q debootstrap >/dev/null 2>&1; dpkg -x debootstrap_*.deb tool )
DEBOOTSTRAP_DIR=$work/tool/usr/share/debootstrap "$work/tool/usr/sbin/debootstrap" --variant=minbase \
    --include=opensmtpd,python3,iproute2 bookworm "$work/root" >"$work/log" 2>&1 || { tail -3 "$work/log"; exit 1; }
version=$(chroot "$work/root" dpkg-query -W -f '${Version}' opensmtpd)
[ "$version" = 6.8.0p2-4+b4 ] || { echo "opensmtpd is $version now."; exit 1; }
cat >"$work/root/etc/smtpd.conf" <<'Y'
queue ttl 4s
listen on 127.0.0.1 port 2525 hostname mx.relay.example
action "out" relay host smtp://127.0.0.1:2526 helo mx.relay.example
match from any for any action "out"
Y
cat >"$work/root/next.py" <<'Y'
"""The next server: puts off whatever is for later@client.example, keeps the rest (the reports)."""
import socketserver
class Session(socketserver.StreamRequestHandler):
    def handle(self):
        say = lambda line: self.wfile.write(line.encode() + b'\r\n')
        say('220 next')
        for line in self.rfile:
            command = line.decode('latin-1').strip().upper()
            if command == 'DATA':
                say('354 go on')
                with open('/reports', 'ab') as file:
                    for line in self.rfile:
                        if line == b'.\r\n': break
                        file.write(line.replace(b'\r', b''))
                say('250 taken')
            elif command == 'QUIT': return say('221 bye')
            elif command.startswith('RCPT') and 'LATER@' in command: say('451 4.3.0 not now')
            else: say('250 ok')
socketserver.ThreadingTCPServer(('127.0.0.1', 2526), Session).serve_forever()
Y
cat >"$work/root/inside.sh" <<'Y'
ip link set lo up; hostname mx.relay.example; echo '127.0.0.1 localhost mx.relay.example' >/etc/hosts
python3 /next.py & smtpd -d >/log 2>&1 & sleep 2
python3 - <<'Z'
import smtplib
smtplib.SMTP('127.0.0.1', 2525).sendmail('ann@people.example', ['later@client.example'],
    'From: ann@people.example\r\nTo: later@client.example\r\nSubject: Badge reader\r\nMessage-ID: <1@people.example>\r\n\r\nIt is late.\r\n')
Z
for i in $(seq 60); do [ -s /reports ] && break; sleep 1; done
sleep 20
echo "reports: $(grep -c '^Subject: Delivery' /reports)"
grep -hE '^(Subject: Delivery|Action|Status)|Envelope expired|temporary failure|DO NOT NEED' /reports | sed 's/^ *//'
echo "letters in the queue: $(smtpctl show queue | wc -l)"
Y
unshare --net --uts --pid --ipc --mount --fork --kill-child chroot "$work/root" timeout 100 bash /inside.sh 2>/dev/null | tee "$work/seen"
cmp -s "$work/seen" - <<'X' || { echo "It behaves otherwise now."; exit 1; }
reports: 1
Subject: Delivery status notification: delayed
later@client.example: Envelope expired
Please note that this is only a temporary failure report.
You DO NOT NEED to re-send the message to these recipients.
Action: delayed
Status: 4.4.7
letters in the queue: 0
X
