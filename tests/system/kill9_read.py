"""Reading ranges of a partition back, whatever a single poll answers with."""

from iggy_wire import BY_OFFSET, Connection, Message


def read_bodies(connection: Connection, stream: str, topic: str, partition: int, first: int, count: int):
    """Yields the bodies and message counts of polls that together return `count` messages from `first` on.

    Ends early when a poll is empty.
    """
    while count > 0:
        polled = connection.poll(stream, topic, partition, BY_OFFSET, first, min(count, 5000))
        if polled.count == 0:
            return
        yield polled.body, polled.count
        first += polled.count
        count -= polled.count


def read_partition(connection: Connection, stream: str, topic: str, partition: int, first: int = 0) -> list[Message]:
    """All messages from `first` to the end."""
    messages: list[Message] = []
    while True:
        polled = connection.poll(stream, topic, partition, BY_OFFSET, first, 5000)
        if polled.count == 0:
            return messages
        got = polled.messages()
        if len(got) != polled.count:
            raise AssertionError(f"{stream}/{topic}/{partition}: a poll announces {polled.count} messages, "
                                 f"{len(got)} came")
        messages += got
        first = messages[-1].offset + 1
