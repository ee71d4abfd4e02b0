"""rawup.py - a provider made of bytes: what the mock, being a server that
keeps to the rules, does not send."""
import re
import socket
import threading

import lib


class RawUpstream:
    """The request names its answer: [[raw:NAME]] in the body. answers maps a
    name to bytes, or to a function that gets the connected socket."""

    def __init__(self, answers):
        self.answers = answers
        self.posts = {}         # name -> requests that came whole
        self.posted = 0         # heads of POST
        self.last = b""         # the last body that came whole
        self.lock = threading.Lock()
        self.s = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.s.getsockname()[1]
        self.url = "http://127.0.0.1:%d" % self.port
        threading.Thread(target=self.accept, daemon=True).start()
        lib._cleanup.append(self.close)

    def close(self):
        try:
            self.s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.s.close()

    def accept(self):
        while True:
            try:
                c, _ = self.s.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(c,),
                             daemon=True).start()

    def request(self, c):
        got = b""
        while b"\r\n\r\n" not in got:
            d = c.recv(65536)
            if not d:
                return None
            got += d
        head, body = got.split(b"\r\n\r\n", 1)
        body = bytearray(body)
        if head.startswith(b"POST "):
            with self.lock:
                self.posted += 1
        m = re.search(rb"(?i)content-length: (\d+)", head)
        need = int(m.group(1)) if m else 0
        while len(body) < need:
            d = c.recv(65536)
            if not d:
                return None
            body += d
        return body

    def serve(self, c):
        with c:
            c.settimeout(60)
            try:
                body = self.request(c)
                if body is None:
                    return
                m = re.search(rb"\[\[raw:([^\]]*)\]\]", body)
                name = m.group(1).decode() if m else ""
                with self.lock:
                    self.posts[name] = self.posts.get(name, 0) + 1
                    self.last = bytes(body)
                answer = self.answers[name]
                if callable(answer):
                    answer(c)
                else:
                    c.sendall(answer)
            except OSError:
                pass

    def count(self):
        with self.lock:
            return dict(self.posts)

    def forget(self):
        with self.lock:
            self.posts.clear()


def head(more="", status="200 OK", kind="application/json", length=None):
    return ("HTTP/1.1 %s\r\ncontent-type: %s\r\nconnection: close\r\n%s%s\r\n"
            % (status, kind, more, "" if length is None else
               "content-length: %d\r\n" % length)).encode()


def whole(body, more="", status="200 OK"):
    return head(more, status, length=len(body)) + body


def sse(body, more=""):
    return head(more, kind="text/event-stream") + body


def delta(text):
    return b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % text


DONE = b"data: [DONE]\n\n"
