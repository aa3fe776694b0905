# SPDX-License-Identifier: MIT
#
# A web application that uses what a service may lack in its root directory, and answers with what it found.
import http.server
import json
import os
import pwd
import socket
import syslog
import urllib.request

STATE = os.environ["STATE_DIRECTORY"]


def count():
    path = STATE + "/count"
    number = int(open(path).read()) + 1 if os.path.exists(path) else 1
    with open(path, "w") as file:
        file.write(str(number))
    return number


def ask_redis():
    with socket.socket(socket.AF_UNIX) as redis:
        redis.settimeout(5)
        redis.connect("/run/cache/redis.sock")
        redis.sendall(b"PING\r\n")
        return redis.recv(100).decode().strip()


def log():
    syslog.syslog("the application logs to syslog")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.connect("/dev/log")


QUESTIONS = {
    "name": lambda: socket.getaddrinfo("www.test", 80)[0][4][0],
    "tls": lambda: urllib.request.urlopen("https://www.test/1.html", timeout=5).read().decode().strip(),
    "count": count,
    "redis": ask_redis,
    "log": log,
    "user": lambda: pwd.getpwuid(os.getuid()).pw_name,
}


def answer(question):
    try:
        return QUESTIONS[question]()
    except Exception as error:
        return "FAILED: %r" % error


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        questions = [word for word in self.path[1:].split(",") if word in QUESTIONS]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({word: answer(word) for word in questions}).encode() + b"\n")

    def log_message(self, *arguments):
        pass


address = ("127.0.0.1", int(os.environ.get("PORT", 0)))
server = http.server.ThreadingHTTPServer(address, Handler, bind_and_activate="PORT" in os.environ)
if "LISTEN_FDS" in os.environ:
    server.socket.close()
    server.socket = socket.socket(fileno=3)
if "NOTIFY_SOCKET" in os.environ:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
server.serve_forever()
