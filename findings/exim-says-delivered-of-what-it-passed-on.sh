#!/bin/bash
# Exim 4.96-15+deb12u10 (Debian 12, exim4-daemon-light), a configuration of one router, DSN offered to all.
# Seen on 28 November 2026. Runs as root, in a root of its own (debootstrap) without a network but its own loopback.
#
# Guess: who asks for NOTIFY=SUCCESS is told "relayed" when the next server knows no DSN, and "delivered" only of a mailbox
#   (RFC 3461 §5.2.2, RFC 3464 §2.3.3); Postfix, sendmail, OpenSMTPD and Courier do so.
# Behaviour: the machine-readable part says "Action: delivered". That the letter was only passed on stands in brackets in the text for
#   people, "(relayed to non-DSN-aware mailer)". A mailbox gets the same Action, and "(relayed via non "Remote SMTP" router)" in the text.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
( cd "$work"; apt-get download -q debootstrap >/dev/null 2>&1; dpkg -x debootstrap_*.deb tool )
DEBOOTSTRAP_DIR=$work/tool/usr/share/debootstrap "$work/tool/usr/sbin/debootstrap" --variant=minbase \
    --include=exim4-daemon-light,python3,iproute2 bookworm "$work/root" >"$work/log" 2>&1 || { tail -3 "$work/log"; exit 1; }
version=$(chroot "$work/root" dpkg-query -W -f '${Version}' exim4-daemon-light)
[ "$version" = 4.96-15+deb12u10 ] || { echo "exim4-daemon-light is $version now."; exit 1; }
cat >"$work/root/etc/exim4/exim4.conf" <<'Y'
primary_hostname = mx.relay.example
local_interfaces = 127.0.0.1
daemon_smtp_ports = 2525
dsn_advertise_hosts = *
tls_advertise_hosts =
acl_smtp_rcpt = accept
host_lookup =
begin routers
mailbox:
  driver = accept
  domains = relay.example
  transport = file
next:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = next
begin transports
file:
  driver = appendfile
  file = /var/spool/exim4/box
  user = Debian-exim
next:
  driver = smtp
  port = 2526
Y
cat >"$work/root/next.py" <<'Y'
"""The next server: no DSN; keeps what it is given, by the first recipient."""
import re, socketserver
class Session(socketserver.StreamRequestHandler):
    def handle(self):
        say = lambda line: self.wfile.write(line.encode() + b'\r\n')
        say('220 next')
        for line in self.rfile:
            line = line.decode('latin-1').strip()
            if line.upper().startswith('RCPT'): to = re.search('<(.*?)>', line).group(1)
            if line.upper() == 'DATA':
                say('354 go on')
                with open('/got-' + to, 'ab') as file:
                    for line in self.rfile:
                        if line == b'.\r\n': break
                        file.write(line.replace(b'\r', b''))
                say('250 taken')
            elif line.upper() == 'QUIT': return say('221 bye')
            else: say('250 ok')
socketserver.ThreadingTCPServer(('127.0.0.1', 2526), Session).serve_forever()
Y
cat >"$work/root/inside.sh" <<'Y'
ip link set lo up
python3 /next.py & exim4 -bd & sleep 3
for to in ben@client.example bea@relay.example; do
    python3 - $to <<'Z'
import smtplib, sys
server = smtplib.SMTP('127.0.0.1', 2525); server.ehlo()
server.sendmail('ann@people.example', [sys.argv[1]], f'From: ann@people.example\r\nTo: {sys.argv[1]}\r\nSubject: Badge reader\r\nMessage-ID: <1@people.example>\r\n\r\nIt is late.\r\n', rcpt_options=['NOTIFY=SUCCESS'])
Z
    for i in $(seq 60); do [ -s /got-ann@people.example ] && break; sleep 1; done; sleep 1
    grep -E '^(Action|Final-Recipient):|^<' /got-ann@people.example; rm /got-ann@people.example
done
Y
unshare --net --uts --pid --ipc --mount --fork --kill-child chroot "$work/root" timeout 150 bash /inside.sh 2>/dev/null | tee "$work/seen"
cmp -s "$work/seen" - <<'X' || { echo "It behaves otherwise now."; exit 1; }
<ben@client.example> (relayed to non-DSN-aware mailer)
Action: delivered
Final-Recipient: rfc822;ben@client.example
<bea@relay.example> (relayed via non "Remote SMTP" router)
Action: delivered
Final-Recipient: rfc822;bea@relay.example
X
