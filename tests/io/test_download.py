import csv
import dataclasses
import hashlib
import io
import json
import zipfile

import pytest
from tests.io.dataset_server import Site, serve

from auricle.errors import ConfigError, DownloadError, OutputError
from auricle.io import catalogue, download
from auricle.io.catalogue import DATASETS, ContentCheck
from auricle.io.download import fetch_dataset
from auricle.io.verify import folder_digest

FILES = {
    f"recordings/{digit}_{speaker}_{take}.wav": f"{digit}{speaker}{take}".encode()
    for digit in "07"
    for speaker in ("theo", "lucas")
    for take in (0, 4, 5, 12)
}


def packed(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"set-1.0/{name}", content)
    return buffer.getvalue()


@pytest.fixture
def small_sets(monkeypatch, tmp_path):
    """The real catalogue, cut down to sixteen tiny recordings a set."""
    folder = tmp_path / "measure" / "recordings"
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder.parent / name).write_bytes(content)
    digest = f"sha256:{folder_digest(folder)}"
    small = {
        "fsdd": dataclasses.replace(
            DATASETS["fsdd"],
            num_recordings=16,
            contents=(ContentCheck(path="recordings", digest=digest),),
        ),
        "esc50": dataclasses.replace(
            DATASETS["esc50"],
            num_recordings=16,
            contents=(ContentCheck(path="recordings", digest=None),),
        ),
    }
    for name, dataset in small.items():
        monkeypatch.setitem(DATASETS, name, dataset)


@pytest.fixture
def site(small_sets):
    content = packed(FILES)
    files = {DATASETS[name].archive: content for name in ("fsdd", "esc50")}
    with serve(Site(files=files)) as running:
        yield running


def test_set_arrives_with_a_manifest_of_speakers_and_the_official_split(site, tmp_path):
    seen = []
    root = fetch_dataset(
        "fsdd", tmp_path / "sets", mirror=site.url, progress=lambda *now: seen.append(now)
    )
    assert root == tmp_path / "sets" / "fsdd"
    assert sorted(path.name for path in root.parent.iterdir()) == ["fsdd"]
    with (root / "manifest.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert {row["path"] for row in rows} == set(FILES)
    first = next(row for row in rows if row["path"] == "recordings/7_theo_4.wav")
    assert first == {
        "path": "recordings/7_theo_4.wav",
        "label": "7",
        "group": "theo",
        "split": "test",
    }
    assert sum(row["split"] == "train" for row in rows) == 8
    assert seen[-1][0] == seen[-1][1]


def test_set_that_is_there_is_not_fetched_again(site, tmp_path):
    fetch_dataset("fsdd", tmp_path / "sets", mirror=site.url)
    fetch_dataset("fsdd", tmp_path / "sets", mirror=site.url)
    assert len(site.requests) == 1


def test_mirror_may_be_a_folder(site, tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / DATASETS["fsdd"].archive).write_bytes(packed(FILES))
    root = fetch_dataset("fsdd", tmp_path / "sets", mirror=str(tmp_path / "disk"))
    assert len(list(root.rglob("*.wav"))) == 16
    assert not site.requests


def test_archive_packed_anew_is_right_while_its_recordings_are(site, tmp_path):
    site.files[DATASETS["fsdd"].archive] = packed(dict(reversed(FILES.items())) | {"new.txt": b"x"})
    assert (fetch_dataset("fsdd", tmp_path / "sets", mirror=site.url) / "new.txt").exists()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"recordings/0_theo_0.wav": b"other"}, "fsdd: recordings: expected sha256:"),
        ({"recordings/0_theo_99.wav": b"more"}, "fsdd: recordings: expected sha256:"),
        ({"recordings2/x.wav": b"more"}, "expected 16 recordings in the archive, got 17"),
    ],
)
def test_wrong_content_is_refused_and_removed(site, tmp_path, change, reason):
    site.files[DATASETS["fsdd"].archive] = packed(FILES | change)
    with pytest.raises(DownloadError, match=reason):
        fetch_dataset("fsdd", tmp_path / "sets", mirror=site.url)
    assert list((tmp_path / "sets").iterdir()) == []


def test_archive_without_the_recordings_is_refused(site, tmp_path):
    site.files[DATASETS["fsdd"].archive] = packed({"README.md": b"moved"})
    with pytest.raises(DownloadError, match="expected recordings in the archive"):
        fetch_dataset("fsdd", tmp_path / "sets", mirror=site.url)


def test_page_of_a_portal_in_place_of_the_archive_is_refused_and_removed(site, tmp_path):
    site.files[DATASETS["fsdd"].archive] = b"<html>please log in</html>"
    with pytest.raises(DownloadError, match="expected a whole zip or tar archive"):
        fetch_dataset("fsdd", tmp_path / "sets", mirror=site.url)
    assert list((tmp_path / "sets").iterdir()) == []


def test_set_without_published_checksum_is_pinned_on_first_use(site, tmp_path):
    fetch_dataset("esc50", tmp_path / "sets", mirror=site.url)
    pins = tmp_path / "sets" / "esc50.pins.json"
    assert list(json.loads(pins.read_text(encoding="utf-8"))) == ["recordings"]
    (tmp_path / "sets" / "esc50").rename(tmp_path / "elsewhere")
    site.files[DATASETS["esc50"].archive] = packed(FILES | {"recordings/0_theo_0.wav": b"other"})
    with pytest.raises(DownloadError, match=r"If the set was changed on purpose, delete .*pins"):
        fetch_dataset("esc50", tmp_path / "sets", mirror=site.url)
    pins.unlink()
    assert fetch_dataset("esc50", tmp_path / "sets", mirror=site.url).is_dir()


def test_unreadable_pins_are_named(site, tmp_path):
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "esc50.pins.json").write_text("[]", encoding="utf-8")
    with pytest.raises(DownloadError, match="expected the digests of the first fetch, as JSON"):
        fetch_dataset("esc50", tmp_path / "sets", mirror=site.url)


def test_killed_while_unpacking_starts_the_unpacking_again(site, tmp_path):
    staging = tmp_path / "sets" / ".fsdd.unpacking"
    (staging / "recordings").mkdir(parents=True)
    (staging / "recordings" / "0_theo_0.wav").write_bytes(b"ha")
    (tmp_path / "sets" / DATASETS["fsdd"].archive).write_bytes(packed(FILES))
    root = fetch_dataset("fsdd", tmp_path / "sets", mirror=site.url)
    assert len(list(root.rglob("*.wav"))) == 16
    assert not staging.exists()
    assert not site.requests


def test_folder_with_other_files_is_left_alone(site, tmp_path):
    mine = tmp_path / "sets" / "fsdd" / "mine.wav"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    with pytest.raises(OutputError, match="expected an absent folder, an empty one, or this data"):
        fetch_dataset("fsdd", tmp_path / "sets", mirror=site.url)
    assert mine.read_bytes() == b"mine"
    assert not site.requests


def test_unknown_set_is_refused_with_the_known_names(tmp_path):
    with pytest.raises(ConfigError, match="expected one of esc50, fsdd, speech-commands"):
        fetch_dataset("mnist", tmp_path)


@pytest.mark.parametrize("mirror", ["ftp://x/y", "example.org/sets", ""])
def test_mirror_that_is_no_address_is_refused(tmp_path, mirror):
    with pytest.raises(ConfigError, match="mirror: expected an address"):
        fetch_dataset("fsdd", tmp_path, mirror=mirror or "no/such/folder")


def test_missing_archive_on_the_mirror_says_so(site, tmp_path):
    site.files.clear()
    with pytest.raises(DownloadError, match=r"free-spoken-digit.*HTTP 404"):
        fetch_dataset("fsdd", tmp_path / "sets", mirror=site.url)


def test_catalogue_is_complete():
    for name, dataset in DATASETS.items():
        assert dataset.name == name
        assert dataset.url.startswith("https://")
        assert dataset.licence.startswith("CC BY")
        assert dataset.sha256 is not None or dataset.contents
        assert dataset.max_unpacked_bytes > dataset.size_bytes
        digests = [check.digest for check in dataset.contents if check.digest]
        digests += [f"sha256:{dataset.sha256}"] if dataset.sha256 else []
        for digest in digests:
            kind, _, value = digest.partition(":")
            assert len(bytes.fromhex(value)) == hashlib.new(kind).digest_size
    assert set(DATASETS) == set(catalogue.DatasetName.__args__)
    assert download.DATASETS is DATASETS


def test_folder_digest_is_that_of_the_list_of_sha256sum(tmp_path):
    folder = tmp_path / "audio"
    (folder / "b").mkdir(parents=True)
    (folder / "b" / "x.wav").write_bytes(b"1")
    (folder / "b.wav").write_bytes(b"2")
    lines = [
        f"{hashlib.sha256(b'2').hexdigest()}  audio/b.wav\n",
        f"{hashlib.sha256(b'1').hexdigest()}  audio/b/x.wav\n",
    ]
    assert folder_digest(folder) == hashlib.sha256("".join(lines).encode()).hexdigest()
