import hashlib
import io
import subprocess
import sys
import time

import numpy as np
import pytest
from tests.io.dataset_server import Site, serve

from auricle.errors import DownloadError, OutputError
from auricle.io import transfer
from auricle.io.transfer import download_file

CONTENT = np.random.default_rng(0).bytes(700_001)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def site():
    with serve(Site(files={"a.zip": CONTENT})) as running:
        yield running


def fetch(site, target, **settings):
    return download_file(f"{site.url}/a.zip", target, **({"wait_s": 0.0} | settings))


def leftovers(folder):
    return sorted(path.name for path in folder.iterdir())


def test_file_arrives_whole_and_alone_with_progress(site, tmp_path):
    seen = []
    target = fetch(
        site, tmp_path / "in" / "a.zip", sha256=DIGEST, progress=lambda *now: seen.append(now)
    )
    assert target.read_bytes() == CONTENT
    assert leftovers(target.parent) == ["a.zip"]
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)


def test_right_file_that_is_there_is_not_fetched_again(site, tmp_path):
    fetch(site, tmp_path / "a.zip", sha256=DIGEST)
    fetch(site, tmp_path / "a.zip", sha256=DIGEST)
    assert len(site.requests) == 1


def test_wrong_file_that_is_there_is_fetched_again(site, tmp_path):
    (tmp_path / "a.zip").write_bytes(b"old")
    assert fetch(site, tmp_path / "a.zip", sha256=DIGEST).read_bytes() == CONTENT


def test_broken_connection_asks_only_for_the_rest(site, tmp_path):
    site.break_after = [300_000, 100_000]
    assert fetch(site, tmp_path / "a.zip", sha256=DIGEST).read_bytes() == CONTENT
    assert [request.get("Range") for request in site.requests] == [
        None,
        "bytes=300000-",
        "bytes=400000-",
    ]
    assert site.requests[1]["If-Range"] == '"1"'


def test_server_without_ranges_is_asked_from_the_start(site, tmp_path):
    site.ranges, site.break_after = False, [300_000]
    assert fetch(site, tmp_path / "a.zip", sha256=DIGEST).read_bytes() == CONTENT
    assert leftovers(tmp_path) == ["a.zip"]


def test_server_that_always_breaks_off_is_given_up_and_the_part_kept(site, tmp_path):
    site.break_after = [1000] + [0] * 20
    with pytest.raises(DownloadError, match=r"closed after 1000 of 700001.*1000 bytes are kept"):
        fetch(site, tmp_path / "a.zip", sha256=DIGEST)
    assert len(site.requests) == 4
    site.break_after = []
    assert fetch(site, tmp_path / "a.zip", sha256=DIGEST).read_bytes() == CONTENT
    assert site.requests[-1]["Range"] == "bytes=1000-"


def test_part_of_an_older_version_is_not_mixed_with_the_new_one(site, tmp_path):
    site.break_after = [1000] + [0] * 3
    with pytest.raises(DownloadError):
        fetch(site, tmp_path / "a.zip")
    site.break_after, site.tag, site.files["a.zip"] = [], '"2"', CONTENT[::-1]
    assert fetch(site, tmp_path / "a.zip").read_bytes() == CONTENT[::-1]


def test_part_of_another_address_is_started_again(site, tmp_path):
    (tmp_path / "a.zip.part").write_bytes(b"foreign")
    assert fetch(site, tmp_path / "a.zip").read_bytes() == CONTENT
    assert "Range" not in site.requests[0]


def test_part_longer_than_the_file_is_started_again(site, tmp_path):
    site.break_after = [1000] + [0] * 3
    with pytest.raises(DownloadError):
        fetch(site, tmp_path / "a.zip")
    (tmp_path / "a.zip.part").write_bytes(CONTENT + b"more")
    site.break_after = []
    assert fetch(site, tmp_path / "a.zip", sha256=DIGEST).read_bytes() == CONTENT


def test_part_that_was_not_asked_for_is_not_appended(site, tmp_path):
    site.break_after, site.wrong_extent = [1000], True
    with pytest.raises(DownloadError, match="a part that was not asked for"):
        fetch(site, tmp_path / "a.zip", sha256=DIGEST)
    assert (tmp_path / "a.zip.part").read_bytes() == CONTENT[:1000]


def test_corrupted_file_is_refused_and_removed(site, tmp_path):
    site.files["a.zip"] = CONTENT[:-1] + b"?"
    with pytest.raises(DownloadError, match=f"expected SHA-256 {DIGEST}, got [0-9a-f]{{64}}"):
        fetch(site, tmp_path / "a.zip", sha256=DIGEST)
    assert leftovers(tmp_path) == []


def test_length_that_the_server_hides_is_reported_as_unknown(site, tmp_path):
    site.hide_length, seen = True, []
    fetch(site, tmp_path / "a.zip", sha256=DIGEST, progress=lambda *now: seen.append(now))
    assert seen[-1] == (len(CONTENT), None)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_refusal_ends_at_once_with_its_status(site, tmp_path, status):
    site.statuses = [status]
    with pytest.raises(DownloadError, match=f"HTTP {status}.*--mirror"):
        fetch(site, tmp_path / "a.zip")
    assert len(site.requests) == 1
    assert leftovers(tmp_path) == []


def test_busy_server_is_asked_again(site, tmp_path):
    site.statuses = [503, 429]
    assert fetch(site, tmp_path / "a.zip").read_bytes() == CONTENT


def test_no_server_is_one_clear_error(tmp_path):
    with serve(Site(files={})) as gone:
        pass
    with pytest.raises(DownloadError, match=r"Check the network, or name another server"):
        fetch(gone, tmp_path / "a.zip")
    assert leftovers(tmp_path) == []


def test_unknown_host_is_one_clear_error(tmp_path):
    with pytest.raises(DownloadError, match="Check the network"):
        download_file("http://no-such-host.invalid/a.zip", tmp_path / "a.zip", wait_s=0.0)


def test_full_disk_is_an_output_error(site, tmp_path, monkeypatch):
    class FullDisk(io.FileIO):
        def write(self, _):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(transfer, "_open_part", lambda part, *, append: FullDisk(part, "w"))
    with pytest.raises(OutputError, match="No space left on device"):
        fetch(site, tmp_path / "a.zip")
    assert len(site.requests) == 1


def test_folder_that_cannot_be_made_is_an_output_error(site, tmp_path):
    (tmp_path / "in").write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError, match="expected a place that can be written"):
        fetch(site, tmp_path / "in" / "a.zip")


def test_killed_half_way_goes_on_where_it_stopped(site, tmp_path):
    site.break_after = [400_000]
    code = (
        "import sys; from pathlib import Path; from auricle.io.transfer import download_file;"
        "download_file(sys.argv[1], Path(sys.argv[2]), wait_s=60.0)"
    )
    target = tmp_path / "a.zip"
    process = subprocess.Popen([sys.executable, "-c", code, f"{site.url}/a.zip", str(target)])
    deadline = time.monotonic() + 30
    while not part_holds(target, 400_000):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert not target.exists()
    assert fetch(site, target, sha256=DIGEST).read_bytes() == CONTENT
    assert site.requests[-1]["Range"] == "bytes=400000-"


def part_holds(target, size):
    part = target.with_name(target.name + ".part")
    return part.is_file() and part.stat().st_size == size
