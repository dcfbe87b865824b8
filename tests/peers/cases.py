"""Cases for our measures and their peers: random ones and the edges. Plain lists; numpy only."""

import numpy as np

LABELS = ["bark", "chirp", "hum"]

EDGES = {
    "nothing_at_all": ([], []),
    "no_true_event": ([], [[0.5, 1.0, "bark"], [2.0, 2.5, "hum"]]),
    "nothing_found": ([[0.5, 1.0, "bark"], [2.0, 2.5, "hum"]], []),
    "identical": ([[0.5, 1.0, "bark"], [2.0, 2.5, "hum"]], [[0.5, 1.0, "bark"], [2.0, 2.5, "hum"]]),
    "wrong_label": ([[0.5, 1.0, "bark"]], [[0.5, 1.0, "chirp"]]),
    "identical_onsets": (
        [[1.0, 1.5, "bark"], [1.0, 3.0, "bark"], [1.0, 1.5, "chirp"]],
        [[1.0, 2.9, "bark"], [1.0, 1.5, "bark"], [1.0, 1.6, "hum"]],
    ),
    "touching": (
        [[0.0, 1.0, "bark"], [1.0, 2.0, "bark"], [2.0, 2.5, "chirp"]],
        [[0.1, 1.1, "bark"], [1.1, 2.0, "bark"], [2.0, 2.5, "chirp"]],
    ),
    "zero_length": (
        [[1.0, 1.0, "bark"], [1.5, 1.5, "bark"], [3.0, 3.4, "hum"]],
        [[1.1, 1.1, "bark"], [1.5, 1.5, "bark"], [3.0, 3.0, "hum"]],
    ),
    "one_answer_for_two": ([[1.0, 1.1, "bark"], [1.05, 1.15, "bark"]], [[1.02, 1.12, "bark"]]),
    "greedy_would_lose_one": (
        [[1.0, 1.4, "bark"], [1.15, 1.55, "bark"]],
        [[1.16, 1.5, "bark"], [0.84, 1.3, "bark"]],
    ),
    "exactly_on_the_collar": (
        [[1.0, 1.3, "bark"], [5.0, 6.0, "chirp"]],
        [[1.2, 1.5, "bark"], [5.05, 6.5, "chirp"]],
    ),
}


def random_events(rng, *, num_events, length_s=10.0):
    """Events that may overlap and touch, on a grid of 10 ms, so that ties with collars occur."""
    onsets = np.round(rng.uniform(0, length_s - 1, num_events), 2)
    offsets = np.round(onsets + rng.choice([0.05, 0.1, 0.2, 0.5, 1.0], num_events), 2)
    labels = rng.choice(LABELS, num_events)
    return [[float(a), float(b), str(c)] for a, b, c in zip(onsets, offsets, labels, strict=True)]


def moved(rng, events):
    """The events as a detector might give them: shifted, some lost, mistaken or invented."""
    kept = [event for event in events if rng.random() < 0.8]
    answer = []
    for onset, offset, label in kept:
        shifts = rng.choice([-0.25, -0.2, -0.1, -0.05, -0.01, 0.0, 0.02, 0.05, 0.1, 0.2, 0.3], 2)
        onset = max(0.0, round(onset + float(shifts[0]), 2))
        offset = max(onset + 0.01, round(offset + float(shifts[1]), 2))
        label = str(rng.choice(LABELS)) if rng.random() < 0.1 else label
        answer.append([onset, round(offset, 2), label])
    return answer + random_events(rng, num_events=int(rng.integers(0, 4)))


def event_cases(seed=0, *, num_random=12):
    """``{name: [[reference, estimate], ...]}``, a pair for each recording."""
    rng = np.random.default_rng(seed)
    cases = {name: [[list(a), list(b)]] for name, (a, b) in EDGES.items()}
    for index in range(num_random):
        truths = [random_events(rng, num_events=int(n)) for n in rng.integers(0, 14, 3)]
        cases[f"random_{index}"] = [[truth, moved(rng, truth)] for truth in truths]
    cases["all_edges_together"] = [[list(a), list(b)] for a, b in EDGES.values()]
    return cases


def apart_events(rng, *, num_frames, frame_s, on_grid):
    """Events of which those of one class neither overlap nor touch, as sed_scores_eval asks."""
    events = []
    for label in LABELS:
        time = 0.0
        while rng.random() < 0.75:
            onset = time + rng.uniform(0.5, 3.0) * 4 * frame_s
            offset = onset + rng.uniform(0.5, 3.0) * 3 * frame_s
            if on_grid:
                onset, offset = (
                    np.ceil(onset / frame_s) * frame_s,
                    np.ceil(offset / frame_s) * frame_s,
                )
            onset, offset = round(float(onset), 3), round(float(offset), 3)
            if offset >= num_frames * frame_s or offset <= onset:
                break
            events.append([onset, offset, label])
            time = offset + 2e-3
    return events


def score_recording(rng, *, num_frames, frame_s, on_grid, levels):
    """Truth, and scores that follow it with noise, rounded so that many are equal."""
    truth = apart_events(rng, num_frames=num_frames, frame_s=frame_s, on_grid=on_grid)
    edges = np.round(np.arange(num_frames + 1) * frame_s, 6)
    scores = rng.normal(0.35, 0.45, (num_frames, len(LABELS)))
    for onset, offset, label in truth:
        inside = (edges[1:] > onset) & (edges[:-1] < offset)
        scores[inside, LABELS.index(label)] += 0.35
        scores[inside, rng.integers(len(LABELS))] += 0.2
    smooth = (scores + np.roll(scores, 1, axis=0) + np.roll(scores, -1, axis=0)) / 3
    rounded = np.round(np.clip(smooth, 0, 1) * levels) / levels
    return {
        "truth": truth,
        "edges": edges.tolist(),
        "scores": np.round(rounded, 3).tolist(),
        "duration": float(edges[-1]),
    }


PSDS_SETTINGS = {
    "psds1": {"dtc": 0.7, "gtc": 0.7, "cttc": None, "alpha_ct": 0.0, "alpha_st": 1.0},
    "psds2": {"dtc": 0.1, "gtc": 0.1, "cttc": 0.3, "alpha_ct": 0.5, "alpha_st": 1.0},
    "halves": {"dtc": 0.5, "gtc": 0.5, "cttc": 0.5, "alpha_ct": 1.0, "alpha_st": 0.0},
}


def psds_cases(seed=0, *, num_random=4):
    """``{name: [recording, ...]}``; rates of false alarms are high, since recordings are short."""
    rng = np.random.default_rng(seed)
    cases = {}
    for index in range(num_random):
        on_grid, levels = index % 2 == 1, (1000, 20)[index % 2]
        cases[f"random_{index}"] = [
            score_recording(
                rng,
                num_frames=int(n),
                frame_s=(0.064, 0.02)[index % 2],
                on_grid=on_grid,
                levels=levels,
            )
            for n in rng.integers(20, 45, 4)
        ]
    quiet = {
        "truth": [],
        "edges": [0.0, 0.5, 1.0],
        "scores": [[0.1, 0.2, 0.3]] * 2,
        "duration": 1.0,
    }
    cases["with_a_quiet_one"] = [*cases["random_0"][:2], quiet]
    flat = {"edges": [0.0, 1.0, 2.0, 3.0], "scores": [[0.5] * 3] * 3, "duration": 3.0}
    cases["all_scores_equal"] = [{**flat, "truth": [[1.0, 2.0, label] for label in LABELS]}]
    return cases
