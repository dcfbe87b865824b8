"""Parts of a kernel call on several threads."""

import os
import subprocess
import sys
import threading
import time

import pytest
import torch

from auricle.ops import workers
from auricle.ops.workers import run_parts


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50])
def test_every_part_is_worked_on_once(count):
    seen = []
    run_parts(seen.append, range(count))
    assert sorted(seen) == list(range(count))


def test_two_parts_are_worked_on_at_once_by_two_threads():
    both = threading.Barrier(2)
    threads = set()

    def work(_):
        both.wait(timeout=20)  # fails unless the other part has begun
        threads.add(threading.get_ident())

    run_parts(work, [0, 1])
    assert len(threads) == 2


def test_caller_takes_what_a_busy_helper_does_not_begin():
    release, here, seen = threading.Event(), threading.get_ident(), []
    run_parts(lambda _: None, [0, 1])  # a helper is there
    workers._workers[0].jobs.put(_Blocking(release))
    try:
        run_parts(lambda part: seen.append((part, threading.get_ident())), range(4))
    finally:
        release.set()
    assert sorted(seen) == [(part, here) for part in range(4)]


class _Blocking:
    def __init__(self, release):
        self.release = release

    def help(self):
        self.release.wait(timeout=20)


def test_error_of_any_thread_is_raised_after_all_parts_have_ended():
    ended = []

    def work(part):
        if part == 0:
            raise ValueError("of part 0")
        time.sleep(0.01)
        ended.append(part)

    with pytest.raises(ValueError, match="of part 0"):
        run_parts(work, range(4))
    assert sorted(ended) == [1, 2, 3]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux")
def test_helper_is_kept_off_the_callers_processor():
    allowed = os.sched_getaffinity(0)
    if len(allowed) < 2:
        pytest.skip("needs two processors")
    one = min(allowed)
    try:
        os.sched_setaffinity(0, {one})  # so that the caller stays; nothing is left for others
        run_parts(lambda _: None, [0, 1])
        os.sched_setaffinity(0, allowed)
        run_parts(lambda _: None, [0, 1])
        helper = os.sched_getaffinity(workers._workers[0].thread.native_id)
    finally:
        os.sched_setaffinity(0, allowed)
    assert len(helper) == len(allowed) - 1


FORKING = """
import os
import torch
from auricle.ops.workers import run_parts
torch.set_num_threads(2)
run_parts(lambda _: None, [0, 1])
child = os.fork()
seen = []
run_parts(seen.append, range(8))
if child == 0:
    os._exit(0 if sorted(seen) == list(range(8)) else 3)
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_child_gets_threads_of_its_own():
    # In a process of its own: other tests' libraries may have threads that forbid a fork.
    done = subprocess.run(
        [sys.executable, "-c", FORKING], capture_output=True, encoding="utf-8", timeout=100
    )
    assert done.returncode == 0, done.stderr


def test_torch_keeps_to_one_thread_while_kernels_keep_theirs():
    with workers.torch_on_one_thread():
        assert torch.get_num_threads() == 1 and workers.num_threads() == 2
        with workers.torch_on_one_thread():
            assert torch.get_num_threads() == 1 and workers.num_threads() == 2
        test_two_parts_are_worked_on_at_once_by_two_threads()
    assert torch.get_num_threads() == 2 and workers.num_threads() == 2


def test_threads_come_back_after_an_error():
    with pytest.raises(ValueError, match="stop"), workers.torch_on_one_thread():
        raise ValueError("stop")
    assert torch.get_num_threads() == 2 and workers.num_threads() == 2
