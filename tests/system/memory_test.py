#!/usr/bin/env python3
"""Memory under one limit: producers and consumers move many times the limit through the server, whose peak resident
memory must stay under it plus a constant; and what a thousand idle connections cost.
"""

import argparse
import multiprocessing
import resource
import sys
import time
import traceback

import iggy_wire as wire
from iggy_wire import Connection
from server_process import PASSWORD, USERNAME, Server, WorkFolder, mib

PAIRS = 8
LIMIT = 256 << 20
CONSTANT = 64 << 20  # code, stacks and what the allocator keeps, beside what the limit counts
BATCH, PAYLOAD_BYTES = 1000, 936  # messages of 1000 bytes, batches of a megabyte
IDLE_CPU_MAX = 0.005  # of a core


def batches_of(total_bytes: int) -> int:
    return -(-total_bytes // (PAIRS * BATCH * (PAYLOAD_BYTES + wire.MESSAGE_HEADER_BYTES)))


def payload_of(partition: int, place: int) -> bytes:
    return b"%08d%08d" % (partition, place) + b"x" * (PAYLOAD_BYTES - 16)


def produce(connection: Connection, partition: int, batches: int):
    messages = [wire.encode_message(payload_of(partition, place)) for place in range(BATCH)]
    frame = wire.frame(wire.SEND, wire.send_payload("memory", "topic", partition, messages))
    for _ in range(batches):
        connection.write(frame)
        status, _ = connection.read_answer()
        if status != 0:
            raise AssertionError(f"a send to partition {partition} was answered with status {status}")


def consume(connection: Connection, partition: int, batches: int):
    """Reads everything once, in order; of each poll the first and the last message are compared."""
    offset, end = 0, batches * BATCH
    while offset < end:
        polled = connection.poll("memory", "topic", partition, wire.BY_OFFSET, offset, BATCH, partition + 1)
        if polled.count == 0:
            time.sleep(0.005)
            continue
        size = PAYLOAD_BYTES + wire.MESSAGE_HEADER_BYTES
        if len(polled.body) != polled.count * size:
            raise AssertionError(f"{polled.count} messages in {len(polled.body)} bytes")
        for place in (0, polled.count - 1):
            message = next(wire.decode_messages(polled.body[place * size:(place + 1) * size]))
            expected = payload_of(partition, (offset + place) % BATCH)
            if message.offset != offset + place or message.payload != expected:
                raise AssertionError(f"partition {partition}: another message at offset {offset + place}")
        offset += polled.count


def run(address: tuple[str, int], pipe, work, partition: int, batches: int):
    try:
        connection = Connection(address, 120.0)
        connection.login(USERNAME, PASSWORD)
        work(connection, partition, batches)
        pipe.send(None)
    except Exception:  # a worker reports whatever went wrong and ends
        pipe.send(traceback.format_exc())


def traffic(server: Server, total_bytes: int, seconds: float, sanitized: bool):
    with server.connect() as connection:
        connection.create_stream("memory")
        connection.create_topic("memory", "topic", PAIRS)
    batches = batches_of(total_bytes)
    began = time.monotonic()
    workers = []
    for partition in range(PAIRS):
        for work in (produce, consume):
            pipe, end = multiprocessing.Pipe(duplex=False)
            process = multiprocessing.Process(target=run, args=(server.address, end, work, partition, batches))
            process.start()
            end.close()
            workers.append((process, pipe))
    for process, pipe in workers:
        if not pipe.poll(max(0.0, began + seconds - time.monotonic())):
            for other, _ in workers:
                other.kill()
            raise AssertionError(f"a client is not done after {seconds:.0f} s")
        failure = pipe.recv()
        process.join()
        if failure is not None:
            raise AssertionError(failure)
    elapsed = time.monotonic() - began
    peak = server.memory("VmHWM")
    moved = batches * PAIRS * BATCH * (PAYLOAD_BYTES + wire.MESSAGE_HEADER_BYTES)
    print(f"{moved / 1e9:.2f} GB produced by {PAIRS} and consumed by {PAIRS} connections in {elapsed:.1f} s "
          f"({moved / 1e6 / elapsed:.0f} MB/s each way); peak resident memory {mib(peak)}, "
          f"limit {mib(LIMIT)} + {mib(CONSTANT)}", flush=True)
    if sanitized:
        print("  the bound is not applied: sanitizers keep freed memory")
    elif peak > LIMIT + CONSTANT:
        raise AssertionError(f"peak resident memory {mib(peak)} is over {mib(LIMIT + CONSTANT)}")


def idle(server: Server, connections: int, seconds: float, sanitized: bool):
    """Every tenth connection is logged in; a login costs a password hash."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, connections + 200)), hard))
    before = server.memory()
    opened = [server.connect(login=place % 10 == 0) for place in range(connections)]
    for connection in opened:
        connection.ping()
    used, began = server.cpu_seconds(), time.monotonic()
    time.sleep(seconds)  # the measurement itself
    share = (server.cpu_seconds() - used) / (time.monotonic() - began)
    print(f"{connections} idle connections: {share * 100:.3f} % of a core over {seconds:.0f} s, "
          f"{(server.memory() - before) / connections / 1024:.1f} KiB resident each", flush=True)
    for connection in opened:
        connection.ping()
        connection.close()
    if share > IDLE_CPU_MAX and not sanitized:
        raise AssertionError(f"{share * 100:.2f} % of a core without traffic, at most {IDLE_CPU_MAX * 100} % allowed")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--server", required=True, help="the iggy-server executable")
    arguments.add_argument("--bytes", type=float, default=5e9, help="to produce, and to consume")
    arguments.add_argument("--connections", type=int, default=1000, help="idle ones")
    arguments.add_argument("--idle-seconds", type=float, default=20)
    arguments.add_argument("--seconds", type=float, default=600, help="time limit of the traffic")
    arguments.add_argument("--folder", help="where the data directory is made; a temporary folder by default")
    arguments.add_argument("--sanitized", action="store_true", help="the server has sanitizers: no bounds")
    options = arguments.parse_args()

    settings = {"IGGY_SYSTEM_MEMORY_LIMIT": f"{LIMIT >> 20} MiB"}
    with WorkFolder("memory", options.folder) as folder, Server(options.server, folder, settings) as server:
        try:
            server.start()
            idle(server, options.connections, options.idle_seconds, options.sanitized)
            traffic(server, int(options.bytes), options.seconds, options.sanitized)
            server.stop()
        except BaseException:
            print(server.output_tail())
            raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
