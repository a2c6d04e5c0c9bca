#!/usr/bin/python3
"""Stands for the places that Drydock tells things: Slack, PagerDuty, Alertmanager, any webhook, and a mail server.

HTTP: any POST is kept and answered as the real receiver of its path would.
  GET /_received[?path=/x]    what came, in order    DELETE /_received    forgets it
  PUT /_behavior {"path": "/slack", "status": 500, "times": 3, "retryAfter": 2, "delay": 0}
      the next `times` requests on that path, or below it, are answered so; times 0 ends it
  GET /_mail    what came by SMTP    DELETE /_mail    forgets it
usage: receivers.py ADDRESS HTTP-PORT SMTP-PORT
"""
import asyncio
import email
import email.policy
import json
import sys
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

lock = threading.Lock()
received = []
mails = []
behaviors = []


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def below(path, prefix):
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def answer(self, status, text, kind="application/json", headers=()):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def control(self, url, body):
        kept = received if url.path == "/_received" else mails
        with lock:
            if url.path in ("/_received", "/_mail") and self.command == "GET":
                path = parse_qs(url.query).get("path", [None])[0]
                rows = [row for row in kept if path is None or below(row.get("path", ""), path)]
                return self.answer(200, json.dumps(rows, indent=1) + "\n")
            if url.path in ("/_received", "/_mail") and self.command == "DELETE":
                kept.clear()
                return self.answer(200, "{}\n")
            if url.path == "/_behavior" and self.command in ("PUT", "DELETE"):
                if self.command == "DELETE":
                    behaviors.clear()
                    return self.answer(200, "{}\n")
                try:
                    wanted = json.loads(body)
                    wanted = {"times": 1, "status": 200, "delay": 0, **wanted, "path": str(wanted["path"])}
                except (ValueError, KeyError, TypeError):
                    return self.answer(400, '{"error": "an object with a path is wanted"}\n')
                behaviors[:] = [one for one in behaviors if one["path"] != wanted["path"]] + [wanted]
                return self.answer(200, "{}\n")
            if url.path == "/_health":
                return self.answer(200, '{"ok":true}\n')
        self.answer(404, '{"error": "not known"}\n')

    def usual(self, path):
        if below(path, "/slack"):
            return 200, "ok", "text/plain"
        if below(path, "/v2/enqueue"):
            return 202, '{"status":"success","message":"Event processed","dedup_key":"lab"}', "application/json"
        if self.command in ("POST", "PUT", "PATCH"):
            return 200, "{}", "application/json"
        return 404, "{}", "application/json"

    def handle_request(self):
        url = urlsplit(self.path)
        body = self.body()
        if url.path.startswith("/_"):
            return self.control(url, body)
        status, text, kind = self.usual(url.path)
        headers = []
        with lock:
            wanted = next((one for one in behaviors if one["times"] > 0 and below(url.path, one["path"])), None)
            if wanted:
                wanted["times"] -= 1
                status = int(wanted["status"])
                text = str(wanted.get("body", text if status < 300 else "made to fail"))
                if wanted.get("retryAfter") is not None:
                    headers = [("Retry-After", str(wanted["retryAfter"]))]
            received.append({
                "time": now(), "method": self.command, "path": url.path, "query": url.query,
                "headers": dict(self.headers.items()), "body": body.decode("utf-8", "replace"), "status": status,
            })
        if wanted and wanted["delay"]:
            time.sleep(float(wanted["delay"]))
        self.answer(status, text, kind, headers)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_request

    def log_message(self, format, *arguments):
        print(now(), self.client_address[0], format % arguments, flush=True)


async def smtp(reader, writer):
    """As much of RFC 5321 as a client without authentication uses."""
    sender, recipients = None, []

    async def say(line):
        writer.write(line.encode() + b"\r\n")
        await writer.drain()

    try:
        await say("220 lab ESMTP")
        while line := await reader.readline():
            command = line.decode("utf-8", "replace").strip()
            verb = command[:4].upper()
            if verb == "EHLO":
                await say("250-lab")
                await say("250-8BITMIME")
                await say("250-SMTPUTF8")
                await say("250 SIZE 10485760")
            elif verb in ("HELO", "NOOP"):
                await say("250 lab")
            elif verb == "RSET":
                sender, recipients = None, []
                await say("250 forgotten")
            elif command.upper().startswith("MAIL FROM:"):
                sender, recipients = command[10:].split()[0].strip("<>") if command[10:].strip() else "", []
                await say("250 sender ok")
            elif command.upper().startswith("RCPT TO:"):
                if sender is None:
                    await say("503 MAIL first")
                    continue
                recipients.append(command[8:].split()[0].strip("<>"))
                await say("250 recipient ok")
            elif verb == "DATA":
                if not recipients:
                    await say("503 RCPT first")
                    continue
                await say("354 end with a dot")
                data = b""
                while (line := await reader.readline()) not in (b".\r\n", b".\n"):
                    if not line:
                        return
                    data += line[1:] if line.startswith(b".") else line
                message = email.message_from_bytes(data, policy=email.policy.default)
                part = message.get_body(("plain", "html"))
                with lock:
                    mails.append({
                        "time": now(), "from": sender, "to": recipients, "subject": message["Subject"],
                        "headers": {name: str(value) for name, value in message.items()},
                        "body": part.get_content() if part else "", "raw": data.decode("utf-8", "replace"),
                    })
                sender, recipients = None, []
                await say("250 kept")
            elif verb == "QUIT":
                await say("221 bye")
                return
            else:
                await say("502 not known")
    except ConnectionError:
        pass
    finally:
        writer.close()


async def serve_smtp(address, port):
    server = await asyncio.start_server(smtp, address, port, limit=1 << 24)
    async with server:
        await server.serve_forever()


def main():
    address, http_port, smtp_port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    ThreadingHTTPServer.daemon_threads = True
    ThreadingHTTPServer.request_queue_size = 128
    server = ThreadingHTTPServer((address, http_port), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    asyncio.run(serve_smtp(address, smtp_port))


if __name__ == "__main__":
    main()
