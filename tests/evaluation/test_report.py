import json
import re
from dataclasses import replace

import numpy as np
import pytest
from tests.evaluation.chromium import Chromium, find_chromium
from tests.evaluation.samples import MANY, full_report, mistake, results

from auricle.errors import OutputError
from auricle.evaluation import Report, render_report, write_report
from auricle.evaluation.report.confusion import confused_pairs
from auricle.evaluation.report.curves import series
from auricle.evaluation.report.plot import round_ticks
from auricle.evaluation.report.sound import first_seconds, spectrogram_levels, wav_uri

WIDTHS = {"desktop": 1280, "phone": 375}
DRAWN = """Promise.all([...document.querySelectorAll('svg image, img')].map(async item => {
    const picture = new Image(); picture.src = item.getAttribute('href') || item.src;
    await picture.decode(); return picture.naturalWidth; }))"""
SHAPES = "[...document.querySelectorAll('svg.plot')].map(plot => plot.getBBox().width)"
PLAYABLE = """Promise.all([...document.querySelectorAll('audio')].map(player =>
    new Promise((done, failed) => {
        player.oncanplaythrough = () => done(player.duration);
        player.onerror = () => failed(new Error(player.error.message));
        player.preload = 'auto'; player.load(); })))"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    executable = find_chromium()
    if executable is None:
        pytest.skip("no Chromium that can be driven through a pipe: apt-get install chromium")
    browser = Chromium(executable, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module", params=["four", "fifty"])
def page(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    many = {"classes": MANY, "num_clips": 1500, "split_kind": "random"}
    write_report(full_report(**(many if request.param == "fifty" else {})), path)
    return path


@pytest.mark.parametrize("width", list(WIDTHS))
def test_page_in_a_browser_is_drawn_plays_and_stays_in_its_width(chromium, page, width):
    chromium.open(page.as_uri(), width=WIDTHS[width])
    assert chromium.run("document.documentElement.scrollWidth") <= WIDTHS[width]
    assert all(size > 0 for size in chromium.run(DRAWN))
    shapes = chromium.run(SHAPES)
    assert len(shapes) == 2 + 1 + 4 and all(size > 100 for size in shapes)
    assert chromium.run(PLAYABLE) == pytest.approx([1.5] * 4, abs=0.05)
    assert chromium.errors() == []


def test_page_in_a_browser_changes_with_dark_and_prints(chromium, page, tmp_path):
    colour = "getComputedStyle(document.body).backgroundColor"
    chromium.open(page.as_uri(), dark=False)
    light = chromium.run(colour)
    chromium.open(page.as_uri(), dark=True)
    assert chromium.run(colour) != light
    chromium.pdf(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_harm_in_names_is_harmless_in_the_browser(chromium, tmp_path):
    harm = "<script>console.error('harm')</script><img src=x onerror=console.error('harm')>"
    classes = (harm, '"><b onclick=1>', "rain", "wren")
    found = replace(results(classes=classes), split_description=harm)
    report = Report(
        title=harm,
        results=found,
        mistakes=[replace(mistake(0, classes=classes), name=harm)],
        card={harm: [harm, {harm: harm}]},
    )
    write_report(report, tmp_path / "report.html")
    chromium.open((tmp_path / "report.html").as_uri())
    assert chromium.run("document.querySelectorAll('script, img, b[onclick]').length") == 0
    assert chromium.errors() == []


def test_page_names_nothing_outside_itself():
    page = render_report(full_report())
    assert re.findall(r"""(?:src|href|url)\s*[=(]\s*["'](?!data:)""", page) == []
    assert "http" not in page.replace("http-equiv", "")


def test_page_is_the_same_for_the_same_report():
    assert render_report(full_report()) == render_report(full_report())


def test_page_opens_with_the_accuracy_and_its_interval():
    page = render_report(full_report())
    heading = re.sub("<[^>]*>", "", page[page.index("<h1>") : page.index("</h1>")])
    assert re.match(r"Right on \d+\.\d\s% of 400 held-out clips 95\s% interval", heading)


def test_random_split_is_warned_of_and_another_is_not():
    assert "The split was random." in render_report(full_report(split_kind="random"))
    assert "The split was random." not in render_report(full_report())


def test_few_and_single_groups_are_owned_up_to():
    assert "So few groups make it rough." in render_report(full_report(num_groups=5))
    assert "All test clips belong to one group" in render_report(full_report(num_groups=1))


def test_parts_without_content_are_left_out():
    page = render_report(Report(title="bare", results=results()))
    for name in ("baselines", "learning", "ambient", "mistakes", "card"):
        assert f'id="{name}"' not in page
    assert 'id="confusion"' in page


def test_page_of_no_clip_says_so():
    empty = results(num_clips=0)
    assert "nothing is known about this network" in render_report(
        Report(title="none", results=empty)
    )


def test_scores_told_above_are_not_repeated_in_the_card():
    card = {"sample_rate": 8000, "results": {"accuracy": 0.5}}
    page = render_report(Report(title="card", results=results(), card=json.loads(json.dumps(card))))
    assert "sample rate" in page and "<dt>results</dt>" not in page


def test_report_that_cannot_be_written_is_an_output_error(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OutputError):
        write_report(full_report(), tmp_path / "file" / "report.html")


def test_confused_pairs_stand_by_how_often_they_happen():
    pairs = confused_pairs(results())
    assert [pair[2] for pair in pairs] == sorted((pair[2] for pair in pairs), reverse=True)
    assert all(truth != answer for truth, answer, _, _ in pairs)


def test_gaps_in_the_history_are_skipped():
    history = [{"train_loss": 1.0}, {"train_loss": None}, {"train_loss": float("nan")}, {}]
    assert series(history, "train_loss") == [(1.0, 1.0)]


def test_the_epoch_whose_weights_were_kept_is_marked():
    told = "at epoch 12, whose weights were kept"
    report = full_report()
    assert told in render_report(replace(report, card={**report.card, "best_epoch": 12}))
    assert "weights were kept" not in render_report(report)


def test_a_class_without_clips_has_no_shares():
    few = results()
    empty = replace(few.per_class[0], support=0, recall=0.0, precision=0.0, f1=0.0)
    confusion = tuple((0, *row[1:]) for row in ((0,) * len(few.classes), *few.confusion[1:]))
    page = render_report(
        Report(
            title="t",
            results=replace(few, per_class=(empty, *few.per_class[1:]), confusion=confusion),
        )
    )
    assert f"{few.classes[0]}</th><td>–</td><td>–</td><td>–</td><td>0</td>" in page


def test_ticks_are_round_and_inside():
    assert round_ticks(0.0, 22.05, most=5) == [0.0, 10.0, 20.0]
    assert round_ticks(80.0, 100.0) == [80.0, 85.0, 90.0, 95.0, 100.0]
    assert round_ticks(3.0, 3.0) == [3.0]


@pytest.mark.parametrize("most", [3, 5, 6])
def test_ticks_are_few_but_never_fewer_than_one_at_any_span(most):
    for span in np.geomspace(1e-4, 1e6, 500):
        ticks = round_ticks(0.0, float(span), most=most)
        assert 1 <= len(ticks) <= most
        assert 0 <= ticks[0] and ticks[-1] <= span * (1 + 1e-6)


@pytest.mark.parametrize("sample_rate", [1000, 8000, 44100, 250000])
def test_any_rate_is_shown_and_can_be_played(chromium, sample_rate, tmp_path):
    report = Report(
        title="rates",
        results=results(),
        mistakes=[mistake(0, sample_rate=sample_rate, duration_s=0.5)],
    )
    write_report(report, tmp_path / "report.html")
    chromium.open((tmp_path / "report.html").as_uri())
    assert chromium.run(PLAYABLE) == pytest.approx([0.5], abs=0.02)
    assert all(size > 0 for size in chromium.run(DRAWN))


def test_long_sounds_are_cut_and_empty_and_silent_ones_are_shown():
    assert len(first_seconds(np.zeros(8000 * 60, dtype=np.float32), 8000)) == 80000
    nothing = first_seconds(np.zeros(0, dtype=np.float32), 8000)
    assert spectrogram_levels(nothing, 8000).size > 0
    assert wav_uri(nothing, 8000)[1] == 0.0


def test_spectrogram_shows_a_tone_at_its_height():
    t = np.arange(8000) / 8000
    levels = spectrogram_levels(np.sin(2 * np.pi * 1000 * t).astype(np.float32), 8000)
    row = levels.mean(axis=1).argmax()
    assert row / len(levels) == pytest.approx(0.75, abs=0.02)  # 1 kHz of 4, from the top
