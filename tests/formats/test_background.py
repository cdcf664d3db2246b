"""Writing in the background is writing, with its order, its errors and its bounds."""

from __future__ import annotations

import io
import threading

import pytest

from dmc_widgets.formats.zip_writer import BackgroundWriter


class _Gated(io.BytesIO):
    """Takes nothing before the gate opens."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    def write(self, data: object, /) -> int:
        assert self.gate.wait(10)
        return super().write(data)  # type: ignore[arg-type]


class _Full(io.BytesIO):
    def write(self, _data: object, /) -> int:
        raise OSError(28, "No space left on device")


def test_written_data_is_complete_and_in_order_after_closing() -> None:
    stream = io.BytesIO()

    with BackgroundWriter(stream) as writer:
        for number in range(1000):
            assert writer.write(b"%d," % number) == len(b"%d," % number)

    assert stream.getvalue() == b"".join(b"%d," % number for number in range(1000))


def test_buffer_of_the_caller_may_be_used_again() -> None:
    stream = _Gated()
    buffer = bytearray(b"one")

    with BackgroundWriter(stream) as writer:
        writer.write(memoryview(buffer))
        buffer[:] = b"two"
        writer.write(buffer)
        stream.gate.set()

    assert stream.getvalue() == b"onetwo"


def test_few_pieces_wait_for_a_slow_stream() -> None:
    """The fifth piece that waits holds up who makes them: memory does not grow."""
    stream = _Gated()
    written: list[int] = []

    def write_all() -> None:
        with BackgroundWriter(stream) as writer:
            for number in range(10):
                writer.write(b"%d" % number)
                written.append(number)

    maker = threading.Thread(target=write_all)
    maker.start()
    maker.join(0.2)
    assert written == [0, 1, 2, 3]

    stream.gate.set()
    maker.join(10)
    assert stream.getvalue() == b"0123456789"


def test_error_is_raised_by_a_later_call() -> None:
    writer = BackgroundWriter(_Full())
    for _ in range(4):
        writer.write(b"x")

    with pytest.raises(OSError, match="No space left on device"):
        writer.write(b"x")
    with pytest.raises(OSError, match="No space left on device"):
        writer.close()
    assert writer.closed


def test_no_thread_stays_after_closing() -> None:
    before = threading.active_count()
    writer = BackgroundWriter(io.BytesIO())
    writer.write(b"x")

    writer.close()
    writer.close()

    assert threading.active_count() == before
