# /// redteam
# category = "memory"
# allowed = ["passed", "memory_limit", "runtime_error", "timeout"]
# limits = { wall_s = 5.0, memory_mb = 96, processes = 16 }
# ///
"""Has its children hold datagrams and streams in socket buffers, which may count as nobody's."""

import os
import socket
import time


def fill():
    total, held = 0, []
    try:
        for _ in range(100):
            receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            receiver.bind(("127.0.0.1", 0))
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sender.setblocking(False)
            held += [receiver, sender]
            for _ in range(20):
                total += sender.sendto(b"x" * 60000, receiver.getsockname())
    except OSError:
        pass
    try:
        server = socket.create_server(("127.0.0.1", 0))
        for _ in range(40):
            client = socket.create_connection(server.getsockname())
            client.setblocking(False)
            held += [client, server.accept()[0]]
            try:
                while True:
                    total += client.send(b"x" * 65536)
            except BlockingIOError:
                pass
    except OSError:
        pass
    received = 0
    time.sleep(0.5)
    for sock in held:
        sock.setblocking(False)
        try:
            while part := sock.recv(1 << 20):
                received += len(part)
        except OSError:
            pass
    return received


told, tell = os.pipe()
children = 0
for _ in range(10):
    try:
        if os.fork() == 0:
            os.write(tell, fill().to_bytes(8, "big"))
            os._exit(0)
        children += 1
    except OSError:
        break
os.close(tell)
total = 0
while part := os.read(told, 8):
    total += int.from_bytes(part, "big")
print("contained" if total < (256 << 20) else f"BREACH {total >> 20} MiB of packets")
