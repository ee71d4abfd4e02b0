"""wire.py - what went over the loopback between the gateway and a provider.

For the question that neither end can answer: had the provider's system the
request when it said that it is done? Its FIN tells what it had received.
Needs the right to open a packet socket.
"""
import ctypes
import socket
import struct
import threading

SO_ATTACH_FILTER, SO_RCVBUFFORCE = 26, 33
SOL_PACKET, PACKET_STATISTICS, ETH_P_ALL, PACKET_OUTGOING = 263, 6, 3, 4
HALF = 1 << 31


def filter_code(port):
    """IPv4, TCP, to or from that port, with data or a flag of the connection's
    life: what only acknowledges stays away."""
    return ((0x28, 0, 0, 12), (0x15, 0, 11, 0x0800),
            (0x30, 0, 0, 23), (0x15, 0, 9, 6),
            (0x28, 0, 0, 34), (0x15, 2, 0, port),
            (0x28, 0, 0, 36), (0x15, 0, 5, port),
            (0x28, 0, 0, 16), (0x25, 2, 0, 52),
            (0x30, 0, 0, 47), (0x45, 0, 1, 7),
            (0x06, 0, 0, 96), (0x06, 0, 0, 0))


class Wire:
    """Requests on kept connections that have no answer, by what the
    provider's end says of them: heard (its FIN acknowledges bytes of it),
    unheard (its FIN does not), reset (there is none)."""

    def __init__(self, port):
        self.port = port
        self.s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                               socket.htons(ETH_P_ALL))
        self.s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 28)
        code = b"".join(struct.pack("HBBI", *x) for x in filter_code(port))
        keep = ctypes.create_string_buffer(code)
        self.s.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack(
            "HL", len(code) // 8, ctypes.addressof(keep)))
        self.s.bind(("lo", 0))
        self.s.settimeout(0.2)
        self.open = {}          # the gateway's port -> [answered, base, fin]
        self.heard = self.unheard = self.reset = 0
        self.over = False
        self.t = threading.Thread(target=self.run)
        self.t.start()

    def run(self):
        while True:
            try:
                p, where = self.s.recvfrom(96)
            except socket.timeout:
                if self.over:
                    return
                continue
            if where[2] != PACKET_OUTGOING:     # each is seen twice
                self.packet(p)

    def packet(self, p):
        at = 14 + 4 * (p[14] & 15)
        sport, dport, seq, ack, bits = struct.unpack_from(">HHIIH", p, at)
        n = struct.unpack_from(">H", p, 16)[0] - (at - 14) - \
            4 * (bits >> 12)
        if dport == self.port:                  # from the gateway
            if bits & 2:                        # SYN
                self.end(sport)
                self.open[sport] = [False, None, None]
            c = self.open.get(sport)
            if n > 0 and c is not None and c[0] and c[1] is None:
                c[1] = seq
            return
        c = self.open.get(dport)
        if c is None:
            return
        if n > 0:
            c[0], c[1] = True, None
        if bits & 1 and c[2] is None:           # FIN
            c[2] = ack

    def end(self, port):
        answered, base, fin = self.open.pop(port, (False, None, None))
        if base is None:
            return
        if fin is None:
            self.reset += 1
        elif 0 < (fin - base) % (1 << 32) < HALF:
            self.heard += 1
        else:
            self.unheard += 1

    def close(self):
        """Whether it has seen all."""
        self.over = True
        self.t.join()
        lost = struct.unpack("II", self.s.getsockopt(
            SOL_PACKET, PACKET_STATISTICS, 8))[1]
        self.s.close()
        for port in list(self.open):
            self.end(port)
        return lost == 0
