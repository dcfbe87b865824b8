from dataclasses import replace

from tests.evaluation.samples import baselines, results

from auricle.evaluation import verdict


def with_accuracy(share, interval):
    return replace(results(), accuracy=share, accuracy_interval=interval)


def test_verdict_says_so_when_the_network_clearly_wins():
    sentence = verdict(with_accuracy(0.95, (0.93, 0.97)), baselines(best=0.84))
    assert sentence == (
        "The network is right on 95.0 % of 400 held-out clips (95 % interval 93.0 to 97.0 %) and "
        "is clearly ahead of the best baseline, an SVM on clip statistics (84.0 %, interval 80.0 "
        "to 87.5 %)."
    )


def test_verdict_says_so_when_the_intervals_overlap():
    sentence = verdict(with_accuracy(0.88, (0.85, 0.91)), baselines(best=0.84))
    assert "but the intervals overlap: the difference may be chance" in sentence


def test_verdict_says_so_when_the_network_does_not_win():
    close = verdict(with_accuracy(0.83, (0.79, 0.87)), baselines(best=0.84))
    assert close.endswith(
        "and does not win: an SVM on clip statistics (84.0 %, interval 80.0 to 87.5 %) "
        "is as good or better."
    )
    assert verdict(with_accuracy(0.84, (0.8, 0.88)), baselines(best=0.84)).endswith("or better.")
    far = verdict(with_accuracy(0.5, (0.45, 0.55)), baselines(best=0.84))
    assert far.endswith("is clearly better.")


def test_verdict_without_baselines_says_that_there_is_none():
    assert "no baseline beside it" in verdict(results(), {})


def test_verdict_on_no_clip_knows_nothing():
    assert "nothing is known" in verdict(replace(results(), num_clips=0), baselines())


def test_every_verdict_is_one_sentence():
    for share in (0.1, 0.84, 0.85, 0.99):
        sentence = verdict(with_accuracy(share, (share - 0.01, share)), baselines(best=0.84))
        assert sentence.endswith(".") and ". " not in sentence
