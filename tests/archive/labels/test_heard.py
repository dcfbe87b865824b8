import threading

import pytest

from auricle.archive.labels.heard import ahead


def test_items_come_in_order_and_the_thread_ends():
    before = threading.active_count()
    assert list(ahead(iter(range(100)))) == list(range(100))
    assert threading.active_count() == before


def test_an_error_is_raised_after_the_items_before_it():
    def items():
        yield 1
        raise RuntimeError("broken")

    source = ahead(items())
    assert next(source) == 1
    with pytest.raises(RuntimeError, match="broken"):
        next(source)


def test_whoever_stops_early_leaves_no_thread_behind():
    before = threading.active_count()
    source = ahead(iter(range(1_000_000)))
    assert next(source) == 0
    source.close()
    assert threading.active_count() == before
