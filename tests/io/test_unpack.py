import io
import os
import tarfile
import zipfile

import numpy as np
import pytest

from auricle.errors import DownloadError, OutputError
from auricle.io.unpack import unpack_archive


def write_zip(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_tar(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


WRITERS = pytest.mark.parametrize("write", [write_zip, write_tar], ids=["zip", "tar"])


def unpack(archive, folder, *, max_bytes=10_000, strip_top=False):
    unpack_archive(archive, folder, max_bytes=max_bytes, strip_top=strip_top)


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@WRITERS
@pytest.mark.parametrize("strip_top", [False, True])
def test_files_come_out_as_they_went_in(tmp_path, write, strip_top):
    archive = write(tmp_path / "a", {"top/a/one.wav": b"1", "top/two.csv": b"22"})
    unpack(archive, tmp_path / "out", strip_top=strip_top)
    top = "" if strip_top else "top/"
    assert tree(tmp_path / "out") == {f"{top}a/one.wav": b"1", f"{top}two.csv": b"22"}


def test_paths_that_start_with_a_dot_are_inside(tmp_path):
    unpack(write_tar(tmp_path / "a", {"./x/a.wav": b"1"}), tmp_path / "out")
    assert tree(tmp_path / "out") == {"x/a.wav": b"1"}


@WRITERS
@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/evil", "C:\\evil", "..\\evil", "C:/evil"]
)
def test_path_that_leaves_the_folder_is_refused(tmp_path, write, name):
    archive = write(tmp_path / "a", {name: b"1"})
    with pytest.raises(DownloadError, match="Do not trust this archive"):
        unpack(archive, tmp_path / "out")
    assert {path.name for path in tmp_path.rglob("*")} <= {"a", "out"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_link_or_device_in_a_tar_is_refused(tmp_path, kind):
    with tarfile.open(tmp_path / "a", "w") as archive:
        info = tarfile.TarInfo("link")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(DownloadError, match=r"a link or a device \('link'\)"):
        unpack(tmp_path / "a", tmp_path / "out")


def test_link_in_a_zip_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(DownloadError, match="a link or a device"):
        unpack(tmp_path / "a", tmp_path / "out")


@WRITERS
def test_archive_that_swells_is_stopped(tmp_path, write):
    archive = write(tmp_path / "a", {"a": bytes(6000), "b": bytes(6000)})
    with pytest.raises(DownloadError, match="more bytes than the data set has"):
        unpack(archive, tmp_path / "out")


@WRITERS
def test_damaged_archive_is_refused(tmp_path, write):
    archive = write(tmp_path / "a", {"a.wav": np.random.default_rng(0).bytes(9000)})
    content = bytearray(archive.read_bytes())
    content[4000:4100] = bytes(100)
    archive.write_bytes(content)
    with pytest.raises(DownloadError, match="expected a whole zip or tar archive"):
        unpack(archive, tmp_path / "out")


@WRITERS
def test_truncated_archive_is_refused(tmp_path, write):
    archive = write(tmp_path / "a", {"a.wav": np.random.default_rng(0).bytes(9000)})
    archive.write_bytes(archive.read_bytes()[:5000])
    with pytest.raises(DownloadError, match="expected a whole zip or tar archive"):
        unpack(archive, tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>"])
def test_what_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(DownloadError, match="expected a whole zip or tar archive"):
        unpack(tmp_path / "a", tmp_path / "out")


def test_file_in_the_way_is_an_output_error(tmp_path):
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="expected a place that can be written"):
        unpack(write_zip(tmp_path / "a", {"x": b"1"}), tmp_path / "out")
    assert os.listdir(tmp_path) == ["a", "out"] or os.listdir(tmp_path) == ["out", "a"]
